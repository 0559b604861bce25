import Bytes

extension PolicyParser {
    /// Reads `(principal …, action …, resource …)` with its constraints.
    mutating func scope(into policy: inout ParsedPolicy) throws(SyntaxFailure) {
        let opening = reader.start
        try reader.expect(.leftParenthesis, "before the scope")
        var start = reader.start
        try variable(.principal)
        policy.scope.principal = try entityConstraint(.principal)
        policy.scopeRanges.append(reader.range(from: start))
        try reader.expect(.comma, "after the principal")
        start = reader.start
        try variable(.action)
        policy.scope.action = try actionConstraint()
        policy.scopeRanges.append(reader.range(from: start))
        try reader.expect(.comma, "after the action")
        start = reader.start
        try variable(.resource)
        policy.scope.resource = try entityConstraint(.resource)
        policy.scopeRanges.append(reader.range(from: start))
        if reader.skip(.comma), reader.kind != .rightParenthesis {
            throw SyntaxFailure(
                .invalidScope,
                "the scope has only `principal`, `action` and `resource`",
                reader.current.range,
                help: "what is asked of the context stands in a condition: `when { context.… }`"
            )
        }
        try reader.expect(.rightParenthesis, "after the scope", closing: opening)
    }

    private mutating func variable(_ word: Word) throws(SyntaxFailure) {
        guard reader.word != word else {
            reader.advance()
            if reader.kind == .colon {
                let message = "types are written with `is`, not with `:`"
                throw SyntaxFailure(.invalidScope, message, reader.current.range, replacement: " is")
            }
            return
        }
        if reader.kind == .identifier || reader.kind == .rightParenthesis {
            let message = "expected `\(word.rawValue)`; the scope is `principal`, `action`, `resource`, in this order"
            let isName = reader.kind == .identifier && !NearMisses.variables.contains(Text(reader.text(reader.current)))
            let guess =
                isName ? NearMisses.word(Text(reader.text(reader.current)), among: [Text(word.rawValue)]) : nil
            throw SyntaxFailure(.invalidScope, message, reader.current.range, replacement: guess)
        }
        throw reader.unexpected("expected `\(word.rawValue)`")
    }

    private mutating func entityConstraint(_ slot: Slot) throws(SyntaxFailure) -> ScopeConstraint {
        if reader.skip(.is) {
            let type = try entityType("after `is`")
            guard reader.kind != .equal else {
                throw SyntaxFailure(.invalidScope, "`is` cannot be combined with `==`", reader.current.range)
            }
            return reader.skip(.in) ? .isTypeIn(type, try scopeEntity(slot)) : .isType(type)
        }
        if reader.skip(.equal) { return .equal(try scopeEntity(slot)) }
        if reader.skip(.in) { return .isIn(try scopeEntity(slot)) }
        try refuseOperator()
        return .any
    }

    private mutating func actionConstraint() throws(SyntaxFailure) -> ScopeConstraint {
        if reader.word == .is {
            throw SyntaxFailure(.invalidScope, "`is` cannot be used with the action", reader.current.range)
        }
        if reader.skip(.equal) { return .equal(.entity(try actionEntity())) }
        guard reader.skip(.in) else {
            try refuseOperator()
            return .any
        }
        guard reader.skip(.leftBracket) else { return .isIn(.entity(try actionEntity())) }
        var actions: [EntityUID] = []
        while reader.kind != .rightBracket {
            actions.append(try actionEntity())
            guard reader.skip(.comma) else { break }
        }
        try reader.expect(.rightBracket, "after the actions")
        return .isInAny(actions)
    }

    /// Another operator than `==`, `in` and `is` gets a message of its own.
    private func refuseOperator() throws(SyntaxFailure) {
        switch reader.kind {
        case .assign:
            throw SyntaxFailure(.invalidOperator, "`=` is not an operator", reader.current.range, replacement: "==")
        case .notEqual, .less, .lessEqual, .greater, .greaterEqual:
            let message = "\(reader.kind.text) cannot be used in the scope, only `==`, `in` and `is`"
            throw SyntaxFailure(.invalidScope, message, reader.current.range)
        default: return
        }
    }

    private mutating func actionEntity() throws(SyntaxFailure) -> EntityUID {
        let start = reader.start
        let entity = try parenthesized { (parser) throws(SyntaxFailure) in
            guard parser.reader.kind != .slot else {
                let range = parser.reader.current.range
                throw SyntaxFailure(.misplacedSlot, "the action cannot be a template slot", range)
            }
            return try parser.entityLiteral()
        }
        guard entity.type.isAction else {
            throw SyntaxFailure(
                .invalidScope,
                "expected an entity of type `Action`, got `\(entity)`",
                reader.range(from: start)
            )
        }
        return entity
    }

    private mutating func scopeEntity(_ slot: Slot) throws(SyntaxFailure) -> ScopeEntity {
        try parenthesized { (parser) throws(SyntaxFailure) in
            let token = parser.reader.current
            guard token.kind == .slot else { return .entity(try parser.entityLiteral()) }
            guard parser.reader.text(token) == slot.description else {
                let message = "expected an entity or the slot `\(slot)`, got `\(parser.reader.text(token))`"
                throw SyntaxFailure(.misplacedSlot, message, token.range)
            }
            parser.reader.advance()
            return .slot(slot)
        }
    }

    /// Reads something that may stand in any number of parentheses, as the reference implementation allows.
    private mutating func parenthesized<Content>(
        _ content: (inout PolicyParser) throws(SyntaxFailure) -> Content
    ) throws(SyntaxFailure) -> Content {
        var open = 0
        while reader.kind == .leftParenthesis {
            open += 1
            guard open <= SourceLimits.nestingMax else { throw ExpressionBuilder.tooDeep(reader.current.range) }
            reader.advance()
        }
        let result = try content(&self)
        for _ in 0..<open { try reader.expect(.rightParenthesis, "after the entity") }
        return result
    }

    /// Reads `Namespace::Type::"id"`.
    private mutating func entityLiteral() throws(SyntaxFailure) -> EntityUID {
        guard reader.kind == .identifier else {
            throw reader.unexpected("expected an entity such as `User::\"alice\"`")
        }
        let start = reader.start
        let name = try path("of an entity type")
        guard reader.kind == .doubleColon else {
            let message = "expected an entity such as `\(name)::\"id\"`, got the name `\(name)`"
            let help = "to ask for the type of an entity, write `is \(name)`"
            throw SyntaxFailure(.unexpectedToken, message, reader.range(from: start), help: help)
        }
        reader.advance()
        return EntityUID(type: EntityType(checked: name), id: try reader.string("as the identifier of an entity"))
    }

    /// Reads the name of an entity type where nothing else can stand.
    mutating func entityType(_ place: String) throws(SyntaxFailure) -> EntityType {
        guard reader.kind == .identifier else {
            throw reader.unexpected("expected the name of an entity type \(place)")
        }
        let name = try path(place)
        guard reader.kind != .doubleColon else {
            throw SyntaxFailure(
                .unexpectedToken,
                "expected an entity type \(place), got an entity",
                reader.current.range
            )
        }
        return EntityType(checked: name)
    }

    /// Reads identifiers joined by `::`; a `::` before anything but an identifier stays unread.
    mutating func path(_ place: String) throws(SyntaxFailure) -> Text {
        var name = reader.text(try reader.identifier(place))
        while reader.kind == .doubleColon, reader.peek().kind == .identifier {
            reader.advance()
            name += "::" + reader.text(try reader.identifier(place))
        }
        return Text(name)
    }
}
