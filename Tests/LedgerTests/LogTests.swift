import Bytes
import Cryptography
import Foundation
import Ledger
import Receipts
import Runtime
import Testing
import Transparency

@Suite struct LogTests {
    @Test func everyAcceptedStatementIsReleasedOnceWithAValidReceipt() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = (0..<500).map { Ticket(TestLog.entry($0, bytes: 20 + $0, records: $0 % 3)) }
        for ticket in tickets { #expect(ticket.submit(to: log) == .accepted) }
        for ticket in tickets { ticket.wait() }
        for (index, ticket) in tickets.enumerated() {
            let release = try #require(ticket.release)
            #expect(release.position.index == UInt64(index))
            #expect(try TestLog.verify(release, ticket.entry))
        }
        #expect(log.size == 500)
        log.close()
        for ticket in tickets {
            #expect(ticket.now.seals == 1 && ticket.now.releases.count == 1 && ticket.now.failures == 0)
        }
    }

    @Test func reopenedLogGivesTheSameBytes() throws {
        let directory = try TemporaryDirectory()
        var tickets: [Ticket] = []
        for round in 0..<3 {
            let log = try TestLog.open(directory.log)
            #expect(log.opening.size == UInt64(tickets.count))
            tickets += TestLog.append((0..<120).map { TestLog.entry(round * 120 + $0, records: 2) }, to: log)
            log.close()
        }
        let log = try TestLog.open(directory.log)
        for ticket in tickets {
            let release = try #require(ticket.release)
            #expect(try log.receipt(at: release.position) == release.receipt)
            #expect(try log.entry(at: release.position) == ticket.entry)
            #expect(try log.position(of: release.position.index) == release.position)
        }
        // More than one segment was written.
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.log + "/segments").count > 2)
        log.close()
    }

    @Test func receiptsAgainComeFromMemoryTilesAndSegments() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = TestLog.append((0..<700).map { TestLog.entry($0) }, to: log)
        func check(_ log: Log) throws {
            for ticket in tickets {
                let release = try #require(ticket.release)
                #expect(try log.receipt(at: release.position) == release.receipt)
            }
        }
        try check(log)
        log.close()
        // From tiles, then with the tiles gone, so that statements are hashed again.
        let again = try Log(opening: TestLog.configuration(directory.log))
        try check(again)
        try FileManager.default.removeItem(atPath: directory.log + "/tile")
        try FileManager.default.removeItem(atPath: directory.log + "/checkpoint")
        for ticket in tickets.prefix(20) {
            let release = try #require(ticket.release)
            #expect(try again.receipt(at: release.position) == release.receipt)
        }
        again.close()
    }

    @Test func wrongPositionsAreRefused() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = TestLog.append((0..<10).map { TestLog.entry($0) }, to: log)
        let right = try #require(tickets[5].release).position
        for position in [
            EntryPosition(index: 6, treeSize: right.treeSize, segment: right.segment, offset: right.offset),
            EntryPosition(index: 5, treeSize: right.treeSize + 1, segment: right.segment, offset: right.offset),
            EntryPosition(index: 5, treeSize: right.treeSize, segment: right.segment, offset: right.offset + 8),
            EntryPosition(index: 5, treeSize: right.treeSize, segment: 1, offset: right.offset),
            EntryPosition(index: 10, treeSize: 11, segment: right.segment, offset: right.offset),
        ] {
            #expect(throws: LogError.self) { try log.receipt(at: position) }
        }
        #expect(throws: LogError.noStatement(index: 10)) { try log.position(of: 10) }
        #expect(try log.statement(at: right) == tickets[5].entry.statement)
        #expect(try log.records(at: right) == tickets[5].entry.records)
        log.close()
    }

    @Test func withdrawnAndTooLargeStatementsFailAlone() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let record = EvidenceRecord(kind: .note, content: [UInt8](repeating: 1, count: LogLimits.recordBytesMax + 1))
        let largest = EvidenceRecord(kind: .note, content: [UInt8](repeating: 1, count: LogLimits.recordBytesMax))
        let bad: [Ticket] = [
            Ticket(TestLog.entry(0), sealing: { _ in nil }),
            Ticket(TestLog.entry(0), sealing: { _ in TestLog.entry(0, bytes: 65_536) }),
            Ticket(TestLog.entry(0), sealing: { _ in Entry(statement: [], records: []) }),
            Ticket(TestLog.entry(0), sealing: { _ in Entry(statement: [1], records: [record]) }),
            Ticket(TestLog.entry(0), sealing: { _ in TestLog.entry(0, records: LogLimits.recordsPerStatementMax + 1) }),
        ]
        let good = [
            Ticket(TestLog.entry(1, bytes: 65_535)), Ticket(Entry(statement: [7], records: [largest])),
            Ticket(TestLog.entry(2, records: LogLimits.recordsPerStatementMax)),
        ]
        for ticket in bad + good { #expect(ticket.submit(to: log) == .accepted) }
        for ticket in bad + good { ticket.wait() }
        for ticket in bad { #expect(ticket.now.failures == 1 && ticket.now.releases.isEmpty) }
        for (index, ticket) in good.enumerated() {
            let release = try #require(ticket.release)
            #expect(release.position.index == UInt64(index))
            #expect(try log.entry(at: release.position) == ticket.entry)
        }
        #expect(log.isRunning)
        log.close()
    }

    @Test func sealLearnsTheIndexAndMayAnswerOtherBytes() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = (0..<50).map { number in
            Ticket(TestLog.entry(0)) { context in
                number % 7 == 3 ? nil : Entry(statement: Array("index \(context.index)".utf8), records: [])
            }
        }
        for ticket in tickets { ticket.submit(to: log) }
        for ticket in tickets { ticket.wait() }
        for ticket in tickets {
            guard let release = ticket.release else { continue }
            #expect(try log.statement(at: release.position) == Array("index \(release.position.index)".utf8))
        }
        #expect(log.size == 43)
        log.close()
    }

    @Test func secondOpeningIsRefusedUntilTheFirstIsClosed() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        #expect(throws: LogError.locked(path: directory.log)) { try Log(opening: TestLog.configuration(directory.log)) }
        log.close()
        let again = try Log(opening: TestLog.configuration(directory.log))
        again.close()
    }

    @Test func creatingTwiceIsRefused() throws {
        let directory = try TemporaryDirectory()
        try TestLog.open(directory.log).close()
        #expect(throws: LogError.exists(path: directory.log)) {
            try Log.create(at: directory.log, origin: TestLog.signer().verifierKey.name, segmentBytes: 8_192)
        }
        #expect(throws: LogError.notALog(path: directory.path + "/none")) {
            try Log(opening: TestLog.configuration(directory.path + "/none"))
        }
    }

    @Test func otherOriginIsRefused() throws {
        let directory = try TemporaryDirectory()
        try Log.create(at: directory.log, origin: NoteKeyName(TestLog.origin), segmentBytes: TestLog.segmentBytes)
        let other = LogConfiguration(directory: directory.log, signer: try TestLog.signer(name: "other.example"))
        #expect(throws: LogError.origin(path: directory.log + "/segments/0000000000000000.segment")) {
            try Log(opening: other)
        }
        // Once it has run, its checkpoint says so first.
        try TestLog.open(directory.log).close()
        let error = #expect(throws: LogError.self) { try Log(opening: other) }
        guard case .checkpoint = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func nothingIsTakenAfterClose() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        log.close()
        let ticket = Ticket(TestLog.entry(0))
        #expect(ticket.submit(to: log) == .stopped)
        #expect(log.state == .stopped(.closed, errorNumber: 0))
        #expect(ticket.now.seals == 0 && ticket.now.failures == 0)
        // Before the start statements wait; when it never comes they fail.
        let idle = try Log(opening: TestLog.configuration(directory.log))
        let waiting = Ticket(TestLog.entry(0))
        #expect(waiting.submit(to: idle) == .accepted)
        idle.close()
        #expect(waiting.now.failures == 1)
    }

    @Test func cleanEndIsTheStatementThatTheGateStopped() throws {
        let directory = try TemporaryDirectory()
        let first = try TestLog.open(directory.log)
        #expect(first.opening.endedClean && first.opening.lastStatement == nil)
        TestLog.append([TestLog.entry(0)], to: first)
        first.close()
        let second = try TestLog.open(directory.log)
        #expect(!second.opening.endedClean && !second.opening.wasCut)
        TestLog.append([try TestLog.stopped()], to: second)
        second.close()
        let third = try TestLog.open(directory.log)
        #expect(third.opening.endedClean)
        #expect(try third.opening.lastStatement == TestLog.stopped().statement)
        third.close()
    }

    @Test func queueKeepsRoomForEffectsAndAuthority() throws {
        let directory = try TemporaryDirectory()
        let gate = Monitor(false)
        let disk = FaultyDisk(nil, syncing: { gate.wait(until: { $0 }, { _ in }) })
        let log = try TestLog.open(directory.log, disk: disk)
        // The first one keeps the writer at its sync; from then on everything waits.
        let first = Ticket(TestLog.entry(0), sealing: nil)
        first.submit(to: log)
        while first.now.seals == 0 { usleep(1_000) }
        var tickets: [Ticket] = []
        func fill(_ priority: SubmissionPriority) -> Int {
            var count = 0
            while true {
                let ticket = Ticket(TestLog.entry(count, bytes: 20, records: 0))
                let result = ticket.submit(to: log, priority: priority)
                guard result == .accepted else {
                    #expect(result == .full)
                    return count
                }
                tickets.append(ticket)
                count += 1
            }
        }
        #expect(fill(.decision) == LogLimits.decisionsQueuedMax)
        #expect(fill(.effect) == LogLimits.effectsReserved)
        #expect(fill(.decision) == 0)
        #expect(fill(.authority) == LogLimits.authorityReserved)
        gate.changeForAll { $0 = true }
        for ticket in tickets { ticket.wait() }
        #expect(tickets.allSatisfy { $0.now.releases.count == 1 })
        // No batch is larger than its limit.
        for ticket in tickets {
            let release = try #require(ticket.release)
            #expect(release.position.treeSize - release.position.index <= UInt64(LogLimits.batchStatementsMax))
        }
        log.close()
    }

    @Test func manyThreadsKeepTheirOrders() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = (0..<8).map { thread in (0..<200).map { Ticket(TestLog.entry(thread * 1_000 + $0, bytes: 100)) } }
        let threads = try tickets.map { own in
            try Thread.start(name: "writer") { for ticket in own { ticket.submit(to: log) } }
        }
        for thread in threads { thread.join() }
        for own in tickets {
            for ticket in own { ticket.wait() }
            let indices = own.compactMap { $0.release?.position.index }
            #expect(indices.count == 200 && indices == indices.sorted())
        }
        let all = tickets.joined().compactMap { $0.release?.position.index }
        #expect(Set(all) == Set(0..<1_600))
        for ticket in tickets.joined() { #expect(try TestLog.verify(#require(ticket.release), ticket.entry)) }
        log.close()
    }

    @Test func observerHearsOfEachBatchBeforeItsReleases() throws {
        final class Observer: LogObserver {
            let heard = Guarded((size: UInt64(0), ends: 0, early: 0))
            func willRelease(_ batch: [(submission: any Submission, release: Release)], size: UInt64) {
                heard.withLock { heard in
                    for (offset, item) in batch.enumerated() {
                        if (item.submission as? Ticket)?.now.isSettled != false { heard.early += 1 }
                        if item.release.position.index != heard.size + UInt64(offset) { heard.early += 1 }
                    }
                    heard.size = size
                }
            }
            func didRelease() { heard.withLock { $0.ends += 1 } }
        }
        let directory = try TemporaryDirectory()
        let observer = Observer()
        let log = try TestLog.open(directory.log, observer: observer)
        let tickets = (0..<100).map { Ticket(TestLog.entry($0)) }
        for ticket in tickets { ticket.submit(to: log) }
        log.close()
        let heard = observer.heard.withLock { $0 }
        #expect(heard.size == 100 && heard.early == 0 && heard.ends > 0)
        #expect(tickets.allSatisfy { $0.now.releases.count == 1 })
    }
}
