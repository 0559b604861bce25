import Bytes

/// Reads schemas in Cedar's JSON format.
struct SchemaDecoder {
    /// The paths of the names that were read: a name's place is the index of its path.
    private(set) var paths = [""]
    /// The names of the members around the current value.
    private var path: [String] = []
    private var depth = 0
    private var declarations = 0

    mutating func schema(_ json: JSONValue) throws(DecodingError) -> SchemaSyntax {
        var schema = SchemaSyntax()
        try forEach(json) { (decoder, name, value) throws(DecodingError) in
            schema.namespaces.append(try decoder.namespace(name, value))
        }
        return schema
    }

    private mutating func namespace(_ name: Text, _ json: JSONValue) throws(DecodingError) -> NamespaceSyntax {
        guard name.isEmpty || Identifier.isPath(name.utf8) else { throw invalid("not the name of a namespace") }
        try check(json, required: ["entityTypes", "actions"], optional: ["commonTypes", "annotations"])
        var namespace = NamespaceSyntax(name: name.isEmpty ? nil : name, range: place())
        namespace.annotations = try annotations(json)
        guard !name.isEmpty || namespace.annotations.isEmpty else {
            throw DecodingError(.invalid("the empty namespace has no annotations"), at: joined + ".annotations")
        }
        try member(json, "commonTypes") { (decoder, json) throws(DecodingError) in
            try decoder.forEach(json) { (decoder, name, json) throws(DecodingError) in
                namespace.types.append(try decoder.commonType(name, json))
            }
        }
        try member(json, "entityTypes") { (decoder, json) throws(DecodingError) in
            try decoder.forEach(json) { (decoder, name, json) throws(DecodingError) in
                namespace.entities.append(try decoder.entityType(name, json))
            }
        }
        try member(json, "actions") { (decoder, json) throws(DecodingError) in
            try decoder.forEach(json) { (decoder, name, json) throws(DecodingError) in
                namespace.actions.append(try decoder.action(name, json))
            }
        }
        return namespace
    }

    // MARK: Declarations

    private mutating func declare() throws(DecodingError) {
        declarations += 1
        guard declarations <= SourceLimits.declarationsMax else { throw DecodingError(.limitExceeded, at: joined) }
    }

    private mutating func commonType(_ name: Text, _ json: JSONValue) throws(DecodingError) -> CommonTypeSyntax {
        try declare()
        guard Identifier.isUsable(name.utf8) else { throw invalid("not the name of a type") }
        let type = try type(json, besides: ["annotations"])
        return CommonTypeSyntax(
            annotations: try annotations(json),
            name: NameSyntax(text: name, range: place()),
            type: type
        )
    }

    private mutating func entityType(_ name: Text, _ json: JSONValue) throws(DecodingError) -> EntitySyntax {
        try declare()
        guard Identifier.isUsable(name.utf8) else { throw invalid("not the name of an entity type") }
        var entity = EntitySyntax(names: [NameSyntax(text: name, range: place())])
        if json.kind == .object, json["enum"] != nil {
            try check(json, required: ["enum"], optional: ["annotations"])
            entity.choices = try list(json, "enum") { (decoder, json) throws(DecodingError) in try decoder.string(json)
            }
            guard entity.choices?.isEmpty == false else {
                throw DecodingError(.invalid("an enumerated entity type has at least one entity"), at: joined + ".enum")
            }
        } else {
            try check(json, required: [], optional: ["memberOfTypes", "shape", "tags", "annotations"])
            entity.parents = try list(json, "memberOfTypes") { (decoder, json) throws(DecodingError) in
                try decoder.name(json)
            }
            entity.shape = try member(json, "shape") { (decoder, json) throws(DecodingError) in try decoder.type(json) }
            entity.tags = try member(json, "tags") { (decoder, json) throws(DecodingError) in try decoder.type(json) }
        }
        entity.annotations = try annotations(json)
        return entity
    }

    private mutating func action(_ name: Text, _ json: JSONValue) throws(DecodingError) -> ActionSyntax {
        try declare()
        try check(json, required: [], optional: ["memberOf", "appliesTo", "attributes", "annotations"])
        var action = ActionSyntax(names: [NameSyntax(text: name, range: place())])
        if let attributes = json["attributes"], attributes.kind != .null {
            throw DecodingError(.invalid("actions have no attributes"), at: joined + ".attributes")
        }
        action.parents = try list(json, "memberOf") { (decoder, json) throws(DecodingError) in
            try decoder.actionReference(json)
        }
        if let appliesTo = json["appliesTo"], appliesTo.kind != .null {
            try member(json, "appliesTo") { (decoder, json) throws(DecodingError) in
                try decoder.appliesTo(json, &action)
            }
        }
        action.annotations = try annotations(json)
        return action
    }

