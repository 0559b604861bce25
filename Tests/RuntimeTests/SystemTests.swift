import Foundation
import Runtime
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "is written and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_177_864_113, "2026-11-20T12:31:04.113Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (Timestamp.millisecondsMin, "0001-01-01T00:00:00.000Z"),
            (Timestamp.millisecondsMax, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func instantHasOneSpelling(milliseconds: Int64, text: String) {
        #expect(Timestamp.format(milliseconds: milliseconds) == text)
        #expect(Timestamp.parse(text) == milliseconds)
    }

    @Test func instantsAgreeWithAnotherCalendar() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC") ?? calendar.timeZone
        for day in stride(from: -100_000, through: 100_000, by: 37) {
            let milliseconds = Int64(day) * 86_400_000 + 3_723_004
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let text = String(format: "%04d-%02d-%02dT01:02:03.004Z", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            #expect(Timestamp.format(milliseconds: milliseconds) == text)
            #expect(Timestamp.parse(text) == milliseconds)
        }
    }

    @Test func instantOutsideTheYearsIsNotWritten() {
        for milliseconds in [Timestamp.millisecondsMin - 1, Timestamp.millisecondsMax + 1, .min, .max] {
            #expect(Timestamp.format(milliseconds: milliseconds) == nil)
        }
    }

    @Test(
        "is refused",
        arguments: [
            "", "2026-11-20", "2026-11-20T12:31:04Z", "2026-11-20T12:31:04.11Z", "2026-11-20T12:31:04.1133Z",
            "2026-11-20t12:31:04.113Z", "2026-11-20T12:31:04.113z", "2026-11-20T12:31:04.113+00:00",
            "2026-11-20T12:31:04,113Z", "2026-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z",
            "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
            "2026-04-31T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z",
            "2026-12-31T23:59:60.000Z", "0000-01-01T00:00:00.000Z", "+026-01-01T00:00:00.000Z",
            "2026-01-01T00:00:00.-01Z", "２026-01-01T00:00:00.000Z",
        ]
    )
    func otherSpellingIsRefused(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }

    @Test func clocksGoForward() {
        let time = SystemTime()
        let first = (time.monotonicNanoseconds(), time.bootNanoseconds(), time.wallMilliseconds())
        usleep(3_000)
        #expect(time.monotonicNanoseconds() >= first.0 + 3_000_000)
        #expect(time.bootNanoseconds() >= first.1 + 3_000_000)
        #expect(abs(Date().timeIntervalSince1970 * 1_000 - Double(first.2)) < 5_000)
    }
}

