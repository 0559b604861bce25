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

/// A policy made of a template by filling its slots.
public struct TemplateLink: Hashable, Sendable {
    /// The linked policy's identifier.
    public let id: Text
    /// The identifier of the template.
    public let template: Text
    /// What the template's slots are filled with.
    public let slots: [Slot: EntityUID]

    /// Describes a linked policy; whether it can be made is found out when it is linked.
    public init(id: Text, template: Text, slots: [Slot: EntityUID]) {
        self.id = id
        self.template = template
        self.slots = slots
    }
}

/// A policy or template of a set.
public struct Policy: Sendable {
    /// The identifier, which no other policy or template of the set has.
    ///
    /// It is `policy0`, `policy1` and so on by place in a text, unless the policies were given others; the annotation
    /// `@id` has no influence on it.
    public let id: Text
    /// The template that it was made of, and how; `nil` for a template and for a policy that stands for itself.
    public let link: TemplateLink?
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
    /// Where the parts of the scope stand; `nil` if it was never written as a text.
    let scopeRanges: ScopeRanges?

    /// The slots of a template; a policy has none.
    public var slots: [Slot] {
        [principal, resource].compactMap { constraint -> Slot? in
            switch constraint {
            case .equal(.slot(let slot)), .isIn(.slot(let slot)), .isTypeIn(_, .slot(let slot)): slot
            case .any, .equal(.entity), .isIn(.entity), .isInAny, .isType, .isTypeIn(_, .entity): nil
            }
        }
    }

    /// Where a part of the scope stands; `nil` if it was never written as a text.
    public func scopeRange(of part: PolicyOutcome.Variable) -> SourceRange? {
        switch part {
        case .principal: scopeRanges?.principal
        case .action: scopeRanges?.action
        case .resource: scopeRanges?.resource
        }
    }

    /// Whether it is a template, which takes no part in authorization until it is linked.
    public var isTemplate: Bool { !slots.isEmpty }

    /// The annotation of that key.
    public func annotation(_ key: Text) -> Annotation? { annotations.first { $0.key == key } }
}

extension Policy {
    /// Takes the parts of a policy that stands for itself, or of a template.
    init(
        id: Text,
        effect: Effect,
        annotations: [Annotation],
        scope: Scope,
        conditions: [Condition],
        range: SourceRange
    ) {
        self.id = id
        link = nil
        self.effect = effect
        self.annotations = annotations
        principal = scope.principal
        action = scope.action
        resource = scope.resource
        self.conditions = conditions
        self.range = range
        scopeRanges = scope.ranges
    }

    /// Fills the slots of a template; the annotations and conditions are the template's, and so is the place.
    init(_ link: TemplateLink, of template: Policy) {
        id = link.id
        self.link = link
        effect = template.effect
        annotations = template.annotations
        principal = template.principal.filled(link.slots)
        action = template.action
        resource = template.resource.filled(link.slots)
        conditions = template.conditions
        range = template.range
        scopeRanges = template.scopeRanges
    }

    /// Takes another policy with another identifier, and its template's where it has one.
    init(_ policy: Policy, id: Text, template: (Text) -> Text, conditions: [Condition]) {
        self.id = id
        link = policy.link.map { TemplateLink(id: id, template: template($0.template), slots: $0.slots) }
        effect = policy.effect
        annotations = policy.annotations
        principal = policy.principal
        action = policy.action
        resource = policy.resource
        self.conditions = conditions
        range = policy.range
        scopeRanges = policy.scopeRanges
    }
}

/// What a policy asks of the principal, the action and the resource.
struct Scope {
    var principal = ScopeConstraint.any
    var action = ScopeConstraint.any
    var resource = ScopeConstraint.any
    var ranges: ScopeRanges?
}

/// Where the parts of a scope stand, each from its variable to the end of its constraint.
struct ScopeRanges: Hashable, Sendable {
    var principal: SourceRange
    var action: SourceRange
    var resource: SourceRange
}

extension ScopeConstraint {
    /// The constraint with its slot filled; a slot that nothing is given for stays one.
    func filled(_ slots: [Slot: EntityUID]) -> ScopeConstraint {
        switch self {
        case .equal(.slot(let slot)): slots[slot].map { .equal(.entity($0)) } ?? self
        case .isIn(.slot(let slot)): slots[slot].map { .isIn(.entity($0)) } ?? self
        case .isTypeIn(let type, .slot(let slot)): slots[slot].map { .isTypeIn(type, .entity($0)) } ?? self
        case .any, .equal(.entity), .isIn(.entity), .isInAny, .isType, .isTypeIn(_, .entity): self
        }
    }
}
