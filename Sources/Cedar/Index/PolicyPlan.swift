/// Where a policy can stand in the index.
struct PolicyPlan {
    /// A demand for keys of a dimension.
    struct Demand {
        let dimension: Dimension
        let keys: [Int64]
    }

    /// What scope and conditions demand without any guard.
    var free: [Demand] = []
    /// What the conditions demand besides while the guards hold.
    var guarded: [Demand] = []
    /// What the conditions ask of integers besides while the guards hold.
    var bounds: [KeyBound] = []
    /// What has to be found at paths, so that nothing up to the last guarded demand can fail.
    var guards = PathDemands.none
    /// How many of the first conjuncts cannot fail while the guards hold.
    var safeCount = 0

    /// Adds a demand, unless the dimension has a better one already.
    ///
    /// - Returns: Whether it was added.
    mutating func add(_ demand: KeyDemand, isGuarded: Bool) -> Bool {
        // Without keys nothing can be looked up, and a long list costs more than it saves.
        guard !demand.keys.isEmpty, demand.keys.count <= ConditionKeys.keysMax else { return false }
        let dimension = Dimension(subject: demand.subject, isType: demand.isType, isGuarded: isGuarded)
        let keys = Array(Set(demand.keys)).sorted()
        let added = Demand(dimension: dimension, keys: keys)
        return isGuarded ? Self.add(added, to: &guarded) : Self.add(added, to: &free)
    }

    /// The demands of a policy that stands in a partition.
    func demands(isGuarded: Bool) -> [Demand] { isGuarded ? free + guarded : free }

    private static func add(_ demand: Demand, to list: inout [Demand]) -> Bool {
        guard let place = list.firstIndex(where: { $0.dimension == demand.dimension }) else {
            guard list.count < ConditionKeys.demandsMax else { return false }
            list.append(demand)
            return true
        }
        // Equality is better than membership, and few keys than many; keys of equality are the smallest.
        let old = list[place].keys
        let isBetter = demand.keys.count == old.count ? demand.keys[0] < old[0] : demand.keys.count < old.count
        if isBetter { list[place] = demand }
        return isBetter
    }
}

extension PolicyPlan {
    /// Reads where a policy can stand.
    ///
    /// INVARIANT (index): a demand is only taken from a conjunct if neither it nor any conjunct before it can fail, for
    /// certain or while the guards hold. So a policy whose demand is not met does not hold and does not fail.
    static func read(
        _ policy: Policy,
        _ conjuncts: [Conjunct],
        _ safety: ConditionSafety,
        _ keys: inout ConditionKeys
    ) -> PolicyPlan {
        var plan = PolicyPlan()
        var safety = safety
        for (constraint, variable) in [
            (policy.principal, Variable.principal), (policy.action, .action), (policy.resource, .resource),
        ] {
            for demand in keys.demands(constraint, variable) { _ = plan.add(demand, isGuarded: false) }
        }
        var guards = PathDemands.none
        var bounds: [KeyBound] = []
        for (index, conjunct) in conjuncts.enumerated() {
            guard let demands = safety.truth(conjunct.root), let all = guards.and(demands) else { break }
            guards = all
            if bounds.count < ConditionKeys.demandsMax { bounds += keys.bounds(conjunct) }
            let isGuarded = guards != .none
            if conjunct.isPositive {
                for demand in keys.demands(conjunct.root) where plan.add(demand, isGuarded: isGuarded) && isGuarded {
                    plan.take(guards, bounds, index + 1)
                }
            }
            // Where there is nothing better, the first bound is worth its guards.
            if !bounds.isEmpty, plan.guards == .none { plan.take(guards, bounds, index + 1) }
            safety.assume(conjunct)
        }
        return plan
    }

    private mutating func take(_ guards: PathDemands, _ bounds: [KeyBound], _ safeCount: Int) {
        self.guards = guards
        self.bounds = bounds
        self.safeCount = safeCount
    }
}
