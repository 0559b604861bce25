// What came of an action.

package import Authorization
import Bytes
import Cryptography
import Ledger
package import Receipts
import Runtime
import State
import Transparency

extension Pipeline {
    /// Records the effect of a redeemed PERMIT.
    ///
    /// The first report stands; the same one again gets the same answer; another is logged as a finding.
    ///
    /// Halts do not matter here: what has happened has happened.
    package func report(
        _ id: Identifier,
        attempt: Nonce,
        _ effect: ReportedEffect,
        result: EffectResult?,
        caller: Caller,
        reply: @escaping @Sendable (EffectReply) -> Void
    ) {
        guard shared.withLock({ $0.isOpen }) else { return reply(.unavailable(.stateUnavailable)) }
        guard shared.withLock({ $0.busy.insert(id).inserted }) else { return reply(.pending) }
        do {
            let attemptDigest = SHA256.digest(of: attempt.bytes)
            guard let entry = try parts.state.entry(id: id) else {
                free(id)
                return reply(.unknown)
            }
            guard let redemption = entry.redemption, redemption.by == caller.name, redemption.attempt == attemptDigest
            else {
                free(id)
                return reply(.notTheRedeemer)
            }
            if let standing = entry.effect, standing.kind == effect.kind, standing.result == result?.canonical ?? [] {
                let proof = Proof(index: standing.index, receipt: try parts.log.receipt(at: standing.position))
                free(id)
                return reply(.recorded(id: id, effect: standing, proof: proof))
            }
            let standing = try entry.effect.map { Reference(index: $0.index, leaf: try leafHash(at: $0.position)) }
            let pending = PendingEffect(
                pipeline: self,
                entry: entry,
                redemption: Reference(index: redemption.index, leaf: try leaf(of: redemption, entry)),
                reporter: EffectStatement.Reporter(by: redemption.by, attempt: redemption.attempt),
                report: EffectStatement.Report(effect: effect, result: result, contradicts: standing),
                reply: reply
            )
            hand(pending, priority: .effect) { reply(.unavailable($0)) }
        } catch {
            free(id)
            reply(.unavailable(error is StateError ? .stateUnavailable : .internalError))
        }
    }

    private func leaf(of redemption: RedemptionEntry, _ entry: DecisionEntry) throws -> Digest {
        redemption.index == entry.index ? entry.leaf : try leafHash(at: redemption.position)
    }

    private func leafHash(at position: EntryPosition) throws -> Digest {
        TreeHash.leaf(try parts.log.statement(at: position))
    }
}

/// An effect on its way to the log.
final class PendingEffect: PendingStatement, @unchecked Sendable {
    private let entry: DecisionEntry
    private let redemption: Reference
    private let reporter: EffectStatement.Reporter
    private let report: EffectStatement.Report
    private let reply: @Sendable (EffectReply) -> Void
    private var instant: Int64 = 0

    init(
        pipeline: Pipeline,
        entry: DecisionEntry,
        redemption: Reference,
        reporter: EffectStatement.Reporter,
        report: EffectStatement.Report,
        reply: @escaping @Sendable (EffectReply) -> Void
    ) {
        self.entry = entry
        self.redemption = redemption
        self.reporter = reporter
        self.report = report
        self.reply = reply
        super.init(pipeline: pipeline)
    }

    override func seal(_ context: SealContext) -> Entry? {
        instant = pipeline.moment().instant
        guard let id = pipeline.freshIdentifier(instant) else { return nil }
        let statement = try? EffectStatement(
            header: StatementHeader(id: id, origin: pipeline.parts.origin, time: instant),
            decision: entry.reference,
            redemption: redemption,
            reporter: reporter,
            report: report
        )
        return (try? statement?.encode()).map { Entry(statement: $0, records: []) }
    }

    private func recorded(_ release: Release) -> EffectEntry {
        EffectEntry(report, at: instant, release.position)
    }

    override func change(_ release: Release) -> StateChange {
        // The first report stands: a contradiction is in the log and changes nothing.
        entry.effect == nil ? .effect(decision: entry.index, recorded(release)) : .none
    }

    override func release(_ release: Release) {
        finish()
        guard takeAnswer() else { return }
        if let standing = entry.effect {
            pipeline.parts.observer?.observe(.effectContradicts)
            return reply(.contradicts(standing: standing))
        }
        pipeline.parts.observer?.observe(.effect)
        reply(
            .recorded(
                id: entry.id,
                effect: recorded(release),
                proof: Proof(index: release.position.index, receipt: release.receipt)
            )
        )
    }

    override func fail() {
        finish()
        guard takeAnswer() else { return }
        reply(.unavailable(failure))
    }

    override func expire() {
        guard takeAnswer() else { return }
        reply(.pending)
    }

    override func abandon() {
        pipeline.free(entry.id)
    }

    private func finish() {
        pipeline.free(entry.id)
        pipeline.forget(self)
    }
}
