import Bytes

// The levels of the grammar, from the loosest to the tightest operator. Several levels share a function: each function on the way to
// a nested expression costs stack, and nesting is what hostile text has most of.
extension PolicyParser {
    /// Reads an expression: `if` or a disjunction.
    mutating func expression() throws(SyntaxFailure) -> Int32 {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw ExpressionBuilder.tooDeep(reader.current.range) }
        let root = reader.word == .if ? try conditional() : try disjunction()
        depth -= 1
        return root
    }

    private mutating func conditional() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        reader.advance()
        let condition = try expression()
        try reader.expect(.then, "after the condition of `if`")
        let consequence = try expression()
        try reader.expect(.else, "after the `then` branch")
        let alternative = try expression()
        let node = Node(operation: .ifThenElse, a: condition, b: consequence, c: alternative)
        return try builder.add(node, reader.range(from: start), over: [condition, consequence, alternative])
    }

    /// Reads relations joined by `&&` and `||`, of which `&&` binds tighter.
    private mutating func disjunction() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        var alternatives: [Int32] = []
        repeat {
            let first = reader.start
            var parts = [try relation()]
            while reader.skip(.and) { parts.append(try relation()) }
            alternatives.append(try junction(.and, parts, from: first))
        } while reader.skip(.or)
        return try junction(.or, alternatives, from: start)
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

    private mutating func relation() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        let left = try sum()
        switch reader.word {
        case .has: return try hasRelation(left, start)
        case .like: return try likeRelation(left, start)
        case .is: return try isRelation(left, start)
        default: break
        }
        guard let operation = try comparison() else { return left }
        reader.advance()
        let right = try sum()
        if try comparison() != nil {
            let message = "comparisons do not chain, use parentheses to say which comes first"
            throw SyntaxFailure(.invalidOperator, message, reader.current.range)
        }
        return try builder.add(
            Node(operation: operation, a: left, b: right),
            reader.range(from: start),
            over: [left, right]
        )
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
            throw SyntaxFailure(.invalidOperator, "`=` is not an operator, did you mean `==`?", reader.current.range)
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
        case .failure(let error): throw reader.escapeFailure(token, error)
        }
    }

    private mutating func isRelation(_ operand: Int32, _ start: Int32) throws(SyntaxFailure) -> Int32 {
        reader.advance()
        let type = builder.type(try entityType("after `is`"))
        guard reader.skip(.in) else {
            return try builder.add(
                Node(operation: .is, a: operand, b: type),
                reader.range(from: start),
                over: [operand]
            )
        }
        let group = try sum()
        let node = Node(operation: .isIn, a: operand, b: type, c: group)
        return try builder.add(node, reader.range(from: start), over: [operand, group])
    }

    /// Reads products joined by `+` and `-`.
    private mutating func sum() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        var children = [try product()]
        while let operation = additive() {
            reader.advance()
            children.append(operation.rawValue)
            children.append(try product())
        }
        return try chain(children, from: start)
    }

    private func additive() -> ArithmeticOperator? {
        if reader.kind == .plus { return .add }
        return reader.kind == .minus ? .subtract : nil
    }

    /// Reads unary expressions joined by `*`.
    private mutating func product() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        var children = [try unary()]
        while reader.kind == .star || reader.kind == .slash || reader.kind == .percent {
            guard reader.kind == .star else {
                let name = reader.kind == .slash ? "division" : "remainder"
                throw SyntaxFailure(.invalidOperator, "\(name) is not supported", reader.current.range)
            }
            reader.advance()
            children.append(ArithmeticOperator.multiply.rawValue)
            children.append(try unary())
        }
        return try chain(children, from: start)
    }

    private mutating func chain(_ children: [Int32], from start: Int32) throws(SyntaxFailure) -> Int32 {
        guard children.count > 1 else { return children[0] }
        let operands = stride(from: 0, to: children.count, by: 2).map { children[$0] }
        let node = Node(operation: .arithmetic, a: builder.addChildren(children), b: Int32(operands.count))
        return try builder.add(node, reader.range(from: start), over: operands)
    }

    /// Reads up to four `!` or up to four `-`, never both, before a member expression.
    private mutating func unary() throws(SyntaxFailure) -> Int32 {
        let start = reader.start
        let sign = reader.kind
        guard sign == .bang || sign == .minus else { return try member() }
        var starts: [Int32] = []
        while reader.kind == sign {
            starts.append(reader.start)
            guard starts.count <= Self.unaryMax else {
                let message = "more than \(Self.unaryMax) of \(sign.text) in a row"
                throw SyntaxFailure(.limitExceeded, message, reader.range(from: start))
            }
            reader.advance()
        }
        var operand: Int32
        if sign == .minus, let literal = try negativeLiteral(from: starts[starts.count - 1]) {
            operand = literal
            starts.removeLast()
        } else {
            operand = try member()
        }
        for start in starts.reversed() {
            let node = Node(operation: sign == .bang ? .not : .negate, a: operand)
            operand = try builder.add(node, reader.range(from: start), over: [operand])
        }
        return operand
    }

    /// Reads a number after a minus as one literal, so that the smallest integer can be written.
    private mutating func negativeLiteral(from start: Int32) throws(SyntaxFailure) -> Int32? {
        let token = reader.current
        guard token.kind == .number else { return nil }
        switch reader.peek().kind {
        case .dot, .leftBracket, .leftParenthesis: return nil
        default: break
        }
        reader.advance()
        guard let value = Int64("-" + reader.text(token)) else { throw tooLarge(token) }
        let node = Node(operation: .constant, a: builder.constant(.long(value)))
        return try builder.add(node, reader.range(from: start))
    }

    func tooLarge(_ token: Token) -> SyntaxFailure {
        SyntaxFailure(.integerTooLarge, "integer literal does not fit in 64 bits", token.range)
    }

    /// How many unary operators may follow each other.
    private static let unaryMax = 4
}
