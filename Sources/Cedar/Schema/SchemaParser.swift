import Bytes

/// Reads a schema in Cedar's own syntax; going on behind the next `;` after an error.
struct SchemaParser {
    var reader: TokenReader
    var depth = 0
    private var failures: [SyntaxFailure] = []
    private var declarations = 0

    init(_ bytes: [UInt8]) {
        reader = TokenReader(bytes)
    }

    /// Reads the whole text.
    mutating func parse() throws(SyntaxError) -> SchemaSyntax {
        var schema = SchemaSyntax()
        var global = NamespaceSyntax(name: nil, range: ByteRange(start: 0, end: 0))
        while reader.kind != .end, failures.count < SourceLimits.diagnosticsMax {
            attempt { (parser) throws(SyntaxFailure) in
                let annotations = try parser.annotations()
                if parser.reader.word == .namespace {
                    schema.namespaces.append(try parser.namespace(annotations))
                } else {
                    try parser.declaration(annotations, into: &global)
                }
            }
        }
        guard failures.isEmpty else { throw SyntaxError(failures, in: reader.bytes) }
        schema.namespaces.append(global)
        return schema
    }

    /// Reads one type and nothing else.
    mutating func parseType() throws(SyntaxError) -> TypeSyntax {
        do throws(SyntaxFailure) {
            let type = try type()
            guard reader.kind == .end else { throw reader.unexpected("expected nothing behind the type") }
            return type
        } catch {
            throw SyntaxError([error], in: reader.bytes)
        }
    }

    private mutating func attempt(_ body: (inout SchemaParser) throws(SyntaxFailure) -> Void) {
        do throws(SyntaxFailure) {
            try body(&self)
        } catch {
            failures.append(error)
            depth = 0
            reader.recover()
        }
    }

    private mutating func namespace(
        _ annotations: [AnnotationSyntax]
    ) throws(SyntaxFailure) -> NamespaceSyntax {
        let start = reader.start
        reader.advance()
        let name = try path("of the namespace")
        var namespace = NamespaceSyntax(
            annotations: annotations,
            name: name.text,
            range: reader.range(from: start)
        )
        try reader.expect(.leftBrace, "after the name of the namespace")
        while reader.kind != .rightBrace, reader.kind != .end, failures.count < SourceLimits.diagnosticsMax {
            attempt { (parser) throws(SyntaxFailure) in
                try parser.declaration(parser.annotations(), into: &namespace)
            }
        }
        try reader.expect(.rightBrace, "at the end of the namespace")
        return namespace
    }

    /// Reads annotations; they mean nothing here, but are kept.
    mutating func annotations() throws(SyntaxFailure) -> [AnnotationSyntax] {
        var annotations: [AnnotationSyntax] = []
        while reader.kind == .at {
            let start = reader.start
            reader.advance()
            let token = reader.current
            guard token.kind == .identifier else {
                throw reader.unexpected("expected the name of an annotation after `@`")
            }
            reader.advance()
            var value: Text = ""
            if reader.skip(.leftParenthesis) {
                value = try reader.string("as the value of the annotation")
                try reader.expect(.rightParenthesis, "after the value of the annotation")
            }
            let key = Text(reader.text(token))
            guard !annotations.contains(where: { $0.key == key }) else {
                throw SyntaxFailure(.duplicate, "annotation `@\(key)` is given twice", reader.range(from: start))
            }
            annotations.append(AnnotationSyntax(key: key, value: value))
        }
        return annotations
    }

    private mutating func declaration(
        _ annotations: [AnnotationSyntax],
        into namespace: inout NamespaceSyntax
    ) throws(SyntaxFailure) {
        declarations += 1
        guard declarations <= SourceLimits.declarationsMax else {
            let message = "more than \(SourceLimits.declarationsMax) declarations"
            throw SyntaxFailure(.limitExceeded, message, reader.current.range)
        }
        switch reader.word {
        case .entity: namespace.entities.append(try entity(annotations))
        case .action: namespace.actions.append(try action(annotations))
        case .type: namespace.types.append(try commonType(annotations))
        default:
            let place =
                namespace.name == nil ? "`entity`, `action`, `type` or `namespace`" : "`entity`, `action` or `type`"
            throw reader.unexpected("expected \(place)", among: ["entity", "action", "type", "namespace"])
        }
    }

