// The thread that moves what was recorded into the view.

internal import Bytes
internal import Glibc
internal import Runtime
internal import Synchronization

extension EmbeddedState {
    /// The changes of a transaction at the most: a commit of as many takes about 200 microseconds.
    static let changesPerTransaction = 384
    /// The rows or claims that are written in one turn, about 100 microseconds, so that a lookup waits little; a
    /// transaction has several turns.
    static let changesPerTurn = 48
    /// How long the thread gathers changes when there are fewer than a transaction.
    ///
    /// A transaction costs as much as ten rows, and an effect that comes soon needs no row of its own.
    static let gatherNanoseconds = 10_000_000
    /// How long nothing must have come before the thread checkpoints and prunes.
    static let idleNanoseconds: UInt64 = 50_000_000
    /// The decisions that one slice of pruning looks at.
    static let pruneDecisionsMax = 32
    /// How much newer the newest decision must be before pruning begins again.
    static let pruneIntervalMilliseconds: Int64 = 60_000

    /// The pages of the write-ahead log, of 4 KiB, from which an idle thread checkpoints.
    static let checkpointPagesMin = 256
    /// The pages at which it checkpoints even while it is busy.
    static let checkpointPagesMax = 16_384

    /// Starts the thread.
    func startFeeding() throws(StateError) {
        do {
            let started = try Thread.start(name: "writ-state") { [self] in feedUntilStopped() }
            thread.withLock { $0 = started }
        } catch {
            throw .system(operation: "start the thread of", number: error.number)
        }
    }

    private func feedUntilStopped() {
        var feeding = Feeding()
        do throws(StateError) {
            while try feedOnce(&feeding) {}
        } catch {
            stop(error)
        }
    }

    /// One round: waits, feeds a slice, and does what is due besides; false at the end.
    private func feedOnce(_ feeding: inout Feeding) throws(StateError) -> Bool {
        switch waitForWork(feeding) {
        case .end: return false
        case .idle: try workWhileIdle(&feeding)
        case .changes: try feedSlice(&feeding)
        }
        return true
    }

    /// What there is to do.
    private enum Work {
        case changes
        case idle
        case end
    }

    private func waitForWork(_ feeding: Feeding) -> Work {
        let isDue: (Overlay) -> Bool = { $0.isWaiting || $0.isStopping || $0.failure != nil }
        let look: (inout Overlay) -> (work: Work, waiting: Int) = { overlay in
            guard overlay.failure == nil, overlay.isWaiting else { return (.end, 0) }
            // At the end nobody gathers.
            return (.changes, overlay.isStopping ? .max : overlay.waitingChanges)
        }
        let found: (work: Work, waiting: Int)
        if feeding.hasIdleWork {
            let deadline = SystemTime().monotonicNanoseconds() &+ EmbeddedState.idleNanoseconds
            guard let work = memory.wait(untilMonotonicNanoseconds: deadline, until: isDue, look) else { return .idle }
            found = work
        } else {
            found = memory.wait(until: isDue, look)
        }
        if found.work == .changes, found.waiting < EmbeddedState.changesPerTransaction { gather() }
        return found.work
    }

    private func gather() {
        var time = timespec(tv_sec: 0, tv_nsec: EmbeddedState.gatherNanoseconds)
        // Interrupted is as good: fewer changes are gathered.
        unsafe nanosleep(&time, nil)
    }

    /// Moves a slice into the view in one transaction; an error of the view is thrown.
    private func feedSlice(_ feeding: inout Feeding) throws(StateError) {
        let slice = memory.withLock { $0.takeSlice(limit: EmbeddedState.changesPerTransaction) }
        try beforeApplying?()
        try turn.feed { (view) throws(StateError) in try view.begin() }
        for rows in slice.rows.parts(EmbeddedState.changesPerTurn) {
            try turn.feed { (view) throws(StateError) in try view.apply(rows) }
        }
        feeding.walPages = try turn.feed { (view) throws(StateError) in
            if let size = slice.size { view.header.applied = size }
            try view.commit()
            return view.connection.writeAheadPages
        }
        feeding.pruning.note(slice)
        for rows in slice.rows.parts(EmbeddedState.changesPerTurn) {
            memory.withLock { $0.complete(rows: rows) }
        }
        let isFull = memory.withLock { overlay in
            overlay.complete(slice)
            return overlay.tail.isFull
        }
        if let size = slice.size { appliedSize.max(size, ordering: .releasing) }
        if isFull {
            // The next run is full: the one before it must be in the table first.
            while try merge(&feeding) {}
            feeding.run = try sealTail()
        }
        _ = try merge(&feeding)
        if feeding.walPages >= EmbeddedState.checkpointPagesMax { try checkpoint(&feeding) }
    }

    // MARK: Idle work

