// What is wrong with a command line.

/// Why a command line is refused: exit status 64.
package enum ArgumentError: Error, Hashable, Sendable {
    /// No command of this name.
    case unknownCommand(String, suggestion: String?)
    /// The command has no such flag.
    case unknownFlag(String, suggestion: String?)
    /// A flag stands without its value.
    case missingValue(flag: String)
    /// A flag that takes no value has one.
    case unexpectedValue(flag: String)
    /// A flag that may be given once is given twice.
    case repeatedFlag(String)
    /// There are fewer operands than the command needs; what it needs.
    case missingOperand(String)
    /// There are more operands than the command takes; the first one too many.
    case unexpectedOperand(String)
    /// Nothing follows `--`, where a command must stand.
    case missingCommand
    /// A value is not what the flag takes.
    case invalidValue(flag: String, value: String, expected: String)
    /// Two things that do not go together, or one that is missing beside another.
    case conflict(String)
    /// More words than a command line may have.
    case tooManyWords(max: Int)
}

extension ArgumentError: CustomStringConvertible {
    /// One line that says what is wrong.
    package var description: String {
        switch self {
        case .unknownCommand(let name, let suggestion):
            "unknown command `\(name)`\(Self.hint(suggestion))"
        case .unknownFlag(let name, let suggestion):
            "unknown flag `\(name)`\(Self.hint(suggestion))"
        case .missingValue(let flag): "flag `\(flag)` needs a value"
        case .unexpectedValue(let flag): "flag `\(flag)` takes no value"
        case .repeatedFlag(let flag): "flag `\(flag)` is given twice"
        case .missingOperand(let operands): "an operand is missing: \(operands)"
        case .unexpectedOperand(let operand): "unexpected operand `\(operand)`"
        case .missingCommand: "nothing follows `--`: the command to run is missing"
        case .invalidValue(let flag, let value, let expected):
            "`\(value)` is no value of `\(flag)`: it takes \(expected)"
        case .conflict(let message): message
        case .tooManyWords(let max): "more than \(max) words"
        }
    }

    private static func hint(_ suggestion: String?) -> String { suggestion.map { "; did you mean `\($0)`?" } ?? "" }
}
