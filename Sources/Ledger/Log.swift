// The durable log.

package import Bytes
internal import CSystem
package import Cryptography
internal import Runtime
internal import Transparency

/// A log that one process appends to.
///
/// Statements queue; one thread takes what is queued, appends it as one frame with one write and one sync, signs the
/// durable tree, and only then releases the receipts of the batch. Any failure of the disk stops it for good. Safe to
/// call from any thread.
package final class Log: Sendable {
    /// What was found when the log was opened.
    package struct Opening: Hashable, Sendable {
        /// The number of statements.
        package let size: UInt64
        /// The root hash of the tree.
        package let root: Digest
        /// Whether the run before ended with the statement that the gate stopped, or there was none.
        package let endedClean: Bool
        /// Whether an incomplete last frame was cut.
        package let wasCut: Bool
        /// The last statement, unless its segment has none.
        package let lastStatement: [UInt8]?
        /// The size of the published tree.
        package let published: UInt64
    }

    /// What was found when the log was opened.
    package let opening: Opening
    /// The public key of the log with its name, the origin.
    package let verifierKey: NoteVerifierKey

    let configuration: LogConfiguration
    let shared: LogShared
    let tree: SharedTree
    let publisher: TilePublisher
    private let preparer: SegmentPreparer
    private let recovery: Guarded<Recovery?>
    private let thread = Guarded<Thread?>(nil)
    private let claim: DirectoryClaim

    /// Makes a new log: the folder, the first segment, nothing else.
    ///
    /// - Throws: ``LogError/exists(path:)`` when the folder has segments already.
    package static func create(
        at directory: String,
        origin: NoteKeyName,
        segmentBytes: Int = LogLimits.segmentBytes
    ) throws(LogError) {
        let layout = LogLayout(directory: directory)
        try system { () throws(SystemError) in
            try Files.createDirectory(directory, permissions: TileStore.directoryPermissions)
            try Files.createDirectory(layout.segments, permissions: TileStore.directoryPermissions)
            try Files.syncDirectory(directory)
            try Files.syncDirectory(Files.parent(of: directory))
        }
        let claim = try DirectoryClaim(directory)
        let names = try system { () throws(SystemError) in try Files.list(layout.segments) }
        guard !names.contains(where: { $0.hasSuffix(".segment") }) else { throw .exists(path: directory) }
        let header = SegmentHeader(origin: SHA256.digest(of: origin.text), frontier: CompactRange()).encoded
        try system { () throws(SystemError) in
            try SegmentMaker.make(
                layout.unfinished,
                as: layout.segment(0),
                bytes: UInt64(segmentBytes)
            ) { file throws(SystemError) in
                try file.writeAll(header, at: 0)
                return UInt64(header.count)
            }
        }
        claim.end()
    }

    /// Locks and recovers a log; it takes statements once ``start(observer:)`` was called.
    ///
    /// - Throws: ``LogError``: nothing is served from a log that does not add up.
    package init(opening configuration: LogConfiguration) throws(LogError) {
        guard configuration.signer.verifierKey.algorithm == .ed25519 else { throw .key }
        self.configuration = configuration
        let key = configuration.signer.verifierKey
        verifierKey = key
        let layout = configuration.layout
        guard try system({ () throws(SystemError) in try Files.exists(layout.segments) }) else {
            throw .notALog(path: configuration.directory)
        }
        claim = try DirectoryClaim(configuration.directory)
        let recovered = try Recovery.recover(configuration)
        let root: Digest
        do throws(TreeError) {
            root = try recovered.tail.root(size: recovered.tail.size)
        } catch {
            throw .tree(error)
        }
        opening = Opening(
            size: recovered.tail.size,
            root: root,
            endedClean: recovered.endedClean,
            wasCut: recovered.wasCut,
            lastStatement: recovered.lastStatement,
            published: recovered.published?.size ?? 0
        )
        shared = LogShared(size: recovered.tail.size)
        tree = SharedTree(recovered.tail)
        publisher = TilePublisher(configuration, published: recovered.published)
        preparer = SegmentPreparer(configuration)
        recovery = Guarded(recovered)
    }

    deinit {
        close()
    }

    /// Starts the threads; the observer hears of each batch between its sync and its releases.
    ///
    /// A second call does nothing.
    package func start(observer: (any LogObserver)? = nil) throws(LogError) {
        guard let recovered = recovery.withLock({ recovery in recovery.take() }) else { return }
        let parts = LogWriter.Parts(
            configuration: configuration,
            shared: shared,
            tree: tree,
            preparer: preparer,
            publisher: publisher,
            observer: observer
        )
        let writer = try LogWriter(parts, recovered)
        if recovered.published == nil { try publishEmptyTree() }
        try preparer.start()
        try publisher.start()
        // What was durable before this start, if it was not published.
        if opening.size > opening.published { publisher.settle(size: opening.size) }
        let started = try system { () throws(SystemError) in
            try Thread.start(name: "writ-log") { writer.run() }
        }
        thread.withLock { $0 = started }
    }

    /// Publishes the checkpoint of the empty tree.
    ///
    /// INVARIANT (signed from the start): it is durable before the first frame is written, and from then on the file
    /// is only ever replaced. So a log that was written to and has no checkpoint was tampered with, and is refused.
    private func publishEmptyTree() throws(LogError) {
        let bytes = try checkpoint(size: 0, root: TreeHash.empty)
        try system { () throws(SystemError) in
            try Files.replace(configuration.layout.checkpoint, with: bytes, permissions: TileStore.filePermissions)
        }
    }

    /// The number of durable and signed statements.
    package var size: UInt64 { shared.size }

    /// Whether the log takes statements; read without a lock.
    package var state: LogState { shared.state }

    /// Whether the log takes statements.
    package var isRunning: Bool { state == .running }

    /// The size of the published tree.
    package var publishedSize: UInt64 { publisher.published }

    /// Why tiles and checkpoint are not published any more, if so; the log itself goes on.
    package var publicationFailure: LogError? { publisher.failure }

    /// Hands a statement over; never waits.
    ///
    /// After ``SubmitResult/accepted`` exactly one of `release` and `fail` follows, on the log's thread. Statements of
    /// one caller keep their order.
    package func submit(_ submission: any Submission, priority: SubmissionPriority) -> SubmitResult {
        shared.submit(submission, priority: priority)
    }

    /// Writes what is queued, publishes it, and ends the threads.
    ///
    /// Returns when all is done. Nothing is taken any more.
    package func close() {
        shared.queue.changeForAll { $0.isClosing = true }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running {
            running.join()
        } else {
            shared.stop(.closed, errorNumber: 0)
            for submission in shared.drain() { submission.fail() }
        }
        claim.end()
    }

    /// The signed checkpoint of a tree of this log.
    func checkpoint(size: UInt64, root: Digest) throws(LogError) -> [UInt8] {
        do throws(CheckpointError) {
            let checkpoint = try Checkpoint(origin: verifierKey.name, size: size, root: root)
            return try checkpoint.signed(by: configuration.signer).encoded
        } catch {
            throw .checkpoint(error)
        }
    }
}

/// The exclusive claim of one process on the folder of a log.
///
/// The kernel ends it with the process, however that ends.
final class DirectoryClaim: Sendable {
    private let descriptor: Guarded<Int32>

    /// Claims a folder.
    ///
    /// - Throws: ``LogError/locked(path:)`` when another process, or another log in this one, has it.
    init(_ directory: String) throws(LogError) {
        let file = try system { () throws(SystemError) in
            try FileDescriptor(opening: "\(directory)/lock", .openOrCreate(permissions: 0o600))
        }
        guard try system({ () throws(SystemError) in try file.tryLock() }) else { throw .locked(path: directory) }
        descriptor = Guarded(file.release())
    }

    deinit { end() }

    /// Ends the claim.
    func end() {
        descriptor.withLock { number in
            guard number >= 0 else { return }
            // Closing the file is what ends the claim.
            let file = FileDescriptor(owning: number, name: "lock")
            number = -1
            _ = consume file
        }
    }
}
