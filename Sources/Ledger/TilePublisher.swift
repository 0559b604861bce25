// Tiles, bundles and the published checkpoint: derived from the segments, off the way of decisions.

internal import Bytes
internal import CSystem
internal import Cryptography
private import Glibc
internal import Runtime
internal import Transparency

/// Writes what readers fetch, at most every 200 milliseconds, by a thread of low priority.
///
/// INVARIANT (tiles first): a checkpoint is published only when every tile and bundle of its tree is durable.
/// A failure stops publishing and nothing else: receipts do not need tiles, and the next start continues where they
/// end.
final class TilePublisher: @unchecked Sendable {
    private struct State {
        /// The newest signed tree.
        var size: UInt64 = 0
        var published: UInt64 = 0
        /// The size of the tree whose tiles stand: just before its checkpoint is published, ahead of that.
        var standing: UInt64 = 0
        var isStopping = false
        /// Until when the thread may go on after it was asked to stop, on the monotonic clock.
        var deadline: UInt64 = 0
        /// Whether the thread waits for news, so that news has to wake it.
        var isIdle = false
        /// The size of the tree before whose publication the thread does not rest.
        var urgent: UInt64 = 0
        var failure: LogError?
    }

    private let layout: LogLayout
    private let store: TileStore
    private let signer: NoteSignerKey
    private let origin: Digest
    private let milliseconds: UInt64
    private let state: Monitor<State>
    private let thread = Guarded<Thread?>(nil)
    private let clock = SystemTime()
    /// The frame from which the next publication reads; on the publisher's thread alone.
    private var hint: (first: UInt64, place: FrameCursor.Place)?
    /// The size of the checkpoint that stands: while its tiles are made again it is not replaced by a smaller one.
    private var sizeMin: UInt64

    private static let prioritySteps: Int32 = 10
    /// A publication ends with the frame in which it has so many statements or bytes; the rest follows in the next.
    private static let statementsPerPublication: UInt64 = 2_048
    private static let bytesPerPublication = 2 << 20
    /// After a publication that left something, the thread rests for so many times the processor time that it took.
    private static let restFactor: UInt64 = 2
    /// How long a clean end may wait for the tiles, in nanoseconds; what is missing then is made at the next start.
    private static let stopNanosecondsMax: UInt64 = 2_000_000_000

    init(_ configuration: LogConfiguration, published: Checkpoint?) {
        layout = configuration.layout
        store = TileStore(layout: layout)
        signer = configuration.signer
        origin = SHA256.digest(of: signer.verifierKey.name.text)
        milliseconds = configuration.publicationMilliseconds
        let size = published?.size ?? 0
        sizeMin = size
        state = Monitor(State(size: size, published: size, standing: size))
    }

    /// The size of the published tree.
    var published: UInt64 { state.withLock { $0.published } }

    /// The size of the tree whose tiles a reader can have.
    var standing: UInt64 { state.withLock { $0.standing } }

    /// Why nothing is published any more, if so.
    var failure: LogError? { state.withLock { $0.failure } }

    func start() throws(LogError) {
        let started = try system { () throws(SystemError) in
            try Thread.start(name: "writ-tiles") { [self] in run() }
        }
        thread.withLock { $0 = started }
    }

    /// Offers a signed tree; called for each batch, so it wakes the thread only when that waits for news.
    ///
    /// - Parameters:
    ///   - size: The size of the tree.
    ///   - isUrgent: Whether the thread may not rest before it has published this tree.
    func offer(size: UInt64, isUrgent: Bool = false) {
        let needsWaking = state.withLock { state in
            guard size > state.size else { return false }
            state.size = size
            if isUrgent { state.urgent = size }
            defer { state.isIdle = false }
            return state.isIdle || isUrgent
        }
        if needsWaking { state.changeForAll { _ in } }
    }

