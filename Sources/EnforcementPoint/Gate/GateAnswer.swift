// What an answer of the gate means to an enforcement point.

package import Authorization
package import Bytes

/// The gate's answer to one question; only ``dispatch(_:)`` lets anything run.
package enum GateAnswer: Sendable {
    /// The action may be started once, by this attempt, in time.
    case dispatch(Dispatch)
    /// A ruling that does not let this attempt act, whatever its outcome.
    case refusal(Refusal)
    /// The gate does not know yet; the same question with the same attempt will learn it.
    case pending
    /// Nothing that can be relied upon, which is never a reason to act.
    case doubt(GateFailure)
}

/// The leave to start one action, once.
///
/// Only the strict reader of answers makes one, from an answer to the attempt that redeemed.
package struct Dispatch: Sendable {
    // INVARIANT (dispatch): the initializer is internal and called by `AnswerReader` alone.

    /// The id of the decision.
    package let id: Text
    /// The receipt, as text.
    package let receipt: Text
    /// The digest of the bundle that decided, if the answer names it.
    package let bundleDigest: Text?
    /// When the wall clock has passed this, nothing may be started.
    package let actByMilliseconds: Int64
    /// When the steady clock has passed this, nothing may be started, wherever the wall clock was set.
    package let actBySteadyNanoseconds: UInt64

    /// Whether the action may still be started.
    package func mayBegin(at now: Moment) -> Bool {
        now.wallMilliseconds < actByMilliseconds && now.steadyNanoseconds < actBySteadyNanoseconds
    }
}

/// A ruling that does not let this attempt act.
package struct Refusal: Sendable {
    /// The outcome; PERMIT stands here when it is not this attempt's to use.
    package var outcome: Outcome
    /// The cause.
    package var cause: Cause
    /// The id of the decision, if there is one.
    package var id: Text?
    /// The determining policies with their sentences.
    package var reasons: [Reason] = []
    /// What is wrong with the request.
    package var detail: Text?
    /// The receipt, if a statement was logged.
    package var receipt: Text?
    /// The first receipt, where a PERMIT of the same key was redeemed.
    package var original: Text?
    /// What was reported of it.
    package var effect: Text?
    /// What became of a PERMIT.
    package var state: Text?
    /// The digest of the bundle that decided, if the answer names it.
    package var bundleDigest: Text?

    /// Makes a refusal of the gateway itself, from an outcome's cause.
    package init(cause: Cause, outcome: Outcome? = nil) {
        self.cause = cause
        self.outcome = outcome ?? cause.outcome
    }
}
