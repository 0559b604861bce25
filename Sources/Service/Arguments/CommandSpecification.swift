// What a command of the command line takes: a table that the parser and the help are made from.

/// One flag of a command.
package struct FlagSpecification: Hashable, Sendable {
    /// The name with its dashes, as `--actor`.
    package let name: String
    /// The other spelling, of one letter, as `-a`; nil for a flag that has none.
    package let short: String?
    /// What stands for the value in the help; nil for a flag without a value.
    package let value: String?
    /// Whether it may be given more than once.
    package let isRepeatable: Bool
    /// One line of help.
    package let summary: String

    /// Describes a flag.
    package init(
        _ name: String,
        _ value: String? = nil,
        short: String? = nil,
        repeatable: Bool = false,
        says summary: String
    ) {
        self.name = name
        self.short = short
        self.value = value
        isRepeatable = repeatable
        self.summary = summary
    }

    /// Both spellings, as `--action, -a`.
    var spellings: String { short.map { "\(name), \($0)" } ?? name }
}

/// One command of the command line.
package struct CommandSpecification: Sendable {
    /// Its words, as `log query`.
    package let name: String
    /// One line of help.
    package let summary: String
    /// The operands as they stand in the usage line; empty for none.
    package let operands: String
    /// How many operands there may be.
    package let operandCount: ClosedRange<Int>
    /// Whether words behind `--` are another command, kept apart from the operands.
    package let takesCommand: Bool
    /// Its flags; `--help` is always there.
    package let flags: [FlagSpecification]
    /// More help, in whole lines.
    package let details: String
    /// At least one example, each a whole command line.
    package let examples: [String]

    /// Describes a command.
    package init(
        _ name: String,
        _ summary: String,
        operands: String = "",
        operandCount: ClosedRange<Int> = 0...0,
        takesCommand: Bool = false,
        flags: [FlagSpecification] = [],
        details: String = "",
        examples: [String]
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.operandCount = operandCount
        self.takesCommand = takesCommand
        self.flags = flags
        self.details = details
        self.examples = examples
    }

    /// The words of the name.
    package var words: [String] { name.split(separator: " ").map(String.init) }

    /// The flag that asks for help.
    package static let help = FlagSpecification("--help", short: "-h", says: "show this help")

    /// All flags, help included.
    var allFlags: [FlagSpecification] { flags + [Self.help] }
}
