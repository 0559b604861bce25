import Authorization
import Bytes
import Foundation
import State
import Synchronization
import Testing
import WritTesting

/// A log of random changes, as a catch-up would read it.
private struct SampleLog {
    private(set) var changes: [StateChange] = []
    /// What every decision must look like after all of them.
    private(set) var expected: [UInt64: DecisionEntry] = [:]
    private var generator: SeededGenerator

    init(seed: UInt64, count: UInt64) {
        generator = SeededGenerator(state: seed)
        for index in 0..<count {
            changes.append(next(index))
        }
    }

    var size: UInt64 { UInt64(changes.count) }

    private mutating func next(_ index: UInt64) -> StateChange {
        let older = UInt64.random(in: 0...max(index, 1), using: &generator)
        switch (UInt8.random(in: 0..<10, using: &generator), expected[older]) {
        case (0, _): return .none
        case (1, _): return .authority(index: index, kind: 1, payload: [UInt8(truncatingIfNeeded: index)])
        case (2...4, let entry?) where entry.cause == .permitted && entry.redemption == nil:
            expected[older]?.take(StateSamples.redemption(index))
            return .redemption(decision: older, StateSamples.redemption(index))
        case (2...7, let entry?) where entry.redemption != nil && entry.effect == nil:
            expected[older]?.take(StateSamples.effect(index))
            return .effect(decision: older, StateSamples.effect(index))
        default:
            let key = UInt64.random(in: 0..<2_000, using: &generator)
            let entry = StateSamples.decision(
                index,
                key: key < 1_900 ? key : nil,
                cause: key % 3 == 0 ? .noPermit : .permitted,
                redemption: key % 3 == 1 ? StateSamples.redemption(index) : nil
            )
            expected[index] = entry
            return .decision(entry)
        }
    }

    /// Every answer that is not what the log says; empty if all are right.
    func differences(_ state: EmbeddedState) throws -> [String] {
        var newest: [Digest: UInt64] = [:]
        var wrong: [String] = []
        for (index, entry) in expected.sorted(by: { $0.key < $1.key }) {
            if try state.entry(index: index) != entry { wrong.append("index \(index)") }
            if try state.entry(id: entry.id) != entry { wrong.append("id of \(index)") }
            if let key = entry.claimKey { newest[key] = index }
        }
        for (key, index) in newest where try state.entry(claim: key) != expected[index] {
            wrong.append("claim of \(index)")
        }
        let authority = changes.enumerated().compactMap { index, change -> AuthorityEvent? in
            guard case .authority(let at, let kind, let payload) = change, at == UInt64(index) else { return nil }
            return AuthorityEvent(index: at, kind: kind, payload: payload)
        }
        if try state.authorityEvents() != authority { wrong.append("authority") }
        return wrong
    }