@Suite("Files")
struct FilesTests {
    @Test func replacedFileHasNewContentAndPermissions() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/key"
        for content in [[1, 2, 3], [], [9]] as [[UInt8]] {
            try Files.replace(path, with: content, permissions: 0o600)
            #expect(try Files.read(path, bytesMax: 10) == content)
            #expect(try Files.status(of: path).permissions == 0o600)
        }
        #expect(try Files.list(directory.path) == ["key"])
    }

    @Test func failedReplacementLeavesNothingBehind() throws {
        let directory = try TemporaryDirectory()
        try Files.createDirectory(directory.path + "/key/inside")
        #expect(throws: SystemError.self) { try Files.replace(directory.path + "/key", with: [1]) }
        #expect(try Files.list(directory.path) == ["key"])
    }

    @Test func createdFileMustNotExist() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a"
        try Files.create(path, with: [1], permissions: 0o640)
        let error = #expect(throws: SystemError.self) { try Files.create(path, with: [2]) }
        #expect(error?.name == "EEXIST")
        #expect(error?.description == "cannot open `\(path)`: file exists")
        #expect(try Files.read(path, bytesMax: 1) == [1])
    }

    @Test func readingIsBounded() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a"
        for (count, fits) in [(9, true), (10, true), (11, false)] {
            try Files.replace(path, with: [UInt8](repeating: 1, count: count))
            if fits {
                #expect(try Files.read(path, bytesMax: 10).count == count)
            } else {
                #expect(throws: FileReadError.tooLarge(path: path, bytesMax: 10)) { try Files.read(path, bytesMax: 10) }
            }
        }
    }

    @Test func whatIsNoFileIsNotRead() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileReadError.notAFile(path: directory.path)) { try Files.read(directory.path, bytesMax: 10) }
        let fifo = directory.path + "/fifo"
        let made = unsafe mkfifo(fifo, 0o600)
        #expect(made == 0)
        #expect(throws: FileReadError.notAFile(path: fifo)) { try Files.read(fifo, bytesMax: 10) }
        #expect(throws: FileReadError.self) { try Files.read(directory.path + "/none", bytesMax: 10) }
    }

    @Test func directoriesAreMadeWithTheirParents() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a/b/c"
        try Files.createDirectory(path, permissions: 0o700)
        try Files.createDirectory(path)
        #expect(try Files.status(of: path).kind == .directory)
        try Files.create(path + "/file", with: [])
        #expect(throws: SystemError.self) { try Files.createDirectory(path + "/file") }
        #expect(throws: SystemError.self) { try Files.createDirectory(path + "/file/d") }
    }

    @Test func namesAreListedInTheOrderOfTheirBytes() throws {
        let directory = try TemporaryDirectory()
        for name in ["b", "a", "é", "Z", "10", "9"] {
            try Files.create(directory.path + "/" + name, with: [])
        }
        #expect(try Files.list(directory.path) == ["10", "9", "Z", "a", "b", "é"])
        #expect(throws: SystemError.self) { try Files.list(directory.path + "/none") }
    }

    @Test func directoryIsClaimedOnce() throws {
        let directory = try TemporaryDirectory()
        do {
            let first = try DirectoryLock(claiming: directory.path)
            let error = #expect(throws: SystemError.self) { _ = try DirectoryLock(claiming: directory.path) }
            #expect(error?.name == "EAGAIN")
            _ = consume first
        }
        _ = try DirectoryLock(claiming: directory.path)
    }

    @Test func vectorsAreWrittenBehindOneAnother() throws {
        let directory = try TemporaryDirectory()
        let file = try FileDescriptor(opening: directory.path + "/log", .create(permissions: 0o600))
        try file.reserve(offset: 0, count: 1 << 16)
        let parts: [[UInt8]] = (0..<3_000).map { [UInt8](repeating: UInt8($0 & 0xFF), count: $0 % 7) }
        let flat = parts.flatMap { $0 }
        var copy = flat
        try unsafe copy.withUnsafeMutableBytes { bytes in
            var vectors = unsafe [iovec]()
            var start = 0
            for part in parts {
                unsafe vectors.append(iovec(iov_base: bytes.baseAddress.map { unsafe $0 + start }, iov_len: part.count))
                start += part.count
            }
            try unsafe vectors.withUnsafeMutableBufferPointer { try unsafe file.writeAll(vectors: $0, at: 100) }
        }
        try file.dataSync()
        #expect(try file.read(count: flat.count, at: 100) == flat)
        #expect(try file.read(count: 10, at: 1 << 16).isEmpty)
        try file.punchHole(offset: 0, count: 1 << 16)
        #expect(try file.read(count: flat.count, at: 100) == [UInt8](repeating: 0, count: flat.count))
    }

    @Test func deletedFileHasNoName() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/log"
        let file = try FileDescriptor(opening: path, .create(permissions: 0o600))
        #expect(try file.linkCount() == 1)
        try Files.remove(path)
        #expect(try file.linkCount() == 0)
        #expect(try file.freeBytes() > 0)
    }

    @Test func writingToAFullDeviceIsAnError() throws {
        let full = try FileDescriptor(opening: "/dev/full", .readWrite)
        let error = #expect(throws: SystemError.self) { try full.writeAll([1, 2, 3]) }
        #expect(error?.name == "ENOSPC")
    }

    @Test func linkIsNotFollowedWhereItMustNotBe() throws {
        let directory = try TemporaryDirectory()
        try Files.create(directory.path + "/a", with: [1])
        let linked = unsafe symlink("a", directory.path + "/b")
        #expect(linked == 0)
        #expect(try Files.read(directory.path + "/b", bytesMax: 1) == [1])
        let error = #expect(throws: SystemError.self) {
            _ = try FileDescriptor(opening: directory.path + "/b", .readNoFollow)
        }
        #expect(error?.name == "ELOOP")
    }

    @Test func pathsHaveParents() {
        for (path, parent) in [("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b/", "a"), ("/a//", "/")] {
            #expect(Files.parent(of: path) == parent)
        }
    }

    @Test func randomBytesDiffer() throws {
        let first = try RandomSource.bytes(32)
        #expect(first.count == 32)
        #expect(try RandomSource.bytes(32) != first)
        #expect(try RandomSource.bytes(0).isEmpty)
        #expect(try RandomSource.hexadecimal(bytes: 4).utf8.count == 8)
    }
}

