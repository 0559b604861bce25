// A command line that was read.

/// The words of one command, sorted out.
package struct ParsedArguments: Hashable, Sendable {
    /// What stands beside the flags.
    package private(set) var operands: [String] = []
    /// What stands behind `--`, where the command takes another command.
    package private(set) var command: [String] = []
    /// Whether only the help is wanted.
    package private(set) var wantsHelp = false
    private var values: [String: [String]] = [:]

    /// The most words of a command line.
    package static let wordsMax = 4_096

    /// Reads the words behind a command's name.
    ///
    /// `--flag value` and `--flag=value` are the same; `-` is an operand; behind `--` everything is an operand, or the
    /// other command. With `--help` among the flags nothing else is checked.
    package init(_ words: [String], for specification: CommandSpecification) throws(ArgumentError) {
        guard words.count <= Self.wordsMax else { throw .tooManyWords(max: Self.wordsMax) }
        var rest = words[...]
        var sawEnd = false
        while let word = rest.popFirst() {
            if word == "--" {
                sawEnd = true
                break
            }
            if word.utf8.first == UInt8(ascii: "-"), word != "-" {
                try take(word, &rest, specification)
                if wantsHelp { return }
            } else {
                operands.append(word)
            }
        }
        if specification.takesCommand {
            command = Array(rest)
            guard !sawEnd || !command.isEmpty else { throw .missingCommand }
        } else {
            operands += rest
        }
        guard operands.count >= specification.operandCount.lowerBound else {
            throw .missingOperand(specification.operands)
        }
        guard operands.count <= specification.operandCount.upperBound else {
            throw .unexpectedOperand(operands[specification.operandCount.upperBound])
        }
    }

    /// Whether a flag is given.
    package func has(_ flag: String) -> Bool { values[flag] != nil }

    /// The value of a flag that may be given once; nil if it is not given.
    package func value(_ flag: String) -> String? { values[flag]?.first }

    /// The values of a flag in their order.
    package func values(_ flag: String) -> [String] { values[flag] ?? [] }

    /// The value of a flag as a whole number within bounds; nil if it is not given.
    package func integer(_ flag: String, in range: ClosedRange<Int64>) throws(ArgumentError) -> Int64? {
        guard let text = value(flag) else { return nil }
        guard let number = Int64(text), "\(number)" == text, range.contains(number) else {
            let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
            throw .invalidValue(flag: flag, value: text, expected: expected)
        }
        return number
    }

    private mutating func take(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ specification: CommandSpecification
    ) throws(ArgumentError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let flag = specification.allFlags.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
            throw .unknownFlag(parts[0], suggestion: NearMiss.of(parts[0], among: specification.allFlags.map(\.name)))
        }
        let name = flag.name
        guard flag.value != nil else {
            guard parts.count == 1 else { throw .unexpectedValue(flag: name) }
            guard values[name] == nil else { throw .repeatedFlag(name) }
            values[name] = []
            if name == CommandSpecification.help.name { wantsHelp = true }
            return
        }
        guard flag.isRepeatable || values[name] == nil else { throw .repeatedFlag(name) }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else { throw .missingValue(flag: name) }
        values[name, default: []].append(value)
    }
}
