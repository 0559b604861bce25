public import Bytes

extension Schema {
    /// Checks a value against a type.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that does not conform.
    public func check(_ value: Value, _ type: SchemaType) throws(DecodingError) {
        switch (type, value) {
        case (.bool, .bool), (.long, .long), (.string, .string), (.extension(.decimal), .decimal),
            (.extension(.ipaddr), .ipaddr), (.extension(.datetime), .datetime), (.extension(.duration), .duration):
            return
        case (.set(let element), .set(let set)):
            for (index, member) in set.elements.enumerated() {
                do throws(DecodingError) {
                    try check(member, element)
                } catch {
                    throw error.inside("[\(index)]")
                }
            }
        case (.record(let type), .record(let record)): try check(record, type)
        case (.entity(let expected), .entity(let uid)):
            guard uid.type == expected else { throw mismatch(type, SchemaType.entity(uid.type).shortName) }
            try checkChoice(uid)
        case (_, _): throw mismatch(type, value.kind.description)
        }
    }

    /// Checks a record against a type: all required attributes, and none but declared ones.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that does not conform.
    public func check(_ record: Record, _ type: RecordType) throws(DecodingError) {
        var next = 0
        for field in record.fields {
            // Both lists are sorted by name.
            while next < type.attributes.count, type.attributes[next].name < field.name {
                try refuseMissing(type.attributes[next])
                next += 1
            }
            guard next < type.attributes.count, type.attributes[next].name == field.name else {
                throw DecodingError(.unexpected, at: field.name.string)
            }
            do throws(DecodingError) {
                try check(field.value, type.attributes[next].type)
            } catch {
                throw error.inside(field.name.string)
            }
            next += 1
        }
        for attribute in type.attributes[next...] { try refuseMissing(attribute) }
    }

    /// Checks an entity against its type's declaration: attributes, tags and parents; an action has to be as declared.
    ///
    /// - Throws: ``DecodingError`` with the first thing that does not conform.
    public func check(_ entity: Entity) throws(DecodingError) {
        if entity.uid.type.isAction { return try checkAction(entity) }
        try check(PartialEntity(entity))
    }

    /// Checks what is known of an entity, which is no action, against its type's declaration.
    func check(_ entity: PartialEntity) throws(DecodingError) {
        guard let declaration = self[entity.uid.type] else {
            throw DecodingError(.undeclaredEntityType(entity.uid.type))
        }
        try checkChoice(entity.uid)
        do throws(DecodingError) {
            if let attributes = entity.attributes { try check(attributes, declaration.attributes) }
        } catch {
            throw error.inside("attrs")
        }
        for tag in entity.tags?.fields ?? [] {
            guard let type = declaration.tags else { throw DecodingError(.unexpected, at: "tags") }
            do throws(DecodingError) {
                try check(tag.value, type)
            } catch {
                throw error.inside("tags.\(tag.name)")
            }
        }
        for parent in entity.parents ?? [] {
            guard declaration.ancestors.contains(parent.type) else { throw DecodingError(.parentNotAllowed(parent)) }
            try checkChoice(parent)
        }
    }

    /// Checks a request: types and action declared, action applicable to both, context as declared.
    ///
    /// - Throws: ``RequestError`` with the first thing that is wrong, in the order principal, resource, action,
    ///   context.
    public func validate(_ request: Request) throws(RequestError) {
        guard self[request.principal.type] != nil else { throw .unknownPrincipalType(request.principal.type) }
        guard self[request.resource.type] != nil else { throw .unknownResourceType(request.resource.type) }
        for uid in [request.principal, request.resource] {
            guard isChoice(uid) else { throw .undeclaredEntity(uid) }
        }
        guard let action = self[request.action] else { throw .unknownAction(request.action) }
        guard action.principals.contains(request.principal.type) else {
            throw .principalNotApplicable(request.principal.type, action: request.action)
        }
        guard action.resources.contains(request.resource.type) else {
            throw .resourceNotApplicable(request.resource.type, action: request.action)
        }
        do throws(DecodingError) {
            try check(request.context, action.context)
        } catch {
            throw .invalidContext(error.inside("context"))
        }
    }

    /// Reads a context from JSON by the type that an action declares for it.
    ///
    /// - Throws: ``RequestError/unknownAction(_:)``, or ``RequestError/invalidContext(_:)`` with the path of the first
    ///   thing that is wrong.
    public func context(
        _ json: JSONValue,
        for action: EntityUID,
        _ options: ValueDecoder.Options = .cedar
    ) throws(RequestError) -> Record {
        guard let declaration = self[action] else { throw .unknownAction(action) }
        do throws(DecodingError) {
            return try ValueDecoder(schema: self, options: options).record(json, as: declaration.context)
        } catch {
            throw .invalidContext(error.inside("context"))
        }
    }

    /// Whether an entity can exist, as far as its type lists its members.
    public func isChoice(_ uid: EntityUID) -> Bool {
        guard let choices = self[uid.type]?.choices else { return true }
        return choices.contains(uid.id)
    }

    private func checkChoice(_ uid: EntityUID) throws(DecodingError) {
        guard isChoice(uid) else { throw DecodingError(.undeclaredEntity(uid)) }
    }

    private func checkAction(_ entity: Entity) throws(DecodingError) {
        guard let declaration = self[entity.uid] else { throw DecodingError(.actionMismatch(entity.uid)) }
        // An entity may name more of its ancestors than the direct ones, as long as the closure is the same.
        var ancestors = Set(entity.parents)
        for parent in entity.parents { ancestors.formUnion(self[parent]?.ancestors ?? []) }
        guard ancestors == Set(declaration.ancestors), entity.attributes == .empty, entity.tags == .empty else {
            throw DecodingError(.actionMismatch(entity.uid))
        }
    }

    private func refuseMissing(_ attribute: AttributeType) throws(DecodingError) {
        if attribute.isRequired { throw DecodingError(.missing, at: attribute.name.string) }
    }

    private func mismatch(_ type: SchemaType, _ found: String) -> DecodingError {
        DecodingError(.mismatch(expected: type.shortName, found: found))
    }
}

/// Why a request does not fit a schema.
public enum RequestError: Error, Hashable, Sendable {
    /// The principal's type is not declared.
    case unknownPrincipalType(EntityType)
    /// The resource's type is not declared.
    case unknownResourceType(EntityType)
    /// The action is not declared.
    case unknownAction(EntityUID)
    /// The action does not apply to principals of that type.
    case principalNotApplicable(EntityType, action: EntityUID)
    /// The action does not apply to resources of that type.
    case resourceNotApplicable(EntityType, action: EntityUID)
    /// The principal or resource is not among those that its type lists.
    case undeclaredEntity(EntityUID)
    /// The context is not of the type that the action declares.
    case invalidContext(DecodingError)
}

extension RequestError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .unknownPrincipalType(let type): "principal type `\(type)` is not declared"
        case .unknownResourceType(let type): "resource type `\(type)` is not declared"
        case .unknownAction(let uid): "action `\(uid)` is not declared"
        case .principalNotApplicable(let type, let action):
            "action `\(action)` does not apply to principals of type `\(type)`"
        case .resourceNotApplicable(let type, let action):
            "action `\(action)` does not apply to resources of type `\(type)`"
        case .undeclaredEntity(let uid): "`\(uid)` is not one of its type's entities"
        case .invalidContext(let error): error.description
        }
    }
}
