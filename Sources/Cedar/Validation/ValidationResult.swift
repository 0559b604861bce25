/// How strictly policies are validated.
public enum ValidationMode: String, Hashable, Sendable, CaseIterable {
    /// The types of sets, conditionals, `==`, `contains` and their like have to agree exactly, sets in policies have
    /// members, and functions of extension types take literals. What passes cannot fail at run time but by an overflow,
    /// an entity that does not exist, or an extension function without a result.
    case strict
    /// Types may differ as far as they have a least upper bound; for policies written before strict validation.
    case permissive
}

/// The bounds of validation, besides those of the texts.
public enum ValidationLimits {
    /// The most steps for one policy in one mode.
    ///
    /// A step is the visit of an expression in a request environment, or the comparison of two types. What needs more
    /// is refused, whatever it means.
    public static let stepsMax = 20_000_000
    /// The most findings of one policy; no others are collected.
    public static let findingsMax = 100
    /// The most bytes of a type's name in a message.
    static let typeNameBytesMax = 160
}

/// What validation has to say about the policies of a set.
public struct ValidationResult: Hashable, Sendable {
    /// The findings of each policy, in the order of the set; those of one policy in the order of the text.
    public let findings: [[Diagnostic]]

    /// Whether every policy is valid; warnings do not count.
    public var isValid: Bool { findings.indices.allSatisfy(isValid) }

    /// Whether the policy at that place is valid; warnings do not count.
    public func isValid(_ policy: Int) -> Bool { !findings[policy].contains { $0.severity == .error } }
}

extension Diagnostic.Code {
    /// An entity type that the schema does not declare.
    public static let unknownEntityType = Self("unknown_entity_type")
    /// An entity that is not among those that its type lists.
    public static let undeclaredEntity = Self("undeclared_entity")
    /// No action applies to anything that the scope allows.
    public static let noApplicableAction = Self("no_applicable_action")
    /// A value is of another type than the operation takes.
    public static let unexpectedType = Self("unexpected_type")
    /// Two types do not go together.
    public static let incompatibleTypes = Self("incompatible_types")
    /// An attribute that is not declared, or not in every type that the value may have.
    public static let unknownAttribute = Self("unknown_attribute")
    /// An optional attribute is read without a `has` before it.
    public static let unguardedAttribute = Self("unguarded_attribute")
    /// A tag is read without a `hasTag` before it.
    public static let unguardedTag = Self("unguarded_tag")
    /// A tag is read of an entity whose type declares none.
    public static let tagsNotDeclared = Self("tags_not_declared")
    /// A function of an extension type has no result for this literal.
    public static let invalidExtensionLiteral = Self("invalid_extension_literal")
    /// A function that makes an extension value is called with something else than a literal.
    public static let extensionOfNonLiteral = Self("extension_of_non_literal")
    /// A set without members, whose type nothing tells.
    public static let emptySet = Self("empty_set")
    /// More of the entities' data is needed than the level allows (RFC 76).
    public static let levelExceeded = Self("level_exceeded")
    /// Data of an entity that the policy names itself, which no request brings along (RFC 76).
    public static let literalDereference = Self("literal_dereference")
    /// The policy is false for every request that the schema allows; a warning.
    public static let alwaysFalse = Self("always_false")
}