    /// Records everything from a size on in batches of random length.
    func record(into state: EmbeddedState, from start: Int = 0, seed: UInt64, _ between: () throws -> Void = {}) throws
    {
        var generator = SeededGenerator(state: seed)
        var next = start
        while next < changes.count {
            let end = min(next + Int.random(in: 1...200, using: &generator), changes.count)
            state.record(Array(changes[next..<end]), size: UInt64(end))
            next = end
            try between()
        }
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct CrashTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func answersAreTheSameFromMemoryAndFromTheView(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let log = SampleLog(seed: seed, count: 12_000)
        let state = try open(folder, logSize: 0).state
        try log.record(into: state, seed: seed)
        #expect(try log.differences(state) == [], "while the view is being fed; seed \(seed)")
        #expect(waitUntilApplied(state))
        #expect(try log.differences(state) == [], "applied; seed \(seed)")
        state.close()
        let reopened = try open(folder, logSize: log.size)
        #expect(reopened.condition == .intact)
        #expect(reopened.appliedSize == log.size)
        #expect(try log.differences(reopened.state) == [], "reopened; seed \(seed)")
        reopened.state.close()
    }

    /// The files are copied while the view is being fed, as a kill would leave them: no checkpoint, no closing.
    @Test(arguments: [11, 12, 13] as [UInt64]) func killedStateCatchesUp(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let log = SampleLog(seed: seed, count: 6_000)
        let killer = Killer(folder)
        var options = EmbeddedStateOptions(path: folder.view, origin: origin)
        options.claimsGatheredMax = 300
        // The feeding thread itself copies, between two transactions: the two files are of one instant.
        options.beforeApplying = { () throws(StateError) in killer.strike() }
        let state = try EmbeddedState.open(options, logSize: 0).state
        defer { state.close() }
        var batches = 0
        try log.record(into: state, seed: seed) {
            // Many transactions instead of a few large ones.
            batches += 1
            if batches % 2 == 0 { #expect(waitUntilApplied(state)) }
        }
        #expect(waitUntilApplied(state))
        let copies = killer.copies.withLock { $0 }
        #expect(copies.count > 5)
        for copy in copies {
            try expectCatchUp(copy, log, seed)
        }
    }

    /// Copies the files of a view at every third transaction.
    private final class Killer: Sendable {
        let folder: TemporaryFolder
        let copies = Mutex<[TemporaryFolder]>([])
        private let strikes = Atomic(0)

        init(_ folder: TemporaryFolder) {
            self.folder = folder
        }

        func strike() {
            guard strikes.add(1, ordering: .relaxed).newValue % 3 == 0 else { return }
            guard let copy = try? TemporaryFolder(), (try? folder.copyView(to: copy)) != nil else { return }
            copies.withLock { $0.append(copy) }
        }
    }

    /// The write-ahead log is cut at random places, as a crash of the machine may leave it.
    @Test(arguments: [21, 22] as [UInt64]) func cutWriteAheadLogIsAnEarlierState(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let log = SampleLog(seed: seed, count: 3_000)
        let killer = Killer(folder)
        var options = EmbeddedStateOptions(path: folder.view, origin: origin)
        options.claimsGatheredMax = 300
        options.beforeApplying = { () throws(StateError) in killer.strike() }
        let state = try EmbeddedState.open(options, logSize: 0).state
        defer { state.close() }
        var batches = 0
        try log.record(into: state, seed: seed) {
            // Many transactions instead of a few large ones.
            batches += 1
            if batches % 2 == 0 { #expect(waitUntilApplied(state)) }
        }
        #expect(waitUntilApplied(state))
        let copies = killer.copies.withLock { $0 }
        #expect(!copies.isEmpty)
        var generator = SeededGenerator(state: seed)
        for copy in copies {
            let wal = URL(fileURLWithPath: copy.view + "-wal")
            guard let bytes = try? Data(contentsOf: wal) else { continue }
            try bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)).write(to: wal)
            try expectCatchUp(copy, log, seed)
        }
    }

    private func expectCatchUp(_ folder: TemporaryFolder, _ log: SampleLog, _ seed: UInt64) throws {
        let opening = try open(folder, logSize: log.size)
        defer { opening.state.close() }
        #expect(opening.appliedSize <= log.size)
        let rest = Array(log.changes[Int(opening.appliedSize)...])
        try opening.state.applyDirectly(rest, size: log.size)
        #expect(
            try log.differences(opening.state) == [],
            "from \(opening.appliedSize), \(opening.condition), seed \(seed)"
        )
    }

    /// Bits are flipped at random places of the closed file.
    ///
    /// Each time the view is rebuilt, or refuses to answer, or answers what the log says; it never says that there is
    /// nothing where the log has something.
    @Test(arguments: [31, 32, 33, 34] as [UInt64]) func damagedViewNeverAnswersWrongly(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let log = SampleLog(seed: seed, count: 2_000)
        let first = try open(folder, logSize: 0).state
        try log.record(into: first, seed: seed)
        first.close()
        let sound = try Data(contentsOf: URL(fileURLWithPath: folder.view))
        var generator = SeededGenerator(state: seed)
        var found = 0
        for round in 0..<30 {
            let copy = try TemporaryFolder()
            var bytes = sound
            for _ in 0...round % 4 {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            try bytes.write(to: URL(fileURLWithPath: copy.view))
            if try answersOrRefuses(copy, log, "seed \(seed), round \(round)") { found += 1 }
        }
        #expect(found > 0, "no damage was found at all: the test does not test")
    }

    /// Whether the damage was found at opening or at a lookup.
    private func answersOrRefuses(_ folder: TemporaryFolder, _ log: SampleLog, _ label: String) throws -> Bool {
        let opening: Opening
        do {
            opening = try open(folder, logSize: log.size)
        } catch StateError.corrupt {
            return true
        }
        defer { opening.state.close() }
        guard opening.condition == .intact else {
            #expect(opening.appliedSize == 0)
            return true
        }
        for (index, entry) in log.expected.sorted(by: { $0.key < $1.key }) {
            do {
                #expect(try opening.state.entry(index: index) == entry, "\(label), index \(index)")
                #expect(try opening.state.entry(id: entry.id) == entry, "\(label), id of \(index)")
                if let key = entry.claimKey {
                    let newest = try opening.state.entry(claim: key)
                    #expect(newest.map { $0.index >= index } == true, "\(label), claim of \(index)")
                }
            } catch {
                #expect(error != .busy)
                opening.state.close()
                // Damage that a lookup found is repaired by the next opening.
                let next = try open(folder, logSize: log.size)
                defer { next.state.close() }
                #expect(next.appliedSize == 0, "\(label): \(error)")
                return true
            }
        }
        return false
    }
}
