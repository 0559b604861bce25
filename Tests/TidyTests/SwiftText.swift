// Swift source taken apart into code and comments, so that neither a comment nor a string trips a rule.

/// A Swift source as two texts of the same shape: one with the code alone, one with the comments alone.
///
/// What belongs to the other text is blank; line breaks stand in both, so that lines keep their numbers. String
/// literals keep their quotes and lose their contents, except for interpolated code. Bare-slash regular expressions are
/// not recognised.
struct SwiftText {
    /// The code, line by line.
    let code: [String]
    /// The comments, line by line.
    let comments: [String]
    /// The code in one piece, to see quickly that something is nowhere in it.
    let wholeCode: String

    /// Takes a source apart.
    init(_ source: String) {
        var reader = Reader(Array(source.utf8))
        reader.readAll()
        code = Self.lines(reader.code)
        wholeCode = String(decoding: reader.code, as: UTF8.self)
        comments = Self.lines(reader.comments)
    }

    /// The tokens of the code: words, and every other character for itself.
    var tokens: [Token] {
        code.enumerated().flatMap { index, text in Token.all(of: text, line: index + 1) }
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A word or a single other character of the code.
struct Token: Hashable {
    /// The word or character.
    let text: String
    /// Its line, counted from one.
    let line: Int

    /// The tokens of one line of code.
    static func all(of code: String, line: Int) -> [Token] {
        var tokens: [Token] = []
        var word: [UInt8] = []
        for byte in code.utf8 {
            if isPartOfWord(byte) {
                word.append(byte)
                continue
            }
            if !word.isEmpty { tokens.append(Token(text: String(decoding: word, as: UTF8.self), line: line)) }
            word.removeAll(keepingCapacity: true)
            if byte > UInt8(ascii: " ") { tokens.append(Token(text: String(UnicodeScalar(byte)), line: line)) }
        }
        if !word.isEmpty { tokens.append(Token(text: String(decoding: word, as: UTF8.self), line: line)) }
        return tokens
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "@"): true
        // Letters beyond ASCII.
        default: byte >= 0x80
        }
    }
}

/// The lexer: walks once over the bytes with a stack of what it is inside of.
private struct Reader {
    private enum Context {
        /// Code; inside an interpolation, `depth` counts the open parentheses.
        case code(depth: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var stack: [Context] = [.code(depth: 0)]
    private(set) var code: [UInt8] = []
    private(set) var comments: [UInt8] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func readAll() {
        while position < bytes.count {
            switch stack.last ?? .code(depth: 0) {
            case .code(let depth): readCode(depth: depth)
            case .string(let hashes, let isMultiline): readString(hashes: hashes, isMultiline: isMultiline)
            }
        }
    }

    private mutating func readCode(depth: Int) {
        let begins: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "#")]
        if !begins.contains(bytes[position]) {
            countParenthesis(depth: depth)
            take(.code)
        } else if starts("//") {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { take(.comment) }
        } else if starts("/*") {
            readBlockComment()
        } else if let hashes = hashesBefore(UInt8(ascii: "\"")) {
            take(.code, count: hashes)
            let isMultiline = starts("\"\"\"")
            take(.code, count: isMultiline ? 3 : 1)
            stack.append(.string(hashes: hashes, isMultiline: isMultiline))
        } else if let hashes = hashesBefore(UInt8(ascii: "/")), hashes > 0 {
            let end = "/" + String(repeating: "#", count: hashes)
            take(.nothing, count: hashes + 1)
            while position < bytes.count, !starts(end) { take(.nothing) }
            take(.nothing, count: end.utf8.count)
        } else {
            countParenthesis(depth: depth)
            take(.code)
        }
    }

    private mutating func countParenthesis(depth: Int) {
        guard stack.count > 1 else { return }
        if bytes[position] == UInt8(ascii: "(") {
            stack[stack.count - 1] = .code(depth: depth + 1)
        } else if bytes[position] == UInt8(ascii: ")") {
            if depth == 0 { stack.removeLast() } else { stack[stack.count - 1] = .code(depth: depth - 1) }
        }
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                take(.comment, count: 2)
            } else if starts("*/") {
                depth -= 1
                take(.comment, count: 2)
            } else {
                take(.comment)
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func readString(hashes: Int, isMultiline: Bool) {
        let byte = bytes[position]
        if byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") {
            take(.nothing)
            return
        }
        let hash = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + hash
        if starts("\\" + hash + "(") {
            take(.nothing, count: hashes + 1)
            take(.code)
            stack.append(.code(depth: 0))
        } else if starts("\\" + hash) {
            take(.nothing, count: hashes + 2)
        } else if starts(end) {
            take(.code, count: end.utf8.count)
            stack.removeLast()
        } else if !isMultiline, bytes[position] == UInt8(ascii: "\n") {
            stack.removeLast()
        } else {
            take(.nothing)
        }
    }

    private func starts(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    /// The number of `#` from here to the given byte, if nothing else stands between.
    private func hashesBefore(_ byte: UInt8) -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == byte ? end - position : nil
    }

    private enum Share {
        case code
        case comment
        case nothing
    }

    private mutating func take(_ share: Share, count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            let byte = bytes[position]
            let blank = byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " ")
            code.append(share == .code ? byte : blank)
            comments.append(share == .comment ? byte : blank)
            position += 1
        }
    }
}
