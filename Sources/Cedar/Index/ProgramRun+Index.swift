import Bytes

extension ProgramRun {
    /// Evaluates every policy that can apply, and nothing twice that counts.
    mutating func run() -> Evaluation {
        for index in 0..<tables.partitions.count {
            let partition = tables.partitions[index]
            walk(partition.root, guardsHold(partition))
        }
        finish()
        return evaluation
    }

    private mutating func guardsHold(_ partition: PartitionRow) -> Bool {
        for index in partition.firstGuard..<partition.firstGuard + partition.guardCount {
            let row = tables.guards[index]
            let cell = cell(at: row.path)
            if !row.kinds.contains(kinds(cell)) { return false }
        }
        return true
    }

    /// Comes to every policy below a node that can apply.
    private mutating func walk(_ root: Int32, _ guardsHold: Bool) {
        var index = root
        while index >= 0 {
            let node = tables.tree[index]
            for place in node.firstPolicy..<node.firstPolicy + node.policyCount {
                consider(tables.treePolicies[place], guardsHold)
            }
            if node.boundPath >= 0 { considerBounds(node, guardsHold) }
            if node.dimension >= 0 {
                // Without the guards the keys mean nothing: whatever stands below is evaluated in full.
                if node.dimension & 1 == 1, !guardsHold { walkAll(node) } else { walkKeys(node, guardsHold) }
            }
            index = node.rest
        }
    }

    /// Comes to the policies of a leaf whose bound is met; a path that is missing meets none.
    private mutating func considerBounds(_ node: TreeNode, _ guardsHold: Bool) {
        let firstUpper = node.firstBound + node.lowerCount
        let end = firstUpper + node.upperCount
        guard guardsHold else {
            for place in node.firstBound..<end { consider(tables.bounds[place].policy, false) }
            return
        }
        let cell = cell(at: node.boundPath)
        guard cell.tag == .long else { return }
        for place in node.firstBound..<firstUpper {
            let bound = tables.bounds[place]
            if bound.limit > cell.bits { break }
            consider(bound.policy, true)
        }
        for place in firstUpper..<end {
            let bound = tables.bounds[place]
            if bound.limit < cell.bits { break }
            consider(bound.policy, true)
        }
    }

    private mutating func walkAll(_ node: TreeNode) {
        for place in node.firstEdge...node.firstEdge + node.edgeMask {
            let edge = tables.edges[place]
            if edge.child >= 0 { walk(edge.child, false) }
        }
    }

    private mutating func walkKeys(_ node: TreeNode, _ guardsHold: Bool) {
        let subject = node.dimension >> 2
        if subject < Dimension.firstPath {
            if let extra = extra(subject) {
                for key in extra.keys { walkKey(key, node, guardsHold) }
                return
            }
            let entity = self.subject(subject)
            walkEntity(entity.entity, entity.type, node, guardsHold)
            return
        }
        let cell = cell(at: subject - Dimension.firstPath)
        switch cell.tag {
        case .entity: walkEntity(cell.number, -1, node, guardsHold)
        case .string: walkKey(IndexKey.isText(cell.number), node, guardsHold)
        case .bool: walkKey(IndexKey.isBool(cell.bits != 0), node, guardsHold)
        case .long: if let key = IndexKey.isLong(cell.bits) { walkKey(key, node, guardsHold) }
        case .opaque:
            switch opaque(cell) {
            case .string(let text):
                let number = tables.textSymbols.number(text, 0)
                if number >= 0 { walkKey(IndexKey.isText(number), node, guardsHold) }
            case .entity(let uid): walkEntity(-1, tables.types.number(uid.type.name, 0), node, guardsHold)
            case .bool, .long, .set, .record, .decimal, .ipaddr, .datetime, .duration: return
            }
        // Other values equal no key.
        case .pending, .broken, .absent, .decimal, .datetime, .duration, .entitySet, .record: return
        }
    }

