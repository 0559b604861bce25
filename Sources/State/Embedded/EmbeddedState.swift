// The state store of one gate: the newest in memory, the rest in a view of the log in SQLite.

package import Authorization
package import Bytes
internal import Runtime
internal import Synchronization

/// The state of one gate, derived from its log.
///
/// The log is the truth. Recording changes memory only; a thread of the store's own moves them into the view, with
/// the log size it has applied in the same transaction. The view may be deleted at any time while no gate runs: it
/// is built again from the log.
///
/// After an error of the view's thread, or a damaged row, every lookup throws until the store is opened again, and
/// a damaged view is rebuilt then.
package final class EmbeddedState: StateStore, @unchecked Sendable {
    /// The statements that the view may be behind before new decisions are refused as `overloaded`.
    ///
    /// What waits is in memory, about 700 bytes a decision: 23 MB at the limit.
    package static let lagMax: UInt64 = 32_768

    let memory: Monitor<Overlay>
    let turn: ViewTurn
    let path: String
    /// The log size that the view must reach before anything is answered.
    let logSize: UInt64
    /// Called before each transaction of the feeding thread; for tests of what its errors do.
    let beforeApplying: (@Sendable () throws(StateError) -> Void)?
    let recordedSize: Atomic<UInt64>
    let appliedSize: Atomic<UInt64>
    let thread = Guarded<Thread?>(nil)

    init(opened: View, tail: ClaimTail, logSize: UInt64, options: EmbeddedStateOptions) {
        let applied = opened.header.applied
        memory = Monitor(Overlay(applied: applied, tail: tail))
        turn = ViewTurn(opened)
        path = options.path
        beforeApplying = options.beforeApplying
        self.logSize = logSize
        recordedSize = Atomic(applied)
        appliedSize = Atomic(applied)
    }

    // MARK: Lookups

    /// The newest decision that claimed a key: from memory, or from the view where the filter does not rule it out.
    package func entry(claim key: Digest) throws(StateError) -> DecisionEntry? {
        let found = try inMemory { $0.find(claim: key) }
        let address = ClaimAddress(key)
        guard let entry = try complete(found, { (view) throws(StateError) in try view.index(claim: address) }) else {
            return nil
        }
        guard entry.claimKey == key else {
            throw stop(.corrupt("the claim of the decision at \(entry.index) is another one"))
        }
        return entry
    }

    /// The decision with an id.
    package func entry(id: Identifier) throws(StateError) -> DecisionEntry? {
        let found = try inMemory { $0.find(id: id) }
        guard let entry = try complete(found, { (view) throws(StateError) in try view.index(id: id) }) else {
            return nil
        }
        guard entry.id == id else { throw stop(.corrupt("the id of the decision at \(entry.index) is another one")) }
        return entry
    }

    /// The decision at an index of the log.
    package func entry(index: UInt64) throws(StateError) -> DecisionEntry? {
        let found = try inMemory { $0.find(index: index) }
        guard case .inView(let index, let patch) = found else { return try complete(found) { _ in nil } }
        return try read(index, patch)
    }

    /// All statements of the authority, in the order of the log.
    package func authorityEvents() throws(StateError) -> [AuthorityEvent] {
        // Two reads that both see what lies between them: what was recorded first, what the view has second.
        let waiting = try inMemory { $0.waitingAuthority }
        let durable = try guarding { () throws(StateError) in
            try turn.lookUp { (view) throws(StateError) in try view.authorityEvents() }
        }
        let next = durable.last.map { $0.index &+ 1 } ?? 0
        return durable + waiting.filter { $0.index >= next }
    }

    /// Asks memory, unless the store has stopped or is not caught up.
    private func inMemory<Result>(_ body: (borrowing Overlay) -> Result) throws(StateError) -> Result {
        let applied = appliedSize.load(ordering: .acquiring)
        guard applied >= logSize else { throw .behind(applied: applied, logSize: logSize) }
        return try memory.withLock { (overlay) throws(StateError) in
            if let failure = overlay.failure { throw failure.standing }
            return body(overlay)
        }
    }

    /// Turns what memory knows into an entry, with the help of the view where needed.
    private func complete(
        _ found: Overlay.Found,
        _ search: (View) throws(StateError) -> UInt64?
    ) throws(StateError) -> DecisionEntry? {
        switch found {
        case .entry(let entry): return entry
        case .nothing: return nil
        case .inView(let index, let patch): return try existing(index, patch)
        case .unknown: break
        }
        let index = try guarding { () throws(StateError) in try turn.lookUp(search) }
        guard let index else { return nil }
        // Memory is asked again before the row: what waits for the view must not be missed.
        switch try inMemory({ $0.find(index: index) }) {
        case .entry(let entry): return entry
        case .inView(let index, let patch): return try existing(index, patch)
        case .nothing, .unknown: return nil
        }
    }

    /// Reads a row that must be there.
    private func existing(_ index: UInt64, _ patch: EntryPatch?) throws(StateError) -> DecisionEntry {
        guard let entry = try read(index, patch) else { throw stop(.corrupt("the decision at \(index) has no row")) }
        return entry
    }

    private func read(_ index: UInt64, _ patch: EntryPatch?) throws(StateError) -> DecisionEntry? {
        let entry = try guarding { () throws(StateError) in
            try turn.lookUp { (view) throws(StateError) in try view.entry(index: index) }
        }
        guard let patch else { return entry }
        return entry.map { patch.applied(to: $0) }
    }

    /// Stops the store when a lookup finds that the view cannot be trusted.
    private func guarding<Result>(_ body: () throws(StateError) -> Result) throws(StateError) -> Result {
        do throws(StateError) {
            return try body()
        } catch {
            if error == .busy { throw error }
            throw stop(error)
        }
    }

    /// Stops for good, and remembers damage for the next opening.
    @discardableResult
    func stop(_ error: StateError) -> StateError {
        let isFirst = memory.changeForAll { overlay in
            defer { overlay.fail(error) }
            return overlay.failure == nil
        }
        if isFirst, case .corrupt = error { View.markDamaged(path: path) }
        return error
    }

    // MARK: Recording

    /// The changes that are taken under one hold of the lock, so that a lookup does not wait for a whole batch.
    private static let changesPerHold = 64

    /// Takes the changes of one batch into memory, and wakes the thread that feeds the view.
    package func record(_ changes: [StateChange], size: UInt64) {
        guard appliedSize.load(ordering: .acquiring) >= logSize else {
            stop(.behind(applied: appliedSize.load(ordering: .acquiring), logSize: logSize))
            return
        }
        var start = 0
        repeat {
            let end = min(start + EmbeddedState.changesPerHold, changes.count)
            memory.change { $0.record(changes[start..<end], size: end == changes.count ? size : nil) }
            start = end
        } while start < changes.count
        recordedSize.max(size, ordering: .releasing)
    }

    /// Statements that were recorded and that the view does not have yet.
    package var lag: UInt64 {
        let applied = appliedSize.load(ordering: .acquiring)
        let recorded = recordedSize.load(ordering: .acquiring)
        return recorded > applied ? recorded - applied : 0
    }

    /// Whether new decisions must be answered SILENCE `overloaded`.
    package var isOverloaded: Bool { lag > EmbeddedState.lagMax }
}
