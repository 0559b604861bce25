// Opening, catching up and closing the embedded state.

package import Authorization
package import Bytes
internal import Runtime
internal import Synchronization

/// What an embedded state is opened with.
package struct EmbeddedStateOptions: Sendable {
    /// The file of the view; its folder must be there.
    package let path: String
    /// The origin of the log.
    package let origin: Text
    /// The decisions whose claims gather in memory before they move into their table: three quarters of 65,536, the
    /// load at which a dictionary would grow.
    package var claimsGatheredMax = 49_152
    /// Called before each transaction of the feeding thread; for tests of what its errors do.
    package var beforeApplying: (@Sendable () throws(StateError) -> Void)?

    /// Makes options.
    package init(path: String, origin: Text) {
        self.path = path
        self.origin = origin
    }
}

/// What was found at opening.
package struct Opening: Sendable {
    /// The store; it answers nothing until it has applied the whole log.
    package let state: EmbeddedState
    /// The log size that the view has: catch up from here with ``EmbeddedState/applyDirectly(_:size:)``.
    package let appliedSize: UInt64
    /// Whether the view was there and could be believed.
    package let condition: ViewCondition
    /// The newest decision of the view; the caller compares it with the log, whose statement must have this leaf.
    package let newest: Reference?
}

extension EmbeddedState {
    /// Opens the view of a log, makes it, or replaces one that is damaged or belongs to another log.
    ///
    /// One process at a time: the caller holds the lock of the gate's home. ``close()`` MUST be called at the end.
    ///
    /// - Parameters:
    ///   - path: The file of the view; its folder must be there.
    ///   - origin: The origin of the log.
    ///   - logSize: The size of the recovered log.
    /// - Returns: The store, and what was found.
    /// - Throws: ``StateError/viewAhead(applied:logSize:)`` when the view knows statements that the log has lost:
    ///   refuse to start.
    package static func open(path: String, origin: Text, logSize: UInt64) throws(StateError) -> Opening {
        try open(EmbeddedStateOptions(path: path, origin: origin), logSize: logSize)
    }

    /// Opens the view of a log with options.
    package static func open(_ options: EmbeddedStateOptions, logSize: UInt64) throws(StateError) -> Opening {
        var tail = ClaimTail(decisionsMax: options.claimsGatheredMax)
        let (view, condition) = try View.open(path: options.path, origin: options.origin, tail: &tail)
        let applied = view.header.applied
        // Within a batch the view may be past `applied`, but never past the log.
        let reached = max(applied, view.header.decisionsEnd)
        guard reached <= logSize else { throw .viewAhead(applied: reached, logSize: logSize) }
        let end = view.header.decisionsEnd
        let newest = end == 0 ? nil : try view.entry(index: end - 1).map { Reference(index: $0.index, leaf: $0.leaf) }
        let state = EmbeddedState(opened: view, tail: tail, logSize: logSize, options: options)
        try state.startFeeding()
        return Opening(state: state, appliedSize: applied, condition: condition, newest: newest)
    }

    /// The most changes of one call to ``applyDirectly(_:size:)``.
    package static let changesPerCallMax = 65_536

    /// Applies a part of the log at start, in one transaction, on the caller's thread.
    ///
    /// Call it with every statement from the opening's `appliedSize` on, in the order of the log, before anything
    /// is recorded. A part may be applied twice.
    ///
    /// - Parameters:
    ///   - changes: At most ``changesPerCallMax``.
    ///   - size: The log size that is complete with these changes.
    /// - Throws: ``StateError``; the store has stopped, and the gate must not start.
    package func applyDirectly(_ changes: [StateChange], size: UInt64) throws(StateError) {
        precondition(changes.count <= EmbeddedState.changesPerCallMax)
        if let failure = memory.withLock({ $0.failure }) { throw failure.standing }
        do throws(StateError) {
            try applyAtOnce(changes, size)
        } catch {
            throw stop(error)
        }
    }

    private func applyAtOnce(_ changes: [StateChange], _ size: UInt64) throws(StateError) {
        let rows = changes.compactMap(EmbeddedState.row)
        let known = try turn.feed { (view) throws(StateError) in
            let known = view.header.decisionsEnd
            try view.begin()
            try view.apply(rows[...])
            view.header.applied = max(size, view.header.applied)
            try view.commit()
            try view.checkpointIfLarge()
            return known
        }
        let isFull = memory.withLock { overlay in
            for case .decision(let entry) in rows where entry.index >= known {
                overlay.tail.add(entry.claimKey.map { ClaimAddress($0) }, index: entry.index)
            }
            overlay.skip(to: size)
            return overlay.tail.isFull
        }
        recordedSize.max(size, ordering: .releasing)
        appliedSize.max(size, ordering: .releasing)
        if isFull {
            var run = try sealTail()
            while try mergePart(&run) {}
        }
    }

    private static func row(_ change: StateChange) -> RowChange? {
        switch change {
        case .decision(let entry): .decision(entry)
        case .redemption(let index, let redemption): .redemption(decision: index, redemption)
        case .effect(let index, let effect): .effect(decision: index, effect)
        case .authority(let index, let kind, let payload):
            .authority(AuthorityEvent(index: index, kind: kind, payload: payload))
        case .none: nil
        }
    }

    /// Waits until everything that was recorded is in the view, and closes it.
    ///
    /// Nothing may be recorded from now on; lookups throw. Safe to call twice.
    package func close() {
        memory.changeForAll { $0.isStopping = true }
        let feeding = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        feeding?.join()
        stop(.failed("it was closed"))
        // A failing checkpoint leaves the write-ahead log, which is as good.
        _ = try? turn.feed { (view) throws(StateError) in
            defer { view.connection.close() }
            try view.connection.checkpoint()
        }
    }
}
