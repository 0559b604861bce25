// What the gate remembers of one decision.

package import Authorization
package import Bytes

/// Everything the gate remembers of one decision: enough to answer a retry, a redemption and a report without the log.
///
/// A value derived from statements of the log and from nothing else; the log is the truth.
package struct DecisionEntry: Hashable, Sendable {
    /// The id of the decision.
    package let id: Identifier
    /// The index of its statement, counted from zero.
    package let index: UInt64
    /// The size of the tree under whose checkpoint its receipt was given.
    package let treeSize: UInt64
    /// The first index of the segment file that holds its frame.
    package let segment: UInt64
    /// Where its frame begins in that file.
    package let offset: UInt64
    /// The RFC 6962 leaf hash of its statement.
    package let leaf: Digest
    /// The request commitment.
    package let commitment: Digest
    /// The request digest: equality of requests inside the gate, never shown to anyone.
    package let requestDigest: Digest
    /// The key that the decision claimed; nil if it claimed none.
    package let claimKey: Digest?
    /// Why the ruling is what it is; the outcome follows from it.
    package let cause: Cause
    /// The digest of the bundle that ruled; nil if there was none.
    package let bundleDigest: Digest?
    /// The connection that asked, as in the statement.
    package let connection: Text
    /// When the facts were frozen, milliseconds since 1970.
    package let instant: Int64
    /// When an unredeemed PERMIT ends; nil for every other outcome.
    ///
    /// A PERMIT without it reads as expired.
    package let expires: Int64?
    /// How long the key stays claimed once the action is settled.
    package let windowMilliseconds: Int64
    /// How long after the time to act an effect may be missing before the state reads `unknown`.
    package let effectMilliseconds: Int64
    /// The one use of the PERMIT.
    package private(set) var redemption: RedemptionEntry?
    /// What came of it; there is none without a redemption.
    package private(set) var effect: EffectEntry?

    /// Makes an entry; an effect without a redemption is dropped.
    package init(
        id: Identifier,
        index: UInt64,
        treeSize: UInt64,
        segment: UInt64,
        offset: UInt64,
        leaf: Digest,
        commitment: Digest,
        requestDigest: Digest,
        claimKey: Digest?,
        cause: Cause,
        bundleDigest: Digest?,
        connection: Text,
        instant: Int64,
        expires: Int64?,
        windowMilliseconds: Int64,
        effectMilliseconds: Int64,
        redemption: RedemptionEntry? = nil,
        effect: EffectEntry? = nil
    ) {
        self.id = id
        self.index = index
        self.treeSize = treeSize
        self.segment = segment
        self.offset = offset
        self.leaf = leaf
        self.commitment = commitment
        self.requestDigest = requestDigest
        self.claimKey = claimKey
        self.cause = cause
        self.bundleDigest = bundleDigest
        self.connection = connection
        self.instant = instant
        self.expires = expires
        self.windowMilliseconds = windowMilliseconds
        self.effectMilliseconds = effectMilliseconds
        self.redemption = redemption
        self.effect = redemption == nil ? nil : effect
    }

    /// Takes a redemption if none stands; the first stands for ever.
    ///
    /// - Returns: Whether the entry changed.
    @discardableResult
    package mutating func take(_ redemption: RedemptionEntry) -> Bool {
        guard self.redemption == nil else { return false }
        self.redemption = redemption
        return true
    }

    /// Takes an effect if the decision is redeemed and none stands; the first report stands for ever.
    ///
    /// - Returns: Whether the entry changed.
    @discardableResult
    package mutating func take(_ effect: EffectEntry) -> Bool {
        guard redemption != nil, self.effect == nil else { return false }
        self.effect = effect
        return true
    }
}

/// The one use of a PERMIT: by whom, with which attempt, and where its statement stands.
package struct RedemptionEntry: Hashable, Sendable {
    /// The enforcement point's authenticated name.
    package let by: Text
    /// The SHA-256 of the attempt's bytes.
    package let attempt: Digest
    /// The start of the action at the latest, milliseconds since 1970.
    package let actBy: Int64
    /// The index of the redeeming statement: the decision's own where both were one.
    package let index: UInt64
    /// The size of the tree under whose checkpoint its receipt was given.
    package let treeSize: UInt64
    /// The first index of the segment file that holds its frame.
    package let segment: UInt64
    /// Where its frame begins in that file.
    package let offset: UInt64

    /// Makes an entry.
    package init(
        by: Text,
        attempt: Digest,
        actBy: Int64,
        index: UInt64,
        treeSize: UInt64,
        segment: UInt64,
        offset: UInt64
    ) {
        self.by = by
        self.attempt = attempt
        self.actBy = actBy
        self.index = index
        self.treeSize = treeSize
        self.segment = segment
        self.offset = offset
    }
}

/// What an enforcement point can report of a redeemed PERMIT.
package enum EffectKind: String, CaseIterable, Sendable {
    /// The action was run.
    case executed
    /// The action was refused by the other side, or broke.
    case failed
    /// The action was not started.
    case notStarted = "not_started"
}

/// What came of a redeemed PERMIT, and where the report stands.
package struct EffectEntry: Hashable, Sendable {
    /// What happened.
    package let kind: EffectKind
    /// The `result` of the report as canonical JSON; empty if it had none.
    package let result: [UInt8]
    /// When the report was taken, milliseconds since 1970.
    package let at: Int64
    /// The index of the report's statement.
    package let index: UInt64
    /// The size of the tree under whose checkpoint its receipt was given.
    package let treeSize: UInt64
    /// The first index of the segment file that holds its frame.
    package let segment: UInt64
    /// Where its frame begins in that file.
    package let offset: UInt64

    /// Makes an entry.
    package init(
        kind: EffectKind,
        result: [UInt8],
        at: Int64,
        index: UInt64,
        treeSize: UInt64,
        segment: UInt64,
        offset: UInt64
    ) {
        self.kind = kind
        self.result = result
        self.at = at
        self.index = index
        self.treeSize = treeSize
        self.segment = segment
        self.offset = offset
    }
}
