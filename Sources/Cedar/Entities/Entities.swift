/// A store of entities, closed under the parent relation (cedar-spec `Entities.lean`); immutable and safe to share.
///
/// A store may have a second layer, made by ``adding(_:)``, that costs only what it adds: facts of one request over
/// reviewed data.
public struct Entities: Sendable {
    private let base: EntityLayer
    private let overlay: EntityLayer?

    /// The store without entities.
    public static let empty = Entities(base: EntityLayer(), overlay: nil)

    /// Makes a store, and computes every entity's ancestors.
    ///
    /// - Throws: ``EntitiesError`` for duplicates, cycles and exceeded limits.
    public init(_ entities: [Entity]) throws(EntitiesError) {
        base = try EntityLayer(entities, over: nil)
        overlay = nil
    }

    private init(base: EntityLayer, overlay: EntityLayer?) {
        self.base = base
        self.overlay = overlay
    }

    /// This store with more entities.
    ///
    /// - Throws: ``EntitiesError`` for duplicates of entities of either, cycles and exceeded limits.
    public func adding(_ entities: [Entity]) throws(EntitiesError) -> Entities {
        guard !entities.isEmpty else { return self }
        let added = (overlay?.entities ?? []) + entities
        for entity in added where base[entity.uid] != nil { throw .duplicate(entity.uid) }
        // An entity that the base only mentions, as somebody's parent, has a place there that the base's ancestors
        // name; a second place would hide it, and its own parents would be ancestors in the base.
        let isMentioned = added.contains { base.index(of: $0.uid) != nil }
        guard isMentioned else { return Entities(base: base, overlay: try EntityLayer(added, over: base)) }
        return try Entities(base.entities + added)
    }

    /// The number of entities.
    public var count: Int { base.entities.count + (overlay?.entities.count ?? 0) }

    /// All entities, in the order in which they were given.
    public var all: [Entity] { base.entities + (overlay?.entities ?? []) }

    /// The entity of that identity, if it is in the store.
    public subscript(uid: EntityUID) -> Entity? { overlay?[uid] ?? base[uid] }

    /// Whether the first entity is the second one, or has it among its ancestors.
    public func isDescendant(_ uid: EntityUID, of ancestor: EntityUID) -> Bool {
        if uid == ancestor { return true }
        guard let index = index(of: uid), let other = self.index(of: ancestor) else { return false }
        return Self.contains(ancestorIndexes(index), other)
    }

    /// The ancestors of an entity, in no meaningful order but always the same.
    public func ancestors(of uid: EntityUID) -> [EntityUID] {
        guard let index = index(of: uid) else { return [] }
        return ancestorIndexes(index).map { self.uid(at: $0) }
    }

    /// The place of an entity that is in the store or mentioned in it; a later layer hides an earlier one.
    func index(of uid: EntityUID) -> Int32? {
        if let overlay, let index = overlay.index(of: uid) { return index }
        return base.index(of: uid)
    }

    /// The entity at a place, or `nil` if it is only mentioned.
    func entity(at index: Int32) -> Entity? {
        if let overlay, index >= overlay.first { return overlay.entity(at: index) }
        return base.entity(at: index)
    }

    /// The places of an entity's ancestors, sorted.
    func ancestorIndexes(_ index: Int32) -> [Int32] {
        if let overlay, index >= overlay.first { return overlay.ancestors(at: index) }
        return base.ancestors(at: index)
    }

    /// The number of places; an identity that both layers mention has one in each.
    var placeCount: Int { base.placeCount + (overlay?.placeCount ?? 0) }

    func uid(at index: Int32) -> EntityUID {
        if let overlay, index >= overlay.first { return overlay.uid(at: index) }
        return base.uid(at: index)
    }

    /// Whether a sorted list has a place.
    static func contains(_ indexes: [Int32], _ index: Int32) -> Bool {
        var low = 0
        var high = indexes.count
        while low < high {
            let middle = (low + high) / 2
            if indexes[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low < indexes.count && indexes[low] == index
    }
}
