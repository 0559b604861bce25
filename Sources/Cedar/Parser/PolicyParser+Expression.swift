import Bytes

extension PolicyParser {
    /// Reads an expression: `if`, or operands joined by operators.
    mutating func expression() throws(SyntaxFailure) -> Int32 {
        try enter()
        defer { depth -= 1 }
        if reader.word == .if { return try conditional() }
        var open = OpenExpression(start: reader.start)
        while true {
            var signs = try signs()
            var operand = try negativeLiteral(&signs)
            if operand < 0 { operand = try member() }
            if let root = try extend(&open, try apply(signs, to: operand)) { return root }
        }
    }

    private mutating func enter() throws(SyntaxFailure) {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw ExpressionBuilder.tooDeep(reader.current.range) }
    }

    private mutating func conditional() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        reader.advance()
        let condition = try expression()
        try reader.expect(.then, "after the condition of `if`")
        let consequence = try expression()
        try reader.expect(.else, "after the `then` branch")
        return try conditional(condition, consequence, try expression(), from: start)
    }

    private mutating func conditional(
        _ condition: Int32,
        _ consequence: Int32,
        _ alternative: Int32,
        from start: Int32
    ) throws(SyntaxFailure) -> Int32 {
        let node = Node(operation: .ifThenElse, a: condition, b: consequence, c: alternative)
        return try builder.add(node, reader.range(from: start), over: [condition, consequence, alternative])
    }

    // MARK: Operators

    /// Takes an operand and the operator behind it; without an operator the expression is complete: its root is given.
    private mutating func extend(_ open: inout OpenExpression, _ operand: Int32) throws(SyntaxFailure) -> Int32? {
        open.factors.append(operand)
        if try multiplicative(&open) { return nil }
        open.terms.append(try chain(open.factors, from: open.factorsStart))
        open.factors = []
        if let operation = additive() {
            open.terms.append(operation.rawValue)
            reader.advance()
            open.begin(.term, at: reader.start)
            return nil
        }
        let sum = try chain(open.terms, from: open.termsStart)
        open.terms = []
        guard let relation = try relation(&open, sum) else {
            open.begin(.operand, at: reader.start)
            return nil
        }
        open.conjuncts.append(relation)
        if reader.skip(.and) {
            open.begin(.relation, at: reader.start)
            return nil
        }
        open.alternatives.append(try junction(.and, open.conjuncts, from: open.conjunctsStart))
        open.conjuncts = []
        if reader.skip(.or) {
            open.begin(.conjunct, at: reader.start)
            return nil
        }
        return try junction(.or, open.alternatives, from: open.start)
    }

    private mutating func multiplicative(_ open: inout OpenExpression) throws(SyntaxFailure) -> Bool {
        guard reader.kind == .star || reader.kind == .slash || reader.kind == .percent else { return false }
        guard reader.kind == .star else {
            let name = reader.kind == .slash ? "division" : "remainder"
            throw SyntaxFailure(.invalidOperator, "\(name) is not supported", reader.current.range)
        }
        reader.advance()
        open.factors.append(ArithmeticOperator.multiply.rawValue)
        return true
    }

    private func additive() -> ArithmeticOperator? {
        if reader.kind == .plus { return .add }
        return reader.kind == .minus ? .subtract : nil
    }

    private mutating func chain(_ children: [Int32], from start: Int32) throws(SyntaxFailure) -> Int32 {
        guard children.count > 1 else { return children[0] }
        let operands = stride(from: 0, to: children.count, by: 2).map { children[$0] }
        let node = Node(operation: .arithmetic, a: builder.addChildren(children), b: Int32(operands.count))
        return try builder.add(node, reader.range(from: start), over: operands)
    }

    private mutating func junction(
        _ operation: Operation,
        _ parts: [Int32],
        from start: Int32
    ) throws(SyntaxFailure) -> Int32 {
        guard parts.count > 1 else { return parts[0] }
        let node = Node(operation: operation, a: builder.addChildren(parts), b: Int32(parts.count))
        return try builder.add(node, reader.range(from: start), over: parts)
    }

    // MARK: Relations

    /// Takes one side of a relation; `nil` if the other one is to be read.
    private mutating func relation(_ open: inout OpenExpression, _ side: Int32) throws(SyntaxFailure) -> Int32? {
        let start = open.relationStart
        if let (left, relation) = open.relation {
            open.relation = nil
            try refuseComparison()
            let node =
                switch relation {
                case .comparison(let operation): Node(operation: operation, a: left, b: side)
                case .typeIn(let type): Node(operation: .isIn, a: left, b: type, c: side)
                }
            return try builder.add(node, reader.range(from: start), over: [left, side])
        }
        if reader.word == .has { return try hasRelation(side, start) }
        if reader.word == .like { return try likeRelation(side, start) }
        if reader.word == .is { return try isRelation(&open, side) }
        guard let operation = try comparison() else { return side }
        reader.advance()
        open.relation = (side, .comparison(operation))
        return nil
    }

    private func refuseComparison() throws(SyntaxFailure) {
        if try comparison() != nil {
            let message = "comparisons do not chain, use parentheses to say which comes first"
            throw SyntaxFailure(.invalidOperator, message, reader.current.range)
        }
    }

    /// The comparison that the current token stands for.
    private func comparison() throws(SyntaxFailure) -> Operation? {
        switch reader.kind {
        case .equal: return .equal
        case .notEqual: return .notEqual
        case .less: return .less
        case .lessEqual: return .lessEqual
        case .greater: return .greater
        case .greaterEqual: return .greaterEqual
        case .identifier: return reader.word == .in ? .in : nil
        case .assign:
            throw SyntaxFailure(.invalidOperator, "`=` is not an operator", reader.current.range, replacement: "==")
        default: return nil
        }
    }

    /// Reads `has name`, `has "name"` or `has name.name…` (RFC 62).
    private mutating func hasRelation(_ operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        var names: [Int32] = []
        if reader.kind == .string {
            names.append(builder.name(try reader.string("after `has`")))
        } else {
            repeat {
                let token = try reader.identifier("or a string after `has`")
                names.append(builder.name(Text(reader.text(token))))
            } while reader.skip(.dot)
        }
        let node = Node(operation: .has, a: operand, b: builder.addChildren(names), c: Int32(names.count))
        return try builder.add(node, reader.range(from: start), over: [operand])
    }

    private mutating func likeRelation(_ operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        let token = reader.current
        guard token.kind == .string else { throw reader.unexpected("expected a pattern in quotes after `like`") }
        reader.advance()
        switch Escapes.pattern(reader.content(token)) {
        case .success(let pattern):
            let node = Node(operation: .like, a: operand, b: builder.pattern(pattern))
            return try builder.add(node, reader.range(from: start), over: [operand])
        case .failure(let error):
            try reader.report(reader.escapeFailure(token, error))
            return operand
        }
    }

    /// Reads `is T`; `nil` if an `in` follows, whose right side is to be read.
    private mutating func isRelation(_ open: inout OpenExpression, _ operand: Int32) throws(SyntaxFailure) -> Int32? {
        reader.advance()
        let type = builder.type(try entityType("after `is`"))
        if reader.skip(.in) {
            open.relation = (operand, .typeIn(type))
            return nil
        }
        let node = Node(operation: .is, a: operand, b: type)
        return try builder.add(node, reader.range(from: open.relationStart), over: [operand])
    }

    // MARK: Signs

    /// The unary operators before an operand.
    struct Signs {
        var operation = Operation.not
        var starts: [Int32] = []
    }

    /// How many unary operators may follow each other.
    private static let unaryMax = 4

    /// Reads up to four `!` or up to four `-`, never both.
    private mutating func signs() throws(SyntaxFailure) -> Signs {
        let sign = reader.kind
        guard sign == .bang || sign == .minus else { return Signs() }
        var signs = Signs(operation: sign == .bang ? .not : .negate)
        while reader.kind == sign {
            signs.starts.append(reader.start)
            guard signs.starts.count <= Self.unaryMax else {
                let message = "more than \(Self.unaryMax) of \(sign.text) in a row"
                throw SyntaxFailure(.limitExceeded, message, reader.range(from: signs.starts[0]))
            }
            reader.advance()
        }
        return signs
    }

    /// Adds the signs to their operand, the innermost first.
    private mutating func apply(_ signs: Signs, to operand: Int32) throws(SyntaxFailure) -> Int32 {
        var operand = operand
        for start in signs.starts.reversed() {
            let node = Node(operation: signs.operation, a: operand)
            operand = try builder.add(node, reader.range(from: start), over: [operand])
        }
        return operand
    }

    /// Reads a number after a minus as one literal, so that the smallest integer can be written; it uses up that minus.
    ///
    /// - Returns: -1 if no number stands here.
    private mutating func negativeLiteral(_ signs: inout Signs) throws(SyntaxFailure) -> Int32 {
        let token = reader.current
        guard signs.operation == .negate, let start = signs.starts.last, token.kind == .number else { return -1 }
        switch reader.peek().kind {
        case .dot, .leftBracket, .leftParenthesis: return -1
        default: break
        }
        reader.advance()
        signs.starts.removeLast()
        let value = Int64("-" + reader.text(token))
        if value == nil { try reader.report(tooLarge(token)) }
        let node = Node(operation: .constant, a: builder.constant(.long(value ?? 0)))
        return try builder.add(node, reader.range(from: start))
    }

    func tooLarge(_ token: Token) -> SyntaxFailure {
        SyntaxFailure(
            .integerTooLarge,
            "integer literal does not fit in 64 bits",
            token.range,
            help: "integers go from \(Int64.min) to \(Int64.max)"
        )
    }
}
