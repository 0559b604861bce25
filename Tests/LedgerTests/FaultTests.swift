import Bytes
import Foundation
import Ledger
import Runtime
import Testing

@Suite struct FaultTests {
    private static let stops: [FaultyDisk.Fault: LogStop] = [
        .writeError: .writeFailed, .shortWrite: .shortWrite, .nothingWritten: .shortWrite, .syncError: .syncFailed,
        .unlinked: .unlinked, .statusError: .unlinked, .full: .diskFull, .freeError: .diskFull,
    ]

    @Test(arguments: FaultyDisk.Fault.allCases, [0, 1, 7])
    func anyFailureOfTheDiskStopsTheLogForGood(_ fault: FaultyDisk.Fault, _ number: Int) throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log, disk: FaultyDisk(fault, at: number))
        let good = TestLog.append((0..<number).map { TestLog.entry($0) }, to: log)
        #expect(good.allSatisfy { $0.now.releases.count == 1 })
        let bad = Ticket(TestLog.entry(number))
        bad.submit(to: log)
        bad.wait()
        #expect(bad.now.failures == 1 && bad.now.releases.isEmpty)
        guard case .stopped(let stop, _) = log.state else {
            Issue.record("the log still runs")
            return
        }
        #expect(stop == Self.stops[fault])
        // For good: whatever the disk does next.
        let late = Ticket(TestLog.entry(99))
        #expect(late.submit(to: log) == .stopped)
        #expect(log.size == UInt64(number))
        log.close()
        try checkRecovery(directory, good, bad)
    }

    /// What was released is there; what was not may be there or not, whole.
    private func checkRecovery(_ directory: TemporaryDirectory, _ good: [Ticket], _ bad: Ticket) throws {
        let again = try TestLog.open(directory.log)
        #expect([good.count, good.count + 1].contains(Int(again.opening.size)))
        for ticket in good {
            let release = try #require(ticket.release)
            #expect(try again.receipt(at: release.position) == release.receipt)
        }
        if Int(again.opening.size) > good.count {
            let position = try again.position(of: UInt64(good.count))
            #expect(try again.entry(at: position) == bad.entry)
        }
        let next = TestLog.append([TestLog.entry(100)], to: again)
        #expect(next[0].release?.position.index == again.opening.size)
        again.close()
    }

    @Test func failureOfOneBatchFailsEverybodyInTheQueue() throws {
        let directory = try TemporaryDirectory()
        let gate = Monitor(false)
        let disk = FaultyDisk(.syncError, at: 0, syncing: { gate.wait(until: { $0 }, { _ in }) })
        let log = try TestLog.open(directory.log, disk: disk)
        let tickets = (0..<2_500).map { Ticket(TestLog.entry($0, bytes: 30, records: 0)) }
        for ticket in tickets { #expect(ticket.submit(to: log) == .accepted) }
        gate.changeForAll { $0 = true }
        for ticket in tickets { ticket.wait() }
        log.close()
        #expect(tickets.allSatisfy { $0.now.failures == 1 && $0.now.releases.isEmpty })
    }

    @Test func deletedSegmentStopsTheLog() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        TestLog.append([TestLog.entry(0)], to: log)
        try FileManager.default.removeItem(atPath: directory.log + "/segments/0000000000000000.segment")
        let tickets = TestLog.append([TestLog.entry(1)], to: log)
        #expect(tickets[0].now.failures == 1)
        #expect(log.state == .stopped(.unlinked, errorNumber: 0))
        log.close()
    }

    @Test func tooLittleFreeSpaceStopsTheLog() throws {
        let directory = try TemporaryDirectory()
        try TestLog.open(directory.log).close()
        var configuration = try TestLog.configuration(directory.log)
        configuration.freeBytesMin = .max
        let log = try Log(opening: configuration)
        try log.start()
        #expect(TestLog.append([TestLog.entry(0)], to: log)[0].now.failures == 1)
        #expect(log.state == .stopped(.diskFull, errorNumber: 0))
        log.close()
    }

    @Test(arguments: [FaultyDisk.Fault.writeError, .shortWrite, .syncError])
    func failureWhileTheNextSegmentIsMadeStopsTheLog(_ fault: FaultyDisk.Fault) throws {
        let directory = try TemporaryDirectory()
        // Each statement is a batch, so the call that fails is that for the header of the second segment.
        let count = (TestLog.segmentBytes - 4_096) / 10_256
        let log = try TestLog.open(directory.log, disk: FaultyDisk(fault, at: count))
        let entries = (0...count).map { TestLog.entry($0, bytes: 10_100, records: 1) }
        let tickets = TestLog.append(entries, to: log)
        #expect(tickets.dropLast().allSatisfy { $0.now.releases.count == 1 })
        #expect(tickets.last?.now.failures == 1)
        guard case .stopped(.segmentFailed, _) = log.state else {
            Issue.record("\(log.state)")
            return
        }
        log.close()
        try checkRecovery(directory, Array(tickets.dropLast()), try #require(tickets.last))
    }

    @Test func slowSyncDelaysAndLosesNothing() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log, disk: FaultyDisk(nil, syncing: { usleep(20_000) }))
        let tickets = (0..<40).map { Ticket(TestLog.entry($0)) }
        for ticket in tickets {
            ticket.submit(to: log)
            usleep(1_000)
        }
        log.close()
        #expect(tickets.allSatisfy { $0.now.releases.count == 1 })
        // They shared syncs.
        #expect(Set(tickets.compactMap { $0.release?.position.treeSize }).count < 20)
    }
}
