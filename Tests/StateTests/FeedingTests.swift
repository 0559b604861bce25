import Authorization
import Bytes
import Foundation
import State
import Synchronization
import Testing
import WritTesting

/// A door that the feeding thread stands before.
private final class Door: Sendable {
    let isShut = Atomic(true)
    let error: StateError?

    init(error: StateError? = nil) {
        self.error = error
    }

    func pass() throws(StateError) {
        if let error { throw error }
        while isShut.load(ordering: .acquiring) { usleep(500) }
    }

    func open() { isShut.store(false, ordering: .releasing) }
}

/// What the threads of the concurrency test share.
private final class Progress: Sendable {
    let recorded = Atomic<UInt64>(0)
    let isDone = Atomic(false)
    let wrong = Atomic<Int>(0)
    let looked = Atomic<Int>(0)

    /// Looks decisions up at random until it is told to end.
    func read(_ state: EmbeddedState, seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        while !isDone.load(ordering: .acquiring) {
            let end = recorded.load(ordering: .acquiring)
            guard end > 0 else { continue }
            let index = UInt64.random(in: 0..<end, using: &generator)
            do {
                let entry = try state.entry(claim: StateSamples.key(index))
                // Half of the way behind, every decision has its redemption and its effect.
                let isRight = entry?.index == index && (index >= end / 2 || entry?.effect != nil)
                let isFree = try state.entry(claim: StateSamples.key(index + 1 << 40)) == nil
                if !isRight || !isFree { wrong.add(1, ordering: .relaxed) }
                looked.add(1, ordering: .relaxed)
            } catch {
                if error != .busy { wrong.add(1, ordering: .relaxed) }
            }
        }
    }
}

private func open(_ folder: TemporaryFolder, behind door: Door) throws -> EmbeddedState {
    var options = EmbeddedStateOptions(path: folder.view, origin: origin)
    options.beforeApplying = { () throws(StateError) in try door.pass() }
    return try EmbeddedState.open(options, logSize: 0).state
}

@Suite struct FeedingTests {
    @Test func whatWaitsIsSeenAtOnce() throws {
        let folder = try TemporaryFolder()
        let door = Door()
        let state = try open(folder, behind: door)
        state.record([.decision(StateSamples.decision(0, key: 1))], size: 1)
        state.record([.redemption(decision: 0, StateSamples.redemption(1))], size: 2)
        state.record([.authority(index: 2, kind: 9, payload: [1])], size: 3)
        #expect(state.lag == 3)
        #expect(try state.entry(claim: StateSamples.key(1))?.redemption == StateSamples.redemption(1))
        #expect(try state.entry(id: StateSamples.id(0))?.redemption != nil)
        #expect(try state.authorityEvents().count == 1)
        door.open()
        #expect(waitUntilApplied(state))
        #expect(try state.authorityEvents().count == 1)
        state.close()
    }

    @Test func overloadedPastTheLimitAndNotAtIt() throws {
        let folder = try TemporaryFolder()
        let door = Door()
        let state = try open(folder, behind: door)
        state.record([.none], size: EmbeddedState.lagMax - 1)
        #expect(!state.isOverloaded)
        state.record([.none], size: EmbeddedState.lagMax)
        #expect(!state.isOverloaded)
        state.record([.none], size: EmbeddedState.lagMax + 1)
        #expect(state.isOverloaded)
        // Refusing new decisions is the caller's part: what is in the log already is taken.
        state.record(
            [.decision(StateSamples.decision(EmbeddedState.lagMax + 1, key: 1))],
            size: EmbeddedState.lagMax + 2
        )
        #expect(try state.entry(claim: StateSamples.key(1)) != nil)
        door.open()
        #expect(waitUntilApplied(state))
        #expect(!state.isOverloaded)
        state.close()
    }

    @Test func errorOfTheViewStopsEveryAnswer() throws {
        let folder = try TemporaryFolder()
        let door = Door(error: .database(operation: "commit to", code: 13))
        let state = try open(folder, behind: door)
        state.record([.decision(StateSamples.decision(0, key: 1))], size: 1)
        #expect(wait { (try? state.entry(index: 0)) == nil })
        #expect(throws: StateError.self) { try state.entry(claim: StateSamples.key(1)) }
        #expect(throws: StateError.self) { try state.entry(claim: StateSamples.key(2)) }
        #expect(throws: StateError.self) { try state.entry(id: StateSamples.id(0)) }
        #expect(throws: StateError.self) { try state.authorityEvents() }
        // Recording still must not fail, and changes nothing.
        state.record([.decision(StateSamples.decision(1, key: 2))], size: 2)
        #expect(throws: StateError.self) { try state.entry(claim: StateSamples.key(2)) }
        state.close()
        // The log has both; the view has neither, and says so.
        let opening = try open(folder, logSize: 2)
        #expect(opening.appliedSize == 0)
        #expect(opening.condition == .intact)
        opening.state.close()
    }

    @Test(arguments: [true, false]) func changeOfAnUnknownDecisionStopsTheStore(isRedemption: Bool) throws {
        let folder = try TemporaryFolder()
        let state = try open(folder, logSize: 0).state
        state.record(
            [
                isRedemption
                    ? .redemption(decision: 7, StateSamples.redemption(8))
                    : .effect(decision: 7, StateSamples.effect(8))
            ],
            size: 9
        )
        #expect(wait { (try? state.entry(index: 0)) == nil && (try? state.authorityEvents()) == nil })
        #expect(throws: StateError.self) { try state.entry(index: 7) }
        state.close()
        // A view that does not have what the log speaks of is built again.
        let opening = try open(folder, logSize: 9)
        #expect(opening.condition == .rebuilt("it was found damaged in the run before"))
        opening.state.close()
    }