    /// Follows the keys of an entity; without a number it only has its type.
    private mutating func walkEntity(_ entity: Int32, _ type: Int32, _ node: TreeNode, _ guardsHold: Bool) {
        guard entity >= 0 else {
            if type >= 0 { walkKey(IndexKey.isType(type), node, guardsHold) }
            return
        }
        let row = tables.entities[entity]
        if row.keyCount > 2 * (node.edgeMask + 1) {
            for place in node.firstEdge...node.firstEdge + node.edgeMask {
                let edge = tables.edges[place]
                if edge.child >= 0, has(edge.key, row) { walk(edge.child, guardsHold) }
            }
            return
        }
        for place in row.firstKey..<row.firstKey + row.keyCount { walkKey(tables.keys[place], node, guardsHold) }
    }

    /// Whether an entity has a key.
    private func has(_ key: Int64, _ row: EntityRow) -> Bool {
        var low = row.firstKey
        var high = row.firstKey + row.keyCount
        while low < high {
            let middle = low + (high - low) / 2
            if tables.keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < row.firstKey + row.keyCount && tables.keys[low] == key
    }

    @inline(__always)
    private mutating func walkKey(_ key: Int64, _ node: TreeNode, _ guardsHold: Bool) {
        let mask = Int(node.edgeMask)
        var place = IndexKey.hash(key) & mask
        while true {
            let edge = tables.edges[Int(node.firstEdge) + place]
            if edge.child < 0 { return }
            if edge.key == key {
                walk(edge.child, guardsHold)
                return
            }
            place = (place + 1) & mask
        }
    }
}

// MARK: - Policies

extension ProgramRun {
    private mutating func consider(_ index: Int32, _ guardsHold: Bool) {
        let row = tables.policies[index]
        let end = row.firstPart + row.partCount
        let reference = PolicyReference(set: Int(row.set), policy: Int(row.policy))
        if let selects {
            // Scopes cannot fail, and are never unknown.
            guard truth(ofParts: row.firstPart, row.firstPart + row.scopeCount) == .yes, selects(reference) else {
                return
            }
        }
        // The index has asked for most of what cannot fail: what is behind it is more likely to tell. If it does not
        // hold, and nothing before it can fail, then the policy neither holds nor fails, whatever came of the rest.
        let isTurned = guardsHold && row.safeCount > row.scopeCount
        let first = isTurned ? row.firstPart + row.safeCount : row.firstPart
        var result = truth(ofParts: first, end)
        if result == .yes, isTurned { result = truth(ofParts: row.firstPart, first) }
        switch result {
        case .no: return
        case .unknown:
            // Turned around, the conditions came before the scope.
            guard truth(ofParts: row.firstPart, row.firstPart + row.scopeCount) == .yes else { return }
            evaluatePlainly(reference)
        case .yes:
            if row.isPermit { evaluation.permits.append(reference) } else { evaluation.forbids.append(reference) }
        }
    }

    /// Whether all of these parts hold: the first that does not, or that is unknown, is the answer.
    @inline(__always)
    private mutating func truth(ofParts first: Int32, _ end: Int32) -> Truth {
        var place = first
        while place < end {
            let result = truth(tables.parts[place])
            if result != .yes { return result }
            place += 1
        }
        return .yes
    }

    private mutating func evaluatePlainly(_ reference: PolicyReference) {
        let set = unsafe program.policySets[reference.set]
        let evaluator = unsafe Evaluator(arena: set.code, request: request.pointee, entities: entities)
        let policy = set.policies[reference.policy]
        Authorizer.record(evaluator.outcome(of: policy.conditions), policy.effect, reference, &evaluation)
    }

    /// Puts the results in order; a policy with several keys may have been met several times.
    private mutating func finish() {
        if evaluation.permits.count > 1 { evaluation.permits = Self.unique(evaluation.permits.sorted()) }
        if evaluation.forbids.count > 1 { evaluation.forbids = Self.unique(evaluation.forbids.sorted()) }
        if evaluation.failures.count > 1 {
            var failures: [Evaluation.Failure] = []
            for failure in evaluation.failures.sorted(by: { $0.policy < $1.policy })
            where failures.last?.policy != failure.policy { failures.append(failure) }
            evaluation.failures = failures
        }
    }

    private static func unique(_ sorted: [PolicyReference]) -> [PolicyReference] {
        var unique: [PolicyReference] = []
        unique.reserveCapacity(sorted.count)
        for reference in sorted where unique.last != reference { unique.append(reference) }
        return unique
    }
}
