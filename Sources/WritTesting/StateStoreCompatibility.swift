// What every state store must do, whatever it is made of.

internal import Authorization
internal import Bytes
package import State

/// How a store under test is made.
package struct StateStoreHarness: Sendable {
    /// Makes an empty store.
    package let make: @Sendable () throws -> any StateStore
    /// Makes everything that was recorded durable, ends the store, and opens it again.
    package let reopen: @Sendable (any StateStore) throws -> any StateStore

    /// Makes a harness.
    package init(
        make: @escaping @Sendable () throws -> any StateStore,
        reopen: @escaping @Sendable (any StateStore) throws -> any StateStore
    ) {
        self.make = make
        self.reopen = reopen
    }
}

/// A store that does not do what it must.
package struct StateStoreIncompatibility: Error, CustomStringConvertible {
    /// What was expected, and at which stage it was missing.
    package let description: String
}

/// The checks; each is a claim that a store must make true at once, and again after it was opened anew.
package enum StateStoreCompatibility: String, CaseIterable, Sendable {
    case unknownIsNil
    case decisionIsFoundEveryWay
    case decisionWithoutKeyClaimsNothing
    case everyCauseIsKept
    case newestOfAKeyWins
    case oneBatchMayHoldAll
    case redemptionStands
    case firstRedemptionStands
    case effectStands
    case firstEffectStands
    case effectWithoutRedemptionIsDropped
    case authorityKeepsItsOrder
    case emptyChangesCountAsApplied

    /// Runs the check.
    package func run(_ harness: StateStoreHarness) throws {
        var run = Run(harness: harness, store: try harness.make())
        switch self {
        case .unknownIsNil: try unknownIsNil(&run)
        case .decisionIsFoundEveryWay: try decisionIsFoundEveryWay(&run)
        case .decisionWithoutKeyClaimsNothing: try decisionWithoutKeyClaimsNothing(&run)
        case .everyCauseIsKept: try everyCauseIsKept(&run)
        case .newestOfAKeyWins: try newestOfAKeyWins(&run)
        case .oneBatchMayHoldAll: try oneBatchMayHoldAll(&run)
        case .redemptionStands: try redemptionStands(&run)
        case .firstRedemptionStands: try firstRedemptionStands(&run)
        case .effectStands: try effectStands(&run)
        case .firstEffectStands: try firstEffectStands(&run)
        case .effectWithoutRedemptionIsDropped: try effectWithoutRedemptionIsDropped(&run)
        case .authorityKeepsItsOrder: try authorityKeepsItsOrder(&run)
        case .emptyChangesCountAsApplied: try emptyChangesCountAsApplied(&run)
        }
        _ = try harness.reopen(run.store)
    }

    private struct Run {
        let harness: StateStoreHarness
        var store: any StateStore
        var size: UInt64 = 0

        mutating func record(_ changes: StateChange...) {
            size += UInt64(changes.count)
            store.record(changes, size: size)
        }

        /// Whether something holds now, and once more after the store was opened anew.
        mutating func expect(_ what: String, _ holds: (any StateStore) throws -> Bool) throws {
            guard try holds(store) else { throw StateStoreIncompatibility(description: "\(what), at once") }
            store = try harness.reopen(store)
            guard try holds(store) else { throw StateStoreIncompatibility(description: "\(what), after reopening") }
        }
    }

    private func unknownIsNil(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, key: 1)))
        try run.expect("an unknown key has no decision") { try $0.entry(claim: StateSamples.key(2)) == nil }
        try run.expect("an unknown id has no decision") { try $0.entry(id: StateSamples.id(7)) == nil }
        try run.expect("an index without a decision has none") { try $0.entry(index: 1) == nil }
        try run.expect("the known one is there") { try $0.entry(claim: StateSamples.key(1)) != nil }
    }

    private func decisionIsFoundEveryWay(_ run: inout Run) throws {
        let entry = StateSamples.decision(1, key: 1, redemption: StateSamples.redemption(1))
        run.record(.none, .decision(entry))
        try run.expect("a decision is found by key") { try $0.entry(claim: StateSamples.key(1)) == entry }
        try run.expect("a decision is found by id") { try $0.entry(id: entry.id) == entry }
        try run.expect("a decision is found by index") { try $0.entry(index: 1) == entry }
    }

    private func decisionWithoutKeyClaimsNothing(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, cause: .halted)))
        try run.expect("a decision without a key is found by index") { try $0.entry(index: 0)?.claimKey == nil }
        try run.expect("it claims nothing") { try $0.entry(claim: StateSamples.key(0)) == nil }
    }

    private func everyCauseIsKept(_ run: inout Run) throws {
        for (index, cause) in Cause.allCases.enumerated() {
            run.record(.decision(StateSamples.decision(UInt64(index), key: UInt64(index), cause: cause)))
        }
        try run.expect("each cause is kept") { store in
            try Cause.allCases.enumerated().allSatisfy { index, cause in
                try store.entry(index: UInt64(index))
                    == StateSamples.decision(UInt64(index), key: UInt64(index), cause: cause)
            }
        }
    }

    private func newestOfAKeyWins(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, key: 1)))
        try run.expect("the only one is found") { try $0.entry(claim: StateSamples.key(1))?.index == 0 }
        run.record(.decision(StateSamples.decision(1, key: 1)), .decision(StateSamples.decision(2, key: 2)))
        try run.expect("the newest of a key is found") { try $0.entry(claim: StateSamples.key(1))?.index == 1 }
        try run.expect("the older one stays") { try $0.entry(index: 0)?.index == 0 }
    }

    private func oneBatchMayHoldAll(_ run: inout Run) throws {
        let effect = StateSamples.effect(2, .failed)
        run.record(
            .decision(StateSamples.decision(0, key: 1)),
            .redemption(decision: 0, StateSamples.redemption(1)),
            .effect(decision: 0, effect),
            .authority(index: 3, kind: 1, payload: [1])
        )
        try run.expect("a batch applies in order") { store in
            let entry = try store.entry(claim: StateSamples.key(1))
            return try entry?.redemption == StateSamples.redemption(1) && entry?.effect == effect
                && store.authorityEvents().count == 1
        }
    }

    private func redemptionStands(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, key: 1)))
        try run.expect("nothing is redeemed by itself") { try $0.entry(index: 0)?.redemption == nil }
        run.record(.redemption(decision: 0, StateSamples.redemption(1)))
        try run.expect("a redemption stands") {
            try $0.entry(id: StateSamples.id(0))?.redemption == StateSamples.redemption(1)
        }
    }

    private func firstRedemptionStands(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, key: 1, redemption: StateSamples.redemption(0))))
        run.record(.redemption(decision: 0, StateSamples.redemption(1, by: "other")))
        try run.expect("the first redemption stands") {
            try $0.entry(index: 0)?.redemption == StateSamples.redemption(0)
        }
        run.record(.redemption(decision: 0, StateSamples.redemption(2, by: "other")))
        try run.expect("it stands for ever") { try $0.entry(index: 0)?.redemption == StateSamples.redemption(0) }
    }

    private func effectStands(_ run: inout Run) throws {
        for (index, kind) in EffectKind.allCases.enumerated() {
            let decision = UInt64(2 * index)
            run.record(.decision(StateSamples.decision(decision, redemption: StateSamples.redemption(decision))))
            try run.expect("nothing has an effect by itself") { try $0.entry(index: decision)?.effect == nil }
            run.record(.effect(decision: decision, StateSamples.effect(decision + 1, kind)))
            try run.expect("an effect stands") {
                try $0.entry(index: decision)?.effect == StateSamples.effect(decision + 1, kind)
            }
        }
    }

    private func firstEffectStands(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, redemption: StateSamples.redemption(0))))
        run.record(
            .effect(decision: 0, StateSamples.effect(1, .failed)),
            .effect(decision: 0, StateSamples.effect(2, .executed))
        )
        try run.expect("the first effect stands") { try $0.entry(index: 0)?.effect?.kind == .failed }
        run.record(.effect(decision: 0, StateSamples.effect(3, .executed)))
        try run.expect("it stands for ever") { try $0.entry(index: 0)?.effect == StateSamples.effect(1, .failed) }
    }

    private func effectWithoutRedemptionIsDropped(_ run: inout Run) throws {
        run.record(.decision(StateSamples.decision(0, key: 1)))
        run.record(.effect(decision: 0, StateSamples.effect(1)))
        try run.expect("there is no effect without a redemption") { try $0.entry(index: 0)?.effect == nil }
        run.record(.effect(decision: 0, StateSamples.effect(2)))
        try run.expect("nor is there after reopening") { try $0.entry(index: 0) == StateSamples.decision(0, key: 1) }
    }

    private func authorityKeepsItsOrder(_ run: inout Run) throws {
        try run.expect("there are none at first") { try $0.authorityEvents().isEmpty }
        run.record(.authority(index: 0, kind: 1, payload: []), .none, .authority(index: 2, kind: 2, payload: [1, 2]))
        run.record(.authority(index: 3, kind: 1, payload: [0]))
        let expected = [
            AuthorityEvent(index: 0, kind: 1, payload: []), AuthorityEvent(index: 2, kind: 2, payload: [1, 2]),
            AuthorityEvent(index: 3, kind: 1, payload: [0]),
        ]
        try run.expect("all are kept in order") { try $0.authorityEvents() == expected }
    }

    private func emptyChangesCountAsApplied(_ run: inout Run) throws {
        run.record(.none, .none)
        run.store.record([], size: run.size + 1)
        run.size += 1
        try run.expect("an empty store is not overloaded") { !$0.isOverloaded }
        try run.expect("nothing waits after reopening, and nothing was made up") { try $0.entry(index: 0) == nil }
    }
}
