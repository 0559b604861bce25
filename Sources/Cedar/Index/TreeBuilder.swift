/// Builds the index: trees whose nodes ask for the keys of one dimension after the other.
///
/// A policy stands at every node to which one of its keys leads, or in the rest where it has no key; so whatever a
/// request's keys are, it comes to every policy that can apply.
struct TreeBuilder {
    /// A policy on its way down the tree.
    struct Entry {
        let policy: Int32
        let demands: [PolicyPlan.Demand]
        let bounds: [KeyBound]
        /// At how many places it stands.
        var copies = 1
    }

    private(set) var nodes: [TreeNode] = []
    private(set) var edges: [TreeEdge] = []
    private(set) var policies: [Int32] = []
    private(set) var bounds: [BoundRow] = []
    private(set) var usedKeys: Set<Int64> = []
    /// The policies that ended among many.
    private(set) var crowded: Set<Int32> = []

    /// This many policies are evaluated rather than told apart.
    static let leafMax = 3
    /// Policies that end among more than this many are worth guards.
    static let crowdMin = 8
    /// The most places of one policy.
    static let copiesMax = 64
    /// The most dimensions that are asked one after the other.
    static let depthMax = 16

    /// Adds a tree, and returns its root.
    mutating func build(_ entries: [Entry]) -> Int32 { build(entries, []) }

    private mutating func build(_ entries: [Entry], _ asked: [Dimension]) -> Int32 {
        let index = Int32(nodes.count)
        nodes.append(TreeNode())
        guard entries.count > Self.leafMax, asked.count < Self.depthMax, let best = best(entries, asked) else {
            addLeaf(entries, to: Int(index))
            return index
        }
        var rest: [Entry] = []
        var groups: [Int64: [Entry]] = [:]
        for entry in entries {
            guard let keys = Self.keys(of: entry, best) else {
                rest.append(entry)
                continue
            }
            var copy = entry
            copy.copies *= keys.count
            for key in keys { groups[key, default: []].append(copy) }
        }
        nodes[Int(index)].dimension = best.raw
        addEdges(groups, to: Int(index), asked + [best])
        // Built last, so that nothing is at hand but this node.
        let restNode = rest.isEmpty ? -1 : build(rest, asked + [best])
        nodes[Int(index)].rest = restNode
        return index
    }

    private mutating func addLeaf(_ entries: [Entry], to node: Int) {
        if entries.count > Self.crowdMin { crowded.formUnion(entries.map(\.policy)) }
        let (lower, upper, others, path) = Self.order(entries)
        nodes[node].firstPolicy = Int32(policies.count)
        nodes[node].policyCount = Int32(others.count)
        policies.append(contentsOf: others)
        guard let path else { return }
        nodes[node].boundPath = path
        nodes[node].firstBound = Int32(bounds.count)
        nodes[node].lowerCount = Int32(lower.count)
        nodes[node].upperCount = Int32(upper.count)
        bounds.append(contentsOf: lower.sorted { ($0.limit, $0.policy) < ($1.limit, $1.policy) })
        bounds.append(contentsOf: upper.sorted { ($1.limit, $0.policy) < ($0.limit, $1.policy) })
    }

    /// Tells policies of a leaf apart by the path that most of them bound.
    private static func order(
        _ entries: [Entry]
    ) -> (lower: [BoundRow], upper: [BoundRow], others: [Int32], path: Int32?) {
        var counts: [Int32: Int] = [:]
        for entry in entries { for path in Set(entry.bounds.map(\.path)) { counts[path, default: 0] += 1 } }
        let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        guard let best, best.value > leafMax else { return ([], [], entries.map(\.policy), nil) }
        var (lower, upper, others): ([BoundRow], [BoundRow], [Int32]) = ([], [], [])
        for entry in entries {
            guard let bound = entry.bounds.first(where: { $0.path == best.key }) else {
                others.append(entry.policy)
                continue
            }
            let row = BoundRow(limit: bound.limit, policy: entry.policy)
            if bound.isLower { lower.append(row) } else { upper.append(row) }
        }
        return (lower, upper, others, best.key)
    }

    private mutating func addEdges(_ groups: [Int64: [Entry]], to node: Int, _ asked: [Dimension]) {
        var capacity = 2
        while capacity < groups.count * 2 { capacity *= 2 }
        let first = edges.count
        edges.append(contentsOf: repeatElement(TreeEdge(), count: capacity))
        nodes[node].firstEdge = Int32(first)
        nodes[node].edgeMask = Int32(capacity - 1)
        usedKeys.formUnion(groups.keys)
        // In the order of the keys: the same policies always make the same tree.
        for (key, entries) in groups.sorted(by: { $0.key < $1.key }) {
            let child = build(entries, asked)
            var place = IndexKey.hash(key) & (capacity - 1)
            while edges[first + place].child >= 0 { place = (place + 1) & (capacity - 1) }
            edges[first + place] = TreeEdge(key: key, child: child)
        }
    }

    /// The keys by which a policy is told apart at a dimension, if it is.
    private static func keys(of entry: Entry, _ dimension: Dimension) -> [Int64]? {
        guard let demand = entry.demands.first(where: { $0.dimension == dimension }),
            entry.copies * demand.keys.count <= copiesMax
        else { return nil }
        return demand.keys
    }

    /// The dimension that leaves the fewest policies together, unless it would leave nearly all.
    private func best(_ entries: [Entry], _ asked: [Dimension]) -> Dimension? {
        var counts: [Dimension: [Int64: Int]] = [:]
        var members: [Dimension: Int] = [:]
        for entry in entries {
            for demand in entry.demands where !asked.contains(demand.dimension) {
                guard entry.copies * demand.keys.count <= Self.copiesMax else { continue }
                for key in demand.keys { counts[demand.dimension, default: [:]][key, default: 0] += 1 }
                members[demand.dimension, default: 0] += 1
            }
        }
        var best: (dimension: Dimension, left: Int)?
        for (dimension, keys) in counts {
            let placed = keys.values.reduce(0, +)
            let squares = keys.values.reduce(0) { $0 + $1 * $1 }
            // A request that has one of the keys, taken by how many policies ask for it, meets so many policies.
            let left = entries.count - members[dimension, default: 0] + squares / max(1, placed)
            guard left * 4 <= entries.count * 3 else { continue }
            let isBetter = best.map { left == $0.left ? dimension.raw < $0.dimension.raw : left < $0.left } ?? true
            if isBetter { best = (dimension, left) }
        }
        return best?.dimension
    }
}
