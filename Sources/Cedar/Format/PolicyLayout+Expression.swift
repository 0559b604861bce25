extension PolicyLayout {
    /// An expression whose operators have been read in part: what has been laid out at each level of precedence.
    private struct OpenExpression {
        var alternatives: [Part] = []
        var conjuncts: [Part] = []
        /// The left side of a relation with its operator, and whether that is the `in` of `is T in`.
        var relation: (parts: [Part], isTypeIn: Bool)?
        var terms: [Part] = []
        var factors: [Part] = []
    }

    /// An expression, the operators of all levels in one loop: each level of nesting takes few stack frames.
    mutating func expression() -> Part {
        if word == .if { return conditional() }
        var open = OpenExpression()
        while true {
            if let whole = extend(&open, operand()) { return whole }
        }
    }

    private mutating func conditional() -> Part {
        let parts = [branch(), document.line(), branch(), document.line(), branch()]
        return document.group(document.list(parts))
    }

    private mutating func branch() -> Part {
        let keyword = token()
        let body = document.list([document.line(), expression()])
        return document.list([keyword, document.nest(indent, body)])
    }

    // MARK: Operators

    /// Takes an operand and the operator behind it; without an operator the expression is complete.
    private mutating func extend(_ open: inout OpenExpression, _ operand: Part) -> Part? {
        open.factors.append(operand)
        if kind == .star {
            open.factors += [space(), token(), document.line()]
            return nil
        }
        open.terms.append(document.group(document.list(open.factors)))
        open.factors = []
        if kind == .plus || kind == .minus {
            open.terms += [space(), token(), document.line()]
            return nil
        }
        let sum = document.group(document.list(open.terms))
        open.terms = []
        guard let relation = relation(&open, sum) else { return nil }
        open.conjuncts.append(relation)
        if kind == .and {
            open.conjuncts += [space(), token(then: document.line())]
            return nil
        }
        open.alternatives.append(document.list(open.conjuncts))
        open.conjuncts = []
        if kind == .or {
            open.alternatives += [space(), token(then: document.line())]
            return nil
        }
        return document.list(open.alternatives)
    }

    /// Takes one side of a relation; `nil` if the other one is to be read.
    private mutating func relation(_ open: inout OpenExpression, _ side: Part) -> Part? {
        if let (parts, isTypeIn) = open.relation {
            open.relation = nil
            guard isTypeIn else { return document.list(parts + [side]) }
            return document.group(document.list(parts + [document.nest(indent, side)]))
        }
        switch kind {
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: break
        default:
            if word == .has || word == .like { return test(side) }
            if word == .is { return typeTest(&open, side) }
            guard word == .in else { return side }
        }
        open.relation = ([side, space(), token(), space()], false)
        return nil
    }

    /// `has` with names or a string, or `like` with a pattern.
    private mutating func test(_ side: Part) -> Part {
        let isHas = word == .has
        let sign = token()
        let first = token()
        var accesses: [Part] = []
        while isHas, kind == .dot { accesses.append(document.list([token(), token()])) }
        let right = member(first, accesses)
        let parts = [side, document.line(), sign, document.line(), document.nest(indent, right)]
        return document.group(document.list(parts))
    }

    /// `is T`; `nil` if an `in` follows, whose right side is to be read.
    private mutating func typeTest(_ open: inout OpenExpression, _ side: Part) -> Part? {
        let parts = [side, space(), token(), space(), document.nest(indent, path())]
        guard word == .in else { return document.group(document.list(parts)) }
        open.relation = (parts + [document.line(), token(), space()], true)
        return nil
    }

    private mutating func space() -> Part { document.word(" ") }

    // MARK: Operands

    /// Signs, a primary expression, and what is asked of it.
    private mutating func operand() -> Part {
        var signs: [Part] = []
        while kind == .bang || kind == .minus { signs.append(token()) }
        let item = primary()
        var accesses: [Part] = []
        while let access = access() { accesses.append(access) }
        return document.list(signs + [member(item, accesses)])
    }

    private mutating func member(_ item: Part, _ accesses: [Part]) -> Part {
        var parts: [Part] = []
        for access in accesses {
            if !parts.isEmpty { parts.append(document.lineOrNothing()) }
            parts.append(access)
        }
        return document.group(document.list([item, document.nest(indent, document.list(parts))]))
    }

    private mutating func access() -> Part? {
        switch kind {
        case .dot: return document.list([token(), token()])
        case .leftBracket: return document.list([token(), document.group(token()), token()])
        case .leftParenthesis:
            let open = token()
            guard kind != .rightParenthesis else { return document.list([open, token()]) }
            let arguments = elements(until: .rightParenthesis)
            let inside = document.list([document.lineOrNothing(), arguments])
            return document.list([open, document.nest(indent, inside), document.lineOrNothing(), token()])
        default: return nil
        }
    }

    private mutating func primary() -> Part {
        switch kind {
        case .leftParenthesis:
            let open = token()
            let inside = document.nest(1, expression())
            return document.group(document.list([open, inside, token()]))
        case .leftBracket:
            let open = token()
            let inside = document.nest(1, elements(until: .rightBracket))
            return document.list([open, inside, token()])
        case .leftBrace: return record()
        case .identifier: return path()
        default: return token()
        }
    }

    /// Expressions with commas between them.
    private mutating func elements(until close: Token.Kind) -> Part {
        var parts: [Part] = []
        while kind != close, kind != .end {
            parts.append(expression())
            if kind == .comma { parts += [token(), document.line()] }
        }
        return document.list(parts)
    }

    private mutating func record() -> Part {
        let open = token()
        guard kind != .rightBrace else { return document.list([open, token()]) }
        var parts = [document.line()]
        while kind != .rightBrace, kind != .end {
            parts += [token(), token(), space(), expression()]
            if kind == .comma { parts += [token(), document.line()] }
        }
        let inside = document.nest(indent, document.list(parts))
        let body = document.group(document.list([inside, document.line()]))
        return document.list([open, body, token()])
    }
}
