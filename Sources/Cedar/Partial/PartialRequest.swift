public import Bytes

/// An entity of which the type is known and perhaps the identifier.
public struct PartialEntityUID: Hashable, Sendable {
    /// The entity's type.
    public let type: EntityType
    /// The entity's identifier, if it is known.
    public let id: Text?

    /// Describes an entity as far as it is known.
    public init(type: EntityType, id: Text? = nil) {
        self.type = type
        self.id = id
    }

    /// Describes an entity that is known.
    public init(_ uid: EntityUID) {
        type = uid.type
        id = uid.id
    }

    /// The entity, if it is known.
    public var uid: EntityUID? { id.map { EntityUID(type: type, id: $0) } }
}

/// A request of which the action and the types of principal and resource are known, and perhaps the rest (RFC 95).
public struct PartialRequest: Hashable, Sendable {
    /// Who asks.
    public let principal: PartialEntityUID
    /// What is to be done.
    public let action: EntityUID
    /// What it is to be done to.
    public let resource: PartialEntityUID
    /// The facts of this request, all of them; `nil` if they are not known.
    public let context: Record?

    /// Makes a request, and checks what is known of it against a schema.
    ///
    /// - Throws: ``RequestError`` with the first thing that is wrong.
    public init(
        principal: PartialEntityUID,
        action: EntityUID,
        resource: PartialEntityUID,
        context: Record? = nil,
        schema: Schema
    ) throws(RequestError) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
        try schema.validate(self)
    }

    /// Takes a request that is known.
    ///
    /// - Throws: ``RequestError`` with the first thing that is wrong.
    public init(_ request: Request, schema: Schema) throws(RequestError) {
        try self.init(
            principal: PartialEntityUID(request.principal),
            action: request.action,
            resource: PartialEntityUID(request.resource),
            context: request.context,
            schema: schema
        )
    }

    /// The request, if all of it is known.
    public var request: Request? {
        guard let principal = principal.uid, let resource = resource.uid, let context else { return nil }
        return Request(principal: principal, action: action, resource: resource, context: context)
    }

    /// Whether a request is what this one may turn out to be.
    func isConsistent(with request: Request) -> Bool {
        request.action == action && request.principal.type == principal.type && request.resource.type == resource.type
            && (principal.id ?? request.principal.id) == request.principal.id
            && (resource.id ?? request.resource.id) == request.resource.id
            && (context ?? request.context) == request.context
    }
}

extension Schema {
    /// Checks a partial request: types and action declared, action applicable to both, and what else is known of it.
    ///
    /// - Throws: ``RequestError`` with the first thing that is wrong.
    public func validate(_ request: PartialRequest) throws(RequestError) {
        guard let principal = self[request.principal.type] else {
            throw .unknownPrincipalType(request.principal.type)
        }
        guard let resource = self[request.resource.type] else { throw .unknownResourceType(request.resource.type) }
        // Any identifier will do for checking the rest; what is unknown will be checked when it is known.
        let complete = Request(
            principal: EntityUID(type: principal.type, id: request.principal.id ?? principal.choices?.first ?? ""),
            action: request.action,
            resource: EntityUID(type: resource.type, id: request.resource.id ?? resource.choices?.first ?? ""),
            context: request.context ?? .empty
        )
        do throws(RequestError) {
            try validate(complete)
        } catch {
            if case .invalidContext = error, request.context == nil { return }
            throw error
        }
    }
}
