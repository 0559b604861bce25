/// A question for the principals that may do an action on a resource.
public struct PrincipalQuery: Hashable, Sendable {
    /// The type of the principals.
    public let principal: EntityType
    /// What is to be done.
    public let action: EntityUID
    /// What it is to be done to.
    public let resource: EntityUID
    /// The facts of the request.
    public let context: Record

    /// Makes a question.
    public init(principal: EntityType, action: EntityUID, resource: EntityUID, context: Record = .empty) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }
}

/// A question for the resources that a principal may do an action on.
public struct ResourceQuery: Hashable, Sendable {
    /// Who asks.
    public let principal: EntityUID
    /// What is to be done.
    public let action: EntityUID
    /// The type of the resources.
    public let resource: EntityType
    /// The facts of the request.
    public let context: Record

    /// Makes a question.
    public init(principal: EntityUID, action: EntityUID, resource: EntityType, context: Record = .empty) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }
}

/// A question for the actions that a principal may do on a resource.
public struct ActionQuery: Hashable, Sendable {
    /// Who asks, as far as it is known.
    public let principal: PartialEntityUID
    /// What something is to be done to, as far as it is known.
    public let resource: PartialEntityUID
    /// The facts of the request; `nil` if they are not known.
    public let context: Record?

    /// Makes a question.
    public init(principal: PartialEntityUID, resource: PartialEntityUID, context: Record? = nil) {
        self.principal = principal
        self.resource = resource
        self.context = context
    }
}

/// An action that may be allowed.
public struct PermittedAction: Hashable, Sendable {
    /// The action.
    public let action: EntityUID
    /// Whether it is surely allowed; else that depends on what is unknown.
    public let isCertain: Bool
}

/// Why a question for permissions has no answer.
public enum PermissionQueryError: Error, Hashable, Sendable {
    /// The question does not conform to the schema.
    case invalidRequest(RequestError)
    /// The entities do not conform to the schema.
    case invalidEntities(PartialEntitiesError)
    /// The policies cannot be evaluated.
    case evaluation(PartialEvaluationError)
}

extension PermissionQueryError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .invalidRequest(let error): error.description
        case .invalidEntities(let error): error.description
        case .evaluation(let error): error.description
        }
    }
}

extension PolicySet {
    /// The principals, of those in the store, that may do an action on a resource.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - entities: All entities.
    ///   - schema: The schema.
    /// - Returns: Those for which the decision is allow, sorted.
    /// - Throws: ``PermissionQueryError``.
    public func queryPrincipal(
        _ query: PrincipalQuery,
        _ entities: Entities,
        schema: Schema
    ) throws(PermissionQueryError) -> [EntityUID] {
        let request = try PartialRequest(
            query: PartialEntityUID(type: query.principal),
            query.action,
            PartialEntityUID(query.resource),
            query.context,
            schema
        )
        return try allowed(request, entities, schema, query.principal) {
            Request(principal: $0, action: query.action, resource: query.resource, context: query.context)
        }
    }

    /// The resources, of those in the store, that a principal may do an action on.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - entities: All entities.
    ///   - schema: The schema.
    /// - Returns: Those for which the decision is allow, sorted.
    /// - Throws: ``PermissionQueryError``.
    public func queryResource(
        _ query: ResourceQuery,
        _ entities: Entities,
        schema: Schema
    ) throws(PermissionQueryError) -> [EntityUID] {
        let request = try PartialRequest(
            query: PartialEntityUID(query.principal),
            query.action,
            PartialEntityUID(type: query.resource),
            query.context,
            schema
        )
        return try allowed(request, entities, schema, query.resource) {
            Request(principal: query.principal, action: query.action, resource: $0, context: query.context)
        }
    }

    /// The actions that a principal may do on a resource, as far as both and the entities are known.
    ///
    /// Actions that do not apply to the two, or whose contexts are not like the one that is given, are left out.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - entities: What is known of the entities.
    ///   - schema: The schema.
    /// - Returns: The actions that are not surely denied, sorted.
    /// - Throws: ``PermissionQueryError/evaluation(_:)``.
    public func queryAction(
        _ query: ActionQuery,
        _ entities: PartialEntities,
        schema: Schema
    ) throws(PermissionQueryError) -> [PermittedAction] {
        var permitted: [PermittedAction] = []
        for action in schema.actions {
            let request = try? PartialRequest(
                principal: query.principal,
                action: action.uid,
                resource: query.resource,
                context: query.context,
                schema: schema
            )
            guard let request else { continue }
            let decision = try evaluation(request, entities, schema).decision
            if decision != .deny {
                permitted.append(PermittedAction(action: action.uid, isCertain: decision == .allow))
            }
        }
        return permitted
    }

    /// The entities of a type for which the decision is allow: found by what is left of the policies when all but that
    /// entity is known.
    private func allowed(
        _ request: PartialRequest,
        _ entities: Entities,
        _ schema: Schema,
        _ type: EntityType,
        _ complete: (EntityUID) -> Request
    ) throws(PermissionQueryError) -> [EntityUID] {
        let known: PartialEntities
        do throws(PartialEntitiesError) {
            known = try PartialEntities(entities, schema: schema)
        } catch {
            throw .invalidEntities(error)
        }
        let evaluation = try evaluation(request, known, schema)
        let candidates = entities.all.map(\.uid).filter { $0.type == type }.sorted()
        switch evaluation.decision {
        case .allow: return candidates
        case .deny: return []
        case nil: return candidates.filter { evaluation.evaluate(complete($0), entities).decision == .allow }
        }
    }

    private func evaluation(
        _ request: PartialRequest,
        _ entities: PartialEntities,
        _ schema: Schema
    ) throws(PermissionQueryError) -> PartialEvaluation {
        do throws(PartialEvaluationError) {
            return try partiallyEvaluate(request, entities, schema: schema)
        } catch {
            throw .evaluation(error)
        }
    }
}

extension PartialRequest {
    fileprivate init(
        query principal: PartialEntityUID,
        _ action: EntityUID,
        _ resource: PartialEntityUID,
        _ context: Record,
        _ schema: Schema
    ) throws(PermissionQueryError) {
        do throws(RequestError) {
            try self.init(principal: principal, action: action, resource: resource, context: context, schema: schema)
        } catch {
            throw .invalidRequest(error)
        }
    }
}