    private mutating func appliesTo(_ json: JSONValue, _ action: inout ActionSyntax) throws(DecodingError) {
        try check(json, required: ["principalTypes", "resourceTypes"], optional: ["context"])
        action.principals = try list(json, "principalTypes") { (decoder, json) throws(DecodingError) in
            try decoder.name(json)
        }
        action.resources = try list(json, "resourceTypes") { (decoder, json) throws(DecodingError) in
            try decoder.name(json)
        }
        action.context = try member(json, "context") { (decoder, json) throws(DecodingError) in try decoder.type(json) }
    }

    private mutating func actionReference(_ json: JSONValue) throws(DecodingError) -> ActionReferenceSyntax {
        try check(json, required: ["id"], optional: ["type"])
        var type: Text?
        if let name = json["type"], name.kind != .null {
            type = try member(json, "type") { (decoder, json) throws(DecodingError) in try decoder.name(json).text }
        }
        let id = try member(json, "id") { (decoder, json) throws(DecodingError) in try decoder.string(json) }
        return ActionReferenceSyntax(type: type, name: NameSyntax(text: id ?? "", range: place()))
    }

    private mutating func annotations(_ json: JSONValue) throws(DecodingError) -> [AnnotationSyntax] {
        var annotations: [AnnotationSyntax] = []
        try member(json, "annotations") { (decoder, json) throws(DecodingError) in
            try decoder.forEach(json) { (decoder, name, json) throws(DecodingError) in
                guard Identifier.isIdentifier(name.utf8) else { throw decoder.invalid("not the name of an annotation") }
                let value = json.kind == .null ? nil : try decoder.string(json)
                annotations.append(AnnotationSyntax(key: name, value: value))
            }
        }
        return annotations.sorted { $0.key < $1.key }
    }

    // MARK: Types

    private mutating func type(_ json: JSONValue, besides others: [Text] = []) throws(DecodingError) -> TypeSyntax {
        depth += 1
        guard depth <= SourceLimits.nestingMax else { throw DecodingError(.limitExceeded, at: joined) }
        defer { depth -= 1 }
        guard json.kind == .object else { throw mismatch("type", json) }
        guard let kind = try member(json, "type", { (decoder, json) throws(DecodingError) in try decoder.string(json) })
        else { throw DecodingError(.missing, at: path.isEmpty ? "type" : joined + ".type") }
        switch kind {
        case "String", "Long", "Boolean":
            try check(json, required: ["type"], optional: others)
            return .named(NameSyntax(text: kind, range: place()), .primitive)
        case "Set":
            try check(json, required: ["type", "element"], optional: others)
            return .set(
                try required(json, "element") { (decoder, json) throws(DecodingError) in try decoder.type(json) }
            )
        case "Record":
            try check(json, required: ["type", "attributes"], optional: others + ["additionalAttributes"])
            return .record(try attributes(json))
        case "Entity", "EntityOrCommon", "Extension":
            try check(json, required: ["type", "name"], optional: others)
            return try named(json, kind)
        default:
            try check(json, required: ["type"], optional: others)
            guard Self.isTypeName(kind) else {
                throw DecodingError(.invalid("not the name of a type"), at: joined + ".type")
            }
            return .named(NameSyntax(text: kind, range: place()), .common)
        }
    }

    private mutating func named(_ json: JSONValue, _ kind: Text) throws(DecodingError) -> TypeSyntax {
        let name = try required(json, "name") { (decoder, json) throws(DecodingError) in try decoder.name(json) }
        switch kind {
        case "EntityOrCommon": return .name(name)
        case "Entity": return .named(name, .entity)
        default: return .named(name, .extension)
        }
    }

    private mutating func attributes(_ json: JSONValue) throws(DecodingError) -> [AttributeSyntax] {
        if let additional = json["additionalAttributes"], additional.boolean != false {
            let problem = "records have the attributes that they declare and no others"
            throw DecodingError(.invalid(problem), at: joined + ".additionalAttributes")
        }
        var attributes: [AttributeSyntax] = []
        try member(json, "attributes") { (decoder, json) throws(DecodingError) in
            try decoder.forEach(json) { (decoder, name, json) throws(DecodingError) in
                attributes.append(try decoder.attribute(name, json))
            }
        }
        return attributes
    }

