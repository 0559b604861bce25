// A state store that fails when it is told to.

package import Authorization
package import Bytes
internal import Glibc
internal import Runtime
package import State

/// What goes wrong with a state store.
package enum StateFault: String, CaseIterable, Sendable {
    /// Every lookup throws, as after an error of the disk; what is recorded is kept.
    case lookupFails
    /// Every lookup takes longer than the time of a decision, and then answers.
    case lookupIsSlow
    /// The view cannot take what was recorded: from the next recording on, every lookup throws.
    case applyFails
    /// The view is so far behind that the store reads as overloaded; lookups answer.
    case viewIsBehind
}

/// Wraps a state store; faults are set and cleared while it runs.
package final class FaultyStateStore: StateStore, @unchecked Sendable {
    private struct Condition {
        var fault: StateFault?
        var hasFailed = false
    }

    /// How long a slow lookup takes.
    package let slowMilliseconds: Int
    private let store: any StateStore
    private let condition = Guarded(Condition())

    /// Wraps a store that works.
    package init(_ store: any StateStore, slowMilliseconds: Int = 300) {
        self.store = store
        self.slowMilliseconds = slowMilliseconds
    }

    /// Sets the fault, or clears it with nil; what has failed stays failed.
    package func set(_ fault: StateFault?) {
        condition.withLock { $0.fault = fault }
    }

    /// The newest decision that claimed a key, unless a fault is set.
    package func entry(claim key: Digest) throws(StateError) -> DecisionEntry? {
        try strike()
        return try store.entry(claim: key)
    }

    /// The decision with an id, unless a fault is set.
    package func entry(id: Identifier) throws(StateError) -> DecisionEntry? {
        try strike()
        return try store.entry(id: id)
    }

    /// The decision at an index of the log, unless a fault is set.
    package func entry(index: UInt64) throws(StateError) -> DecisionEntry? {
        try strike()
        return try store.entry(index: index)
    }

    /// All statements of the authority, unless a fault is set.
    package func authorityEvents() throws(StateError) -> [AuthorityEvent] {
        try strike()
        return try store.authorityEvents()
    }

    /// Hands the changes on; a fault of the view strikes from here on.
    package func record(_ changes: [StateChange], size: UInt64) {
        condition.withLock { condition in
            if condition.fault == .applyFails { condition.hasFailed = true }
        }
        store.record(changes, size: size)
    }

    /// Statements that were recorded and that the view does not have yet.
    package var lag: UInt64 { store.lag }

    /// Whether the store is overloaded, or is told to be.
    package var isOverloaded: Bool {
        condition.withLock { $0.fault == .viewIsBehind } || store.isOverloaded
    }

    private func strike() throws(StateError) {
        let condition = condition.withLock { $0 }
        guard !condition.hasFailed else { throw .failed("the view could not be written") }
        switch condition.fault {
        case .lookupFails: throw .database(operation: "look up a decision in", code: 10)
        case .lookupIsSlow: usleep(UInt32(clamping: slowMilliseconds * 1_000))
        case .applyFails, .viewIsBehind, nil: break
        }
    }
}
