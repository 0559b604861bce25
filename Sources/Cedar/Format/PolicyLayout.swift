/// The layout of one policy, built from its tokens.
///
/// The tokens are those of a policy that has been parsed, so every token is where the grammar wants it.
struct PolicyLayout {
    typealias Part = LayoutDocument.Part

    var document = LayoutDocument()
    var tokens: [CommentedToken]
    /// The place of the next token.
    var place = 0
    let indent: Int

    init(_ tokens: [CommentedToken], indent: Int) {
        self.tokens = tokens
        self.indent = indent
    }

    // MARK: Tokens

    var kind: Token.Kind { place < tokens.count ? tokens[place].kind : .end }
    var word: Word { place < tokens.count ? tokens[place].word : .none }

    /// The next token with its comments; behind it `next`, unless its own comment ends the line.
    mutating func token(then next: Part = LayoutDocument.nothing) -> Part {
        guard place < tokens.count else { return next }
        let token = tokens[place]
        place += 1
        return document.list([
            leading(token.leading), document.source(token.range), trailing(token.trailing, then: next),
        ])
    }

    /// The comments before the next token, which then has none.
    mutating func takeLeading() -> Part {
        guard place < tokens.count else { return LayoutDocument.nothing }
        defer { tokens[place].leading = [] }
        return leading(tokens[place].leading)
    }

    private mutating func leading(_ comments: [ByteRange]) -> Part {
        guard !comments.isEmpty else { return LayoutDocument.nothing }
        var parts = [document.newline()]
        for comment in comments { parts += [document.source(comment), document.newline()] }
        return document.list(parts)
    }

    private mutating func trailing(_ comment: ByteRange?, then next: Part) -> Part {
        guard let comment else { return next }
        return document.list([document.word(" "), document.source(comment), document.newline()])
    }

    // MARK: Policies

    /// The whole policy.
    mutating func policy() -> Part {
        var parts: [Part] = []
        while kind == .at { parts.append(annotation()) }
        parts.append(takeLeading())
        let effect = document.list([token(), document.line(), token()])
        parts.append(document.group(effect))
        parts.append(scope())
        let hasConditions = place + 1 < tokens.count && tokens[place + 1].kind != .semicolon
        parts.append(token(then: hasConditions ? document.newline() : LayoutDocument.nothing))
        var isFirst = true
        while kind == .identifier {
            if !isFirst { parts.append(document.newline()) }
            parts.append(condition())
            isFirst = false
        }
        parts.append(token())
        return document.list(parts)
    }

    private mutating func annotation() -> Part {
        let name = [token(), token()]
        guard kind == .leftParenthesis else { return document.list(name + [document.newline()]) }
        return document.list(name + [token(), token(), token(then: document.newline())])
    }

    /// The principal, the action and the resource: in one line if none is constrained, else each in a line.
    private mutating func scope() -> Part {
        let isOpen = isOpenScope
        let principal = variable()
        let first = token(then: isOpen ? document.word(" ") : document.newline())
        let action = variable()
        let second = token(then: isOpen ? document.word(" ") : document.newline())
        let parts = [principal, first, action, second, variable()]
        if isOpen { return document.group(document.nest(indent, document.list(parts))) }
        let body = document.nest(indent, document.list([document.newline()] + parts))
        return document.list([body, document.newline()])
    }

    private var isOpenScope: Bool {
        let kinds: [Token.Kind] = [.identifier, .comma, .identifier, .comma, .identifier, .rightParenthesis]
        return tokens[place...].prefix(kinds.count).map(\.kind) == kinds
    }

    /// A variable of the scope with its constraint.
    private mutating func variable() -> Part {
        let leading = takeLeading()
        var subject = [token()]
        if word == .is { subject.append(typeConstraint()) }
        guard kind == .equal || word == .in else { return document.list([leading] + subject) }
        let head = document.group(document.list(subject + [document.line(), token()]))
        let body = document.nest(indent, document.list([document.line(), expression()]))
        return document.list([leading, document.group(document.list([head, body]))])
    }

    private mutating func typeConstraint() -> Part {
        let sign = document.group(document.list([document.line(), token()]))
        let parts = document.list([sign, document.line(), path()])
        return document.group(document.nest(indent, parts))
    }

    /// A `when` or `unless` clause.
    private mutating func condition() -> Part {
        let leading = takeLeading()
        let keyword = token(then: document.line())
        let braceLeading = takeLeading()
        let brace = token(then: document.line())
        let expressionLeading = takeLeading()
        let expression = document.group(expression())
        let body = document.nest(indent, document.list([brace, expressionLeading, expression]))
        let block = document.group(document.list([body, document.line(), token()]))
        return document.list([leading, document.group(document.list([keyword, braceLeading, block]))])
    }

    /// Identifiers joined by `::`, and the string of an entity behind them.
    mutating func path() -> Part {
        var parts = [token()]
        while kind == .doubleColon { parts += [token(), token()] }
        return document.list(parts)
    }
}
