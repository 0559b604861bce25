import Authorization
import Bytes
import Foundation
import State
import Synchronization
import Testing
import WritTesting

/// An embedded state with the folder it lives in and the size it was told last.
private final class HousedState: StateStore, Sendable {
    let folder: TemporaryFolder
    let state: EmbeddedState
    let size: Atomic<UInt64>

    init(_ folder: TemporaryFolder, size: UInt64) throws {
        self.folder = folder
        state = try open(folder, logSize: size).state
        self.size = Atomic(size)
    }

    func entry(claim key: Digest) throws(StateError) -> DecisionEntry? { try state.entry(claim: key) }
    func entry(id: Identifier) throws(StateError) -> DecisionEntry? { try state.entry(id: id) }
    func entry(index: UInt64) throws(StateError) -> DecisionEntry? { try state.entry(index: index) }
    func authorityEvents() throws(StateError) -> [AuthorityEvent] { try state.authorityEvents() }
    var lag: UInt64 { state.lag }
    var isOverloaded: Bool { state.isOverloaded }

    func record(_ changes: [StateChange], size: UInt64) {
        self.size.store(size, ordering: .sequentiallyConsistent)
        state.record(changes, size: size)
    }
}

@Suite struct CompatibilityTests {
    @Test(arguments: StateStoreCompatibility.allCases)
    func embeddedStateIsAStateStore(check: StateStoreCompatibility) throws {
        try check.run(
            StateStoreHarness(
                make: { try HousedState(TemporaryFolder(), size: 0) },
                reopen: { store in
                    let housed = try #require(store as? HousedState)
                    housed.state.close()
                    return try HousedState(housed.folder, size: housed.size.load(ordering: .sequentiallyConsistent))
                }
            )
        )
    }

    @Test(arguments: StateFault.allCases) func faultsStrikeAndClear(fault: StateFault) throws {
        let folder = try TemporaryFolder()
        let state = try open(folder, logSize: 0).state
        defer { state.close() }
        let faulty = FaultyStateStore(state, slowMilliseconds: 20)
        faulty.record([.decision(StateSamples.decision(0, key: 1))], size: 1)
        #expect(try faulty.entry(claim: StateSamples.key(1)) != nil)
        #expect(!faulty.isOverloaded)

        faulty.set(fault)
        faulty.record([.decision(StateSamples.decision(1, key: 2))], size: 2)
        switch fault {
        case .lookupFails, .applyFails:
            #expect(throws: StateError.self) { try faulty.entry(claim: StateSamples.key(1)) }
            #expect(throws: StateError.self) { try faulty.entry(id: StateSamples.id(0)) }
            #expect(throws: StateError.self) { try faulty.entry(index: 0) }
            #expect(throws: StateError.self) { try faulty.authorityEvents() }
        case .lookupIsSlow:
            let clock = ContinuousClock()
            #expect(try clock.measure { _ = try faulty.entry(index: 0) } >= .milliseconds(20))
        case .viewIsBehind:
            #expect(faulty.isOverloaded)
            #expect(try faulty.entry(index: 0) != nil)
        }

        faulty.set(nil)
        guard fault != .applyFails else {
            #expect(throws: StateError.self, "what has failed stays failed") { try faulty.entry(index: 0) }
            return
        }
        #expect(try faulty.entry(index: 1) != nil)
        #expect(!faulty.isOverloaded)
    }
}