@Suite("Threads, locks and the loop")
struct ThreadTests {
    @Test func guardedValueIsUsedByOneThreadAtATime() throws {
        let counter = Guarded(0)
        let threads = try (0..<4).map { number in
            try Runtime.Thread.start(name: "count \(number)") {
                for _ in 0..<10_000 {
                    counter.withLock { $0 += 1 }
                }
            }
        }
        for thread in threads {
            thread.join()
            thread.join()
        }
        #expect(counter.withLock { $0 } == 40_000)
    }

    @Test func monitorWakesWhoWaits() throws {
        let queue = Monitor<[Int]>([])
        let sum = Guarded(0)
        let thread = try Runtime.Thread.start(name: "consumer") {
            var isOver = false
            while !isOver {
                var batch: [Int] = []
                queue.wait(until: { !$0.isEmpty }, { swap(&$0, &batch) })
                isOver = batch.contains(-1)
                sum.withLock { $0 += batch.filter { $0 > 0 }.reduce(0, +) }
            }
        }
        for number in 1...1_000 {
            queue.change { $0.append(number) }
        }
        queue.changeForAll { $0.append(-1) }
        thread.join()
        #expect(sum.withLock { $0 } == 500_500)
    }

    @Test func waitingEndsAtItsDeadline() {
        let monitor = Monitor(0)
        let start = SystemTime().monotonicNanoseconds()
        let found = monitor.wait(untilMonotonicNanoseconds: deadline(30), until: { $0 == 1 }, { $0 })
        #expect(found == nil)
        #expect(SystemTime().monotonicNanoseconds() - start >= 30_000_000)
        #expect(monitor.wait(untilMonotonicNanoseconds: 0, until: { $0 == 0 }, { $0 }) == 0)
    }

    @Test func jobsRunInOrderOnTheLoop() throws {
        let loop = try EventLoop()
        let thread = try Runtime.Thread.start(name: "loop") { loop.run() }
        let order = Guarded<[Int]>([])
        for number in 0..<1_000 {
            #expect(loop.post { order.withLock { $0.append(number) } })
        }
        #expect(eventually { order.withLock { $0.count } == 1_000 })
        #expect(order.withLock { $0 } == Array(0..<1_000))
        loop.stop()
        thread.join()
        #expect(!loop.post {})
        loop.stop()
    }

    @Test func waitingJobsAreBounded() throws {
        let loop = try EventLoop()
        let count = Guarded(0)
        for _ in 0..<EventLoop.jobsWaitingMax {
            guard loop.post({ count.withLock { $0 += 1 } }) else {
                Issue.record("a job below the limit was refused")
                return
            }
        }
        #expect(!loop.post {})
        try loop.schedule(afterMilliseconds: 1) { loop.stop() }
        loop.run()
        #expect(count.withLock { $0 } == EventLoop.jobsWaitingMax)
    }

    @Test func timersFireUntilTheyAreCancelled() throws {
        let loop = try EventLoop()
        let log = Guarded<[String]>([])
        var repeating: LoopWatch?
        repeating = try loop.schedule(afterMilliseconds: 1, everyMilliseconds: 5) {
            log.withLock { $0.append("tick") }
            if log.withLock({ $0.count(where: { $0 == "tick" }) }) == 3 {
                repeating?.cancel()
                repeating?.cancel()
            }
        }
        try loop.schedule(afterMilliseconds: 60) {
            log.withLock { $0.append("once") }
            loop.stop()
        }
        loop.run()
        #expect(log.withLock { $0 } == ["tick", "tick", "tick", "once"])
    }

    @Test func signalReachesTheLoop() throws {
        let loop = try EventLoop()
        let count = Guarded(0)
        try loop.onSignal(SIGUSR2) {
            count.withLock { $0 += 1 }
            loop.stop()
        }
        try loop.schedule(afterMilliseconds: 1) { kill(getpid(), SIGUSR2) }
        loop.run()
        #expect(count.withLock { $0 } == 1)
    }
}
