/// A token with the comments that belong to it, as places in the source.
struct CommentedToken {
    let kind: Token.Kind
    let word: Word
    /// What is printed: the token, of a number without leading zeros.
    let range: ByteRange
    /// The comments on lines before the token.
    var leading: [ByteRange]
    /// The comment behind the token on its line.
    var trailing: ByteRange?
}

/// Cuts a source text into tokens that keep their comments.
struct CommentedTokenReader {
    private let bytes: [UInt8]
    private var reader: TokenReader
    private var leading: [ByteRange]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        reader = TokenReader(bytes)
        leading = Comments.find(in: bytes, ByteRange(start: 0, end: reader.start))
    }

    /// The kind of the next token.
    var kind: Token.Kind { reader.kind }
    /// Where the next token stands.
    var range: ByteRange { reader.current.range }

    /// Takes the next token.
    ///
    /// What stands between two tokens belongs to the first up to the first line feed, then to the second.
    mutating func next() -> CommentedToken {
        let token = reader.current
        reader.advance()
        let gap = ByteRange(start: token.range.end, end: reader.start)
        let lineEnd = bytes[Int(gap.start)..<Int(gap.end)].firstIndex(of: UInt8(ascii: "\n")).map { Int32($0) }
        let before = Comments.find(in: bytes, ByteRange(start: gap.start, end: lineEnd ?? gap.end))
        let result = CommentedToken(
            kind: token.kind,
            word: token.word,
            range: printed(token),
            leading: leading,
            trailing: before.first
        )
        // A carriage return alone ends a comment, too; a second one on the line goes to the next token.
        leading = Array(before.dropFirst())
        if let lineEnd { leading += Comments.find(in: bytes, ByteRange(start: lineEnd, end: gap.end)) }
        return result
    }

    /// The comments behind the last token.
    var rest: [ByteRange] { leading }

    private func printed(_ token: Token) -> ByteRange {
        var range = token.range
        if token.kind == .number {
            while range.end - range.start > 1, bytes[Int(range.start)] == UInt8(ascii: "0") { range.start += 1 }
        }
        return range
    }
}

extension CommentedToken {
    /// The tokens of a policy without the commas before closing brackets, which are not printed.
    ///
    /// The reference formatter loses their comments, but in the scope. Here those of a comma in the scope go to the
    /// parenthesis behind it, as there; others go to the token before the comma, or else to the bracket.
    static func withoutTrailingCommas(_ tokens: [CommentedToken]) -> [CommentedToken] {
        var kept: [CommentedToken] = []
        kept.reserveCapacity(tokens.count)
        var isScopeRead = false
        var depth = 0
        var comma: CommentedToken?
        for var token in tokens {
            if token.kind == .leftParenthesis { depth += 1 }
            if token.isClosing, let dropped = comma {
                kept.removeLast()
                let isScope = !isScopeRead && depth == 1 && token.kind == .rightParenthesis
                dropped.giveComments(to: &token, or: &kept[kept.count - 1], isScope: isScope)
            }
            if token.kind == .rightParenthesis { depth -= 1 }
            if token.kind == .leftBrace { isScopeRead = true }
            comma = token.kind == .comma ? token : nil
            kept.append(token)
        }
        return kept
    }

    private var isClosing: Bool { kind == .rightParenthesis || kind == .rightBracket || kind == .rightBrace }

    /// Gives what belongs to a dropped comma to its neighbours.
    private func giveComments(to next: inout CommentedToken, or previous: inout CommentedToken, isScope: Bool) {
        if isScope, next.leading.isEmpty, next.trailing == nil {
            next.leading = leading
            next.trailing = trailing
        } else if previous.trailing == nil, leading.isEmpty {
            previous.trailing = trailing
        } else {
            next.leading = leading + (trailing.map { [$0] } ?? []) + next.leading
        }
    }
}

/// Finds comments between tokens.
enum Comments {
    /// The comments in a stretch without tokens, each without white space at its end.
    static func find(in bytes: [UInt8], _ gap: ByteRange) -> [ByteRange] {
        var comments: [ByteRange] = []
        var position = Int(gap.start)
        let end = Int(gap.end)
        while position + 1 < end {
            guard bytes[position] == UInt8(ascii: "/"), bytes[position + 1] == UInt8(ascii: "/") else {
                position += 1
                continue
            }
            var stop = position
            while stop < end, bytes[stop] != UInt8(ascii: "\n"), bytes[stop] != UInt8(ascii: "\r") { stop += 1 }
            let text = WhiteSpace.trimmedAtEnd(bytes[position..<stop])
            comments.append(ByteRange(start: Int32(position), end: Int32(text.endIndex)))
            position = stop
        }
        return comments
    }
}
