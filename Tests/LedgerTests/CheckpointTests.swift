import Bytes
import Cryptography
import Foundation
import Ledger
import Runtime
import Testing
import Transparency

@Suite("A log that was written to has a signed checkpoint")
struct CheckpointTests {
    private static let segment = "/segments/0000000000000000.segment"

    private func published(_ directory: String) throws -> Checkpoint {
        let note = try SignedNote(Files.read(directory + "/checkpoint", bytesMax: 4_096))
        return try VerifiedCheckpoint(note, logKey: TestLog.signer().verifierKey).checkpoint
    }

    private func story(_ count: Int) throws -> Story {
        let story = try Story()
        for _ in 0..<count { try story.decide { $0.key = nil } }
        story.close()
        return story
    }

    @Test func emptyTreeIsPublishedBeforeTheFirstStatement() throws {
        let directory = try TemporaryDirectory()
        try Log.create(at: directory.log, origin: NoteKeyName(TestLog.origin), segmentBytes: TestLog.segmentBytes)
        // A log that never ran needs none, however often it is looked at.
        for _ in 0..<2 { try Log(opening: TestLog.configuration(directory.log)).close() }
        #expect(!FileManager.default.fileExists(atPath: directory.log + "/checkpoint"))
        let summary = try LogAudit(directory: directory.log, key: TestLog.signer().verifierKey).run()
        #expect(summary.published == nil && summary.size == 0 && summary.unpublishedNote == nil)
        let log = try TestLog.open(directory.log)
        #expect(try published(directory.log).size == 0)
        #expect(log.size == 0)
        log.close()
        try TestLog.open(directory.log).close()
        #expect(try published(directory.log).size == 0)
    }

    @Test func startThatCannotPublishTheEmptyTreeIsRefused() throws {
        let directory = try TemporaryDirectory()
        try Log.create(at: directory.log, origin: NoteKeyName(TestLog.origin), segmentBytes: TestLog.segmentBytes)
        let log = try Log(opening: TestLog.configuration(directory.log))
        // Nothing can be renamed over a folder.
        try FileManager.default.createDirectory(
            atPath: directory.log + "/checkpoint/x",
            withIntermediateDirectories: true
        )
        let ticket = Ticket(TestLog.entry(0))
        ticket.submit(to: log)
        #expect(throws: LogError.self) { try log.start() }
        log.close()
        #expect(ticket.now.failures == 1 && log.size == 0)
    }

    /// What an attacker does to the segments when the checkpoint is gone.
    enum Tampering: CaseIterable {
        case nothing
        case cut
        case altered
        case cutToTheFirstByte
    }

    @Test(arguments: Tampering.allCases, [true, false])
    func logWithoutItsCheckpointIsRefused(_ tampering: Tampering, _ keepsTiles: Bool) throws {
        let story = try story(3)
        let directory = story.directory.log
        let original = try Files.read(directory + Self.segment, bytesMax: 1 << 20)
        let note = try Files.read(directory + "/checkpoint", bytesMax: 4_096)
        let end = (original.lastIndex { $0 != 0 } ?? 0) + 1
        var bytes = original
        switch tampering {
        case .nothing: break
        case .cut: for position in (end - 1_000)..<end { bytes[position] = 0 }
        case .altered: bytes[end - 1_000] ^= 1
        case .cutToTheFirstByte: for position in 4_097..<end { bytes[position] = 0 }
        }
        try Files.replace(directory + Self.segment, with: bytes)
        try Files.remove(directory + "/checkpoint")
        if !keepsTiles { try FileManager.default.removeItem(atPath: directory + "/tile") }
        let error = #expect(throws: LogError.self) { try Log(opening: TestLog.configuration(directory)) }
        guard case .checkpointMissing = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Nothing was changed, and nothing was signed.
        #expect(try Files.read(directory + Self.segment, bytesMax: 1 << 20) == bytes)
        #expect(!FileManager.default.fileExists(atPath: directory + "/checkpoint"))
        #expect(try story.discrepancy()?.description.contains("the published checkpoint is missing") == true)
        // With its checkpoint the true log opens, and only that one.
        try Files.replace(directory + "/checkpoint", with: note)
        if tampering != .nothing {
            #expect(throws: LogError.self) { try Log(opening: TestLog.configuration(directory)) }
            try Files.replace(directory + Self.segment, with: original)
        }
        let log = try Log(opening: TestLog.configuration(directory))
        #expect(log.opening.size == 3)
        log.close()
    }

    @Test func auditCountsWhatIsBehindThePublishedCheckpoint() throws {
        for (count, note) in [
            (0, nil), (1, "1 statement is not yet under a published checkpoint"),
            (2, "2 statements are not yet under a published checkpoint"),
        ] {
            let story = try story(count)
            let whole = try story.audit()
            #expect(whole.unpublished == 0 && whole.unpublishedNote == nil)
            try TestLog.putEmptyCheckpoint(story.directory.log)
            let behind = try story.audit()
            #expect(behind.published == 0 && behind.unpublished == UInt64(count) && behind.unpublishedNote == note)
        }
    }

    @Test func whatAnUncleanEndLeftIsPublishedBeforeTheStartEnds() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        TestLog.append((0..<5).map { TestLog.entry($0) }, to: log)
        log.close()
        try TestLog.putEmptyCheckpoint(directory.log)
        var configuration = try TestLog.configuration(directory.log)
        configuration.publicationMilliseconds = 3_600_000
        let again = try Log(opening: configuration)
        #expect(again.opening.size == 5 && again.opening.published == 0)
        try again.start()
        #expect(again.publishedSize == 5)
        #expect(try published(directory.log).size == 5)
        // The first batch follows at once, all others when the rest is over.
        TestLog.append([TestLog.entry(5)], to: again)
        for _ in 0..<5_000 where again.publishedSize < 6 { usleep(1_000) }
        #expect(try published(directory.log).size == 6)
        TestLog.append([TestLog.entry(6)], to: again)
        usleep(100_000)
        #expect(try published(directory.log).size == 6)
        again.close()
        #expect(try published(directory.log).size == 7)
    }

    @Test func errorsNameThePublishedCheckpointOnce() throws {
        let story = try story(2)
        let path = story.directory.log + "/checkpoint"
        let note = try Files.read(path, bytesMax: 4_096)
        var altered = note
        altered[altered.count - 5] ^= 1
        for bytes in [altered, [], nil] {
            if let bytes { try Files.replace(path, with: bytes) } else { try Files.remove(path) }
            let error = #expect(throws: LogError.self) {
                try Log(opening: TestLog.configuration(story.directory.log))
            }
            let found = try #require(try story.discrepancy())
            for words in ["\(found)", error.map { "\($0)" } ?? ""] {
                #expect(words.components(separatedBy: "the published checkpoint").count == 2, "\(words)")
            }
        }
        try Files.replace(path, with: note)
        #expect(try story.discrepancy() == nil)
    }
}
