import Bytes

extension SchemaParser {
    /// Reads `Set<T>`, a record type or the name of a type.
    mutating func type() throws(SyntaxFailure) -> TypeSyntax {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw ExpressionBuilder.tooDeep(reader.current.range) }
        defer { depth -= 1 }
        if reader.kind == .leftBrace { return .record(try attributes()) }
        guard reader.word == .set, reader.peek().kind == .less else { return .name(try path("of a type")) }
        reader.advance()
        reader.advance()
        let element = try type()
        try reader.expect(.greater, "after the type of a set's members")
        return .set(element)
    }

    /// Reads `{ name: type, "name"?: type }`.
    mutating func attributes() throws(SyntaxFailure) -> [AttributeSyntax] {
        try reader.expect(.leftBrace, "before the attributes")
        var attributes: [AttributeSyntax] = []
        var names: Set<Text> = []
        while reader.kind != .rightBrace {
            let annotations = try annotations()
            let name = try nameOrString("of an attribute")
            // The reference implementation keeps one of two declarations; which one a reader means cannot be known.
            guard names.insert(name.text).inserted else {
                throw SyntaxFailure(.duplicate, "attribute \(Escapes.quoted(name.text)) is declared twice", name.range)
            }
            let isRequired = !reader.skip(.question)
            try reader.expect(.colon, "after the name of an attribute")
            let type = try type()
            attributes.append(
                AttributeSyntax(annotations: annotations, name: name, type: type, isRequired: isRequired)
            )
            guard reader.skip(.comma) else { break }
        }
        try reader.expect(.rightBrace, "or `,` after an attribute")
        return attributes
    }

    /// Reads the name of one entity type, or any number of them in brackets.
    mutating func entityTypes() throws(SyntaxFailure) -> [NameSyntax] {
        guard reader.skip(.leftBracket) else { return [try path("of an entity type")] }
        if reader.skip(.rightBracket) { return [] }
        let types = try list { (parser) throws(SyntaxFailure) in try parser.path("of an entity type") }
        try reader.expect(.rightBracket, "after the entity types")
        return types
    }

    /// Reads one or more things separated by commas, without a trailing one.
    mutating func list<Element>(
        _ element: (inout SchemaParser) throws(SyntaxFailure) -> Element
    ) throws(SyntaxFailure) -> [Element] {
        var elements = [try element(&self)]
        while reader.skip(.comma) { elements.append(try element(&self)) }
        return elements
    }

    /// Reads an identifier.
    mutating func name(_ place: String) throws(SyntaxFailure) -> NameSyntax {
        let token = try reader.identifier(place)
        return NameSyntax(text: Text(reader.text(token)), range: token.range)
    }

    /// Reads an identifier or a string.
    mutating func nameOrString(_ place: String) throws(SyntaxFailure) -> NameSyntax {
        guard reader.kind == .string else { return try name(place) }
        let start = reader.start
        let text = try reader.string(place)
        return NameSyntax(text: text, range: reader.range(from: start))
    }

    /// Reads identifiers joined by `::`, of which the first may be `__cedar`; a `::` before anything else stays unread.
    mutating func path(_ place: String) throws(SyntaxFailure) -> NameSyntax {
        let start = reader.start
        var text: String
        if reader.word == .cedar {
            text = Word.cedar.rawValue
            reader.advance()
        } else {
            text = reader.text(try reader.identifier(place))
        }
        while reader.kind == .doubleColon, reader.peek().kind == .identifier {
            reader.advance()
            text += "::" + reader.text(try reader.identifier(place))
        }
        return NameSyntax(text: Text(text), range: reader.range(from: start))
    }
}
