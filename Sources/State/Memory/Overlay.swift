// What the gate knows and the view may not: the newest decisions, and everything that waits for the view.

internal import Authorization
internal import Bytes

/// The part of the state that lives in memory, under one lock.
///
/// INVARIANT (overlay): a change is here from before its answer until after its transaction; a lookup that asks
/// here first and the view second sees it.
struct Overlay {
    /// Decisions that stay in memory after the view has them, because retries, redemptions and reports come soon.
    static let recentMax = 8_192

    /// Why nothing is answered any more.
    private(set) var failure: StateError?
    /// The log size up to which everything was recorded.
    private(set) var recorded: UInt64
    /// The log size up to which everything is in the view.
    private(set) var applied: UInt64
    /// The claims that the view has in rows, and which the table may have.
    var tail: ClaimTail
    /// Whether the feeding thread is to end when nothing waits.
    var isStopping = false

    private var blocks: [EntryBlock] = []
    private var entryCount = 0
    private var recent = RecentDecisions(capacity: recentMax)
    private var patches: [UInt64: EntryPatch] = [:]
    private var batches: [PendingBatch] = []
    private var firstBatch = 0
    private var firstChange = 0

    /// Starts over a view that has applied a log size.
    init(applied: UInt64, tail: ClaimTail) {
        recorded = applied
        self.applied = applied
        self.tail = tail
    }

    /// Whether anything waits for the view.
    var isWaiting: Bool { firstBatch < batches.count }

    /// The number of changes that were recorded and not taken yet.
    private(set) var waitingChanges = 0
    /// Statements of the authority that the view does not have yet, in the order of the log.
    private(set) var waitingAuthority: [AuthorityEvent] = []

    // MARK: Lookups

    /// What is known in memory.
    enum Found {
        /// The entry as it stands.
        case entry(DecisionEntry)
        /// The view has the entry, without the patch.
        case inView(UInt64, EntryPatch?)
        /// Only the view can tell.
        case unknown
        /// There is none.
        case nothing
    }

    /// The decision at an index.
    func find(index: UInt64) -> Found {
        if let (block, position) = locate(index) { return .entry(block.entries[position]) }
        return .inView(index, patches[index])
    }

    /// The newest decision under a key.
    func find(claim key: Digest) -> Found {
        let address = ClaimAddress(key)
        if let index = recent.index(claim: address) { return find(index: index) }
        switch tail.find(address) {
        case .at(let index): return find(index: index)
        case .maybeInTable: return .unknown
        case .nowhere: return .nothing
        }
    }

    /// The decision with an id.
    func find(id: Identifier) -> Found {
        guard let index = recent.index(id: id) else { return .unknown }
        return find(index: index)
    }

