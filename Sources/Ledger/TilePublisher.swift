// Tiles, bundles and the published checkpoint: derived from the segments, off the way of decisions.

internal import Bytes
internal import CSystem
internal import Cryptography
internal import Runtime
internal import Transparency

/// Writes what readers fetch, at most every 200 milliseconds, by a thread of low priority.
///
/// INVARIANT (tiles first): a checkpoint is published only when every tile and bundle of its tree is durable.
/// A failure stops publishing and nothing else: receipts do not need tiles, and the next start continues where they end.
final class TilePublisher: @unchecked Sendable {
    private struct State {
        /// The newest signed tree.
        var size: UInt64 = 0
        var checkpoint: [UInt8] = []
        var published: UInt64 = 0
        /// The size of the tree whose tiles stand: just before its checkpoint is published, ahead of that.
        var standing: UInt64 = 0
        var isStopping = false
        var isClean = true
        /// Whether the thread waits for news, so that news has to wake it.
        var isIdle = false
        var failure: LogError?
    }

    private let layout: LogLayout
    private let store: TileStore
    private let key: NoteVerifierKey
    private let origin: Digest
    private let milliseconds: UInt64
    private let state: Monitor<State>
    private let thread = Guarded<Thread?>(nil)
    private let clock = SystemTime()
    /// The frame from which the next publication reads; on the publisher's thread alone.
    private var hint: (first: UInt64, place: FrameCursor.Place)?

    private static let prioritySteps: Int32 = 10
    /// The most statements whose bundles are held in memory at once.
    private static let statementsPerStepMax: UInt64 = 8 * 256

    init(_ configuration: LogConfiguration, published: Checkpoint?) {
        layout = configuration.layout
        store = TileStore(layout: layout)
        key = configuration.signer.verifierKey
        origin = SHA256.digest(of: key.name.text)
        milliseconds = configuration.publicationMilliseconds
        let size = published?.size ?? 0
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
    func offer(size: UInt64, checkpoint: [UInt8]) {
        let isIdle = state.withLock { state in
            state.size = size
            state.checkpoint = checkpoint
            defer { state.isIdle = false }
            return state.isIdle
        }
        if isIdle { state.changeForAll { _ in } }
    }

    /// Ends the thread; after a clean end what was signed last is published before this returns.
    func stop(isClean: Bool) {
        state.changeForAll { state in
            state.isStopping = true
            state.isClean = isClean
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
        while let news = wait() {
            let start = clock.monotonicNanoseconds()
            do throws(LogError) {
                try publish(news.size, news.checkpoint, &tail)
                state.withLock { $0.published = news.size }
            } catch {
                state.withLock { $0.failure = error }
                return
            }
            pause(since: start)
        }
    }

    /// Waits for a tree that is not published yet; nil when the thread has to end.
    private func wait() -> (size: UInt64, checkpoint: [UInt8])? {
        state.withLock { $0.isIdle = true }
        return state.wait(
            until: { $0.size > $0.published || $0.isStopping },
            { state in
                state.isIdle = false
                if state.isStopping && !state.isClean { return nil }
                return state.size > state.published ? (state.size, state.checkpoint) : nil
            }
        )
    }

    /// Waits until the next publication may begin; the longer the last one took, the longer, so that tiles take a fifth of
    /// the disk's time at most.
    private func pause(since start: UInt64) {
        let now = clock.monotonicNanoseconds()
        let deadline = max(start + milliseconds * 1_000_000, now + 4 * (now - start))
        _ = state.wait(untilMonotonicNanoseconds: deadline, until: { $0.isStopping }, { _ in true })
    }

    /// Writes the tiles between the published tree and a new one, then the checkpoint.
    private func publish(_ size: UInt64, _ checkpoint: [UInt8], _ tail: inout TreeTail?) throws(LogError) {
        var tree = if let tail { tail } else { try resume(at: published) }
        tail = nil
        let old = published
        var written = old
        while written < size {
            // In steps, so that catching up with a long log needs no long memory.
            let step = min(size, (written / Self.statementsPerStepMax + 1) * Self.statementsPerStepMax)
            try extend(&tree, from: written, to: step)
            written = step
        }
        try checkRoot(of: tree, checkpoint)
        // Whoever sees the new checkpoint may ask for its tiles at once.
        state.withLock { $0.standing = size }
        try system { () throws(SystemError) in
            try Files.replace(layout.checkpoint, with: checkpoint, permissions: TileStore.filePermissions)
        }
        removePartials(from: old, to: size)
        tail = tree
    }

    /// The tree as far as its tiles are published, or the empty one if the tiles cannot be read: then all are made again.
    private func resume(at size: UInt64) throws(LogError) -> TreeTail {
        let aligned = size / UInt64(TileLayout.width) * UInt64(TileLayout.width)
        guard aligned > 0 else { return TreeTail() }
        let store = store
        do throws(TreeError) {
            guard let published = try? PublishedCheckpoint.read(layout, key: key), published.size == size else {
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

    /// Appends statements to the tree and writes the tiles and bundles of it.
    private func extend(_ tree: inout TreeTail, from old: UInt64, to size: UInt64) throws(LogError) {
        var bundles = BundleMaker(first: tree.size / UInt64(TileLayout.width) * UInt64(TileLayout.width))
        // A bundle that was partial is written again, wider: its statements are read again.
        var cursor = try cursor(from: bundles.first)
        let again = size / UInt64(TileLayout.width) * UInt64(TileLayout.width)
        while bundles.next < size {
            guard let (frame, place) = try cursor.frame() else { throw .noStatement(index: bundles.next) }
            if frame.header.first <= again { hint = (frame.header.first, place) }
            for position in 0..<frame.header.statementCount {
                let index = frame.header.first + UInt64(position)
                guard index >= bundles.first, index < size else { continue }
                let statement = frame.statement(position)
                try bundles.append(statement)
                guard index >= tree.size else { continue }
                try Self.append(TreeHash.leaf(statement), to: &tree)
            }
        }
        try write(tree, bundles, from: old, to: size)
        tree.trim(before: size)
    }

    /// A cursor at the frame that has a statement: from the frame of the last time, or by a walk over the segment.
    private func cursor(from index: UInt64) throws(LogError) -> FrameCursor {
        if let hint, hint.first <= index {
            return try FrameCursor(layout, origin: origin, at: hint.place, first: hint.first)
        }
        return try FrameCursor(layout, origin: origin, from: index)
    }

    private static func append(_ leaf: Digest, to tree: inout TreeTail) throws(LogError) {
        do throws(TreeError) {
            try tree.append(leaf: leaf)
        } catch {
            throw .tree(error)
        }
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

    /// INVARIANT (one tree): what is published is what was signed.
    private func checkRoot(of tree: TreeTail, _ bytes: [UInt8]) throws(LogError) {
        guard let note = try? SignedNote(bytes), let checkpoint = try? VerifiedCheckpoint(note, logKey: key).checkpoint,
            checkpoint.size == tree.size, let root = try? tree.root(size: tree.size), root == checkpoint.root
        else { throw .forked(size: tree.size) }
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
    }

    /// A bundle by its index, if it has exactly that many statements.
    func bundle(_ index: UInt64, width: Int) -> [UInt8]? {
        let start = index * UInt64(TileLayout.width)
        guard start >= first, min(next - start, UInt64(TileLayout.width)) == UInt64(width) else { return nil }
        return bundles[Int(index - first / UInt64(TileLayout.width))]
    }
}
