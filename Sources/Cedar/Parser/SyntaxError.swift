/// One thing that is wrong with a source text, and where.
public struct SyntaxDiagnostic: Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing is wrong; stable, for programs.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        init(_ name: String) {
            description = name
        }
    }

    /// What kind of thing is wrong.
    public let code: Code
    /// What is wrong and what was expected, in one line for people.
    public let message: String
    /// Where.
    public let range: SourceRange

    /// Position and message.
    public var description: String { "\(range.start): \(message)" }
}

extension SyntaxDiagnostic.Code {
    /// Bytes that are no token of the language.
    public static let invalidToken = Self("invalid_token")
    /// Another token than the grammar allows here.
    public static let unexpectedToken = Self("unexpected_token")
    /// The text ends inside something.
    public static let unexpectedEnd = Self("unexpected_end")
    /// A named limit is exceeded: size, number or nesting.
    public static let limitExceeded = Self("limit_exceeded")
    /// A string or pattern has an escape that does not exist.
    public static let invalidEscape = Self("invalid_escape")
    /// An integer literal does not fit in 64 bits.
    public static let integerTooLarge = Self("integer_too_large")
    /// A reserved word stands where a name should be.
    public static let reservedIdentifier = Self("reserved_identifier")
    /// A name is given twice: an annotation, a record key, a declaration.
    public static let duplicate = Self("duplicate")
    /// The scope of a policy is not of one of its forms.
    public static let invalidScope = Self("invalid_scope")
    /// A template slot stands where none can be.
    public static let misplacedSlot = Self("misplaced_slot")
    /// A name is not a variable.
    public static let unknownVariable = Self("unknown_variable")
    /// A called name is no function or method, or is called in the other's manner.
    public static let unknownFunction = Self("unknown_function")
    /// A method of sets or tags is called with another number of arguments than it has.
    public static let wrongArgumentCount = Self("wrong_argument_count")
    /// An operator cannot stand here, or does not exist.
    public static let invalidOperator = Self("invalid_operator")
    /// A type name refers to nothing, or to a thing of another kind.
    public static let unknownType = Self("unknown_type")
    /// An action name refers to nothing.
    public static let unknownAction = Self("unknown_action")
    /// Declarations refer to each other in a circle.
    public static let cycle = Self("cycle")
    /// A declaration hides one of the same name without namespace (RFC 70).
    public static let shadowing = Self("shadowing")
    /// A declaration is well formed, but means nothing valid.
    public static let invalidDeclaration = Self("invalid_declaration")
}

/// A source text could not be read; nothing of it may be used.
public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong: at least one thing, in the order of the text, at most ``SourceLimits/diagnosticsMax``.
    public let diagnostics: [SyntaxDiagnostic]

    /// The first diagnostic.
    public var description: String { diagnostics.first?.description ?? "invalid text" }
}

/// The limits of every source text, policies and schemas alike.
public enum SourceLimits {
    /// The most bytes of one source text.
    public static let textBytesMax = 32 << 20
    /// How deep expressions and types may nest: parentheses, operators, records, sets, calls.
    ///
    /// Chains of `&&`, `||`, `+`, `*` and of attribute accesses do not nest, so they may be of any length.
    public static let nestingMax = 100
    /// The most policies of one text, or declarations of one schema.
    public static let declarationsMax = 100_000
    /// How many diagnostics are collected before reading stops.
    public static let diagnosticsMax = 20
}

/// A diagnostic before its position has been turned into line and column.
///
/// An object, so that the many functions that can throw it need little stack for it.
final class SyntaxFailure: Error {
    let code: SyntaxDiagnostic.Code
    let message: String
    let range: ByteRange

    init(_ code: SyntaxDiagnostic.Code, _ message: String, _ range: ByteRange) {
        self.code = code
        self.message = message
        self.range = range
    }
}

extension SyntaxError {
    init(_ failures: [SyntaxFailure], in bytes: [UInt8]) {
        let lines = LineTable(bytes)
        diagnostics = failures.sorted { $0.range.start < $1.range.start }.map {
            SyntaxDiagnostic(code: $0.code, message: $0.message, range: lines.range($0.range))
        }
    }
}
