import Foundation
import Ledger
import Runtime
import Testing

/// A disk with as much room as a test says.
private final class SmallDisk: LogDisk {
    struct Room {
        var free: Int
        /// What every write answers from now on, if it fails.
        var writing: Int?
    }

    private let disk = SystemDisk()
    private let room: Guarded<Room>
    /// A file that takes so many bytes of the room while it is there.
    private let taking: (path: String, bytes: Int)?

    init(free: Int, writing: Int? = nil, taking: (path: String, bytes: Int)? = nil) {
        room = Guarded(Room(free: free, writing: writing))
        self.taking = taking
    }

    func setFree(_ bytes: Int) { room.withLock { $0.free = bytes } }

    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64) -> Int {
        if let answer = room.withLock({ $0.writing }) { return answer }
        return unsafe disk.write(bytes, to: descriptor, at: offset)
    }

    func sync(_ descriptor: Int32) -> Int { disk.sync(descriptor) }

    func linkCount(of descriptor: Int32) -> Int { disk.linkCount(of: descriptor) }

    func freeBytes(of descriptor: Int32) -> Int {
        let taken = taking.map { FileManager.default.fileExists(atPath: $0.path) ? $0.bytes : 0 } ?? 0
        return room.withLock { $0.free } - taken
    }
}

@Suite("A lack of room stops what needs it and nothing else")
struct RoomTests {
    private static let bytes = TestLog.segmentBytes

    private func segment(_ directory: TemporaryDirectory) -> String {
        directory.log + "/segments/0000000000000000.segment"
    }

    private func names(_ directory: TemporaryDirectory) throws -> [String] {
        try Files.list(directory.log + "/segments")
    }

    private func uncleanLog() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let log = try TestLog.open(directory.log)
        TestLog.append((0..<3).map { TestLog.entry($0) }, to: log)
        log.close()
        return directory
    }

    @Test func recoveryWithoutRoomSaysSoAndLeavesNothing() throws {
        let directory = try uncleanLog()
        let before = try Files.read(segment(directory), bytesMax: 1 << 20)
        let refusal = LogError.noRoom(path: segment(directory), bytes: UInt64(Self.bytes))
        #expect(refusal.description.contains("needs \(Self.bytes) free bytes"))
        for disk in [SmallDisk(free: 0), SmallDisk(free: Self.bytes - 1), SmallDisk(free: .max, writing: -Int(ENOSPC))]
        {
            // What a crash left does not take the room for ever.
            try Files.create(directory.log + "/segments/rewritten", with: [1])
            #expect(throws: refusal) { try Log(opening: TestLog.configuration(directory.log, disk: disk)) }
            #expect(try names(directory) == ["0000000000000000.segment"])
            #expect(try Files.read(segment(directory), bytesMax: 1 << 20) == before)
        }
        // Another failure is another error, and leaves nothing either.
        for answer in [0, -Int(EIO)] {
            let disk = SmallDisk(free: .max, writing: answer)
            let path = directory.log + "/segments/rewritten"
            #expect(throws: LogError.system(SystemError("write", subject: path, number: EIO))) {
                try Log(opening: TestLog.configuration(directory.log, disk: disk))
            }
            #expect(try names(directory) == ["0000000000000000.segment"])
        }
        let enough = SmallDisk(free: Self.bytes)
        let log = try Log(opening: TestLog.configuration(directory.log, disk: enough))
        #expect(log.opening.size == 3 && !log.opening.endedClean)
        log.close()
    }

    @Test func recoveryTakesTheRoomOfThePreparedSegment() throws {
        let directory = try uncleanLog()
        let next = directory.log + "/segments/next"
        for free in [2 * Self.bytes, 2 * Self.bytes - 1] {
            if try !Files.exists(next) { try Files.create(next, with: [0]) }
            let disk = SmallDisk(free: free, taking: (next, Self.bytes))
            try Log(opening: TestLog.configuration(directory.log, disk: disk)).close()
            #expect(try Files.exists(next) == (free == 2 * Self.bytes))
        }
    }

    private func preparing(_ directory: TemporaryDirectory, _ disk: SmallDisk, retry: UInt64) throws -> Log {
        try TestLog.open(directory.log).close()
        var configuration = try TestLog.configuration(directory.log, disk: disk)
        configuration.preparesSegments = true
        configuration.freeBytesMin = 1_000
        configuration.preparationRetryMilliseconds = retry
        let log = try Log(opening: configuration)
        try log.start()
        return log
    }

    private func hasNext(_ directory: TemporaryDirectory, tries: Int) throws -> Bool {
        for _ in 0..<tries {
            if try names(directory).contains("next") { return true }
            usleep(1_000)
        }
        return false
    }

    @Test func logGoesOnWithoutRoomForTheNextSegmentUntilThereIsSome() throws {
        let directory = try TemporaryDirectory()
        let disk = SmallDisk(free: Self.bytes + 999)
        let log = try preparing(directory, disk, retry: 10)
        #expect(try !hasNext(directory, tries: 100))
        #expect(try !names(directory).contains("unfinished"))
        #expect(TestLog.append([TestLog.entry(0)], to: log)[0].now.releases.count == 1)
        #expect(log.isRunning)
        disk.setFree(Self.bytes + 1_000)
        #expect(try hasNext(directory, tries: 10_000))
        log.close()
    }

    /// Appends until the first segment is full and one statement more.
    private func roll(_ log: Log) -> [Ticket] {
        let count = (Self.bytes - 4_096) / 10_256
        return TestLog.append((0...count).map { TestLog.entry($0, bytes: 10_100, records: 1) }, to: log)
    }

    @Test func rollTriesThePreparationAgain() throws {
        let directory = try TemporaryDirectory()
        let disk = SmallDisk(free: Self.bytes)
        let log = try preparing(directory, disk, retry: 3_600_000)
        #expect(try !hasNext(directory, tries: 50))
        disk.setFree(.max)
        #expect(try !hasNext(directory, tries: 50))
        #expect(roll(log).allSatisfy { $0.now.releases.count == 1 })
        #expect(try hasNext(directory, tries: 10_000))
        log.close()
    }

    @Test func rollThatCannotMakeItsSegmentStopsTheLogForGood() throws {
        let directory = try TemporaryDirectory()
        let disk = SmallDisk(free: Self.bytes)
        let log = try preparing(directory, disk, retry: 3_600_000)
        // No file can be made where a folder is.
        let path = directory.log + "/segments/rewritten"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let tickets = roll(log)
        #expect(tickets.dropLast().allSatisfy { $0.now.releases.count == 1 })
        #expect(tickets.last?.now.failures == 1)
        try FileManager.default.removeItem(atPath: path)
        disk.setFree(.max)
        #expect(TestLog.append([TestLog.entry(0)], to: log)[0].now.result == .stopped)
        guard case .stopped(.segmentFailed, _) = log.state else {
            Issue.record("\(log.state)")
            return
        }
        log.close()
    }
}
