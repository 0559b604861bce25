import Bytes
import CSystem
import Cryptography
import Foundation
import Ledger
import Runtime
import Testing

@Suite struct RecoveryTests {
    private static let first = "/segments/0000000000000000.segment"

    /// A log of five frames whose last one begins and ends at these offsets.
    private struct Sample {
        let directory: TemporaryDirectory
        let bytes: [UInt8]
        let frames: [Int]
        let tickets: [Ticket]

        var path: String { directory.log + RecoveryTests.first }
    }

    private func sample(stopped: Bool = false) throws -> Sample {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        var entries = (0..<5).map { TestLog.entry($0, bytes: 120, records: $0 % 2 + 1) }
        if stopped { entries[4] = try TestLog.stopped() }
        let tickets = TestLog.append(entries, to: log)
        log.close()
        try TestLog.putEmptyCheckpoint(directory.log)
        let bytes = try Files.read(directory.log + Self.first, bytesMax: 1 << 20)
        let offsets = tickets.compactMap { $0.release.map { Int($0.position.offset) } }
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) / 8 * 8 + 8
        return Sample(directory: directory, bytes: bytes, frames: offsets + [end], tickets: tickets)
    }

    private func open(_ sample: Sample, _ bytes: [UInt8]) throws -> Log {
        try Files.replace(sample.path, with: bytes)
        return try Log(opening: TestLog.configuration(sample.directory.log))
    }

    @Test func tornLastFrameIsKeptWholeOrCut() throws {
        let sample = try sample()
        let last = sample.frames[4]..<sample.frames[5]
        var sizes: Set<UInt64> = []
        for cut in last {
            // What follows the cut did not reach the disk; or what precedes it did not; or the file ends there.
            var suffix = sample.bytes
            for position in cut..<last.upperBound { suffix[position] = 0 }
            var prefix = sample.bytes
            for position in last.lowerBound..<cut { prefix[position] = 0 }
            for bytes in [suffix, prefix, Array(sample.bytes[..<cut])] {
                let log = try open(sample, bytes)
                sizes.insert(log.opening.size)
                #expect(log.opening.size == (bytes.elementsEqual(sample.bytes) ? 5 : log.opening.size))
                #expect([4, 5].contains(log.opening.size) && !log.opening.endedClean, "cut at \(cut)")
                for ticket in sample.tickets.prefix(Int(log.opening.size)) {
                    let release = try #require(ticket.release)
                    #expect(try log.entry(at: release.position) == ticket.entry)
                }
                log.close()
            }
        }
        #expect(sizes == [4, 5])
    }

    @Test func tornTailIsNotSeenAgainAfterTheNextAppend() throws {
        let sample = try sample()
        var bytes = sample.bytes
        for position in (sample.frames[4] + 100)..<sample.frames[5] { bytes[position] = 0 }
        let log = try open(sample, bytes)
        #expect(log.opening.wasCut && log.opening.size == 4)
        try log.start()
        let next = TestLog.append([TestLog.entry(9, bytes: 10, records: 0)], to: log)
        #expect(next[0].release?.position.index == 4)
        log.close()
        let again = try Log(opening: TestLog.configuration(sample.directory.log))
        #expect(again.opening.size == 5 && !again.opening.wasCut)
        again.close()
    }

    @Test func anyFlippedByteBeforeTheLastFrameRefusesToStart() throws {
        let sample = try sample()
        for position in sample.frames[1]..<sample.frames[2] {
            var bytes = sample.bytes
            bytes[position] ^= 0x10
            let error = #expect(throws: LogError.self) { try open(sample, bytes) }
            guard case .damaged(let path, let offset, _) = error else {
                Issue.record("byte \(position): \(String(describing: error))")
                continue
            }
            #expect(path == sample.path && offset == UInt64(sample.frames[1]))
        }
        let log = try open(sample, sample.bytes)
        #expect(log.opening.size == 5)
        log.close()
    }

    @Test func zeroedFrameBeforeAReadableOneRefusesToStart() throws {
        let sample = try sample()
        var bytes = sample.bytes
        for position in sample.frames[2]..<sample.frames[3] { bytes[position] = 0 }
        #expect(throws: LogError.damaged(path: sample.path, offset: UInt64(sample.frames[2]), .frameHeader)) {
            try open(sample, bytes)
        }
    }

    @Test func anyFlippedByteOfTheSegmentsHeaderRefusesToStart() throws {
        let sample = try sample()
        for position in stride(from: 0, to: 4_096, by: 13) {
            var bytes = sample.bytes
            bytes[position] ^= 1
            #expect(throws: LogError.self) { try open(sample, bytes) }
        }
    }

    @Test func wrongRootUnderRightChecksumsRefusesToStart() throws {
        let sample = try sample()
        var bytes = sample.bytes
        let start = sample.frames[4]
        let statements = Int(bytes[start + 8]) | Int(bytes[start + 9]) << 8
        let root = start + 64 + statements
        bytes[root] ^= 1
        let crc = unsafe bytes[start..<(root + 32)].withUnsafeBytes { unsafe writ_crc32c(0, $0.baseAddress, $0.count) }
        for byte in 0..<4 { bytes[root + 32 + byte] = UInt8(truncatingIfNeeded: crc >> (8 * UInt32(byte))) }
        #expect(throws: LogError.damaged(path: sample.path, offset: UInt64(start), .root)) { try open(sample, bytes) }
    }

    @Test func cleanEndWithSomethingBehindItIsNotClean() throws {
        let sample = try sample(stopped: true)
        let clean = try open(sample, sample.bytes)
        #expect(clean.opening.endedClean)
        clean.close()
        var bytes = sample.bytes
        bytes[sample.frames[5] + 24] = 1
        let log = try open(sample, bytes)
        #expect(log.opening.size == 5 && log.opening.wasCut && !log.opening.endedClean)
        log.close()
    }

    @Test func uncleanEndIsWrittenAgainBeforeTheFirstAppend() throws {
        let sample = try sample()
        let before = try Files.status(of: sample.path).inode
        try Log(opening: TestLog.configuration(sample.directory.log)).close()
        #expect(try Files.status(of: sample.path).inode != before)
        #expect(try Files.read(sample.path, bytesMax: 1 << 20) == sample.bytes)
        // A clean one stays.
        let clean = try self.sample(stopped: true)
        let kept = try Files.status(of: clean.path).inode
        try Log(opening: TestLog.configuration(clean.directory.log)).close()
        #expect(try Files.status(of: clean.path).inode == kept)
    }

    @Test func diskThatWentBackInTimeRefusesToStart() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        TestLog.append((0..<5).map { TestLog.entry($0) }, to: log)
        log.close()
        let old = try directory.copy(of: directory.log, to: "old")
        let more = try TestLog.open(directory.log)
        TestLog.append((5..<9).map { TestLog.entry($0) }, to: more)
        more.close()
        // The segments go back, the checkpoint stays.
        try FileManager.default.removeItem(atPath: directory.log + "/segments")
        try FileManager.default.copyItem(atPath: old + "/segments", toPath: directory.log + "/segments")
        #expect(throws: LogError.rolledBack(published: 9, recovered: 5)) {
            try Log(opening: TestLog.configuration(directory.log))
        }
        // And as far as the checkpoint, with other statements.
        let other = try Log(opening: TestLog.configuration(old))
        try other.start()
        TestLog.append((0..<6).map { TestLog.entry(100 + $0) }, to: other)
        other.close()
        try FileManager.default.removeItem(atPath: directory.log + "/segments")
        try FileManager.default.copyItem(atPath: old + "/segments", toPath: directory.log + "/segments")
        #expect(throws: LogError.forked(size: 9)) { try Log(opening: TestLog.configuration(directory.log)) }
        // The log that belongs to the checkpoint opens.
        try Log(opening: TestLog.configuration(old)).close()
    }

    @Test func checkpointOfAnotherKeyRefusesToStart() throws {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        TestLog.append([TestLog.entry(0)], to: log)
        log.close()
        let other = LogConfiguration(directory: directory.log, signer: try TestLog.signer(seed: 2))
        #expect(throws: LogError.self) { try Log(opening: other) }
        let path = directory.log + "/checkpoint"
        var bytes = try Files.read(path, bytesMax: 1_024)
        bytes[bytes.count - 5] ^= 1
        try Files.replace(path, with: bytes)
        #expect(throws: LogError.self) { try Log(opening: TestLog.configuration(directory.log)) }
    }

    @Test func checkpointThatLagsBehindSegmentsIsStillChecked() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TestLog.configuration(directory.log)
        // The first tree is published, the next would come an hour later.
        configuration.publicationMilliseconds = 3_600_000
        try Log.create(
            at: directory.log,
            origin: configuration.signer.verifierKey.name,
            segmentBytes: TestLog.segmentBytes
        )
        let log = try Log(opening: configuration)
        try log.start()
        TestLog.append([TestLog.entry(0)], to: log)
        while log.publishedSize == 0 { usleep(1_000) }
        TestLog.append((1..<400).map { TestLog.entry($0, bytes: 1_000) }, to: log)
        let copy = try directory.copy(of: directory.log, to: "crashed")
        log.close()
        let crashed = try Log(opening: TestLog.configuration(copy))
        #expect(crashed.opening.size == 400 && crashed.opening.published == 1)
        crashed.close()
        // A segment in between that does not continue the one before is found.
        let names = try FileManager.default.contentsOfDirectory(atPath: copy + "/segments").sorted()
        #expect(names.count > 4)
        try FileManager.default.removeItem(atPath: copy + "/segments/" + names[2])
        #expect(throws: LogError.self) { try Log(opening: TestLog.configuration(copy)) }
    }

    @Test func foreignFilesAmongTheSegmentsAreRefused() throws {
        let directory = try TemporaryDirectory()
        try TestLog.open(directory.log).close()
        for name in ["x", "0.segment", "0000000000000000.segment.bak", "000000000000000a.segment"] {
            let path = directory.log + "/segments/" + name
            try Files.create(path, with: [])
            #expect(throws: LogError.foreignFile(path: path)) { try Log(opening: TestLog.configuration(directory.log)) }
            try Files.remove(path)
        }
        for name in ["next", "unfinished", "rewritten"] {
            try Files.create(directory.log + "/segments/" + name, with: [1])
        }
        try TestLog.open(directory.log).close()
    }

    @Test func checksumIsCRC32C() {
        let digits = Array("123456789".utf8)
        #expect(unsafe writ_crc32c(0, digits, 9) == 0xE306_9283)
        for count in 0..<200 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
            let whole = unsafe writ_crc32c(0, bytes, count)
            #expect(unsafe whole == writ_crc32c_portable(0, bytes, count))
            let half = count / 3
            let first = unsafe writ_crc32c(0, bytes, half)
            #expect(unsafe writ_crc32c(first, Array(bytes[half...]), count - half) == whole)
        }
    }
}