    private mutating func attribute(_ name: Text, _ json: JSONValue) throws(DecodingError) -> AttributeSyntax {
        let type = try type(json, besides: ["required", "annotations"])
        let isRequired = try member(json, "required") { (decoder, json) throws(DecodingError) in
            guard let value = json.boolean else { throw decoder.mismatch("bool", json) }
            return value
        }
        return AttributeSyntax(
            annotations: try annotations(json),
            name: NameSyntax(text: name, range: place()),
            type: type,
            isRequired: isRequired ?? true
        )
    }

    // MARK: Parts

    /// Reads a name of a type, perhaps with its namespace.
    private mutating func name(_ json: JSONValue) throws(DecodingError) -> NameSyntax {
        let name = try string(json)
        guard Self.isTypeName(name) else { throw invalid("not the name of a type") }
        return NameSyntax(text: name, range: place())
    }

    /// Whether a text is the name of a type, perhaps a built-in one behind `__cedar::`.
    private static func isTypeName(_ name: Text) -> Bool {
        let prefix = "\(Word.cedar.rawValue)::"
        let isBuiltIn = name.string.utf8.starts(with: prefix.utf8)
        return Identifier.isPath(isBuiltIn ? Array(name.utf8.dropFirst(prefix.utf8.count)) : Array(name.utf8))
    }

    private func string(_ json: JSONValue) throws(DecodingError) -> Text {
        guard let text = json.string else { throw mismatch("string", json) }
        return text
    }

    private func invalid(_ message: String) -> DecodingError { DecodingError(.invalid(message), at: joined) }

    private func mismatch(_ expected: String, _ json: JSONValue) -> DecodingError {
        DecodingError(json.mismatch(expected).reason, at: joined)
    }

    private var joined: String {
        path.reduce(into: "") { $0 += $0.isEmpty || $1.utf8.first == UInt8(ascii: "[") ? $1 : ".\($1)" }
    }

    /// The place of a name that is read now.
    private mutating func place() -> ByteRange {
        paths.append(joined)
        return ByteRange(start: Int32(paths.count - 1), end: Int32(paths.count - 1))
    }

    private func check(_ json: JSONValue, required: [Text], optional: [Text]) throws(DecodingError) {
        do throws(DecodingError) {
            try json.checkMembers(required: required, optional: optional)
        } catch {
            throw path.isEmpty ? error : error.inside(joined)
        }
    }

    private mutating func inside<Result>(
        _ component: String,
        _ body: (inout SchemaDecoder) throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result {
        path.append(component)
        defer { path.removeLast() }
        return try body(&self)
    }

    /// Reads a member if it is there.
    @discardableResult
    private mutating func member<Result>(
        _ json: JSONValue,
        _ name: Text,
        _ body: (inout SchemaDecoder, JSONValue) throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result? {
        guard let value = json[name] else { return nil }
        return try inside(name.string) { (decoder) throws(DecodingError) in try body(&decoder, value) }
    }

    /// Reads a member that has to be there.
    private mutating func required<Result>(
        _ json: JSONValue,
        _ name: Text,
        _ body: (inout SchemaDecoder, JSONValue) throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result {
        guard let result = try member(json, name, body) else { throw DecodingError(.missing, at: joined + ".\(name)") }
        return result
    }

    private mutating func forEach(
        _ json: JSONValue,
        _ body: (inout SchemaDecoder, Text, JSONValue) throws(DecodingError) -> Void
    ) throws(DecodingError) {
        guard json.kind == .object else { throw mismatch("object", json) }
        for member in json.members {
            let name = member.name
            // The empty namespace, and what has no name, still have to be seen in a path.
            let component = name.isEmpty ? "\"\"" : name.string
            try inside(component) { (decoder) throws(DecodingError) in try body(&decoder, name, member.value) }
        }
    }

    /// Reads a member that is a list; without it, or if it is `null`, the list is empty.
    private mutating func list<Element>(
        _ json: JSONValue,
        _ name: Text,
        _ body: (inout SchemaDecoder, JSONValue) throws(DecodingError) -> Element
    ) throws(DecodingError) -> [Element] {
        guard let value = json[name], name != "memberOf" || value.kind != .null else { return [] }
        return try inside(name.string) { (decoder) throws(DecodingError) in
            guard value.kind == .array else { throw decoder.mismatch("array", value) }
            var elements: [Element] = []
            for (index, element) in value.elements.enumerated() {
                elements.append(
                    try decoder.inside("[\(index)]") { (decoder) throws(DecodingError) in try body(&decoder, element) }
                )
            }
            return elements
        }
    }
}
