import Bytes
import Cryptography
import Foundation
import Ledger
import Runtime
import Testing
import Transparency

@Suite struct TileTests {
    private func checkTiles(_ directory: String, _ statements: [[UInt8]]) throws {
        let note = try SignedNote(Files.read(directory + "/checkpoint", bytesMax: 4_096))
        let checkpoint = try VerifiedCheckpoint(note, logKey: TestLog.signer().verifierKey).checkpoint
        #expect(checkpoint.size == UInt64(statements.count))
        let reader = try TileHashReader(size: checkpoint.size, root: checkpoint.root) { level, index, width in
            TilePath(kind: .hashes(level: level), index: index, width: width)
                .flatMap { try? Files.read("\(directory)/\($0.path)", bytesMax: 1 << 20) }
        }
        for index in stride(from: 0, to: statements.count, by: 7) {
            let proof = try reader.inclusionProof(of: UInt64(index))
            try TreeProof.verifyInclusion(
                of: TreeHash.leaf(statements[index]),
                at: UInt64(index),
                in: checkpoint.root,
                size: checkpoint.size,
                proof: proof
            )
        }
        for first in stride(from: 0, to: statements.count, by: 256) {
            let width = min(256, statements.count - first)
            let path = try #require(TilePath(kind: .entries, index: UInt64(first / 256), width: width))
            let bundle = try Files.read("\(directory)/\(path.path)", bytesMax: 1 << 26)
            let entries = try EntryBundle.ranges(in: bundle, width: width).map { Array(bundle[$0]) }
            #expect(entries == Array(statements[first..<first + width]))
        }
    }

    @Test(arguments: [1, 2, 255, 256, 257, 512, 700]) func tilesHoldTheWholePublishedTree(_ count: Int) throws {
        let directory = try TemporaryDirectory()
        var statements: [[UInt8]] = []
        // In two runs, so that the second continues where the tiles of the first end.
        for half in [0..<(count / 2), (count / 2)..<count] {
            let log = try TestLog.open(directory.log)
            let tickets = half.map { Ticket(TestLog.entry($0, bytes: 60, records: 0)) }
            for ticket in tickets { ticket.submit(to: log) }
            for ticket in tickets { ticket.wait() }
            statements += tickets.map(\.entry.statement)
            log.close()
            #expect(log.publicationFailure == nil)
        }
        try checkTiles(directory.log, statements)
    }

    @Test func partialTilesGoWhenTheFullOneStands() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let entries = (0..<300).map { TestLog.entry($0, bytes: 40, records: 0) }
        TestLog.append(entries, to: log)
        log.close()
        #expect(!FileManager.default.fileExists(atPath: directory.log + "/tile/0/000.p"))
        #expect(FileManager.default.fileExists(atPath: directory.log + "/tile/0/000"))
        #expect(FileManager.default.fileExists(atPath: directory.log + "/tile/entries/001.p/44"))
        try checkTiles(directory.log, entries.map(\.statement))
    }

    @Test func deletedTilesAreMadeAgain() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        var entries = (0..<600).map { TestLog.entry($0, bytes: 400) }
        let tickets = entries.map { Ticket($0) }
        for ticket in tickets { ticket.submit(to: log) }
        log.close()
        for keepsCheckpoint in [true, false] {
            try FileManager.default.removeItem(atPath: directory.log + "/tile")
            if !keepsCheckpoint { try TestLog.putEmptyCheckpoint(directory.log) }
            let again = try TestLog.open(directory.log)
            entries.append(TestLog.entry(entries.count))
            TestLog.append([entries[entries.count - 1]], to: again)
            again.close()
            #expect(again.publicationFailure == nil)
            try checkTiles(directory.log, entries.map(\.statement))
        }
    }

    @Test func readersGetWhatThePublishedTreeHasAndNothingElse() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let entries = (0..<300).map { TestLog.entry($0, bytes: 40, records: 0) }
        TestLog.append(entries, to: log)
        log.close()
        func file(_ path: String) throws -> [UInt8]? { try log.file(path: path.utf8) }
        #expect(try file("checkpoint") != nil)
        let full = try #require(try file("tile/0/000"))
        #expect(full.count == 8_192)
        #expect(try file("tile/0/001.p/44")?.count == 44 * 32)
        #expect(try file("tile/1/000.p/1")?.count == 32)
        // Partial tiles of earlier sizes are the beginnings of what stands.
        #expect(try file("tile/0/000.p/17") == Array(full.prefix(17 * 32)))
        let bundle = try #require(try file("tile/entries/000.p/3"))
        let ranges = try EntryBundle.ranges(in: bundle, width: 3)
        #expect(ranges.map { Array(bundle[$0]) } == entries.prefix(3).map(\.statement))
        for path in [
            "", "/checkpoint", "checkpoint/", "checkpoint.tmp", "../log/checkpoint", "tile/0/001", "tile/0/001.p/45",
            "tile/0/002",
            "tile/1/000", "tile/2/000.p/1", "tile/0/000.p/0", "tile/0/000.p/256", "tile/entries/001", "tile/0/../0/000",
            "tile/0/000/", "tile/0/x000/000", "tile/00/000", "segments/0000000000000000.segment", "lock",
            "tile/0/000.tmp",
            "tile/0/000%2f", "tile//000",
        ] {
            #expect(try file(path) == nil, "\(path)")
        }
    }

    @Test func publishedCheckpointNeverPrecedesItsTiles() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        let entries = (0..<1_500).map { TestLog.entry($0, bytes: 40, records: 0) }
        var seen: Set<UInt64> = []
        for start in stride(from: 0, to: 1_500, by: 50) {
            let tickets = entries[start..<start + 50].map { Ticket($0) }
            for ticket in tickets { ticket.submit(to: log) }
            for ticket in tickets { ticket.wait() }
            // Now and then the tiles get time to follow; otherwise they are caught at whatever they do.
            while start % 500 == 450, log.publishedSize < log.size { usleep(1_000) }
            guard let bytes = try log.file(path: "checkpoint".utf8) else { continue }
            let note = try SignedNote(bytes)
            let checkpoint = try VerifiedCheckpoint(note, logKey: log.verifierKey).checkpoint
            // The empty tree has no tiles.
            guard checkpoint.size > 0 else { continue }
            seen.insert(checkpoint.size)
            let reader = try TileHashReader(size: checkpoint.size, root: checkpoint.root) { level, index, width in
                TilePath(kind: .hashes(level: level), index: index, width: width)
                    .flatMap { (try? log.file(path: $0.path.utf8)) ?? nil }
            }
            #expect(try reader.inclusionProof(of: 0).count == TreeProofLength.of(0, checkpoint.size))
        }
        log.close()
        #expect(seen.count > 1)
        try checkTiles(directory.log, entries.map(\.statement))
    }
}

/// How long the proof of the first leaf is: one hash for each level of the tree.
enum TreeProofLength {
    static func of(_ index: UInt64, _ size: UInt64) -> Int {
        size <= 1 ? 0 : UInt64.bitWidth - (size - 1).leadingZeroBitCount
    }
}