    private func locate(_ index: UInt64) -> (EntryBlock, Int)? {
        guard let newest = blocks.last?.entries.last, let oldest = blocks.first?.entries.first,
            index >= oldest.index, index <= newest.index
        else { return nil }
        var low = 0
        var high = blocks.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if let first = blocks[middle].entries.first, first.index <= index { low = middle } else { high = middle }
        }
        return blocks[low].position(of: index).map { (blocks[low], $0) }
    }

    // MARK: Recording

    /// Takes changes in the order of the log; `size` closes a batch.
    mutating func record(_ changes: ArraySlice<StateChange>, size: UInt64?) {
        guard failure == nil else { return }
        var batch = PendingBatch(size: size)
        batch.changes.reserveCapacity(changes.count)
        for change in changes {
            if let pending = take(change) { batch.changes.append(pending) }
        }
        if let size { recorded = max(recorded, size) }
        guard !batch.changes.isEmpty || size != nil else { return }
        batches.append(batch)
        waitingChanges += batch.changes.count
    }

    private mutating func take(_ change: StateChange) -> PendingChange? {
        switch change {
        case .none: nil
        case .decision(let entry): take(entry)
        case .redemption(let index, let redemption): take(redemption, of: index)
        case .effect(let index, let effect): take(effect, on: index)
        case .authority(let index, let kind, let payload):
            take(AuthorityEvent(index: index, kind: kind, payload: payload))
        }
    }

    private mutating func take(_ event: AuthorityEvent) -> PendingChange? {
        waitingAuthority.append(event)
        return .authority(event)
    }

    private mutating func take(_ entry: DecisionEntry) -> PendingChange? {
        let block: EntryBlock
        if let last = blocks.last, !last.isFull {
            block = last
        } else {
            block = EntryBlock()
            blocks.append(block)
        }
        let position = block.append(entry)
        entryCount += 1
        recent.add(entry, oldest: blocks.first?.entries.first?.index ?? entry.index)
        return .entry(block, position: position)
    }

    private mutating func take(_ redemption: RedemptionEntry, of index: UInt64) -> PendingChange? {
        if let (block, position) = locate(index) {
            return block.change(at: position) { $0.take(redemption) } ? .entry(block, position: position) : nil
        }
        // The first stands; the view keeps to the same rule with what it has.
        patches[index, default: EntryPatch()].waiting += 1
        if patches[index]?.redemption == nil { patches[index]?.redemption = redemption }
        return .redemption(decision: index, redemption)
    }

    private mutating func take(_ effect: EffectEntry, on index: UInt64) -> PendingChange? {
        if let (block, position) = locate(index) {
            return block.change(at: position) { $0.take(effect) } ? .entry(block, position: position) : nil
        }
        patches[index, default: EntryPatch()].waiting += 1
        if patches[index]?.effect == nil { patches[index]?.effect = effect }
        return .effect(decision: index, effect)
    }

    /// Says that the view has everything up to a log size, none of which was recorded here.
    mutating func skip(to size: UInt64) {
        recorded = max(recorded, size)
        applied = max(applied, size)
    }

    // MARK: Feeding

    /// Takes what waits longest, at most `limit` changes.
    mutating func takeSlice(limit: Int) -> PendingSlice {
        var slice = PendingSlice()
        while slice.changes.count < limit, firstBatch < batches.count {
            let batch = batches[firstBatch]
            let end = min(batch.changes.count, firstChange + limit - slice.changes.count)
            for change in batch.changes[firstChange..<end] {
                slice.changes.append(change)
                if let row = row(change) { slice.rows.append(row) }
            }
            firstChange = end
            guard end == batch.changes.count else { break }
            if let size = batch.size { slice.size = size }
            batches[firstBatch] = PendingBatch()
            firstBatch += 1
            firstChange = 0
        }
        waitingChanges -= slice.changes.count
        // Moving a few machine words now and then is cheaper than a ring.
        if firstBatch == batches.count || firstBatch >= Overlay.batchesDroppedAtOnce {
            batches.removeFirst(firstBatch)
            firstBatch = 0
        }
        return slice
    }

    private static let batchesDroppedAtOnce = 1_024

    private func row(_ change: PendingChange) -> RowChange? {
        switch change {
        case .entry(let block, let position): block.take(at: position)
        case .redemption(let index, let redemption): .redemption(decision: index, redemption)
        case .effect(let index, let effect): .effect(decision: index, effect)
        case .authority(let event): .authority(event)
        }
    }

    /// Says that the view has a part of the rows of a slice, whose transaction is over.
    mutating func complete(rows: ArraySlice<RowChange>) {
        for row in rows {
            if case .decision(let entry) = row {
                tail.add(entry.claimKey.map { ClaimAddress($0) }, index: entry.index)
            }
        }
    }

    /// Says that all rows of a slice are in the view; memory may forget what is behind them.
    mutating func complete(_ slice: PendingSlice) {
        guard failure == nil else { return }
        for change in slice.changes {
            switch change {
            case .entry(let block, _): block.waiting -= 1
            case .redemption(let index, _), .effect(let index, _): release(index)
            case .authority: waitingAuthority.removeFirst()
            }
        }
        if let size = slice.size { applied = size }
        evict()
    }

    private mutating func release(_ index: UInt64) {
        guard var patch = patches[index] else { return }
        patch.waiting -= 1
        patches[index] = patch.waiting == 0 ? nil : patch
    }

    /// Drops the oldest blocks that the view has, down to the newest ``recentMax`` decisions.
    private mutating func evict() {
        var dropped = 0
        while dropped < blocks.count {
            let block = blocks[dropped]
            guard block.isFull, block.waiting == 0, entryCount - block.entries.count >= Overlay.recentMax else { break }
            entryCount -= block.entries.count
            dropped += 1
        }
        if dropped > 0 { blocks.removeFirst(dropped) }
    }

    /// Stops for good: nothing is answered or taken any more, and what was held is dropped.
    mutating func fail(_ error: StateError) {
        guard failure == nil else { return }
        failure = error
        blocks = []
        entryCount = 0
        recent = RecentDecisions(capacity: 0)
        patches = [:]
        batches = []
        waitingChanges = 0
        waitingAuthority = []
        firstBatch = 0
        firstChange = 0
    }
}
