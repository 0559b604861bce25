import Foundation
import Ledger
import Testing

/// What is at the path of the prepared segment.
private struct Prepared: Equatable {
    let inode: UInt64
    let isZero: Bool

    /// Starts a log that prepares segments, waits until one with another state than `past` is there, and ends the log.
    static func afterStart(of directory: String, until isDone: (Prepared) -> Bool) throws -> Prepared {
        var configuration = try TestLog.configuration(directory)
        configuration.preparesSegments = true
        let log = try Log(opening: configuration)
        try log.start()
        defer { log.close() }
        for _ in 0..<5_000 {
            if let found = Prepared(directory), isDone(found) { return found }
            usleep(1_000)
        }
        throw CocoaError(.fileReadUnknown)
    }

    private init?(_ directory: String) {
        let path = Prepared.path(directory)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let inode = attributes[.systemFileNumber] as? UInt64, let bytes = FileManager.default.contents(atPath: path)
        else { return nil }
        self.inode = inode
        isZero = bytes.count == TestLog.segmentBytes && bytes.allSatisfy { $0 == 0 }
    }

    static func path(_ directory: String) -> String { directory + "/segments/next" }
}

@Suite("The next segment is ready before it is needed")
struct PreparationTests {
    @Test func whatAnEarlierRunPreparedIsKept() throws {
        let folder = try TemporaryDirectory()
        try TestLog.open(folder.log).close()
        let first = try Prepared.afterStart(of: folder.log) { $0.isZero }
        let second = try Prepared.afterStart(of: folder.log) { $0.isZero }
        #expect(first == second)
    }

    /// The first and the last byte, one too few and one too many.
    @Test(arguments: [0, TestLog.segmentBytes - 1, TestLog.segmentBytes, -1])
    func whatIsNotAllZerosIsMadeAnew(place: Int) throws {
        let folder = try TemporaryDirectory()
        try TestLog.open(folder.log).close()
        let first = try Prepared.afterStart(of: folder.log) { $0.isZero }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: Prepared.path(folder.log)))
        if place < 0 {
            try file.truncate(atOffset: UInt64(TestLog.segmentBytes - 1))
        } else {
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: Data([place == TestLog.segmentBytes ? 0 : 1]))
        }
        try file.close()
        let second = try Prepared.afterStart(of: folder.log) { $0.isZero }
        #expect(second.inode != first.inode)
    }

    @Test func aLinkToZerosIsNotTrusted() throws {
        let folder = try TemporaryDirectory()
        try TestLog.open(folder.log).close()
        let zeros = folder.path + "/zeros"
        try Data(count: TestLog.segmentBytes).write(to: URL(fileURLWithPath: zeros))
        try FileManager.default.createSymbolicLink(atPath: Prepared.path(folder.log), withDestinationPath: zeros)
        let made = try Prepared.afterStart(of: folder.log) { $0.isZero && !isLink(Prepared.path(folder.log)) }
        #expect(made.isZero)
        #expect(FileManager.default.contents(atPath: zeros) == Data(count: TestLog.segmentBytes))
    }

    private func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
