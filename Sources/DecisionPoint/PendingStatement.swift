// One statement on its way through the log, and the caller who waits for it.

import Authorization
import Bytes
import Ledger
import Runtime
import State
import Synchronization

/// What every statement on its way to the log has in common.
///
/// The log calls `seal` once on its own thread when it takes the statement into a batch, then exactly one of `release`
/// and `fail`. The caller gets exactly one answer: from one of those, or `pending` from the clock when the commit
/// budget is over.
class PendingStatement: Submission, @unchecked Sendable {
    unowned let pipeline: Pipeline
    /// When the caller stops waiting, in monotonic nanoseconds.
    let answerBy: UInt64
    /// The key in the pipeline's list of waiting callers.
    let sequence: UInt64
    private let isAnswered = Atomic(false)

    init(pipeline: Pipeline) {
        self.pipeline = pipeline
        let budget = UInt64(clamping: pipeline.parts.limits.commitMilliseconds) * 1_000_000
        answerBy = pipeline.clock.monotonicNanoseconds() + budget
        sequence = pipeline.nextSequence()
    }

    /// Why the statement is not in the log: the log stopped, unless `seal` could not make the statement.
    var failure: Cause { pipeline.parts.log.isRunning ? .internalError : .logUnavailable }

    /// Whether this call is the one that may answer; true once.
    func takeAnswer() -> Bool {
        !isAnswered.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// The statement's bytes and records as they stand at this moment, or nil to withdraw it.
    func seal(_ context: SealContext) -> Entry? {
        nil
    }

    /// What the statement changes in the state; called after the sync and before the answers.
    func change(_ release: Release) -> StateChange {
        .none
    }

    /// The statement is durable and proven.
    func release(_ release: Release) {}

    /// The log stopped, or the statement was withdrawn: nothing was written.
    func fail() {}

    /// The commit budget is over.
    func expire() {}

    /// The log did not take the statement: free what was reserved for it.
    ///
    /// The caller of `submit` answers.
    func abandon() {}
}
