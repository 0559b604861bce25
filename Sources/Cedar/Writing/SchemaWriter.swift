import Bytes

/// Writes schemas in Cedar's syntax, one declaration to a paragraph and one attribute to a line.
struct SchemaWriter {
    private let schema: SchemaSyntax
    private var commonTypes: Set<Text> = []
    private var entityTypes: Set<Text> = []
    private var namespace: Text?
    private var text = ""
    private var indentation = 0

    init(_ schema: SchemaSyntax) {
        self.schema = schema
        for namespace in schema.namespaces {
            commonTypes.formUnion(namespace.types.map { Self.qualify($0.name.text, namespace.name) })
            entityTypes.formUnion(namespace.entities.flatMap(\.names).map { Self.qualify($0.text, namespace.name) })
        }
    }

    mutating func write() throws(SchemaTextError) -> String {
        for (place, namespace) in schema.sortedNamespaces.enumerated() {
            if place > 0 { text += "\n" }
            self.namespace = namespace.name
            guard let name = namespace.name else {
                try write(namespace)
                continue
            }
            write(namespace.annotations)
            text += "namespace \(name) {\n"
            indentation += 1
            try write(namespace)
            indentation -= 1
            text += "}\n"
        }
        return text
    }

    private mutating func write(_ namespace: NamespaceSyntax) throws(SchemaTextError) {
        var isFirst = true
        for type in namespace.sortedTypes {
            beginDeclaration(&isFirst, type.annotations)
            text += "type \(type.name.text) = "
            try write(type.type)
            text += ";\n"
        }
        for (name, entity) in namespace.sortedEntities {
            beginDeclaration(&isFirst, entity.annotations)
            text += "entity \(name)"
            try write(entity, name)
            text += ";\n"
        }
        for (name, action) in namespace.sortedActions {
            beginDeclaration(&isFirst, action.annotations)
            text += "action \(Escapes.quoted(name))"
            try write(action)
            text += ";\n"
        }
    }

    private mutating func beginDeclaration(_ isFirst: inout Bool, _ annotations: [AnnotationSyntax]) {
        if !isFirst { text += "\n" }
        isFirst = false
        write(annotations)
        indent()
    }

    private mutating func indent() { text += String(repeating: "  ", count: indentation) }

    private mutating func write(_ annotations: [AnnotationSyntax]) {
        for annotation in annotations.sorted(by: { $0.key < $1.key }) {
            indent()
            text += "@\(annotation.key)"
            if let value = annotation.value { text += "(\(Escapes.quoted(value)))" }
            text += "\n"
        }
    }

    private mutating func write(_ entity: EntitySyntax, _ name: Text) throws(SchemaTextError) {
        if let choices = entity.choices {
            text += " enum [\(choices.map(Escapes.quoted).joined(separator: ", "))]"
            return
        }
        if !entity.parents.isEmpty {
            text += " in [\(entity.parents.map(\.text.string).joined(separator: ", "))]"
        }
        if let shape = entity.shape, !shape.isEmptyRecord {
            guard case .record = shape else { throw .namedShape(entityType: Self.qualify(name, namespace)) }
            text += " = "
            try write(shape)
        }
        if let tags = entity.tags {
            text += " tags "
            try write(tags)
        }
    }

    private mutating func write(_ action: ActionSyntax) throws(SchemaTextError) {
        if !action.parents.isEmpty {
            let parents = action.parents.map { "\($0.type ?? "Action")::\(Escapes.quoted($0.name.text))" }
            text += " in [\(parents.joined(separator: ", "))]"
        }
        guard !action.principals.isEmpty, !action.resources.isEmpty else { return }
        text += " appliesTo {\n"
        indentation += 1
        for (name, types) in [("principal", action.principals), ("resource", action.resources)] {
            indent()
            text += "\(name): [\(types.map(\.text.string).joined(separator: ", "))],\n"
        }
        indent()
        text += "context: "
        try write(action.context ?? .record([]))
        text += "\n"
        indentation -= 1
        indent()
        text += "}"
    }

    // MARK: Types

    private mutating func write(_ type: TypeSyntax) throws(SchemaTextError) {
        switch type {
        case .name(let name): text += name.text.string
        case .named(let name, let kind):
            try refuseCollision(name.text, kind)
            switch kind {
            case .primitive: text += "__cedar::\(name.text == "Boolean" ? "Bool" : name.text)"
            case .extension: text += "__cedar::\(name.text)"
            case .entity, .common: text += name.text.string
            }
        case .set(let element):
            text += "Set<"
            try write(element)
            text += ">"
        case .record(let attributes): try write(attributes)
        }
    }

    private mutating func write(_ attributes: [AttributeSyntax]) throws(SchemaTextError) {
        guard !attributes.isEmpty else {
            text += "{}"
            return
        }
        text += "{\n"
        indentation += 1
        let sorted = attributes.sorted { $0.name.text < $1.name.text }
        for (place, attribute) in sorted.enumerated() {
            write(attribute.annotations)
            indent()
            text += "\(ExpressionWriter.key(attribute.name.text))\(attribute.isRequired ? "" : "?"): "
            try write(attribute.type)
            text += place + 1 < sorted.count ? ",\n" : "\n"
        }
        indentation -= 1
        indent()
        text += "}"
    }

    /// Cedar's syntax looks for a name in one place after the other, for a common type first; JSON says which it means.
    private func refuseCollision(_ name: Text, _ kind: TypeNameKind) throws(SchemaTextError) {
        guard kind == .entity || kind == .common else { return }
        let isQualified = name.utf8.contains(UInt8(ascii: ":"))
        let candidates = isQualified ? [name] : [Self.qualify(name, namespace), name]
        guard let found = candidates.first(where: { commonTypes.contains($0) || entityTypes.contains($0) }) else {
            return
        }
        let isMet = kind == .entity ? !commonTypes.contains(found) : commonTypes.contains(found) || !isBuiltIn(name)
        guard isMet else { throw .nameCollision(name) }
    }

    /// Whether a common type of that name is built in, so that a declared one of that name hides it.
    private func isBuiltIn(_ name: Text) -> Bool {
        ["Bool", "Long", "String"].contains(name) || ExtensionType(rawValue: name.string) != nil
    }

    private static func qualify(_ name: Text, _ namespace: Text?) -> Text {
        namespace.map { Text("\($0)::\(name)") } ?? name
    }
}
