public import Bytes

extension Entities {
    /// Reads a store from Cedar's JSON format, and with a schema checks every entity and adds the declared actions.
    ///
    /// The format is `[{"uid": …, "attrs": {…}, "parents": […], "tags": {…}}]`, where only `tags` may be left out.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that is wrong.
    public init(
        _ json: JSONValue,
        schema: Schema? = nil,
        _ options: ValueDecoder.Options = .cedar
    ) throws(DecodingError) {
        guard json.kind == .array else {
            throw DecodingError(.mismatch(expected: "array of entities", found: "something else"))
        }
        let decoder = EntityDecoder(schema: schema, options: options)
        var entities: [Entity] = []
        entities.reserveCapacity(json.count)
        for (index, element) in json.elements.enumerated() {
            do throws(DecodingError) {
                entities.append(try decoder.entity(element))
            } catch {
                throw error.inside("[\(index)]")
            }
        }
        do throws(EntitiesError) {
            // The schema's own declarations take the place of the actions that were given, which are the same.
            let given = schema == nil ? entities : entities.filter { !$0.uid.type.isAction }
            if schema != nil { _ = try Self.unique(entities.filter(\.uid.type.isAction)) }
            try self.init(try Self.unique(given) + (schema?.actionEntities ?? []))
        } catch {
            throw DecodingError(.store(error))
        }
    }

    /// The entities without those that are given once more just the same, which are no contradiction; the reference
    /// takes them for one, too.
    private static func unique(_ entities: [Entity]) throws(EntitiesError) -> [Entity] {
        var indexes: [EntityUID: Int] = [:]
        indexes.reserveCapacity(entities.count)
        var unique: [Entity] = []
        unique.reserveCapacity(entities.count)
        for entity in entities {
            guard let index = indexes[entity.uid] else {
                indexes[entity.uid] = unique.count
                unique.append(entity)
                continue
            }
            let first = unique[index]
            guard entity.attributes == first.attributes, entity.tags == first.tags,
                Set(entity.parents) == Set(first.parents)
            else { throw .duplicate(entity.uid) }
        }
        return unique
    }
}

/// Reads single entities.
private struct EntityDecoder {
    let schema: Schema?
    let decoder: ValueDecoder

    init(schema: Schema?, options: ValueDecoder.Options) {
        self.schema = schema
        decoder = ValueDecoder(schema: schema, options: options)
    }

    func entity(_ json: JSONValue) throws(DecodingError) -> Entity {
        guard json.kind == .object else { throw DecodingError(.mismatch(expected: "entity", found: "something else")) }
        for member in json.members where !Self.memberNames.contains(member.name) {
            throw DecodingError(.unexpected, at: member.name.string)
        }
        let uid = try inside("uid") { () throws(DecodingError) in
            try decoder.entityUID(try Self.required(json, "uid"))
        }
        let declaration = schema?[uid.type]
        if schema != nil, declaration == nil, !uid.type.isAction {
            throw DecodingError(.undeclaredEntityType(uid.type), at: "uid")
        }
        let entity = Entity(
            uid: uid,
            attributes: try inside("attrs") { () throws(DecodingError) in
                try attributes(try Self.required(json, "attrs"), declaration)
            },
            parents: try inside("parents") { () throws(DecodingError) in
                try parents(try Self.required(json, "parents"))
            },
            tags: try inside("tags") { () throws(DecodingError) in
                try json["tags"].map { (tags) throws(DecodingError) in try self.tags(tags, declaration) } ?? .empty
            }
        )
        try schema?.check(entity)
        return entity
    }

    private static let memberNames: Set<Text> = ["uid", "attrs", "parents", "tags"]

    private static func required(_ json: JSONValue, _ name: Text) throws(DecodingError) -> JSONValue {
        guard let value = json[name] else { throw DecodingError(.missing) }
        return value
    }

    private func inside<Result>(
        _ component: String,
        _ body: () throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result {
        do throws(DecodingError) {
            return try body()
        } catch {
            throw error.inside(component)
        }
    }

    private func attributes(_ json: JSONValue, _ declaration: EntityTypeDeclaration?) throws(DecodingError) -> Record {
        if let declaration { return try decoder.record(json, as: declaration.attributes) }
        return try members(json, nil)
    }

    private func tags(_ json: JSONValue, _ declaration: EntityTypeDeclaration?) throws(DecodingError) -> Record {
        try members(json, declaration?.tags)
    }

    /// Reads an object whose members are all of one type, or of any.
    private func members(_ json: JSONValue, _ type: SchemaType?) throws(DecodingError) -> Record {
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

    private func parents(_ json: JSONValue) throws(DecodingError) -> [EntityUID] {
        guard json.kind == .array else { throw DecodingError(.mismatch(expected: "array", found: "something else")) }
        var parents: [EntityUID] = []
        for element in json.elements { parents.append(try decoder.entityUID(element)) }
        return parents
    }
}
