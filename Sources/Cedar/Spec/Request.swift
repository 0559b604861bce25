/// A question: whether the principal may do the action on the resource, given the context (cedar-spec `Request.lean`).
public struct Request: Hashable, Sendable {
    /// Who asks.
    public let principal: EntityUID
    /// What is to be done.
    public let action: EntityUID
    /// What it is to be done to.
    public let resource: EntityUID
    /// The facts of this request.
    public let context: Record

    /// Makes a request as it is; ``Schema/validate(_:)`` checks one against a schema.
    public init(principal: EntityUID, action: EntityUID, resource: EntityUID, context: Record = .empty) {
        self.principal = principal
        self.action = action
        self.resource = resource
        self.context = context
    }
}
