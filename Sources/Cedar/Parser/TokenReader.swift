import Bytes

/// The current token of a source text, and what both parsers ask of it.
struct TokenReader {
    private var lexer: Lexer
    /// The token that is to be read next.
    private(set) var current: Token
    /// Where the token before it ended.
    private(set) var previousEnd: Int32 = 0
    /// What is wrong without being in the way of reading on.
    private(set) var reported: [SyntaxFailure] = []

    init(_ bytes: [UInt8]) {
        lexer = Lexer(bytes)
        current = lexer.next()
    }

    var bytes: [UInt8] { lexer.bytes }
    var kind: Token.Kind { current.kind }
    var word: Word { current.word }
    var start: Int32 { current.range.start }

    /// The stretch from there to the end of the token read last.
    func range(from start: Int32) -> ByteRange { ByteRange(start: start, end: max(start, previousEnd)) }

    /// The token after the current one.
    func peek() -> Token {
        var ahead = lexer
        return ahead.next()
    }

    mutating func advance() {
        previousEnd = current.range.end
        current = lexer.next()
    }

    /// Reads the current token if it is of that kind.
    mutating func skip(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    /// Reads the current token if it is that word.
    mutating func skip(_ word: Word) -> Bool {
        guard current.word == word else { return false }
        advance()
        return true
    }

    /// Reads a token of that kind or fails.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - place: Where it is expected, in words.
    ///   - opened: What it closes, if it closes something.
    /// - Throws: That another token stands here.
    mutating func expect(_ kind: Token.Kind, _ place: String, closing opened: Int32? = nil) throws(SyntaxFailure) {
        guard !skip(kind) else { return }
        let labels = opened.map { [(ByteRange(start: $0, end: $0 + 1), "opened here")] } ?? []
        throw unexpected("expected \(kind.text) \(place)", among: NearMisses.operators, labels)
    }

    /// Reads that word or fails.
    mutating func expect(_ word: Word, _ place: String) throws(SyntaxFailure) {
        guard !skip(word) else { return }
        throw unexpected("expected `\(word.rawValue)` \(place)", among: [Text(word.rawValue)] + NearMisses.operators)
    }

    /// Notes that something is wrong, and goes on; or fails with it if ``SourceLimits/diagnosticsMax`` is reached.
    mutating func report(_ failure: SyntaxFailure) throws(SyntaxFailure) {
        guard reported.count + 1 < SourceLimits.diagnosticsMax else { throw failure }
        reported.append(failure)
    }

    /// Reads on to behind the next semicolon, or to one of those words before a parenthesis, to go on from there.
    mutating func recover(at words: Set<Word> = []) {
        while current.kind != .end {
            if skip(.semicolon) { return }
            if words.contains(word), peek().kind == .leftParenthesis { return }
            advance()
        }
    }

    /// The text of a token.
    func text(_ token: Token) -> String {
        String(decoding: bytes[Int(token.range.start)..<Int(token.range.end)], as: UTF8.self)
    }

    /// What to say when the current token cannot stand where it does.
    ///
    /// - Parameters:
    ///   - expectation: What could stand there, in words.
    ///   - words: Words that could stand there, to guess what was meant.
    ///   - labels: Other places that matter.
    /// - Returns: The failure.
    func unexpected(
        _ expectation: String,
        among words: [Text] = [],
        _ labels: [(range: ByteRange, message: String)] = []
    ) -> SyntaxFailure {
        let range = current.range
        switch current.kind {
        case .end:
            return SyntaxFailure(.unexpectedEnd, "unexpected end of text, \(expectation)", range, labels: labels)
        case .invalid:
            let text = text(current)
            let (help, replacement) = NearMisses.advice(invalid: text)
            let message =
                text.utf8.first == UInt8(ascii: "\"")
                ? "a string is not closed" : "`\(excerpt(current))` is not valid here, \(expectation)"
            return SyntaxFailure(.invalidToken, message, range, help: help, replacement: replacement, labels: labels)
        case .identifier, .number, .string, .slot, .at, .dot, .comma, .semicolon, .colon, .doubleColon,
            .leftParenthesis,
            .rightParenthesis, .leftBrace, .rightBrace, .leftBracket, .rightBracket, .equal, .notEqual, .less,
            .lessEqual,
            .greater, .greaterEqual, .or, .and, .plus, .minus, .star, .slash, .percent, .bang, .assign, .question:
            let guess = current.kind == .identifier ? NearMisses.word(Text(text(current)), among: words) : nil
            let message = "unexpected `\(excerpt(current))`, \(expectation)"
            return SyntaxFailure(.unexpectedToken, message, range, replacement: guess, labels: labels)
        }
    }

    /// The beginning of a token's text, for a message of one line.
    private func excerpt(_ token: Token) -> String {
        let text = text(token).unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }
        let short = text.prefix(Self.excerptScalarsMax)
        return String(String.UnicodeScalarView(short)) + (short.count < text.count ? "…" : "")
    }

    private static let excerptScalarsMax = 40

    /// Reads an identifier that is not a reserved word.
    mutating func identifier(_ place: String) throws(SyntaxFailure) -> Token {
        let token = current
        guard token.kind == .identifier else { throw unexpected("expected an identifier \(place)") }
        guard !token.word.isReserved else {
            throw SyntaxFailure(
                .reservedIdentifier,
                "`\(token.word.rawValue)` is reserved and cannot be a name",
                token.range
            )
        }
        advance()
        return token
    }

    /// Reads a string literal and gives the text it stands for.
    mutating func string(_ place: String) throws(SyntaxFailure) -> Text {
        let token = current
        guard token.kind == .string else { throw unexpected("expected a string \(place)") }
        advance()
        switch Escapes.string(content(token)) {
        case .success(let text): return text
        case .failure(let error): throw escapeFailure(token, error)
        }
    }

    /// What stands between the quotes of a string token.
    func content(_ token: Token) -> [UInt8] {
        Array(bytes[Int(token.range.start) + 1..<Int(token.range.end) - 1])
    }

    func escapeFailure(_ token: Token, _ error: Escapes.EscapeError) -> SyntaxFailure {
        let start = token.range.start + 1 + Int32(error.offset)
        let range = ByteRange(start: start, end: start + Int32(error.length))
        let escape = String(decoding: bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
        let shown = escape == "\r" ? "carriage return" : "`\(escape)`"
        let help = "there are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\\"`, `\\'`, `\\xHH` up to 7F and `\\u{…}`"
        return SyntaxFailure(.invalidEscape, "\(shown) is not a valid escape in a literal", range, help: help)
    }
}
