import Authorization
import Bytes
import Foundation
import State
import Testing
import WritTesting

@Suite struct OpeningTests {
    @Test func missingViewIsCreatedForItsOwnerAlone() throws {
        let folder = try TemporaryFolder()
        let opening = try open(folder, logSize: 0)
        defer { opening.state.close() }
        #expect(opening.condition == .created)
        #expect(opening.appliedSize == 0)
        #expect(opening.newest == nil)
        for suffix in ["", "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.view + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func viewIsFoundAgainAsItWas() throws {
        let folder = try filledFolder(3)
        let opening = try open(folder, logSize: 3)
        defer { opening.state.close() }
        #expect(opening.condition == .intact)
        #expect(opening.appliedSize == 3)
        #expect(opening.newest == Reference(index: 2, leaf: StateSamples.decision(2).leaf))
        #expect(try opening.state.entry(claim: StateSamples.key(1))?.index == 1)
    }

    @Test func viewAheadOfTheLogRefusesToOpen() throws {
        let folder = try filledFolder(3)
        #expect(throws: StateError.viewAhead(applied: 3, logSize: 2)) { try open(folder, logSize: 2) }
        // The refusal changed nothing.
        let opening = try open(folder, logSize: 3)
        #expect(opening.condition == .intact)
        opening.state.close()
    }

    @Test func viewBehindTheLogAnswersNothingUntilCaughtUp() throws {
        let folder = try filledFolder(3)
        let opening = try open(folder, logSize: 5)
        let state = opening.state
        defer { state.close() }
        #expect(opening.appliedSize == 3)
        let behind = StateError.behind(applied: 3, logSize: 5)
        #expect(throws: behind) { try state.entry(claim: StateSamples.key(1)) }
        #expect(throws: behind) { try state.entry(id: StateSamples.id(1)) }
        #expect(throws: behind) { try state.entry(index: 1) }
        #expect(throws: behind) { try state.authorityEvents() }
        try state.applyDirectly([.decision(StateSamples.decision(3, key: 3))], size: 4)
        #expect(throws: StateError.behind(applied: 4, logSize: 5)) { try state.entry(index: 3) }
        try state.applyDirectly([.none], size: 5)
        #expect(try state.entry(index: 3)?.claimKey == StateSamples.key(3))
        #expect(try state.entry(claim: StateSamples.key(1))?.index == 1)
    }

    @Test func recordingBeforeCatchingUpStopsTheStore() throws {
        let folder = try filledFolder(3)
        let state = try open(folder, logSize: 5).state
        defer { state.close() }
        state.record([.none], size: 6)
        #expect(throws: StateError.self) { try state.applyDirectly([.none, .none], size: 5) }
        #expect(throws: StateError.self) { try state.entry(index: 0) }
    }

    @Test func aPartOfTheLogMayBeAppliedTwice() throws {
        let folder = try TemporaryFolder()
        let changes: [StateChange] = [
            .decision(StateSamples.decision(0, key: 1)), .redemption(decision: 0, StateSamples.redemption(1)),
            .authority(index: 2, kind: 1, payload: [7]), .effect(decision: 0, StateSamples.effect(3)),
        ]
        let first = try open(folder, logSize: 4).state
        try first.applyDirectly(changes, size: 4)
        try first.applyDirectly(changes, size: 4)
        let entry = try first.entry(claim: StateSamples.key(1))
        #expect(entry?.effect == StateSamples.effect(3))
        #expect(try first.authorityEvents().count == 1)
        first.close()
        // The sums of the tables are right: the view is believed.
        let second = try open(folder, logSize: 4)
        #expect(second.condition == .intact)
        #expect(try second.state.entry(id: StateSamples.id(0)) == entry)
        second.state.close()
    }

    @Test func viewOfAnotherLogIsReplaced() throws {
        let folder = try filledFolder(3)
        let opening = try open(folder, logSize: 3, origin: "gate-2.example/2026")
        defer { opening.state.close() }
        #expect(opening.condition == .rebuilt("it belongs to the log `gate-1.example/2026`"))
        #expect(opening.appliedSize == 0)
        #expect(throws: StateError.behind(applied: 0, logSize: 3)) { try opening.state.entry(index: 0) }
    }

    @Test(arguments: [1, 100, 4_096, 10_000]) func whatIsNoViewIsReplaced(size: Int) throws {
        let folder = try TemporaryFolder()
        try Data(repeating: 0x57, count: size).write(to: URL(fileURLWithPath: folder.view))
        let opening = try open(folder, logSize: 0)
        defer { opening.state.close() }
        guard case .rebuilt = opening.condition else {
            Issue.record("\(opening.condition)")
            return
        }
    }

    @Test func folderThatIsMissingIsAnErrorAndNotAnEmptyView() throws {
        #expect(throws: StateError.self) {
            try EmbeddedState.open(path: "/nonexistent/writ/state.sqlite", origin: origin, logSize: 0)
        }
    }

    @Test func viewIsOpenedOnce() throws {
        let folder = try filledFolder(1)
        let first = try open(folder, logSize: 1)
        defer { first.state.close() }
        #expect(throws: StateError.self) { try open(folder, logSize: 1) }
        // And the second try did not harm the first.
        #expect(try first.state.entry(index: 0) != nil)
    }

    @Test func closedStateAnswersNothing() throws {
        let folder = try TemporaryFolder()
        let state = try open(folder, logSize: 0).state
        state.record([.decision(StateSamples.decision(0, key: 1))], size: 1)
        state.close()
        state.close()
        #expect(throws: StateError.failed("it was closed")) { try state.entry(index: 0) }
        #expect(throws: StateError.failed("it was closed")) { try state.entry(claim: StateSamples.key(1)) }
        let opening = try open(folder, logSize: 1)
        #expect(opening.appliedSize == 1, "closing waits for what was recorded")
        opening.state.close()
    }

    private func filledFolder(_ count: UInt64) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let state = try open(folder, logSize: 0).state
        state.record((0..<count).map { .decision(StateSamples.decision($0, key: $0)) }, size: count)
        state.close()
        return folder
    }
}
