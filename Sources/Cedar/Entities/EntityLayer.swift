/// One layer of an entity store: identities by place, with the entities and their ancestors.
final class EntityLayer: Sendable {
    /// The place of the first identity of this layer; places below belong to the layer under it.
    let first: Int32
    /// The entities of this layer.
    let entities: [Entity]
    /// The identities by place: first those of the entities, then those only mentioned as parents.
    private let uids: [EntityUID]
    private let indexes: [EntityUID: Int32]
    /// The sorted ancestors of the entities, by place.
    private let closure: [[Int32]]

    init() {
        first = 0
        entities = []
        uids = []
        indexes = [:]
        closure = []
    }

    init(_ entities: [Entity], over base: EntityLayer?) throws(EntitiesError) {
        guard entities.count + (base?.entities.count ?? 0) <= EntityLimits.entitiesMax else { throw .tooManyEntities }
        let first = base.map { $0.first + Int32($0.uids.count) } ?? 0
        var uids: [EntityUID] = []
        var indexes: [EntityUID: Int32] = [:]
        indexes.reserveCapacity(entities.count)
        for entity in entities {
            let old = indexes.updateValue(first + Int32(uids.count), forKey: entity.uid)
            guard old == nil else { throw .duplicate(entity.uid) }
            uids.append(entity.uid)
        }
        var parents: [[Int32]] = []
        for entity in entities {
            parents.append(
                entity.parents.map { parent in
                    if let index = indexes[parent] ?? base?.index(of: parent) { return index }
                    uids.append(parent)
                    indexes[parent] = first + Int32(uids.count - 1)
                    return first + Int32(uids.count - 1)
                }
            )
        }
        var builder = ClosureBuilder(parents: parents, first: first, base: base)
        if let place = builder.run() {
            let uid = uids[Int(place.index)]
            throw place.isCycle ? .cycle(uid) : .tooManyAncestors(uid)
        }
        self.first = first
        self.entities = entities
        self.uids = uids
        self.indexes = indexes
        closure = builder.closure
    }

    subscript(uid: EntityUID) -> Entity? {
        guard let index = indexes[uid] else { return nil }
        return entity(at: index)
    }

    func index(of uid: EntityUID) -> Int32? { indexes[uid] }

    var placeCount: Int { uids.count }

    func uid(at index: Int32) -> EntityUID { uids[Int(index - first)] }

    func entity(at index: Int32) -> Entity? {
        let place = Int(index - first)
        return place < entities.count ? entities[place] : nil
    }

    func ancestors(at index: Int32) -> [Int32] {
        let place = Int(index - first)
        return place < closure.count ? closure[place] : []
    }
}

/// Computes the ancestors of all entities of a layer, depth first and without recursion.
private struct ClosureBuilder {
    let parents: [[Int32]]
    let first: Int32
    let base: EntityLayer?
    var closure: [[Int32]]
    private var states: [State]
    private var total = 0

    /// Where it failed, counted within the layer.
    struct Failure {
        let index: Int32
        let isCycle: Bool
    }

    private enum State {
        case new
        case open
        case done
    }

    init(parents: [[Int32]], first: Int32, base: EntityLayer?) {
        self.parents = parents
        self.first = first
        self.base = base
        closure = Array(repeating: [], count: parents.count)
        states = Array(repeating: .new, count: parents.count)
    }

    mutating func run() -> Failure? {
        for root in parents.indices where states[root] == .new {
            if let failure = visit(root) { return failure }
        }
        return nil
    }

    private mutating func visit(_ root: Int) -> Failure? {
        var stack: [(place: Int, next: Int)] = [(root, 0)]
        states[root] = .open
        while let (place, next) = stack.last {
            guard next < parents[place].count else {
                guard finish(place) else { return Failure(index: Int32(place), isCycle: false) }
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            let parent = Int(parents[place][next] - first)
            // Parents below this layer, and those only mentioned, have their ancestors already.
            guard parent >= 0, parent < parents.count else { continue }
            switch states[parent] {
            case .open: return Failure(index: Int32(parent), isCycle: true)
            case .done: continue
            case .new:
                states[parent] = .open
                stack.append((parent, 0))
            }
        }
        return nil
    }

    private mutating func finish(_ place: Int) -> Bool {
        states[place] = .done
        var ancestors: Set<Int32> = []
        for parent in parents[place] {
            ancestors.insert(parent)
            let local = Int(parent - first)
            if local < 0 {
                ancestors.formUnion(base?.ancestors(at: parent) ?? [])
            } else if local < closure.count {
                ancestors.formUnion(closure[local])
            }
            guard ancestors.count <= EntityLimits.ancestorsMax else { return false }
        }
        total += ancestors.count
        closure[place] = ancestors.sorted()
        return total <= EntityLimits.ancestorsTotalMax
    }
}
