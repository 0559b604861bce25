// What the entry under a key means for the request that asks now: the table of docs/concepts/state-machines.md.

import Authorization
import Bytes
import State

/// What to do with a request whose key was looked up.
enum ClaimResolution: Hashable, Sendable {
    /// Rule; `parent` is a PERMIT of this key that expired unredeemed.
    case rule(parent: Reference?)
    /// Give the first receipt again, without dispatch.
    case replay(DecisionEntry)
    /// The attempt that redeemed asks again: the first answer.
    case repeatRedeemed(DecisionEntry)
    /// DENY `permit_redeemed`.
    case redeemed(DecisionEntry)
    /// DENY `idempotency_conflict`.
    case conflict(DecisionEntry)
}

/// The request's side of the comparison.
struct ClaimQuestion: Hashable, Sendable {
    /// Equality of requests.
    let requestDigest: Digest
    /// The redemption that is asked for.
    let redemption: RedemptionFact?
    /// The digest of the bundle that would rule.
    let bundleDigest: Digest?
    /// The wall clock, milliseconds since 1970.
    let now: Int64

    /// Decides what the entry under the key means for this request.
    ///
    /// Nothing here permits: the best that comes back is the answer of a redemption that this very attempt made.
    func resolve(_ entry: DecisionEntry?) -> ClaimResolution {
        guard let entry, entry.remembers(at: now) else { return .rule(parent: nil) }
        switch entry.state(at: now) {
        case .expired:
            return .rule(parent: Reference(index: entry.index, leaf: entry.leaf))
        case .refused:
            guard entry.cause.isSticky, entry.bundleDigest == bundleDigest else { return .rule(parent: nil) }
            return entry.requestDigest == requestDigest ? .replay(entry) : .conflict(entry)
        case .permitted:
            return entry.requestDigest == requestDigest ? .replay(entry) : .conflict(entry)
        case .redeemed, .executed, .failed, .notStarted, .unknown:
            guard entry.requestDigest == requestDigest else { return .conflict(entry) }
            guard let redemption, let standing = entry.redemption,
                standing.by == redemption.by, standing.attempt == redemption.attempt
            else { return .redeemed(entry) }
            return .repeatRedeemed(entry)
        }
    }
}