    /// Offers a signed tree and waits until it is published, or cannot be, or the time is over.
    ///
    /// What an unclean end left behind the published checkpoint comes under one before anything else is served.
    func settle(size: UInt64) {
        let deadline = clock.monotonicNanoseconds() + LogLimits.firstPublicationMilliseconds * 1_000_000
        offer(size: size, isUrgent: true)
        _ = state.wait(
            untilMonotonicNanoseconds: deadline,
            until: { $0.published >= size || $0.failure != nil },
            { _ in }
        )
    }

    /// Ends the thread; after a clean end it first publishes what is left, for a bounded time.
    func stop(isClean: Bool) {
        let deadline = isClean ? clock.monotonicNanoseconds() + Self.stopNanosecondsMax : 0
        state.changeForAll { state in
            state.isStopping = true
            state.deadline = deadline
        }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func run() {
        writ_lower_thread_priority(Self.prioritySteps)
        var tail: TreeTail?
        while let size = wait() {
            let start = clock.monotonicNanoseconds()
            let processorStart = Self.processorNanoseconds
            do throws(LogError) {
                try publish(size, &tail)
            } catch {
                state.changeForAll { $0.failure = error }
                return
            }
            let end = clock.monotonicNanoseconds()
            let rest = Self.restFactor * (Self.processorNanoseconds - processorStart)
            pause(until: published < size ? end + rest : max(start + milliseconds * 1_000_000, end + rest))
        }
    }

    private static var processorNanoseconds: UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Waits for a tree that is not published yet; nil when the thread has to end.
    private func wait() -> UInt64? {
        let now = clock.monotonicNanoseconds()
        state.withLock { $0.isIdle = true }
        return state.wait(
            until: { $0.size > $0.published || $0.isStopping },
            { state in
                state.isIdle = false
                if state.isStopping && now >= state.deadline { return nil }
                return state.size > state.published ? state.size : nil
            }
        )
    }

    private func pause(until deadline: UInt64) {
        _ = state.wait(
            untilMonotonicNanoseconds: deadline,
            until: { $0.isStopping || $0.published < $0.urgent },
            { _ in true }
        )
    }

    /// Writes the tiles from the published tree on, to a size or as far as one publication goes; then the checkpoint.
    private func publish(_ size: UInt64, _ tail: inout TreeTail?) throws(LogError) {
        var tree = if let tail { tail } else { try resume(at: published) }
        tail = nil
        let old = published
        let root = try extend(&tree, from: old, to: size)
        let checkpoint: [UInt8]
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(origin: signer.verifierKey.name, size: tree.size, root: root).signed(by: signer)
                .encoded
        } catch {
            throw .checkpoint(error)
        }
        // Whoever sees the new checkpoint may ask for its tiles at once.
        state.withLock { $0.standing = tree.size }
        if tree.size >= sizeMin {
            try system { () throws(SystemError) in
                try Files.replace(layout.checkpoint, with: checkpoint, permissions: TileStore.filePermissions)
            }
        }
        state.changeForAll { $0.published = tree.size }
        removePartials(from: old, to: tree.size)
        tail = tree
    }

    /// The tree as far as its tiles are published, or the empty one if the tiles cannot be read: then all are made
    /// again.
    private func resume(at size: UInt64) throws(LogError) -> TreeTail {
        let aligned = size / UInt64(TileLayout.width) * UInt64(TileLayout.width)
        guard aligned > 0 else { return TreeTail() }
        let store = store
        do throws(TreeError) {
            guard let published = try? PublishedCheckpoint.read(layout, key: signer.verifierKey), published.size == size
            else {
                throw .size(size)
            }
            let reader = try TileHashReader(size: size, root: published.root) { level, index, width in
                store.hashes(level: level, index: index, width: width)
            }
            return try TreeTail(resumingAt: aligned, reading: reader)
        } catch {
            state.withLock { state in
                state.published = 0
                state.standing = 0
            }
            return TreeTail()
        }
    }

