public import Bytes

/// What a schema says of one entity of a list.
public struct EntityVerdict: Hashable, Sendable {
    /// The entity; `nil` if it cannot be told which one is meant.
    public let uid: EntityUID?
    /// Everything that is wrong with it; nothing if it conforms.
    public let errors: [DecodingError]

    /// Whether nothing is wrong with it.
    public var isValid: Bool { errors.isEmpty }
}

extension Schema {
    /// Checks an entity as ``check(_:)-(Entity)`` does, and goes on behind the first thing that is wrong.
    ///
    /// - Returns: Everything that is wrong, at most one thing for each attribute, tag and parent, in this order, each
    ///   with its path; nothing if the entity conforms.
    public func problems(of entity: Entity) -> [DecodingError] {
        guard !entity.uid.type.isAction, let declaration = self[entity.uid.type] else {
            return problem { () throws(DecodingError) in try check(entity) }
        }
        var problems: [DecodingError] = []
        if !isChoice(entity.uid) { problems.append(DecodingError(.undeclaredEntity(entity.uid))) }
        for field in entity.attributes.fields {
            problems += problem(inside: "attrs", field.name) { () throws(DecodingError) in
                guard let attribute = declaration.attributes[field.name] else { throw DecodingError(.unexpected) }
                try check(field.value, attribute.type)
            }
        }
        for attribute in declaration.attributes.attributes
        where attribute.isRequired && !entity.attributes.contains(attribute.name) {
            problems += problem(inside: "attrs", attribute.name) { () throws(DecodingError) in
                throw DecodingError(.missing)
            }
        }
        for tag in entity.tags.fields {
            problems += problem(inside: "tags", tag.name) { () throws(DecodingError) in
                guard let type = declaration.tags else { throw DecodingError(.unexpected) }
                try check(tag.value, type)
            }
        }
        for parent in entity.parents {
            if !declaration.ancestors.contains(parent.type) {
                problems.append(DecodingError(.parentNotAllowed(parent), at: "parents"))
            } else if !isChoice(parent) {
                problems.append(DecodingError(.undeclaredEntity(parent), at: "parents"))
            }
        }
        return problems
    }

    /// Reads entities from Cedar's JSON format, and checks each for itself.
    ///
    /// Unlike ``Entities/init(_:schema:_:)`` it goes on behind what is wrong, and does not look at what the entities
    /// are together: duplicates and cycles.
    ///
    /// - Returns: A verdict for each element, in their order; a single one with an error if the JSON is no array.
    public func verdicts(on json: JSONValue, _ options: ValueDecoder.Options = .cedar) -> [EntityVerdict] {
        guard json.kind == .array else {
            let error = DecodingError(.mismatch(expected: "array of entities", found: "something else"))
            return [EntityVerdict(uid: nil, errors: [error])]
        }
        let reader = EntityVerdictReader(schema: self, decoder: ValueDecoder(schema: self, options: options))
        return json.elements.map(reader.verdict)
    }

    /// What a check throws, at a path.
    fileprivate func problem(
        inside part: String? = nil,
        _ name: Text? = nil,
        _ body: () throws(DecodingError) -> Void
    ) -> [DecodingError] {
        do throws(DecodingError) {
            try body()
            return []
        } catch {
            let named = name.map { error.inside($0.string) } ?? error
            return [part.map { named.inside($0) } ?? named]
        }
    }
}

/// Reads single entities, and notes everything that is wrong with them.
private struct EntityVerdictReader {
    let schema: Schema
    let decoder: ValueDecoder

    func verdict(on json: JSONValue) -> EntityVerdict {
        guard json.kind == .object else {
            let error = DecodingError(.mismatch(expected: "entity", found: "something else"))
            return EntityVerdict(uid: nil, errors: [error])
        }
        var errors: [DecodingError] = []
        for member in json.members where !["uid", "attrs", "parents", "tags"].contains(member.name) {
            errors.append(DecodingError(.unexpected, at: member.name.string))
        }
        for name in ["uid", "attrs", "parents"] as [Text] where json[name] == nil {
            errors.append(DecodingError(.missing, at: name.string))
        }
        guard let uid = read(json["uid"], "uid", &errors, decoder.entityUID) else {
            return EntityVerdict(uid: nil, errors: errors)
        }
        let declaration = schema[uid.type]
        if declaration == nil, !uid.type.isAction {
            errors.append(DecodingError(.undeclaredEntityType(uid.type), at: "uid"))
            return EntityVerdict(uid: uid, errors: errors)
        }
        let entity = Entity(
            uid: uid,
            attributes: record(json["attrs"], "attrs", &errors) { declaration?.attributes[$0]?.type },
            parents: parents(json["parents"], &errors),
            tags: record(json["tags"], "tags", &errors) { _ in declaration?.tags }
        )
        // What could not be read is missing in the entity, but only what is missing in the text is an error.
        let unread = Set(errors.map(\.path))
        errors += schema.problems(of: entity).filter { !unread.contains($0.path) || $0.path.isEmpty }
        return EntityVerdict(uid: uid, errors: errors)
    }

    private func read<Result>(
        _ json: JSONValue?,
        _ path: String,
        _ errors: inout [DecodingError],
        _ body: (JSONValue) throws(DecodingError) -> Result
    ) -> Result? {
        guard let json else { return nil }
        do throws(DecodingError) {
            return try body(json)
        } catch {
            errors.append(error.inside(path))
            return nil
        }
    }

    private func record(
        _ json: JSONValue?,
        _ path: String,
        _ errors: inout [DecodingError],
        type: (Text) -> SchemaType?
    ) -> Record {
        guard let json else { return .empty }
        guard json.kind == .object else {
            errors.append(DecodingError(.mismatch(expected: "object", found: "something else"), at: path))
            return .empty
        }
        var fields: [Record.Field] = []
        var failures: [(name: Text, error: DecodingError)] = []
        for member in json.members {
            do throws(DecodingError) {
                let value = try decoder.value(member.value, as: type(member.name))
                fields.append(Record.Field(member.name, value))
            } catch {
                failures.append((member.name, error))
            }
        }
        // The path is the attribute's, as the check's is, so that the two are not told apart.
        errors += failures.map { DecodingError($0.error.reason, at: "\(path).\($0.name)") }
        guard let record = Record(fields) else {
            errors.append(DecodingError(.duplicate, at: path))
            return .empty
        }
        return record
    }

    private func parents(_ json: JSONValue?, _ errors: inout [DecodingError]) -> [EntityUID] {
        guard let json else { return [] }
        guard json.kind == .array else {
            errors.append(DecodingError(.mismatch(expected: "array", found: "something else"), at: "parents"))
            return []
        }
        return json.elements.compactMap { read($0, "parents", &errors, decoder.entityUID) }
    }
}
