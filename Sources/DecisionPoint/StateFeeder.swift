// From the log to the state: every batch, between its sync and its answers.

package import Ledger
package import State

/// Tells the state of every batch before anybody is told of its statements, so that a retry finds what it repeats.
package final class StateFeeder: LogObserver {
    private let state: any StateStore
    private let released: @Sendable () -> Void

    /// Feeds a state.
    ///
    /// `released` is called on the log's thread after the answers of a batch, to wake the gate's loop once for all of
    /// them.
    package init(state: any StateStore, released: @escaping @Sendable () -> Void = {}) {
        self.state = state
        self.released = released
    }

    /// Records what the statements of the batch change.
    package func willRelease(_ batch: [(submission: any Submission, release: Release)], size: UInt64) {
        let changes = batch.map { item in
            (item.submission as? PendingStatement)?.change(item.release) ?? .none
        }
        state.record(changes, size: size)
    }

    /// Wakes whoever sends the answers.
    package func didRelease() {
        released()
    }
}
