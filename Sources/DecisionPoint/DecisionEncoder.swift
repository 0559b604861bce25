// From a ruling to the bytes that go into the log.

package import Authorization
package import Bytes
package import Ledger
package import Receipts
package import StrictPolicy

/// The version of the decision semantics: a change that could alter any ruling changes it.
package let engineVersion: Text = "writ/1"

/// Makes the statement of a decision with its evidence records.
///
/// Pure: the same inputs give the same bytes.
package struct DecisionEncoder: Sendable {
    let origin: Text
    let request: Request
    let facts: Facts
    let factsNonce: Nonce
    let ruling: Ruling
    let bundle: PolicyBundle?
    let actMilliseconds: Int64

    /// Puts together what the bytes depend on.
    package init(
        origin: Text,
        request: Request,
        evidence: (facts: Facts, nonce: Nonce),
        ruling: Ruling,
        bundle: PolicyBundle?,
        actMilliseconds: Int64
    ) {
        self.origin = origin
        self.request = request
        facts = evidence.facts
        factsNonce = evidence.nonce
        self.ruling = ruling
        self.bundle = bundle
        self.actMilliseconds = actMilliseconds
    }

    /// The entry for the log and what the state must remember of it.
    ///
    /// - Throws: `StatementError` for a statement beyond the limit; it MUST NOT be appended.
    package func encode() throws(StatementError) -> SealedDecision {
        let record = RequestRecord(request, nonce: facts.nonce)
        let factsRecord = FactsRecord(facts, nonce: factsNonce)
        let permit = permitTerms()
        let claim = recordedClaim()
        let commitment = record.commitment
        let statement = try DecisionStatement(
            header: StatementHeader(id: facts.id, origin: origin, time: facts.instant),
            subject: subject(commitment),
            ruling: RecordedRuling(
                cause: ruling.cause,
                policies: PolicyList(ruling.reasons.map(\.policy)),
                errors: PolicyList(ruling.errors),
                permit: permit
            ),
            claim: claim,
            basis: DecisionBasis(
                bundle: bundle?.identity.reference,
                connection: facts.caller.connection,
                engine: engineVersion,
                facts: factsRecord.digest
            )
        )
        let entry = Entry(
            statement: try statement.encode(),
            records: [
                EvidenceRecord(kind: .request, content: record.encoded),
                EvidenceRecord(kind: .facts, content: factsRecord.encoded),
            ]
        )
        return SealedDecision(entry: entry, commitment: commitment, claimKey: claim.key, permit: permit)
    }

    /// What is known to the bundle stands plain; everything else stands blinded, because it is whatever the agent
    /// wrote.
    private func subject(_ commitment: Digest) -> DecisionSubject {
        let isSurfaceKnown = bundle?.surface(request.surface) != nil
        let isActionKnown = bundle?.declares(action: request.action, on: request.surface) ?? false
        let isTargetKnown = bundle?.containsTarget(of: request) ?? false
        let nonce = facts.nonce
        return DecisionSubject(
            commitment: commitment,
            actor: request.actor,
            surface: isSurfaceKnown
                ? .plain(request.surface)
                : .blinded(Blinding.digest(of: request.surface, member: "surface", nonce: nonce)),
            action: isActionKnown
                ? .plain(request.action)
                : .blinded(Blinding.digest(of: request.action, member: "action", nonce: nonce)),
            target: isTargetKnown
                ? .plain(request.target)
                : .blinded(Blinding.digest(of: request.target, member: "target", nonce: nonce)),
            session: request.session.map { Blinding.digest(of: $0, member: "session", nonce: nonce) }
        )
    }

    private func permitTerms() -> PermitTerms? {
        guard ruling.outcome == .permit, let grant = ruling.grant else { return nil }
        var redemption: RedemptionTerms?
        if let asked = facts.redemption, facts.caller.role == .enforcement, grant.audience.contains(asked.by) {
            redemption = RedemptionTerms(by: asked.by, attempt: asked.attempt, actBy: facts.instant + actMilliseconds)
        }
        return PermitTerms(
            grantedBy: grant.policy,
            audience: grant.audience,
            expires: facts.instant + grant.timeToLiveMilliseconds,
            redemption: redemption
        )
    }

    /// A key is claimed by exactly those rulings that a retry gets again.
    private func recordedClaim() -> RecordedClaim {
        switch facts.claim {
        case .none:
            .none
        case .own(let key, let parent):
            RecordedClaim(key: ruling.cause.isSticky ? key : nil, parent: ruling.cause.isSticky ? parent : nil)
        case .conflict(let original):
            RecordedClaim(key: nil, original: ruling.cause == .idempotencyConflict ? original : nil)
        case .redeemed(let original):
            RecordedClaim(key: nil, original: ruling.cause == .permitRedeemed ? original : nil)
        }
    }
}

/// A decision's entry for the log, and what the state must remember of it.
package struct SealedDecision: Sendable {
    /// The statement and its records.
    package let entry: Entry
    /// The request commitment.
    package let commitment: Digest
    /// The key that the statement claims.
    package let claimKey: Digest?
    /// What only a PERMIT has.
    package let permit: PermitTerms?
}

extension BundleIdentity {
    /// The identity as statements spell it; this release knows unsigned directories alone.
    package var reference: BundleReference {
        BundleReference(digest: digest, name: name, source: .directory, version: version)
    }
}

extension BundleReference {
    /// The reference as answers spell it.
    var identity: BundleIdentity {
        BundleIdentity(name: name, version: version, digest: digest, source: Text(source.rawValue))
    }
}

extension PolicyBundle {
    /// The `@reason` of a policy by its name; nil if there is no such policy or it gives none.
    func reason(of name: Text) -> Text? {
        var range = policies.indices
        while let middle = range.isEmpty ? nil : range.lowerBound + range.count / 2 {
            if policies[middle].name == name { return policies[middle].reason }
            range = policies[middle].name < name ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
