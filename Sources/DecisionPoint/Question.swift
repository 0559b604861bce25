// A request on its way through the pipeline.

import Authorization
import Bytes
import State
import StrictPolicy

/// One request with everything that stays the same while it is decided.
final class Question: Sendable {
    let request: Request
    let requestDigest: Digest
    let caller: Caller
    /// When the request arrived, in monotonic nanoseconds.
    let arrival: UInt64
    /// The last moment at which the log may take the statement, in monotonic nanoseconds.
    let deadline: UInt64
    /// What is claimed in memory while the decision is in flight: the claim key.
    let claimKey: Digest?
    /// The redemption that is asked for.
    let redemption: RedemptionFact?
    /// The surface's settings as they were when the request arrived.
    let windowMilliseconds: Int64
    let effectMilliseconds: Int64
    let actMilliseconds: Int64
    let reply: @Sendable (DecisionReply) -> Void

    init(
        request: Request,
        requestDigest: Digest,
        caller: Caller,
        timing: QuestionTiming,
        claimKey: Digest?,
        redemption: RedemptionFact?,
        reply: @escaping @Sendable (DecisionReply) -> Void
    ) {
        self.request = request
        self.requestDigest = requestDigest
        self.caller = caller
        arrival = timing.arrival
        deadline = timing.deadline
        windowMilliseconds = timing.windowMilliseconds
        effectMilliseconds = timing.effectMilliseconds
        actMilliseconds = timing.actMilliseconds
        self.claimKey = claimKey
        self.redemption = redemption
        self.reply = reply
    }
}

/// The times of one request, from the surface's settings.
struct QuestionTiming: Sendable {
    let arrival: UInt64
    let deadline: UInt64
    let windowMilliseconds: Int64
    let effectMilliseconds: Int64
    let actMilliseconds: Int64
}

/// The frozen snapshot that a ruling is made from.
struct Gathered: Sendable {
    let facts: Facts
    /// The nonce of the facts record.
    let factsNonce: Nonce
    let bundle: PolicyBundle?
    let epoch: UInt64
    /// The decision that stands under the key, where the ruling will point to it.
    let original: StandingOriginal?
}

/// What was found under the request's key.
struct ResolvedClaim: Sendable {
    let fact: ClaimFact
    let original: StandingOriginal?
}

/// A redeemed PERMIT that stands under the key, with its receipt.
struct StandingOriginal: Sendable {
    let entry: DecisionEntry
    let receipt: [UInt8]
}
