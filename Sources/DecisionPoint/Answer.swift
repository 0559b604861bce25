// What the decision point hands back: values that are ready to be written as JSON.

package import Authorization
package import Bytes
package import State
package import StrictPolicy

/// Where a statement of an answer stands, and its proof.
package struct Proof: Hashable, Sendable {
    /// The statement's index.
    package let index: UInt64
    /// The receipt's text.
    package let receipt: [UInt8]

    /// Makes a proof.
    package init(index: UInt64, receipt: [UInt8]) {
        self.index = index
        self.receipt = receipt
    }
}

/// The answer to a request that was ruled.
///
/// `dispatch` is the only member that an enforcement point acts on. It is false unless one of the four places that
/// INVARIANT (dispatch) marks sets it: the release of a PERMIT with its redemption, the release of a redemption, and
/// the same attempt asking for either again in time.
package struct DecisionAnswer: Sendable {
    /// The decision's id.
    package var id: Identifier
    /// The cause; the outcome follows from it.
    package var cause: Cause
    /// Whether this caller may start the action now.
    package var dispatch = false
    /// The determining policies.
    package var reasons: [Reason] = []
    /// The policies that raised an error.
    package var errors: [Text] = []
    /// What is wrong with the request.
    package var detail: String?
    /// The surface that was asked for.
    package var surface: Text
    /// The bundle that ruled; nil if there was none.
    package var bundle: BundleIdentity?
    /// The state of a PERMIT.
    package var state: DecisionState?
    /// Until when the action may be started, milliseconds since 1970.
    package var actBy: Int64?
    /// When an unredeemed PERMIT ends, milliseconds since 1970.
    package var expires: Int64?
    /// Whether this is the first receipt of the key again.
    package var isReplayed = false
    /// The first receipt, where a retry is refused because the PERMIT was redeemed.
    package var original: [UInt8]?
    /// What was reported, with its canonical result.
    package var effect: EffectEntry?
    /// The nonce that opens the request commitment.
    package var nonce: Nonce?
    /// The statement's place and proof; nil for rulings that are only counted.
    package var proof: Proof?

    /// The outcome.
    package var outcome: Outcome { cause.outcome }

    /// An answer that refuses until something else is set.
    package init(id: Identifier, cause: Cause, surface: Text) {
        self.id = id
        self.cause = cause
        self.surface = surface
    }
}

/// What became of a call for a decision.
package enum DecisionReply: Sendable {
    /// There is a ruling.
    case ruled(DecisionAnswer)
    /// The statement is with the log, or the key is in flight: ask again with the same key and attempt.
    case pending
}

/// What became of a call for a redemption.
package enum RedemptionReply: Sendable {
    /// There is an answer, with or without `dispatch`.
    case answered(DecisionAnswer)
    /// The statement is with the log: ask again with the same attempt.
    case pending
    /// No such decision.
    case unknown
    /// The decision is no PERMIT, or has expired.
    case notRedeemable(DecisionState)
    /// The caller is not among the enforcement points of the PERMIT.
    case notInAudience
    /// The gate cannot know, or the log does not take statements.
    case unavailable(Cause)
}

/// What became of the report of an effect.
package enum EffectReply: Sendable {
    /// The report stands; the same report again gets the same answer.
    case recorded(id: Identifier, effect: EffectEntry, proof: Proof)
    /// Another report stands; this one was logged.
    case contradicts(standing: EffectEntry)
    /// The statement is with the log: report again.
    case pending
    /// No such decision.
    case unknown
    /// The decision was not redeemed, or not by this caller with this attempt.
    case notTheRedeemer
    /// The gate cannot know, or the log does not take statements.
    case unavailable(Cause)
}

/// What became of a change of authority: a halt, a resume, an identity.
package enum AuthorityReply: Sendable {
    /// It is durable; the place of its statement.
    case recorded(Proof)
    /// It is refused, with one line that says why.
    case refused(String)
    /// The log does not take statements. A halt is in force all the same until the gate stops.
    case unavailable(Cause)
    /// The statement is with the log. A halt is in force all the same.
    case pending
}
