// What a JSON text may cost, and how it can be wrong.

/// The bounds that a reader of untrusted JSON keeps.
public struct JSONLimits: Sendable {
    /// The most bytes of a text.
    public let bytesMax: Int
    /// The deepest nesting of arrays and objects; a scalar has depth 0.
    public let depthMax: Int
    /// The most values, member names included.
    public let nodesMax: Int
    /// The largest magnitude of an integer token; larger ones are refused.
    public let integerMax: UInt64

    /// The bounds of a request to the gate: 256 KiB, depth 32, 10,000 nodes, integers within ±(2^53 − 1).
    public static let request = JSONLimits(bytesMax: 256 << 10, depthMax: 32, nodesMax: 10_000)

    /// The bounds of a file that an operator wrote or a person reviewed: 32 MiB, depth 100, any 64-bit integer.
    public static let file = JSONLimits(bytesMax: 32 << 20, depthMax: 100, nodesMax: 8_000_000, integerMax: 1 << 63)

    /// Sets the bounds; integers stay within the interoperable range of RFC 7493 section 2.2 unless said otherwise.
    public init(bytesMax: Int, depthMax: Int, nodesMax: Int, integerMax: UInt64 = (1 << 53) - 1) {
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.nodesMax = nodesMax
        self.integerMax = integerMax
    }
}

/// Why a text is not the JSON that was asked for, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// The kinds of refusal.
    public enum Reason: Hashable, Sendable {
        /// The text is longer than the limit, in bytes.
        case tooLarge(bytesMax: Int)
        /// Arrays and objects are nested deeper than the limit.
        case tooDeep(depthMax: Int)
        /// There are more values than the limit.
        case tooManyNodes(nodesMax: Int)
        /// The text ends before its value does.
        case unexpectedEnd
        /// Another byte than the named thing stands here.
        case expected(String)
        /// Something follows the value.
        case trailingBytes
        /// The bytes are not UTF-8.
        case invalidUTF8
        /// An escape names half of a surrogate pair.
        case loneSurrogate
        /// A control character stands unescaped in a string.
        case controlCharacter
        /// An unknown escape.
        case invalidEscape
        /// An object has this member twice.
        case duplicateMember(Text)
        /// An integer is out of range.
        case integerOutOfRange
        /// A number is not of JSON's grammar, or has more digits than the limit.
        case invalidNumber
    }

    /// What is wrong.
    public let reason: Reason
    /// The position of the byte at which it was seen, counted from zero.
    public let offset: Int

    /// Makes an error at a byte position.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The line and column of the error in the text that was read, both counted from one; columns count bytes.
    public func lineAndColumn(in text: [UInt8]) -> (line: Int, column: Int) {
        let before = text.prefix(offset)
        let newline = UInt8(ascii: "\n")
        let line = before.count { $0 == newline } + 1
        let column = before.count - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
        return (line, column)
    }
}

extension JSONError: CustomStringConvertible {
    /// One line that says what is wrong and at which byte.
    public var description: String { "\(reasonText) at byte \(offset)" }

    /// What is wrong, without the position.
    public var reasonText: String {
        switch reason {
        case .tooLarge(let bytesMax): "the text is longer than \(bytesMax) bytes"
        case .tooDeep(let depthMax): "nested deeper than \(depthMax)"
        case .tooManyNodes(let nodesMax): "more than \(nodesMax) values"
        case .unexpectedEnd: "the text ends too early"
        case .expected(let what): "expected \(what)"
        case .trailingBytes: "something follows the value"
        case .invalidUTF8: "invalid UTF-8"
        case .loneSurrogate: "lone surrogate in an escape"
        case .controlCharacter: "unescaped control character"
        case .invalidEscape: "unknown escape"
        case .duplicateMember(let name): "duplicate member `\(name)`"
        case .integerOutOfRange: "integer out of range"
        case .invalidNumber: "not a number"
        }
    }
}
