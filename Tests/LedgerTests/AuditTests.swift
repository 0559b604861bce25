import Authorization
import Bytes
import Cryptography
import Foundation
import Ledger
import Receipts
import Runtime
import Testing

@Suite struct AuditTests {
    @Test func wholeStoryIsClean() throws {
        let story = try Story()
        let direct = try story.decide()
        try story.report(direct, direct)
        try story.report(direct, direct, .failed, contradicts: story.references[1])
        let late = try story.decide {
            $0.isRedeemed = false
            $0.key = "other"
        }
        let redemption = try story.redeem(late)
        try story.report(late, redemption, .notStarted)
        let expired = try story.decide {
            $0.isRedeemed = false
            $0.key = "third"
        }
        try story.decide {
            $0.key = "third"
            $0.parent = expired
        }
        try story.halt(.surface("platform"), reason: NoteRecord(text: "why", nonce: Nonce((3, 4))))
        try story.decide { $0.cause = .halted }
        try story.decide {
            $0.surface = "deploy"
            $0.key = nil
        }
        try story.resume(.surface("platform"))
        try story.decide { $0.key = nil }
        let summary = try story.audit()
        #expect(summary.size == 13 && summary.published == 13 && !summary.endsIncomplete)
        #expect(summary.counts.map(\.type) == ["decision", "effect", "halt", "redemption", "resume"])
        #expect(summary.counts.map(\.count) == [7, 3, 1, 1, 1])
    }

    private func expect(
        _ defect: AuditDefect,
        at index: UInt64,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ tell: (Story) throws -> Void
    ) throws {
        let story = try Story()
        try tell(story)
        let discrepancy = try story.discrepancy()
        #expect(discrepancy == AuditDiscrepancy(at: index, defect), sourceLocation: sourceLocation)
    }

