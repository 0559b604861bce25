/// Why a text was not formatted; nothing of it was changed.
public enum FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not valid: only valid policies are formatted.
    case syntax(SyntaxError)
    /// A policy has more than ``PolicyFormatter/tokensMax`` tokens.
    case tooManyTokens(SourceRange)
    /// The formatted text would be longer than ``SourceLimits/textBytesMax``.
    case resultTooLong
    /// The formatted text would not mean the same, or would lack a comment: a mistake of the formatter.
    case unfaithful

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .syntax(let error): error.description
        case .tooManyTokens(let range): "\(range): the policy has more than \(PolicyFormatter.tokensMax) tokens"
        case .resultTooLong: "the formatted text would be longer than \(SourceLimits.textBytesMax) bytes"
        case .unfaithful: "the formatted text would not mean the same, or would lack a comment; please report this"
        }
    }
}