    /// Finishes a run, prunes, checkpoints; gives way as soon as something was recorded.
    private func workWhileIdle(_ feeding: inout Feeding) throws(StateError) {
        while !hasChanges, try merge(&feeding) {}
        feeding.pruning.beginIfDue()
        while let cursor = feeding.pruning.cursor, let newest = feeding.pruning.newest, !hasChanges {
            feeding.pruning.cursor = try turn.feed { (view) throws(StateError) in
                try view.prune(from: cursor, at: newest, limit: EmbeddedState.pruneDecisionsMax)
            }
        }
        if !hasChanges { try checkpoint(&feeding) }
    }

    private var hasChanges: Bool {
        memory.withLock { $0.isWaiting || $0.isStopping || $0.failure != nil }
    }

    private func checkpoint(_ feeding: inout Feeding) throws(StateError) {
        try turn.feed { (view) throws(StateError) in try view.connection.checkpoint() }
        feeding.walPages = 0
    }

    // MARK: Claims

    /// Seals the claims that are not in the table yet, and puts them into its order.
    func sealTail() throws(StateError) -> MergeRun {
        let next = memory.withLock { $0.tail.emptyRun() }
        try turn.feed { (view) throws(StateError) in view.beginMerge() }
        let sealed = memory.withLock { overlay in
            overlay.tail.seal(next: next)
            return overlay.tail.sealed
        }
        // The order of a dictionary differs in every process; the table's does not.
        return MergeRun(claims: sealed.map { ($0.key, $0.value) }.sorted { $0.address < $1.address })
    }

    private func merge(_ feeding: inout Feeding) throws(StateError) -> Bool {
        guard var run = feeding.run else { return false }
        let goesOn = try mergePart(&run)
        feeding.run = goesOn ? run : nil
        return goesOn
    }

    /// Moves a part of a run into the table in one transaction; false when it was the last.
    ///
    /// A part is larger than a slice, so that a run is in the table before the next one is full.
    func mergePart(_ run: inout MergeRun) throws(StateError) -> Bool {
        let end = min(run.done + EmbeddedState.changesPerTransaction, run.claims.count)
        let part = run.claims[run.done..<end]
        let isLast = end == run.claims.count
        try turn.feed { (view) throws(StateError) in try view.begin() }
        for claims in part.parts(EmbeddedState.changesPerTurn) {
            try turn.feed { (view) throws(StateError) in try view.merge(claims) }
        }
        try turn.feed { (view) throws(StateError) in
            if isLast { view.endMerge() }
            try view.commit()
        }
        memory.withLock { overlay in
            for claim in part {
                overlay.tail.noteInTable(claim.address)
            }
            if isLast { overlay.tail.dropSealed() }
        }
        run.done = end
        return !isLast
    }
}

extension RandomAccessCollection where Index == Int {
    /// The elements in parts of at most `count`.
    func parts(_ count: Int) -> some Sequence<SubSequence> {
        stride(from: startIndex, to: endIndex, by: count).lazy.map { self[$0..<Swift.min($0 + count, endIndex)] }
    }
}

/// Claims in the order of the table.
struct MergeRun {
    /// The claims, ascending by address.
    let claims: [(address: ClaimAddress, index: UInt64)]
    /// How many of them are in the table.
    var done = 0

    init(claims: [(address: ClaimAddress, index: UInt64)]) {
        self.claims = claims
    }
}

/// What the feeding thread keeps between slices.
struct Feeding {
    /// The run that is on its way into the table of claims.
    var run: MergeRun?
    /// Where pruning is.
    var pruning = Pruning()
    /// The pages of the write-ahead log after the last commit.
    var walPages = 0

    /// Whether there is something to do when nothing is recorded.
    var hasIdleWork: Bool {
        run != nil || pruning.isDue || pruning.cursor != nil || walPages >= EmbeddedState.checkpointPagesMin
    }
}

/// When and where claims are looked at that may have left their windows.
struct Pruning {
    /// The index to go on from; nil while there is nothing to do.
    var cursor: UInt64?
    /// The time of the newest decision that was fed.
    private(set) var newest: Int64?
    /// The time of the newest decision when pruning began last.
    private var began: Int64?

    /// Whether the newest decision is so much newer that it is worth looking again.
    var isDue: Bool {
        guard let newest else { return false }
        guard let began else { return true }
        let (next, overflow) = began.addingReportingOverflow(EmbeddedState.pruneIntervalMilliseconds)
        return !overflow && newest >= next
    }

    /// Begins at the oldest claim.
    mutating func beginIfDue() {
        guard cursor == nil, isDue else { return }
        began = newest
        cursor = 0
    }

    /// Notes the time of the newest decision of a slice.
    mutating func note(_ slice: PendingSlice) {
        for case .decision(let entry) in slice.rows {
            newest = max(newest ?? entry.instant, entry.instant)
        }
    }
}
