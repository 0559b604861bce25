public import Bytes

extension PartialRequest {
    /// Reads a partial request in the format of the reference command-line tool, and checks it.
    ///
    /// The members are `principal_type`, `principal_eid`, `action` in Cedar's notation, `resource_type`, `resource_eid`
    /// and `context`; identifiers and context may be left out.
    ///
    /// - Throws: ``PartialRequestJSONError``.
    public init(_ json: JSONValue, schema: Schema) throws(PartialRequestJSONError) {
        guard json.kind == .object else {
            throw .format(DecodingError(.mismatch(expected: "partial request", found: "something else")))
        }
        for member in json.members where !Self.memberNames.contains(member.name) {
            throw .format(DecodingError(.unexpected, at: member.name.string))
        }
        guard let text = json["action"]?.string, let action = EntityUID(text.string) else {
            throw .format(DecodingError(.mismatch(expected: "entity", found: "something else"), at: "action"))
        }
        let principal = try Self.entity(json, "principal")
        let resource = try Self.entity(json, "resource")
        do throws(RequestError) {
            let context: Record? =
                if let context = json["context"] { try schema.context(context, for: action) } else { nil }
            try self.init(
                principal: principal,
                action: action,
                resource: resource,
                context: context,
                schema: schema
            )
        } catch {
            throw .request(error)
        }
    }

    private static let memberNames: Set<Text> = [
        "principal_type", "principal_eid", "action", "resource_type", "resource_eid", "context",
    ]

    private static func entity(_ json: JSONValue, _ name: String) throws(PartialRequestJSONError) -> PartialEntityUID {
        guard let text = json[Text("\(name)_type")]?.string, let type = EntityType(text.string) else {
            throw .format(DecodingError(.invalidEntityType, at: "\(name)_type"))
        }
        guard let id = json[Text("\(name)_eid")] else { return PartialEntityUID(type: type) }
        guard let id = id.string else {
            throw .format(DecodingError(.mismatch(expected: "string", found: "something else"), at: "\(name)_eid"))
        }
        return PartialEntityUID(type: type, id: id)
    }
}

/// Why a JSON value is no partial request.
public enum PartialRequestJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not of the format.
    case format(DecodingError)
    /// It does not conform to the schema.
    case request(RequestError)

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .format(let error): error.description
        case .request(let error): error.description
        }
    }
}

extension PartialEntities {
    /// Reads a store from Cedar's JSON format of entities, in which `attrs`, `parents` and `tags` may be left out or
    /// `null` where they are not known, and checks it.
    ///
    /// Actions cannot be given: they are the schema's.
    ///
    /// - Throws: ``PartialEntitiesError``.
    public init(_ json: JSONValue, schema: Schema) throws(PartialEntitiesError) {
        let entities: [PartialEntity]
        do throws(DecodingError) {
            entities = try Self.read(json, schema)
        } catch {
            throw .malformed(error)
        }
        try self.init(entities, schema: schema)
    }

    private static func read(_ json: JSONValue, _ schema: Schema) throws(DecodingError) -> [PartialEntity] {
        guard json.kind == .array else {
            throw DecodingError(.mismatch(expected: "array of entities", found: "something else"))
        }
        let reader = PartialEntityReader(schema: schema, decoder: ValueDecoder(schema: schema))
        var entities: [PartialEntity] = []
        for (index, element) in json.elements.enumerated() {
            do throws(DecodingError) {
                entities.append(try reader.entity(element))
            } catch {
                throw error.inside("[\(index)]")
            }
        }
        return entities
    }
}

/// Reads single partial entities.
private struct PartialEntityReader {
    let schema: Schema
    let decoder: ValueDecoder

    private static let memberNames: Set<Text> = ["uid", "attrs", "parents", "tags"]

    func entity(_ json: JSONValue) throws(DecodingError) -> PartialEntity {
        guard json.kind == .object else { throw DecodingError(.mismatch(expected: "entity", found: "something else")) }
        for member in json.members where !Self.memberNames.contains(member.name) {
            throw DecodingError(.unexpected, at: member.name.string)
        }
        guard let uidJSON = json["uid"] else { throw DecodingError(.missing, at: "uid") }
        let uid = try inside("uid") { () throws(DecodingError) in try decoder.entityUID(uidJSON) }
        guard !uid.type.isAction else { throw DecodingError(.actionMismatch(uid), at: "uid") }
        guard let declaration = schema[uid.type] else {
            throw DecodingError(.undeclaredEntityType(uid.type), at: "uid")
        }
        return PartialEntity(
            uid: uid,
            attributes: try part(json, "attrs") { (attributes) throws(DecodingError) in
                try decoder.record(attributes, as: declaration.attributes)
            },
            parents: try part(json, "parents") { (parents) throws(DecodingError) in try self.parents(parents) },
            tags: try part(json, "tags") { (tags) throws(DecodingError) in try self.tags(tags, declaration.tags) }
        )
    }

    /// A part, if it is there and not `null`.
    private func part<Part>(
        _ json: JSONValue,
        _ name: Text,
        _ read: (JSONValue) throws(DecodingError) -> Part
    ) throws(DecodingError) -> Part? {
        guard let value = json[name], value.kind != .null else { return nil }
        return try inside(name.string) { () throws(DecodingError) in try read(value) }
    }

    private func inside<Part>(
        _ component: String,
        _ body: () throws(DecodingError) -> Part
    ) throws(DecodingError) -> Part {
        do throws(DecodingError) {
            return try body()
        } catch {
            throw error.inside(component)
        }
    }

    private func parents(_ json: JSONValue) throws(DecodingError) -> [EntityUID] {
        guard json.kind == .array else { throw DecodingError(.mismatch(expected: "array", found: "something else")) }
        var parents: [EntityUID] = []
        for element in json.elements { parents.append(try decoder.entityUID(element)) }
        return parents
    }

    private func tags(_ json: JSONValue, _ type: SchemaType?) throws(DecodingError) -> Record {
        guard json.kind == .object else { throw DecodingError(.mismatch(expected: "object", found: "something else")) }
        var fields: [Record.Field] = []
        for member in json.members {
            let value = try inside(member.name.string) { () throws(DecodingError) in
                try decoder.value(member.value, as: type)
            }
            fields.append(Record.Field(member.name, value))
        }
        guard let record = Record(fields) else { throw DecodingError(.duplicate) }
        return record
    }
}
