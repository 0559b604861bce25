public import Bytes

/// What a policy does when it is satisfied.
public enum Effect: String, Hashable, Sendable, CaseIterable {
    /// It allows, unless a forbid is satisfied, too.
    case permit
    /// It denies, whatever any permit says.
    case forbid
}

/// A place of a template that is filled when it is linked.
public enum Slot: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// `?principal`
    case principal
    /// `?resource`
    case resource

    /// The slot as it is written.
    public var description: String { "?\(rawValue)" }
}

/// An entity in the scope of a policy, or the slot of a template in its place.
public enum ScopeEntity: Hashable, Sendable {
    /// That entity.
    case entity(EntityUID)
    /// Whatever the slot is filled with.
    case slot(Slot)
}

/// What a policy's scope asks of the principal, the action or the resource.
public enum ScopeConstraint: Hashable, Sendable {
    /// Nothing.
    case any
    /// To be that entity.
    case equal(ScopeEntity)
    /// To be that entity or a descendant of it.
    case isIn(ScopeEntity)
    /// To be, or to descend from, one of those entities; of actions only. The empty list is never satisfied.
    case isInAny([EntityUID])
    /// To be of that type.
    case isType(EntityType)
    /// To be of that type, and that entity or a descendant of it.
    case isTypeIn(EntityType, ScopeEntity)
}

/// An annotation of a policy, such as `@id("x")`.
public struct Annotation: Hashable, Sendable {
    /// The key, which may be a reserved word.
    public let key: Text
    /// The value; empty if none is written.
    public let value: Text
    /// Whether a value is written.
    public let hasValue: Bool
    /// Where the whole annotation stands.
    public let range: SourceRange
}

/// A `when` or `unless` clause of a policy.
public struct Condition: Hashable, Sendable {
    /// Whether the clause is `when`.
    public let isWhen: Bool
    /// Where the whole clause stands.
    public let range: SourceRange
    /// The clause's expression, in the arena of its set.
    let root: Int32
}

/// A policy or template as it was parsed.
public struct Policy: Sendable {
    /// What it does when it is satisfied.
    public let effect: Effect
    /// The annotations in the order of the text; no key is twice.
    public let annotations: [Annotation]
    /// What it asks of the principal.
    public let principal: ScopeConstraint
    /// What it asks of the action.
    public let action: ScopeConstraint
    /// What it asks of the resource.
    public let resource: ScopeConstraint
    /// The clauses in the order of the text; all must hold.
    public let conditions: [Condition]
    /// Where it stands, from the first annotation to the semicolon.
    public let range: SourceRange

    /// The slots of a template; a policy has none.
    public var slots: [Slot] {
        [principal, resource].compactMap { constraint -> Slot? in
            switch constraint {
            case .equal(.slot(let slot)), .isIn(.slot(let slot)), .isTypeIn(_, .slot(let slot)): slot
            case .any, .equal(.entity), .isIn(.entity), .isInAny, .isType, .isTypeIn(_, .entity): nil
            }
        }
    }

    /// Whether it is a template, which takes no part in authorization until it is linked.
    public var isTemplate: Bool { !slots.isEmpty }

    /// The annotation of that key.
    public func annotation(_ key: Text) -> Annotation? { annotations.first { $0.key == key } }
}
