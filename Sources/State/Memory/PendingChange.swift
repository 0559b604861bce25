// What was recorded and is not in the view yet.

/// A run of entries in memory, in the order of the log.
final class EntryBlock {
    /// The entries of a block at most: about 50 KiB.
    static let entriesMax = 128

    /// The entries, ascending by index.
    private(set) var entries: [DecisionEntry] = []
    /// How often each entry changed, and what of it the view has.
    private var versions: [(current: UInt32, written: UInt32)] = []
    /// Changes that the view does not have yet; a block with any stays in memory.
    var waiting = 0

    /// An empty block.
    init() {
        entries.reserveCapacity(EntryBlock.entriesMax)
        versions.reserveCapacity(EntryBlock.entriesMax)
    }

    /// Whether there is no more room.
    var isFull: Bool { entries.count >= EntryBlock.entriesMax }

    /// Adds an entry; its position.
    func append(_ entry: DecisionEntry) -> Int {
        entries.append(entry)
        versions.append((1, 0))
        waiting += 1
        return entries.count - 1
    }

    /// Changes an entry; whether it was changed.
    func change(at position: Int, _ body: (inout DecisionEntry) -> Bool) -> Bool {
        guard body(&entries[position]) else { return false }
        versions[position].current += 1
        waiting += 1
        return true
    }

    /// What the view needs of an entry now; nil if a write before this one had it all.
    func take(at position: Int) -> RowChange? {
        let version = versions[position]
        guard version.written < version.current else { return nil }
        versions[position].written = version.current
        return version.written == 0 ? .decision(entries[position]) : .rewrite(entries[position])
    }

    /// The position of the entry with an index, if it is here.
    func position(of index: UInt64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].index == index ? low : nil
    }
}

/// One change that waits for the view.
enum PendingChange {
    /// An entry in memory is new or has changed.
    case entry(EntryBlock, position: Int)
    /// A redemption of a decision that is no longer in memory.
    indirect case redemption(decision: UInt64, RedemptionEntry)
    /// An effect on a decision that is no longer in memory.
    indirect case effect(decision: UInt64, EffectEntry)
    /// A statement of the authority.
    case authority(AuthorityEvent)
}

/// The changes of one call, or of a part of it.
struct PendingBatch {
    /// In the order of the log.
    var changes: [PendingChange] = []
    /// The log size that is complete with them; nil for a part that is not the last.
    var size: UInt64?
}

/// What the feeding thread takes at once: one transaction.
struct PendingSlice {
    /// The rows to write.
    var rows: [RowChange] = []
    /// The changes behind the rows.
    var changes: [PendingChange] = []
    /// The log size that is complete with them; nil within a batch.
    var size: UInt64?
}

/// What is known in memory of a decision that is otherwise only in the view.
struct EntryPatch {
    /// A redemption that waits for the view.
    var redemption: RedemptionEntry?
    /// An effect that waits for the view.
    var effect: EffectEntry?
    /// The changes behind the two.
    var waiting = 0

    /// The entry with what waits for the view.
    func applied(to entry: DecisionEntry) -> DecisionEntry {
        var entry = entry
        if let redemption { entry.take(redemption) }
        if let effect { entry.take(effect) }
        return entry
    }
}