    private mutating func entity(_ annotations: [AnnotationSyntax]) throws(SyntaxFailure) -> EntitySyntax {
        reader.advance()
        var entity = EntitySyntax(
            annotations: annotations,
            names: try list { (parser) throws(SyntaxFailure) in try parser.name("of an entity type") }
        )
        if reader.skip(.enum) {
            try reader.expect(.leftBracket, "before the choices")
            entity.choices = try list { (parser) throws(SyntaxFailure) in try parser.reader.string("as a choice") }
            try reader.expect(.rightBracket, "after the choices")
        } else {
            if reader.skip(.in) { entity.parents = try entityTypes() }
            let isAssigned = reader.skip(.assign)
            if isAssigned || reader.kind == .leftBrace { entity.shape = .record(try attributes()) }
            if reader.skip(.tags) { entity.tags = try type() }
        }
        try reader.expect(.semicolon, "at the end of the entity declaration")
        return entity
    }

    private mutating func commonType(
        _ annotations: [AnnotationSyntax]
    ) throws(SyntaxFailure) -> CommonTypeSyntax {
        reader.advance()
        let name = try name("of a type")
        try reader.expect(.assign, "after the name of the type")
        let type = try type()
        try reader.expect(.semicolon, "at the end of the type declaration")
        return CommonTypeSyntax(annotations: annotations, name: name, type: type)
    }

    private mutating func action(_ annotations: [AnnotationSyntax]) throws(SyntaxFailure) -> ActionSyntax {
        reader.advance()
        var action = ActionSyntax(
            annotations: annotations,
            names: try list { (parser) throws(SyntaxFailure) in try parser.nameOrString("of an action") }
        )
        if reader.skip(.in) {
            if reader.skip(.leftBracket) {
                action.parents = try list { (parser) throws(SyntaxFailure) in try parser.actionReference() }
                try reader.expect(.rightBracket, "after the groups of the action")
            } else {
                action.parents = [try actionReference()]
            }
        }
        if reader.skip(.appliesTo) { try appliesTo(into: &action) }
        if reader.skip(.attributes) {
            try reader.expect(.leftBrace, "after `attributes`")
            try reader.expect(.rightBrace, "after `{`, actions have no attributes")
        }
        try reader.expect(.semicolon, "at the end of the action declaration")
        return action
    }

    private mutating func appliesTo(into action: inout ActionSyntax) throws(SyntaxFailure) {
        let start = reader.start
        var seen: Set<Word> = []
        try reader.expect(.leftBrace, "after `appliesTo`")
        repeat {
            let token = reader.current
            guard token.word == .principal || token.word == .resource || token.word == .context else {
                throw reader.unexpected(
                    "expected `principal`, `resource` or `context`",
                    among: ["principal", "resource", "context"]
                )
            }
            guard seen.insert(token.word).inserted else {
                throw SyntaxFailure(.duplicate, "`\(token.word.rawValue)` is given twice", token.range)
            }
            reader.advance()
            try reader.expect(.colon, "after `\(token.word.rawValue)`")
            if token.word == .context {
                action.context = reader.kind == .leftBrace ? .record(try attributes()) : .name(try path("of a type"))
            } else {
                let types = try entityTypes()
                guard !types.isEmpty else {
                    let message =
                        "`\(token.word.rawValue)` needs at least one type; leave out `appliesTo` for an action group"
                    throw SyntaxFailure(.invalidDeclaration, message, reader.range(from: token.range.start))
                }
                if token.word == .principal { action.principals = types } else { action.resources = types }
            }
        } while reader.skip(.comma) && reader.kind != .rightBrace
        try reader.expect(.rightBrace, "or `,` in `appliesTo`")
        for word in [Word.principal, .resource] where !seen.contains(word) {
            let message = "`appliesTo` needs `\(word.rawValue)`"
            throw SyntaxFailure(.invalidDeclaration, message, reader.range(from: start))
        }
    }

    /// Reads `name`, `"name"` or `Namespace::Action::"name"`.
    private mutating func actionReference() throws(SyntaxFailure) -> ActionReferenceSyntax {
        if reader.kind == .identifier, reader.peek().kind == .doubleColon {
            let type = try path("of an action")
            try reader.expect(.doubleColon, "before the name of an action")
            let start = reader.start
            let name = try reader.string("as the name of an action")
            return ActionReferenceSyntax(
                type: type.text,
                name: NameSyntax(text: name, range: reader.range(from: start))
            )
        }
        return ActionReferenceSyntax(type: nil, name: try nameOrString("of an action"))
    }
}
