/// Cuts a source text into tokens, one at a time.
struct Lexer {
    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next token; behind the last one, `end` again and again.
    mutating func next() -> Token {
        skipSpace()
        let start = position
        guard position < bytes.count else { return token(.end, from: start) }
        let byte = bytes[position]
        if Identifier.isStart(byte) { return identifier() }
        if Identifier.isDigit(byte) {
            skip(while: Identifier.isDigit)
            return token(.number, from: start)
        }
        position += 1
        if byte == UInt8(ascii: "\"") { return string(from: start) }
        if byte == UInt8(ascii: "?") {
            guard position < bytes.count, Identifier.isStart(bytes[position]) else {
                return token(.question, from: start)
            }
            skip(while: Identifier.isPart)
            return token(.slot, from: start)
        }
        if let kind = mark(byte) { return token(kind, from: start) }
        // An invalid token spans one scalar, never a part of one.
        skip { $0 & 0xC0 == 0x80 }
        return token(.invalid, from: start)
    }

    private func token(_ kind: Token.Kind, from start: Int, _ word: Word = .none) -> Token {
        Token(kind: kind, range: ByteRange(start: Int32(start), end: Int32(position)), word: word)
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while position < bytes.count, condition(bytes[position]) { position += 1 }
    }

    private mutating func identifier() -> Token {
        let start = position
        skip(while: Identifier.isPart)
        let length = position - start
        var word = Word.none
        if length <= Self.wordBytesMax {
            word = Self.words[String(decoding: bytes[start..<position], as: UTF8.self)] ?? .none
        }
        return token(.identifier, from: start, word)
    }

    /// Reads up to the closing quote; a backslash takes the next scalar with it, but never a line feed.
    private mutating func string(from start: Int) -> Token {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return token(.string, from: start) }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard position < bytes.count, bytes[position] != UInt8(ascii: "\n") else { break }
            position += 1
        }
        return token(.invalid, from: start)
    }

    /// The token of a punctuation mark whose first byte has been read.
    private mutating func mark(_ byte: UInt8) -> Token.Kind? {
        switch byte {
        case UInt8(ascii: "@"): .at
        case UInt8(ascii: "."): .dot
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ";"): .semicolon
        case UInt8(ascii: ":"): skip(UInt8(ascii: ":")) ? .doubleColon : .colon
        case UInt8(ascii: "("): .leftParenthesis
        case UInt8(ascii: ")"): .rightParenthesis
        case UInt8(ascii: "{"): .leftBrace
        case UInt8(ascii: "}"): .rightBrace
        case UInt8(ascii: "["): .leftBracket
        case UInt8(ascii: "]"): .rightBracket
        case UInt8(ascii: "="): skip(UInt8(ascii: "=")) ? .equal : .assign
        case UInt8(ascii: "!"): skip(UInt8(ascii: "=")) ? .notEqual : .bang
        case UInt8(ascii: "<"): skip(UInt8(ascii: "=")) ? .lessEqual : .less
        case UInt8(ascii: ">"): skip(UInt8(ascii: "=")) ? .greaterEqual : .greater
        case UInt8(ascii: "|"): skip(UInt8(ascii: "|")) ? .or : nil
        case UInt8(ascii: "&"): skip(UInt8(ascii: "&")) ? .and : nil
        case UInt8(ascii: "+"): .plus
        case UInt8(ascii: "-"): .minus
        case UInt8(ascii: "*"): .star
        case UInt8(ascii: "/"): .slash
        case UInt8(ascii: "%"): .percent
        default: nil
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Skips white space, which is what Unicode calls so, and comments.
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x09...0x0D, 0x20: position += 1
            case UInt8(ascii: "/"):
                guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "/") else { return }
                skip { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            case 0xC2...0xE3:
                guard let length = Self.spaces.first(where: { bytes[position...].starts(with: $0) })?.count else {
                    return
                }
                position += length
            default: return
            }
        }
    }

    private static let words: [String: Word] = Dictionary(
        uniqueKeysWithValues: Word.allCases.filter { $0 != .none }.map { ($0.rawValue, $0) }
    )

    private static let wordBytesMax = 10

    /// The white space beyond ASCII, in UTF-8.
    static let spaces: [[UInt8]] = [
        0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A,
        0x2028,
        0x2029, 0x202F, 0x205F, 0x3000,
    ].map { (scalar: UInt32) in Unicode.Scalar(scalar).flatMap { UTF8.encode($0) }.map(Array.init) ?? [] }
}