    @Test func permitIsRedeemedAtMostOnce() throws {
        try expect(.redeemedTwice(first: 0), at: 1) { try $0.redeem($0.decide()) }
        try expect(.redeemedTwice(first: 1), at: 2) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            try story.redeem(decision)
            try story.redeem(decision)
        }
    }

    @Test func onlyLivePermitsAreRedeemedByTheirAudience() throws {
        try expect(.redemptionWithoutPermit, at: 1) { story in try story.redeem(story.decide { $0.cause = .noPermit }) }
        try expect(.redemptionOutsideOfAudience, at: 1) { story in
            try story.redeem(story.decide { $0.isRedeemed = false }, by: "other")
        }
        try expect(.redemptionTooLate, at: 1) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            story.time += 60_000
            try story.redeem(decision)
        }
        try expect(.redemptionTooLate, at: 0) { story in try story.decide { $0.lifeMilliseconds = 0 } }
    }

    @Test func keyHasAtMostOneRedeemedPermitWithinItsWindow() throws {
        try expect(.keyRedeemedTwice(first: 0), at: 1) { story in
            try story.decide()
            try story.decide()
        }
        // Settled, and the window has not passed.
        try expect(.keyRedeemedTwice(first: 0), at: 2) { story in
            let first = try story.decide()
            try story.report(first, first)
            story.time += 3_599_000
            try story.decide()
        }
        // Never settled: the key never leaves.
        try expect(.keyRedeemedTwice(first: 0), at: 1) { story in
            try story.decide()
            story.time += 864_000_000
            try story.decide()
        }
        let story = try Story()
        let first = try story.decide()
        try story.report(first, first)
        story.time += 3_600_000
        try story.decide()
        #expect(try story.discrepancy() == nil)
    }

    @Test(arguments: [
        HaltedScope.all, .surface("platform"), .actor(EntityName(type: "Agent", id: "ops-bot")),
    ]) func nothingIsRedeemedUnderAHaltInScope(_ scope: HaltedScope) throws {
        try expect(.redemptionUnderHalt, at: 1) { story in
            try story.halt(scope)
            try story.decide()
        }
        try expect(.redemptionUnderHalt, at: 2) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            try story.halt(scope)
            try story.redeem(decision)
        }
        let story = try Story()
        try story.halt(scope)
        try story.resume(scope)
        try story.halt(.surface("other"))
        try story.decide()
        #expect(try story.discrepancy() == nil)
    }

    @Test func effectsHaveTheirRedemption() throws {
        try expect(.effectOfAnother, at: 1) { story in
            let decision = try story.decide()
            try story.report(decision, decision, attempt: SHA256.digest(of: "other" as Text))
        }
        try expect(.reference("redemption"), at: 1) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            try story.report(decision, decision)
        }
        try expect(.reference("redemption"), at: 3) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            let other = try story.decide {
                $0.isRedeemed = false
                $0.key = nil
            }
            let redemption = try story.redeem(other)
            try story.report(decision, redemption)
        }
        try expect(.effectContradiction, at: 2) { story in
            let decision = try story.decide()
            try story.report(decision, decision)
            try story.report(decision, decision, .failed)
        }
        try expect(.effectContradiction, at: 2) { story in
            let decision = try story.decide()
            try story.decide { $0.key = nil }
            try story.report(decision, decision, contradicts: story.references[1])
        }
    }

    @Test func referencesNameStatementsThatStand() throws {
        try expect(.reference("decision"), at: 1) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            try story.redeem(Reference(index: decision.index, leaf: SHA256.digest(of: "x" as Text)))
        }
        try expect(.reference("decision"), at: 1) { story in
            let decision = try story.decide { $0.isRedeemed = false }
            try story.redeem(Reference(index: 1, leaf: decision.leaf))
        }
        try expect(.reference("decision"), at: 1) { story in
            try story.halt(.surface("x"))
            try story.redeem(story.references[0])
        }
        let nowhere = Reference(index: 0, leaf: SHA256.digest(of: "x" as Text))
        try expect(.reference("original"), at: 0) { story in
            try story.decide {
                $0.cause = .idempotencyConflict
                $0.original = Original(reference: nowhere, commitment: nowhere.leaf)
            }
        }
        try expect(.reference("parent"), at: 1) { story in
            let refused = try story.decide { $0.cause = .forbidden }
            try story.decide { $0.parent = refused }
        }
    }

    @Test func evidenceIsThereAndIsTheRightOne() throws {
        try expect(.evidence("request"), at: 0) { story in try story.decide { $0.isWithoutRequest = true } }
        try expect(.evidence("request"), at: 0) { story in try story.decide { $0.hasOtherRequest = true } }
        try expect(.evidence("facts"), at: 0) { story in try story.decide { $0.isWithoutFacts = true } }
        try expect(.evidence("note"), at: 0) { story in
            try story.halt(.all, reason: NoteRecord(text: "why", nonce: Nonce((3, 4))), recorded: false)
        }
    }

    @Test func entriesThatAreNoStatementsOfThisLogAreFound() throws {
        try expect(.origin, at: 1) { story in
            try story.decide()
            try story.decide {
                $0.key = nil
                $0.origin = "other.example"
            }
        }
        let story = try Story()
        try story.append(TestLog.entry(0))
        #expect(try story.discrepancy()?.index == 0)
    }

    @Test func damageIsFoundWhereverItIs() throws {
        let story = try Story()
        for _ in 0..<300 { try story.decide { $0.key = nil } }
        _ = try story.audit()
        let names = try FileManager.default.subpathsOfDirectory(atPath: story.directory.log).sorted()
        let files = names.filter {
            !$0.hasSuffix("lock") && (try? Files.status(of: "\(story.directory.log)/\($0)").kind) == .file
        }
        #expect(files.count > 6)
        for name in files {
            let path = "\(story.directory.log)/\(name)"
            let bytes = try Files.read(path, bytesMax: 1 << 26)
            let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
            for position in [0, end / 3, end - 1] {
                var changed = bytes
                changed[position] ^= 4
                try Files.replace(path, with: changed)
                #expect(try story.discrepancy() != nil, "\(name) byte \(position)")
            }
            try Files.remove(path)
            // Partial tiles of earlier trees may go; everything else is missed.
            let isNeeded = ["tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"].contains(name)
            let mayGo = name.contains(".p/") && !isNeeded
            #expect(try (story.discrepancy() == nil) == mayGo, "\(name)")
            try Files.replace(path, with: bytes)
        }
        #expect(try story.discrepancy() == nil)
    }

    @Test func incompleteEndIsSaidAndIsNoDiscrepancy() throws {
        let story = try Story()
        for _ in 0..<3 { try story.decide { $0.key = nil } }
        story.close()
        try TestLog.putEmptyCheckpoint(story.directory.log)
        let path = story.directory.log + "/segments/0000000000000000.segment"
        var bytes = try Files.read(path, bytesMax: 1 << 20)
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        for position in (end - 400)..<end { bytes[position] = 0 }
        try Files.replace(path, with: bytes)
        let summary = try story.audit()
        #expect(summary.size == 2 && summary.endsIncomplete)
        let reader = LogReader(directory: story.directory.log, origin: TestLog.origin)
        var entries = try reader.entries()
        var count = 0
        while try entries.next() != nil { count += 1 }
        #expect(count == 2)
        // Where the end is known, what is missing is damage.
        var known = try reader.entries(to: 3)
        #expect(try known.next() != nil)
        #expect(try known.next() != nil)
        #expect(throws: LogError.self) { try known.next() }
    }

    @Test func readerWalksFromAnyStatementWhileTheLogGrows() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let tickets = (0..<400).map { Ticket(TestLog.entry($0, bytes: 500)) }
        for ticket in tickets.prefix(300) { ticket.submit(to: log) }
        for ticket in tickets.prefix(300) { ticket.wait() }
        let reader = LogReader(directory: directory.log, origin: TestLog.origin)
        for start in [0, 1, 127, 128, 299] {
            var entries = try reader.entries(from: UInt64(start))
            var index = start
            while let entry = try entries.next() {
                #expect(
                    entry.statement == tickets[index].entry.statement && entry.records == tickets[index].entry.records
                )
                #expect(
                    entry.position == tickets[index].release?.position && entry.leaf == tickets[index].release?.leaf
                )
                index += 1
            }
            #expect(index == 300)
        }
        var follow = try reader.entries(from: 300)
        #expect(try follow.next() == nil)
        for ticket in tickets.suffix(100) { ticket.submit(to: log) }
        for ticket in tickets.suffix(100) { ticket.wait() }
        for ticket in tickets.suffix(100) { #expect(try follow.next()?.position == ticket.release?.position) }
        #expect(try reader.entry(at: 42).statement == tickets[42].entry.statement)
        #expect(throws: LogError.noStatement(index: 401)) { _ = try reader.entries(from: 401) }
        log.close()
    }
}
