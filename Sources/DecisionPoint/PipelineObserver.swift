// What the pipeline tells those who count.

package import Authorization
package import Bytes
import Runtime
import StrictPolicy

/// One thing that the pipeline did, for metrics; never a way to change what it does.
package enum PipelineEvent: Sendable {
    /// A request was answered with a ruling.
    case ruled(surface: Text?, cause: Cause, isReplayed: Bool, nanoseconds: UInt64)
    /// A request was answered `answer_pending`.
    case pending
    /// A PERMIT was redeemed.
    case redeemed
    /// A redemption was refused.
    case redemptionRefused
    /// An effect was recorded.
    case effect
    /// An effect contradicted the one that stands.
    case effectContradicts
}

/// Counts what the pipeline does; called on any thread, MUST NOT block.
package protocol PipelineObserver: Sendable {
    /// Takes notice.
    func observe(_ event: PipelineEvent)
}

extension Pipeline {
    /// Tells the observer of a ruling; a surface that the bundle does not know has no name here, so that labels stay
    /// bounded.
    func observe(_ answer: DecisionAnswer, _ question: Question) {
        guard let observer = parts.observer else { return }
        let isKnown = bundle?.surface(question.request.surface) != nil
        let now = clock.monotonicNanoseconds()
        observer.observe(
            .ruled(
                surface: isKnown ? question.request.surface : nil,
                cause: answer.cause,
                isReplayed: answer.isReplayed,
                nanoseconds: now > question.arrival ? now - question.arrival : 0
            )
        )
    }
}
