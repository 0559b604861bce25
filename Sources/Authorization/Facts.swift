// Everything that a ruling may depend on besides the request and the bundle.

package import Bytes

/// The power of a credential; each has exactly one.
package enum Role: String, CaseIterable, Sendable {
    /// Asks for itself.
    case actor
    /// Asks for listed actors on listed surfaces, redeems and reports its own attempts.
    case enforcement
    /// Halts, resumes, manages identities.
    case `operator`
    /// Reads log and evidence.
    case auditor
}

/// The authenticated connection that asked.
package struct Caller: Hashable, Sendable {
    /// The identity's name.
    package let name: Text
    /// Its role.
    package let role: Role
    /// How it was authenticated, `token:<name>` or `peer:<name>`: the `connection` of a statement.
    package let connection: Text

    /// Makes a caller.
    package init(name: Text, role: Role, connection: Text) {
        self.name = name
        self.role = role
        self.connection = connection
    }
}

/// A statement of the same log.
package struct Reference: Hashable, Sendable {
    /// Its index, counted from zero.
    package let index: UInt64
    /// Its RFC 6962 leaf hash.
    package let leaf: Digest

    /// Makes a reference.
    package init(index: UInt64, leaf: Digest) {
        self.index = index
        self.leaf = leaf
    }
}

/// The first statement of a key, as far as a later ruling speaks of it.
package struct Original: Hashable, Sendable {
    /// Where it stands.
    package let reference: Reference
    /// Its request commitment.
    package let commitment: Digest

    /// Makes the original.
    package init(reference: Reference, commitment: Digest) {
        self.reference = reference
        self.commitment = commitment
    }
}

/// What the gate found under the request's key.
package enum ClaimFact: Hashable, Sendable {
    /// The request has no key and asks for no redemption: nothing is claimed.
    case none
    /// The key is this request's own; `parent` is a PERMIT under it that expired unredeemed.
    case own(key: Digest, parent: Reference?)
    /// The key belongs to another request.
    case conflict(Original)
    /// The PERMIT of the key was redeemed, and not by this attempt.
    case redeemed(Original)
}

/// Whether the actor may be spoken for, and may act.
package enum ActorFact: String, CaseIterable, Sendable {
    /// The caller may ask for this active actor.
    case active
    /// The caller may not ask for this actor.
    case mismatch
    /// The actor was retired, or is not known to the gate.
    case disabled
}

/// The redemption that was asked for together with the decision.
package struct RedemptionFact: Hashable, Sendable {
    /// The enforcement point's authenticated name.
    package let by: Text
    /// The SHA-256 of the attempt's bytes.
    package let attempt: Digest

    /// Makes the fact.
    package init(by: Text, attempt: Digest) {
        self.by = by
        self.attempt = attempt
    }
}

/// One frozen snapshot of what a ruling may depend on besides request and bundle.
package struct Facts: Sendable {
    /// The wall clock, milliseconds since 1970.
    package let instant: Int64
    /// The id of the decision.
    package let id: Identifier
    /// The nonce of the request record.
    package let nonce: Nonce
    /// The size of the log when the facts were read.
    package let asOf: UInt64
    /// Who asked.
    package let caller: Caller
    /// Whether the actor may act.
    package let actor: ActorFact
    /// Whether a halt is in force for the gate, the surface, the actor or the caller.
    package let isHalted: Bool
    /// What stands under the key.
    package let claim: ClaimFact
    /// The redemption that is asked for.
    package let redemption: RedemptionFact?

    /// Freezes the facts.
    package init(
        instant: Int64,
        id: Identifier,
        nonce: Nonce,
        asOf: UInt64,
        caller: Caller,
        actor: ActorFact,
        isHalted: Bool,
        claim: ClaimFact,
        redemption: RedemptionFact?
    ) {
        self.instant = instant
        self.id = id
        self.nonce = nonce
        self.asOf = asOf
        self.caller = caller
        self.actor = actor
        self.isHalted = isHalted
        self.claim = claim
        self.redemption = redemption
    }
}
