import Authorization
import Bytes
import Cryptography
import Foundation
import Ledger
import Receipts
import Runtime
import Transparency

/// A folder for one test, removed at its end.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/writ-ledger-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var log: String { path + "/log" }

    func copy(of directory: String, to name: String) throws -> String {
        let target = "\(path)/\(name)"
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: directory, toPath: target)
        return target
    }
}

/// What the tests of this target share.
enum TestLog {
    static let origin: Text = "gate-1.example/2026"
    static let segmentBytes = 64 << 10

    static func signer(seed: UInt8 = 1, name: Text = origin) throws -> NoteSignerKey {
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32))
        return NoteSignerKey(name: try NoteKeyName(name), algorithm: .ed25519, privateKey: key)
    }

    static func configuration(_ directory: String, disk: any LogDisk = SystemDisk()) throws -> LogConfiguration {
        var configuration = LogConfiguration(directory: directory, signer: try signer())
        configuration.segmentBytes = segmentBytes
        configuration.freeBytesMin = 0
        configuration.publicationMilliseconds = 1
        configuration.preparesSegments = false
        configuration.disk = disk
        return configuration
    }

    /// Opens a log, made if there is none, and starts it.
    static func open(
        _ directory: String,
        disk: any LogDisk = SystemDisk(),
        observer: (any LogObserver)? = nil
    ) throws -> Log {
        if !FileManager.default.fileExists(atPath: directory) {
            try Log.create(at: directory, origin: NoteKeyName(origin), segmentBytes: segmentBytes)
        }
        let log = try Log(opening: configuration(directory, disk: disk))
        try log.start(observer: observer)
        return log
    }

    /// Puts the checkpoint of the empty tree in the place of the published one: only the segments say how long the log
    /// is then.
    static func putEmptyCheckpoint(_ directory: String) throws {
        let signer = try signer()
        let checkpoint = try Checkpoint(origin: signer.verifierKey.name, size: 0, root: TreeHash.empty)
        try Files.replace(directory + "/checkpoint", with: checkpoint.signed(by: signer).encoded)
    }

    /// A statement of some length that names a number.
    static func entry(_ number: Int, bytes: Int = 300, records: Int = 1) -> Entry {
        let text = Array("statement \(number) ".utf8)
        let content = Array("{\"record\":\(number)}".utf8)
        return Entry(
            statement: text
                + [UInt8](repeating: UInt8(ascii: "a") + UInt8(number % 26), count: max(0, bytes - text.count)),
            records: (0..<records).map { EvidenceRecord(kind: $0 == 0 ? .request : .facts, content: content) }
        )
    }

    static func stopped() throws -> Entry {
        let header = StatementHeader(id: Identifier(milliseconds: 1, random: (1, 1)), origin: origin, time: 1)
        let statement = try GateStatement(
            header: header,
            change: .stopped,
            engine: "writ/1",
            configuration: SHA256.digest(of: "configuration" as Text)
        )
        return Entry(statement: try statement.encode(), records: [])
    }

    /// Appends entries one after the other and waits for each.
    @discardableResult
    static func append(_ entries: [Entry], to log: Log) -> [Ticket] {
        entries.map { entry in
            let ticket = Ticket(entry)
            ticket.submit(to: log)
            ticket.wait()
            return ticket
        }
    }

    static func verify(_ release: Release, _ entry: Entry) throws -> Bool {
        let receipt = try Receipt(parsing: release.receipt)
        let checkpoint = try receipt.proof.verify(leaf: receipt.leaf, logKey: signer().verifierKey)
        return receipt.statement == entry.statement && receipt.index == release.position.index
            && checkpoint.checkpoint.size == release.position.treeSize && receipt.leaf == release.leaf
    }
}

/// A submission that remembers what became of it.
final class Ticket: Submission {
    struct Fate {
        var result: SubmitResult?
        var seals = 0
        var releases: [Release] = []
        var failures = 0
        var isSettled: Bool { !releases.isEmpty || failures > 0 || (result != nil && result != .accepted) }
    }

    let entry: Entry
    private let sealing: @Sendable (SealContext) -> Entry?
    private let fate = Monitor(Fate())

    init(_ entry: Entry, sealing: (@Sendable (SealContext) -> Entry?)? = nil) {
        self.entry = entry
        self.sealing = sealing ?? { _ in entry }
    }

    func seal(_ context: SealContext) -> Entry? {
        fate.change { $0.seals += 1 }
        return sealing(context)
    }

    func release(_ release: Release) { fate.changeForAll { $0.releases.append(release) } }

    func fail() { fate.changeForAll { $0.failures += 1 } }

    @discardableResult
    func submit(to log: Log, priority: SubmissionPriority = .decision) -> SubmitResult {
        let result = log.submit(self, priority: priority)
        fate.changeForAll { $0.result = result }
        return result
    }

    func wait() { fate.wait(until: { $0.isSettled }, { _ in }) }

    var now: Fate { fate.withLock { $0 } }

    var release: Release? { now.releases.first }
}

/// A disk that fails once a call of a kind has come a number of times.
final class FaultyDisk: LogDisk {
    enum Fault: CaseIterable {
        case writeError
        case shortWrite
        case nothingWritten
        case syncError
        case unlinked
        case statusError
        case full
        case freeError
    }

    private struct Counts {
        var writes = 0
        var syncs = 0
        var links = 0
        var frees = 0
    }

    private let fault: Fault?
    private let number: Int
    private let syncing: @Sendable () -> Void
    private let counts = Guarded(Counts())
    private let disk = SystemDisk()

    init(_ fault: Fault?, at number: Int = 0, syncing: @escaping @Sendable () -> Void = {}) {
        self.fault = fault
        self.number = number
        self.syncing = syncing
    }

    private func isDue(_ count: WritableKeyPath<Counts, Int>) -> Bool {
        counts.withLock { counts in
            defer { counts[keyPath: count] += 1 }
            return counts[keyPath: count] >= number
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64) -> Int {
        guard isDue(\.writes) else { return unsafe disk.write(bytes, to: descriptor, at: offset) }
        switch fault {
        case .writeError: return -Int(EIO)
        case .nothingWritten: return 0
        case .shortWrite:
            let half = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
            return unsafe disk.write(half, to: descriptor, at: offset)
        default: return unsafe disk.write(bytes, to: descriptor, at: offset)
        }
    }

    func sync(_ descriptor: Int32) -> Int {
        syncing()
        return isDue(\.syncs) && fault == .syncError ? -Int(EIO) : disk.sync(descriptor)
    }

    func linkCount(of descriptor: Int32) -> Int {
        guard isDue(\.links) else { return disk.linkCount(of: descriptor) }
        switch fault {
        case .unlinked: return 0
        case .statusError: return -Int(EIO)
        default: return disk.linkCount(of: descriptor)
        }
    }

    func freeBytes(of descriptor: Int32) -> Int {
        guard isDue(\.frees) else { return disk.freeBytes(of: descriptor) }
        switch fault {
        case .full: return -1
        case .freeError: return -Int(EIO)
        default: return disk.freeBytes(of: descriptor)
        }
    }
}