    /// Appends the statements of whole frames to the tree and writes its tiles and bundles; answers the root.
    ///
    /// INVARIANT (one tree): the root is the one that the last frame has, so the checkpoint is the very one that the
    /// writer signed when it released that frame.
    private func extend(_ tree: inout TreeTail, from old: UInt64, to size: UInt64) throws(LogError) -> Digest {
        var bundles = BundleMaker(first: tree.size / UInt64(TileLayout.width) * UInt64(TileLayout.width))
        // A bundle that was partial is written again, wider: its statements are read again.
        var cursor = try cursor(from: bundles.first)
        var places: [(first: UInt64, place: FrameCursor.Place)] = []
        var root = TreeHash.empty
        while bundles.next < size, bundles.next < old + Self.statementsPerPublication,
            bundles.byteCount < Self.bytesPerPublication || bundles.next <= old
        {
            guard let (frame, place) = try cursor.frame() else { throw .noStatement(index: bundles.next) }
            places.append((frame.header.first, place))
            try append(frame, to: &tree, &bundles)
            root = frame.root
        }
        guard let own = try? tree.root(size: tree.size), own == root, tree.size > old else {
            throw .forked(size: tree.size)
        }
        let again = tree.size / UInt64(TileLayout.width) * UInt64(TileLayout.width)
        hint = places.last { $0.first <= again } ?? hint
        try write(tree, bundles, from: old, to: tree.size)
        tree.trim(before: tree.size)
        return root
    }

    private func append(_ frame: Frame, to tree: inout TreeTail, _ bundles: inout BundleMaker) throws(LogError) {
        for position in 0..<frame.header.statementCount {
            let index = frame.header.first + UInt64(position)
            guard index >= bundles.first else { continue }
            let statement = frame.statement(position)
            try bundles.append(statement)
            guard index >= tree.size else { continue }
            do throws(TreeError) {
                try tree.append(leaf: TreeHash.leaf(statement))
            } catch {
                throw .tree(error)
            }
        }
    }

    /// A cursor at the frame that has a statement: from the frame of the last time, or by a walk over the segment.
    private func cursor(from index: UInt64) throws(LogError) -> FrameCursor {
        if let hint, hint.first <= index {
            return try FrameCursor(layout, origin: origin, at: hint.place, first: hint.first)
        }
        return try FrameCursor(layout, origin: origin, from: index)
    }

    private func write(
        _ tree: TreeTail,
        _ bundles: BundleMaker,
        from old: UInt64,
        to size: UInt64
    ) throws(LogError) {
        var files: [(path: TilePath, bytes: [UInt8])] = []
        try TileLayout.forEachNewTile(from: old, to: size) { path throws(LogError) in
            let bytes: [UInt8]? =
                switch path.kind {
                case .entries: bundles.bundle(path.index, width: path.width)
                case .hashes(let level): tree.tile(level: level, index: path.index, width: path.width)
                }
            guard let bytes else { throw .tree(.missing(level: 0, index: path.index)) }
            files.append((path, bytes))
        }
        try system { () throws(SystemError) in try store.write(files) }
    }

    private func removePartials(from old: UInt64, to size: UInt64) {
        TileLayout.forEachNewTile(from: old, to: size) { path in
            store.removePartials(of: path)
        }
    }
}

/// The entry bundles of consecutive statements.
private struct BundleMaker {
    /// The first statement: the first of a bundle.
    let first: UInt64
    private(set) var next: UInt64
    private(set) var byteCount = 0
    private var bundles: [[UInt8]] = []

    init(first: UInt64) {
        self.first = first
        next = first
    }

    mutating func append(_ statement: ArraySlice<UInt8>) throws(LogError) {
        if next % UInt64(TileLayout.width) == 0 { bundles.append([]) }
        do throws(EntryBundleError) {
            try EntryBundle.append(statement, to: &bundles[bundles.count - 1])
        } catch {
            throw .noStatement(index: next)
        }
        next += 1
        byteCount += statement.count
    }

    /// A bundle by its index, if it has exactly that many statements.
    func bundle(_ index: UInt64, width: Int) -> [UInt8]? {
        let start = index * UInt64(TileLayout.width)
        guard start >= first, min(next - start, UInt64(TileLayout.width)) == UInt64(width) else { return nil }
        return bundles[Int(index - first / UInt64(TileLayout.width))]
    }
}
