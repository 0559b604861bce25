/// An entity: its identity, its attributes and tags, and its direct parents.
public struct Entity: Hashable, Sendable {
    /// Who it is.
    public let uid: EntityUID
    /// Its attributes.
    public let attributes: Record
    /// The entities it is directly in; they need not exist themselves.
    public let parents: [EntityUID]
    /// Its tags.
    public let tags: Record

    /// Makes an entity.
    public init(uid: EntityUID, attributes: Record = .empty, parents: [EntityUID] = [], tags: Record = .empty) {
        self.uid = uid
        self.attributes = attributes
        self.parents = parents
        self.tags = tags
    }
}

/// Why entities do not make a store.
public enum EntitiesError: Error, Hashable, Sendable {
    /// Two entities have the same identity.
    case duplicate(EntityUID)
    /// An entity is among its own ancestors.
    case cycle(EntityUID)
    /// There are more entities than ``EntityLimits/entitiesMax``.
    case tooManyEntities
    /// An entity has more ancestors than ``EntityLimits/ancestorsMax``, or all together more than
    /// ``EntityLimits/ancestorsTotalMax``.
    case tooManyAncestors(EntityUID)
}

extension EntitiesError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .duplicate(let uid): "entity `\(uid)` is given twice"
        case .cycle(let uid): "entity `\(uid)` is its own ancestor"
        case .tooManyEntities: "more than \(EntityLimits.entitiesMax) entities"
        case .tooManyAncestors(let uid): "too many ancestors at entity `\(uid)`"
        }
    }
}

/// The limits of an entity store.
public enum EntityLimits {
    /// The most entities of a store.
    public static let entitiesMax = 1_000_000
    /// The most ancestors of one entity.
    public static let ancestorsMax = 4096
    /// The most ancestors of all entities together.
    public static let ancestorsTotalMax = 16_000_000
}