    @Test func lookupsSeeEverythingWhileTheViewIsFed() throws {
        let folder = try TemporaryFolder()
        let state = try open(folder, logSize: 0).state
        let progress = Progress()
        let readers = (0..<3).map { number in
            Thread { @Sendable in progress.read(state, seed: UInt64(number)) }
        }
        for reader in readers { reader.start() }
        var next: UInt64 = 0
        var followed: UInt64 = 0
        var size: UInt64 = 0
        while next < 12_000 {
            var changes: [StateChange] = []
            for _ in 0..<40 {
                changes.append(.decision(StateSamples.decision(next, key: next)))
                next += 1
            }
            // The first half of all decisions is redeemed and reported when the second half comes: some from memory,
            // some from the view.
            while followed < next / 2 {
                changes.append(.redemption(decision: followed, StateSamples.redemption(followed)))
                changes.append(.effect(decision: followed, StateSamples.effect(followed)))
                followed += 1
            }
            size += UInt64(changes.count)
            state.record(changes, size: size)
            progress.recorded.store(next, ordering: .releasing)
        }
        #expect(waitUntilApplied(state))
        progress.isDone.store(true, ordering: .releasing)
        #expect(wait { readers.allSatisfy { $0.isFinished } })
        #expect(progress.wrong.load(ordering: .acquiring) == 0)
        #expect(progress.looked.load(ordering: .acquiring) > 0)
        state.close()
    }

    /// Enough decisions for the claims to be moved into their table, once while feeding and once while catching up.
    @Test(arguments: [true, false]) func claimsAreFoundInTheTable(isDirect: Bool) throws {
        let folder = try TemporaryFolder()
        let count: UInt64 = 12_000
        let state = try open(folder, logSize: 0).state
        try fill(state, count, isDirect: isDirect) { StateSamples.decision($0, key: $0 % 10_000) }
        let keys: [UInt64] = [0, 1, 1_999, 2_000, 2_001, 8_000, 9_999]
        func expectAll(_ state: EmbeddedState) throws {
            for key in keys {
                #expect(try state.entry(claim: StateSamples.key(key))?.index == (key < 2_000 ? key + 10_000 : key))
            }
            for key in count..<count + 2_000 {
                #expect(try state.entry(claim: StateSamples.key(key)) == nil)
            }
        }
        try expectAll(state)
        state.close()
        let opening = try open(folder, logSize: count)
        #expect(opening.condition == .intact)
        try expectAll(opening.state)
        opening.state.close()
    }

    @Test func forgottenClaimsArePrunedAndUnsettledOnesKept() throws {
        let folder = try TemporaryFolder()
        let count: UInt64 = 3_000
        let first = try open(folder, logSize: 0).state
        try fill(first, count, isDirect: true) { index in
            let isRedeemed = index % 100 == 1
            return StateSamples.decision(
                index,
                key: index,
                cause: isRedeemed ? .permitted : .noPermit,
                redemption: isRedeemed ? StateSamples.redemption(index) : nil
            )
        }
        first.close()
        let state = try open(folder, logSize: count).state
        #expect(try state.entry(claim: StateSamples.key(0)) != nil)
        // Just inside the window nothing goes.
        let end = StateSamples.instant + StateSamples.windowMilliseconds
        state.record([.decision(StateSamples.decision(count, instant: end - 1))], size: count + 1)
        #expect(waitUntilApplied(state))
        usleep(400_000)
        #expect(try state.entry(claim: StateSamples.key(0)) != nil)
        state.record([.decision(StateSamples.decision(count + 1, instant: end + 60_000))], size: count + 2)
        #expect(wait { isFree(state, 2_000) && isFree(state, 0) })
        #expect(try state.entry(index: 0) != nil, "the decision itself is kept")
        #expect(
            try state.entry(claim: StateSamples.key(1))?.redemption != nil,
            "redeemed without a report never leaves"
        )
        state.close()
        let opening = try open(folder, logSize: count + 2)
        #expect(opening.condition == .intact)
        #expect(try opening.state.entry(claim: StateSamples.key(0)) == nil)
        #expect(try opening.state.entry(claim: StateSamples.key(101)) != nil)
        opening.state.close()
    }

    /// Whether the store says that nobody holds a key; an error does not say so.
    private func isFree(_ state: EmbeddedState, _ key: UInt64) -> Bool {
        do {
            return try state.entry(claim: StateSamples.key(key)) == nil
        } catch {
            return false
        }
    }

    private func fill(
        _ state: EmbeddedState,
        _ count: UInt64,
        isDirect: Bool,
        _ make: (UInt64) -> DecisionEntry
    ) throws {
        var next: UInt64 = 0
        while next < count {
            let end = min(next + 1_000, count)
            let changes = (next..<end).map { StateChange.decision(make($0)) }
            if isDirect {
                try state.applyDirectly(changes, size: end)
            } else {
                state.record(changes, size: end)
            }
            next = end
        }
        #expect(waitUntilApplied(state))
    }
}
