/// The scopes of a policy set, with entities and types replaced by numbers, so that matching one is a few comparisons.
struct ScopeTable: Sendable {
    /// One constraint.
    struct Test: Sendable {
        var kind = Kind.any
        var type: Int32 = 0
        /// An entity, or the first of a list in ``lists``.
        var entity: Int32 = 0
        var count: Int32 = 0
    }

    enum Kind: UInt8, Sendable {
        case any
        case equal
        case isIn
        case isInAny
        case isType
        case isTypeIn
        /// A template's constraint.
        case slot
    }

    /// The scope of one policy.
    struct Entry: Sendable {
        var principal: Test
        var action: Test
        var resource: Test
        var isTemplate: Bool
    }

    private(set) var entries: [Entry] = []
    private(set) var lists: [Int32] = []
    private var entities: [EntityUID: Int32] = [:]
    private var types: [EntityType: Int32] = [:]

    init(_ policies: [Policy]) {
        entries.reserveCapacity(policies.count)
        for policy in policies {
            entries.append(
                Entry(
                    principal: test(policy.principal),
                    action: test(policy.action),
                    resource: test(policy.resource),
                    isTemplate: policy.isTemplate
                )
            )
        }
    }

    private mutating func test(_ constraint: ScopeConstraint) -> Test {
        switch constraint {
        case .any: Test()
        case .equal(.entity(let uid)): Test(kind: .equal, entity: number(uid))
        case .isIn(.entity(let uid)): Test(kind: .isIn, entity: number(uid))
        case .isType(let type): Test(kind: .isType, type: number(type))
        case .isTypeIn(let type, .entity(let uid)): Test(kind: .isTypeIn, type: number(type), entity: number(uid))
        case .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): Test(kind: .slot)
        case .isInAny(let uids): list(uids)
        }
    }

    private mutating func list(_ uids: [EntityUID]) -> Test {
        let first = lists.count
        for uid in uids { lists.append(number(uid)) }
        return Test(kind: .isInAny, entity: Int32(first), count: Int32(uids.count))
    }

    private mutating func number(_ uid: EntityUID) -> Int32 {
        if let number = entities[uid] { return number }
        let number = Int32(entities.count)
        entities[uid] = number
        return number
    }

    private mutating func number(_ type: EntityType) -> Int32 {
        if let number = types[type] { return number }
        let number = Int32(types.count)
        types[type] = number
        return number
    }

    /// What the scopes of this table need to know of one entity of a request.
    struct Subject {
        fileprivate let type: Int32
        fileprivate let entity: Int32
        /// The entity and its ancestors, as far as any scope mentions them, sorted.
        fileprivate let groups: [Int32]
    }

    /// Finds the numbers of an entity of a request; -1 stands for whatever no scope mentions.
    func subject(_ uid: EntityUID, in store: Entities) -> Subject {
        let number = entities[uid] ?? -1
        var groups: [Int32] = number < 0 ? [] : [number]
        if !entities.isEmpty, let index = store.index(of: uid) {
            for ancestor in store.ancestorIndexes(index) {
                if let number = entities[store.uid(at: ancestor)] { groups.append(number) }
            }
            groups.sort()
        }
        return Subject(type: types[uid.type] ?? -1, entity: number, groups: groups)
    }

    /// Whether an entity of a request meets a constraint.
    func holds(_ test: Test, _ subject: Subject) -> Bool {
        switch test.kind {
        case .any: true
        case .equal: subject.entity == test.entity
        case .isIn: Self.has(subject.groups, test.entity)
        case .isType: subject.type == test.type
        case .isTypeIn: subject.type == test.type && Self.has(subject.groups, test.entity)
        case .isInAny: lists[Int(test.entity)..<Int(test.entity + test.count)].contains { Self.has(subject.groups, $0) }
        case .slot: false
        }
    }

    private static func has(_ groups: [Int32], _ group: Int32) -> Bool {
        groups.count <= linearMax ? groups.contains(group) : Entities.contains(groups, group)
    }

    /// Up to this many numbers, looking at each is faster than a binary search.
    private static let linearMax = 8
}
