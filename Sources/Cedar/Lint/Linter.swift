import Bytes

/// Finds what is legal in policies and still lets through, in practice, what they mean to stop.
///
/// Everything it finds is a warning, with a code, the reason why it may fail, and what to do. It looks at policies that
/// are strictly valid. A `forbid` fails open where its condition turns false for a reason that its author did not think
/// of; a `permit` where a condition that it negates does. Immutable and safe to share.
public struct Linter: Sendable {
    private let index: SchemaIndex
    private let membership: KnownMembership?

    /// Makes a linter.
    ///
    /// - Parameters:
    ///   - schema: The schema that the policies are valid against.
    ///   - entities: The entities that will be there when the policies are evaluated; `nil` if that is not known, and
    ///     then membership in groups is not looked at.
    public init(_ schema: Schema, entities: Entities? = nil) {
        index = SchemaIndex(schema)
        membership = entities.map(KnownMembership.init)
    }

    /// Lints the policies of a set.
    ///
    /// - Returns: The findings of each policy, in the order of the set; those of one policy in the order of the text. A
    ///   policy that is not strictly valid, and one that is linked to a template, has none.
    public func lint(_ policySet: PolicySet) -> [[Diagnostic]] {
        var repetitions = RepetitionFinder(policySet)
        return policySet.policies.indices.map { place in
            let policy = policySet.policies[place]
            guard policy.link == nil else { return [] }
            let validation = PolicyValidation(policySet, place, index, mode: .strict, level: nil)
            guard !validation.run().contains(where: { $0.severity == .error }) else { return [] }
            let lint = PolicyLint(validation: validation.restarted(), membership: membership)
            return lint.run() + repetitions.findings(place)
        }
    }
}

/// What entities are in, as far as they are known.
struct KnownMembership: Sendable {
    /// The groups that have members.
    private let groups: Set<EntityUID>
    /// The types of groups that have members.
    private let groupTypes: Set<EntityType>

    init(_ entities: Entities) {
        var groups: Set<EntityUID> = []
        for entity in entities.all { groups.formUnion(entities.ancestors(of: entity.uid)) }
        self.groups = groups
        groupTypes = Set(groups.map(\.type))
    }

    func hasMembers(_ group: EntityUID) -> Bool { groups.contains(group) }

    func hasMembers(anyOf types: [EntityType]) -> Bool { types.contains(where: groupTypes.contains) }
}

extension Diagnostic.Code {
    /// Something is let through when a free text is spelt in another way.
    public static let freeText = Self("free_text")
    /// Something is let through when an optional attribute or tag is missing.
    public static let optionalGuard = Self("optional_guard")
    /// A `has` asks for an attribute that is never there.
    public static let neverPresent = Self("never_present")
    /// Something is let through when an entity is not known to be in a group, and no data says that anything is.
    public static let unsuppliedGroup = Self("unsupplied_group")
    /// A `forbid` has no value, and does not bite, when a number gets too large.
    public static let mayOverflow = Self("may_overflow")
    /// A `forbid` has no value, and does not bite, when an entity that another one names does not exist.
    public static let danglingEntity = Self("dangling_entity")
    /// A `permit` asks for nothing at all.
    public static let wildcardPermit = Self("wildcard_permit")
    /// A policy says what another one says.
    public static let repeatedPolicy = Self("repeated_policy")
    /// A policy says less than another one that applies whenever it does.
    public static let shadowedPolicy = Self("shadowed_policy")
    /// A text of a policy has characters that do not show, or that turn the direction of the line.
    public static let hiddenCharacters = Self("hidden_characters")
}
