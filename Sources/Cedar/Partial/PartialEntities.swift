import Bytes

/// An entity of which some parts are known: each part wholly, or not at all.
public struct PartialEntity: Hashable, Sendable {
    /// Who it is.
    public let uid: EntityUID
    /// Its attributes, if they are known.
    public let attributes: Record?
    /// The entities it is directly in, if they are known.
    public let parents: [EntityUID]?
    /// Its tags, if they are known.
    public let tags: Record?

    /// Describes an entity as far as it is known.
    public init(uid: EntityUID, attributes: Record? = nil, parents: [EntityUID]? = nil, tags: Record? = nil) {
        self.uid = uid
        self.attributes = attributes
        self.parents = parents
        self.tags = tags
    }

    /// Describes an entity that is known.
    public init(_ entity: Entity) {
        self.init(uid: entity.uid, attributes: entity.attributes, parents: entity.parents, tags: entity.tags)
    }
}

/// What is known of the entities: of those that are not in here nothing, not even whether they exist.
///
/// The schema's actions are always known. An entity that is only named as somebody's parent may have parents of its
/// own; to say that it has none, it has to be in here with an empty list.
public struct PartialEntities: Sendable {
    private var entities: [EntityUID: Known] = [:]

    /// What is known of one entity.
    struct Known: Sendable {
        /// Whether the entity exists; if it does not, the rest is empty.
        var exists = true
        var attributes: Record?
        var parents: [EntityUID]?
        var tags: Record?
    }

    /// Makes a store of which every entity conforms to a schema.
    ///
    /// - Throws: ``PartialEntitiesError``.
    public init(_ entities: [PartialEntity], schema: Schema) throws(PartialEntitiesError) {
        self.init(actionsOf: schema)
        var seen: Set<EntityUID> = []
        for entity in entities {
            guard seen.insert(entity.uid).inserted else { throw .store(.duplicate(entity.uid)) }
            try Self.check(entity, schema)
            // The schema's own declarations take the place of the actions that were given, which are the same.
            if !entity.uid.type.isAction { self.entities[entity.uid] = Known(entity) }
        }
        guard self.entities.count <= EntityLimits.entitiesMax else { throw .store(.tooManyEntities) }
        try checkHierarchy()
    }

    /// Takes a store of which every entity is wholly known; nothing is known of others.
    ///
    /// - Throws: ``PartialEntitiesError``.
    public init(_ entities: Entities, schema: Schema) throws(PartialEntitiesError) {
        try self.init(entities.all.map(PartialEntity.init), schema: schema)
    }

    /// The store of which nothing is known but the schema's actions.
    public init(actionsOf schema: Schema) {
        for action in schema.actionEntities { entities[action.uid] = Known(PartialEntity(action)) }
    }

    /// What is known of an entity, if anything is.
    subscript(uid: EntityUID) -> Known? { entities[uid] }

    /// Adds an entity that was loaded, or that there is none.
    mutating func add(_ uid: EntityUID, _ entity: Entity?) {
        let absent = Known(exists: false, attributes: .empty, parents: [], tags: .empty)
        entities[uid] = entity.map { Known(PartialEntity($0)) } ?? absent
    }

    private static func check(_ entity: PartialEntity, _ schema: Schema) throws(PartialEntitiesError) {
        do throws(DecodingError) {
            guard entity.uid.type.isAction else { return try schema.check(entity) }
            guard let attributes = entity.attributes, let parents = entity.parents, let tags = entity.tags else {
                throw DecodingError(.actionMismatch(entity.uid))
            }
            try schema.check(Entity(uid: entity.uid, attributes: attributes, parents: parents, tags: tags))
        } catch {
            throw .invalid(entity.uid, error)
        }
    }

    /// Refuses cycles and too many ancestors.
    private func checkHierarchy() throws(PartialEntitiesError) {
        // The order in which a fault is found has to be the same in every process.
        let known = entities.sorted { $0.key < $1.key }.map { Entity(uid: $0.key, parents: $0.value.parents ?? []) }
        do throws(EntitiesError) {
            _ = try Entities(known)
        } catch {
            throw .store(error)
        }
    }

    // MARK: Ancestors

    /// What is known of an entity's ancestors.
    struct Ancestors {
        /// Those that it surely has.
        var found: Set<EntityUID> = []
        /// The entities whose parents have to be known before all ancestors are.
        var missing: [EntityUID] = []
    }

    /// The ancestors of an entity, as far as they are known.
    func ancestors(of uid: EntityUID) -> Ancestors {
        var ancestors = Ancestors()
        var open = [uid]
        while let next = open.popLast() {
            guard let parents = entities[next]?.parents else {
                ancestors.missing.append(next)
                continue
            }
            for parent in parents where ancestors.found.insert(parent).inserted { open.append(parent) }
        }
        return ancestors
    }

    // MARK: Consistency

    /// The first entity, in order, of which a store says something else than this one.
    func firstContradiction(in store: Entities) -> EntityUID? {
        entities.keys.filter { !isConsistent($0, with: store) }.min()
    }

    private func isConsistent(_ uid: EntityUID, with store: Entities) -> Bool {
        guard let known = entities[uid] else { return true }
        guard let entity = store[uid] else { return !known.exists }
        guard known.exists, (known.attributes ?? entity.attributes) == entity.attributes,
            (known.tags ?? entity.tags) == entity.tags
        else { return false }
        guard known.parents != nil else { return true }
        let ours = ancestors(of: uid)
        let theirs = Set(store.ancestors(of: uid))
        return ours.missing.isEmpty ? ours.found == theirs : ours.found.isSubset(of: theirs)
    }
}

extension PartialEntities.Known {
    init(_ entity: PartialEntity) {
        self.init(attributes: entity.attributes, parents: entity.parents, tags: entity.tags)
    }
}

/// Why partial entities do not make a store.
public enum PartialEntitiesError: Error, Hashable, Sendable {
    /// What is known of an entity does not conform to the schema; of an action, everything has to be known.
    case invalid(EntityUID, DecodingError)
    /// There are duplicates, cycles or too many entities.
    case store(EntitiesError)
    /// The JSON is not of the format.
    case malformed(DecodingError)
}

extension PartialEntitiesError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .invalid(let uid, let error): "entity `\(uid)`: \(error)"
        case .store(let error): error.description
        case .malformed(let error): error.description
        }
    }
}
