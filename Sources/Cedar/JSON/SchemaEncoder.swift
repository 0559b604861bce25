import Bytes

/// Writes schemas in Cedar's JSON format, with the members of maps sorted.
struct SchemaEncoder: ~Copyable {
    var writer = JSONWriter(capacity: 4096)

    mutating func write(_ schema: SchemaSyntax) {
        writer.beginObject()
        for namespace in schema.sortedNamespaces {
            writer.name(namespace.name ?? "")
            write(namespace)
        }
        writer.endObject()
    }

    private mutating func write(_ namespace: NamespaceSyntax) {
        writer.beginObject()
        if !namespace.types.isEmpty {
            writer.name("commonTypes")
            writer.beginObject()
            for type in namespace.sortedTypes {
                writer.name(type.name.text)
                write(type.type, annotations: type.annotations)
            }
            writer.endObject()
        }
        writer.name("entityTypes")
        writer.beginObject()
        for (name, entity) in namespace.sortedEntities {
            writer.name(name)
            write(entity)
        }
        writer.endObject()
        writer.name("actions")
        writer.beginObject()
        for (name, action) in namespace.sortedActions {
            writer.name(name)
            write(action)
        }
        writer.endObject()
        write(namespace.annotations)
        writer.endObject()
    }

    private mutating func write(_ annotations: [AnnotationSyntax]) {
        guard !annotations.isEmpty else { return }
        writer.name("annotations")
        writer.beginObject()
        for annotation in annotations.sorted(by: { $0.key < $1.key }) {
            writer.name(annotation.key)
            if let value = annotation.value { writer.string(value) } else { writer.null() }
        }
        writer.endObject()
    }

    private mutating func write(_ entity: EntitySyntax) {
        writer.beginObject()
        if let choices = entity.choices { write("enum", choices) }
        if !entity.parents.isEmpty { write("memberOfTypes", entity.parents.map(\.text)) }
        if let shape = entity.shape, !shape.isEmptyRecord {
            writer.name("shape")
            write(shape)
        }
        if let tags = entity.tags {
            writer.name("tags")
            write(tags)
        }
        write(entity.annotations)
        writer.endObject()
    }

    private mutating func write(_ action: ActionSyntax) {
        writer.beginObject()
        writer.name("appliesTo")
        writer.beginObject()
        write("resourceTypes", action.resources.map(\.text))
        write("principalTypes", action.principals.map(\.text))
        if let context = action.context, !context.isEmptyRecord {
            writer.name("context")
            write(context)
        }
        writer.endObject()
        if !action.parents.isEmpty {
            writer.name("memberOf")
            writer.beginArray()
            for parent in action.parents {
                writer.beginObject()
                writer.member("id", parent.name.text)
                if let type = parent.type { writer.member("type", type) }
                writer.endObject()
            }
            writer.endArray()
        }
        write(action.annotations)
        writer.endObject()
    }

    private mutating func write(_ name: Text, _ texts: [Text]) {
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    private mutating func write(
        _ type: TypeSyntax,
        annotations: [AnnotationSyntax] = [],
        isRequired: Bool = true
    ) {
        writer.beginObject()
        switch type {
        case .name(let name):
            writer.member("type", "EntityOrCommon")
            writer.member("name", name.text)
        case .named(let name, let kind):
            switch kind {
            case .primitive, .common: writer.member("type", name.text)
            case .entity, .extension:
                writer.member("type", kind == .entity ? "Entity" : "Extension")
                writer.member("name", name.text)
            }
        case .set(let element):
            writer.member("type", "Set")
            writer.name("element")
            write(element)
        case .record(let attributes):
            writer.member("type", "Record")
            writer.name("attributes")
            writer.beginObject()
            for attribute in attributes.sorted(by: { $0.name.text < $1.name.text }) {
                writer.name(attribute.name.text)
                write(attribute.type, annotations: attribute.annotations, isRequired: attribute.isRequired)
            }
            writer.endObject()
        }
        write(annotations)
        if !isRequired { writer.member("required", false) }
        writer.endObject()
    }
}

extension SchemaSyntax {
    /// The namespaces that are written, sorted: the one without a name first, and only if it declares anything.
    var sortedNamespaces: [NamespaceSyntax] {
        namespaces.filter { $0.name != nil || !$0.isEmpty }.sorted { ($0.name ?? "") < ($1.name ?? "") }
    }
}

extension NamespaceSyntax {
    fileprivate var isEmpty: Bool { types.isEmpty && entities.isEmpty && actions.isEmpty }

    /// The common types, sorted by name.
    var sortedTypes: [CommonTypeSyntax] { types.sorted { $0.name.text < $1.name.text } }

    /// The entity types, sorted by name; several that are declared together are told apart.
    var sortedEntities: [(name: Text, EntitySyntax)] {
        entities.flatMap { entity in entity.names.map { (name: $0.text, entity) } }.sorted { $0.name < $1.name }
    }

    /// The actions, sorted by name; several that are declared together are told apart.
    var sortedActions: [(name: Text, ActionSyntax)] {
        actions.flatMap { action in action.names.map { (name: $0.text, action) } }.sorted { $0.name < $1.name }
    }
}

extension TypeSyntax {
    /// Whether it is a record type without attributes.
    var isEmptyRecord: Bool {
        guard case .record(let attributes) = self else { return false }
        return attributes.isEmpty
    }
}
