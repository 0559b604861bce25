// From statements of the log to what the state remembers: how the view is rebuilt.

package import Authority
import Authorization
import Bytes
import Cryptography
package import Ledger
package import Receipts
package import State
package import StrictPolicy
import Transparency

/// One statement of the log with its evidence and its place.
package struct RecoveredStatement: Sendable {
    /// The statement's bytes.
    package let bytes: [UInt8]
    /// Its evidence records.
    package let records: [EvidenceRecord]
    /// Where it stands.
    package let position: EntryPosition

    /// Makes a recovered statement.
    package init(bytes: [UInt8], records: [EvidenceRecord], position: EntryPosition) {
        self.bytes = bytes
        self.records = records
        self.position = position
    }
}

/// Translates recovered statements to changes of the state.
///
/// INVARIANT (the log is the truth): what this gives for a statement is what the pipeline gave to the state when it
/// wrote it, but for a surface's times, which come from the present bundle.
package struct CatchUp: Sendable {
    private let bundle: PolicyBundle?

    /// Translates with the present bundle's surface settings.
    package init(bundle: PolicyBundle?) {
        self.bundle = bundle
    }

    /// The change that a statement makes.
    ///
    /// - Throws: `StatementError` for bytes that no gate of this release writes, and for a decision whose request
    ///   record is missing while its key may still be asked for: the gate MUST refuse to start.
    package func change(_ recovered: RecoveredStatement) throws(StatementError) -> StateChange {
        let statement = try Statement(parsing: recovered.bytes)
        switch statement {
        case .decision(let decision):
            return .decision(try entry(decision, recovered))
        case .redemption(let redemption):
            return .redemption(
                decision: redemption.decision.index,
                redemptionEntry(redemption.redemption, recovered.position)
            )
        case .effect(let effect):
            guard effect.report.contradicts == nil else { return .none }
            return .effect(
                decision: effect.decision.index,
                EffectEntry(effect.report, at: effect.header.time, recovered.position)
            )
        case .halt, .resume, .identity:
            return .authority(index: recovered.position.index, kind: authorityKind, payload: recovered.bytes)
        case .bundle, .gate:
            return .none
        }
    }

    private func entry(
        _ decision: DecisionStatement,
        _ recovered: RecoveredStatement
    ) throws(StatementError) -> DecisionEntry {
        guard let record = recovered.records.first(where: { $0.kind == .request }) else {
            throw .missing("request record")
        }
        let request = try RequestRecord(parsing: record.content)
        guard request.commitment == decision.subject.commitment else { throw .invalid("request record") }
        let settings = bundle?.surface(request.surface)?.settings
        let position = recovered.position
        return DecisionEntry(
            id: decision.header.id,
            index: position.index,
            treeSize: position.treeSize,
            segment: position.segment,
            offset: position.offset,
            leaf: TreeHash.leaf(recovered.bytes),
            commitment: decision.subject.commitment,
            requestDigest: request.requestDigest,
            claimKey: decision.claim.key,
            cause: decision.ruling.cause,
            bundleDigest: decision.basis.bundle?.identity.digest,
            connection: decision.basis.connection,
            instant: decision.header.time,
            expires: decision.ruling.permit?.expires,
            windowMilliseconds: (settings?.windowSeconds ?? SurfaceLimits.windowSecondsDefault) * 1_000,
            effectMilliseconds: settings?.effectMilliseconds ?? SurfaceLimits.effectMillisecondsDefault,
            redemption: decision.ruling.permit?.redemption.map { redemptionEntry($0, position) }
        )
    }

    private func redemptionEntry(_ terms: RedemptionTerms, _ position: EntryPosition) -> RedemptionEntry {
        RedemptionEntry(
            by: terms.by,
            attempt: terms.attempt,
            actBy: terms.actBy,
            index: position.index,
            treeSize: position.treeSize,
            segment: position.segment,
            offset: position.offset
        )
    }

    /// The authority that the statements of the log make, in their order.
    ///
    /// - Throws: When a statement does not fit the ones before it: the log is damaged, and the gate MUST refuse to
    ///   start.
    package static func authority(
        _ events: [State.AuthorityEvent],
        ownUserID: UInt32
    ) throws -> AuthorityState {
        var state = AuthorityState(ownUserID: ownUserID)
        for event in events {
            let statement = try Statement(parsing: event.payload)
            guard let change = try AuthorityTranslation.decode(statement) else {
                throw StatementError.invalid("authority event")
            }
            try state.apply(change)
        }
        return state
    }
}

/// The one kind of authority event that the state keeps: whole statements.
let authorityKind: UInt8 = 1
