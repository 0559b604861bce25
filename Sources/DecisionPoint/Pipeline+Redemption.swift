// The one use of a PERMIT by a named enforcement point.

import Authority
package import Authorization
import Bytes
import Cryptography
import Ledger
import Receipts
import Runtime
import State

extension Pipeline {
    /// Redeems a PERMIT for the caller's attempt.
    ///
    /// Order of checks: known, a PERMIT, redeemed already (the same attempt gets the same answer), halts, audience,
    /// life. The halts and the life are checked again as the log takes the statement.
    ///
    /// The caller MUST have the role enforcement. `reply` is called exactly once.
    package func redeem(
        _ id: Identifier,
        attempt: Nonce,
        caller: Caller,
        reply: @escaping @Sendable (RedemptionReply) -> Void
    ) {
        let fact = RedemptionFact(by: caller.name, attempt: SHA256.digest(of: attempt.bytes))
        guard shared.withLock({ $0.isOpen }) else { return reply(.unavailable(.stateUnavailable)) }
        do {
            guard let entry = try parts.state.entry(id: id) else { return reply(.unknown) }
            // INVARIANT (one redeemed PERMIT per key): the decision and its key are reserved together, so that no
            // ruling under the key is made meanwhile.
            guard reserve(entry) else { return reply(.pending) }
            do {
                guard let pending = try prepare(id, fact, caller, reply) else { return free(entry) }
                hand(pending, priority: .decision) { reply(.unavailable($0)) }
            } catch {
                free(entry)
                throw error
            }
        } catch {
            reply(.unavailable(error is StateError ? .stateUnavailable : .internalError))
        }
    }

    /// Reserves a decision and its key in memory; false if one of them is in flight.
    private func reserve(_ entry: DecisionEntry) -> Bool {
        shared.withLock { shared in
            if let key = entry.claimKey, shared.claims[key] != nil { return false }
            guard shared.busy.insert(entry.id).inserted else { return false }
            if let key = entry.claimKey { shared.claims[key] = [] }
            return true
        }
    }

    /// Frees a decision and its key.
    func free(_ entry: DecisionEntry) {
        free(entry.id)
        release(entry.claimKey)
    }

    /// Checks everything that can be checked before the log; answers and returns nil if there is nothing to append.
    private func prepare(
        _ id: Identifier,
        _ fact: RedemptionFact,
        _ caller: Caller,
        _ reply: @escaping @Sendable (RedemptionReply) -> Void
    ) throws -> PendingRedemption? {
        let moment = moment()
        let now = moment.instant
        // Read again: only now nobody else can change it.
        guard let entry = try parts.state.entry(id: id) else {
            reply(.unknown)
            return nil
        }
        guard moment.isClockTrusted || entry.redemption != nil else {
            // Whether the PERMIT lives cannot be known.
            reply(.unavailable(.clockUntrusted))
            return nil
        }
        let state = entry.state(at: now)
        switch state {
        case .refused, .expired:
            reply(.notRedeemable(state))
            return nil
        case .redeemed, .executed, .failed, .notStarted, .unknown:
            reply(.answered(try answerRedeemed(entry, fact, now: now)))
            return nil
        case .permitted:
            break
        }
        if let key = entry.claimKey, let newest = try parts.state.entry(claim: key), newest.index != entry.index {
            // A later ruling stands under the key, so this PERMIT has ended whatever the clock says.
            reply(.notRedeemable(.expired))
            return nil
        }
        let statement = try decision(at: entry)
        guard let permit = statement.ruling.permit, permit.audience.contains(fact.by) else {
            reply(.notInAudience)
            return nil
        }
        let pending = PendingRedemption(pipeline: self, entry: entry, statement: statement, fact: fact, reply: reply)
        if let cause = pending.refusal(moment.authority) {
            reply(.answered(pending.refused(cause)))
            return nil
        }
        return pending
    }

    /// The answer to an attempt on a PERMIT that is redeemed already.
    private func answerRedeemed(_ entry: DecisionEntry, _ fact: RedemptionFact, now: Int64) throws -> DecisionAnswer {
        var answer = DecisionAnswer(id: entry.id, cause: .permitRedeemed, surface: "")
        answer.state = entry.state(at: now)
        answer.effect = entry.effect
        guard let standing = entry.redemption, standing.by == fact.by, standing.attempt == fact.attempt else {
            return answer
        }
        answer.cause = .permitted
        answer.actBy = standing.actBy
        answer.isReplayed = true
        answer.proof = Proof(index: standing.index, receipt: try parts.log.receipt(at: standing.position))
        // INVARIANT (dispatch): the third place. The same attempt of the same enforcement point lost its answer and
        // asks again in time.
        answer.dispatch = mayRepeatDispatch(entry, moment())
        return answer
    }

    /// Whether the attempt that redeemed may still start the action: nothing was reported, its time is not over, and
    /// no halt has come since.
    func mayRepeatDispatch(_ entry: DecisionEntry, _ moment: PipelineShared.Moment) -> Bool {
        guard moment.isClockTrusted, let redemption = entry.redemption, entry.effect == nil,
            moment.instant <= redemption.actBy
        else { return false }
        guard let statement = try? decision(at: entry) else { return false }
        return moment.authority.refusal(of: statement, by: redemption.by) == nil
    }

    /// Frees a decision whose redemption or effect was in flight.
    func free(_ id: Identifier) {
        shared.withLock { _ = $0.busy.remove(id) }
    }

    /// Hands a statement to the log; `refused` is called with the cause if the log does not take it.
    func hand(_ pending: PendingStatement, priority: SubmissionPriority, refused: (Cause) -> Void) {
        shared.withLock { $0.waiting[pending.sequence] = pending }
        let cause: Cause
        switch parts.log.submit(pending, priority: priority) {
        case .accepted: return
        case .full: cause = .overloaded
        case .stopped: cause = .logUnavailable
        }
        forget(pending)
        pending.abandon()
        guard pending.takeAnswer() else { return }
        shared.withLock { $0.refused[cause, default: 0] += 1 }
        refused(cause)
    }
}

/// A redemption on its way to the log.
final class PendingRedemption: PendingStatement, @unchecked Sendable {
    /// Why the statement was withdrawn on the log thread.
    private enum Withdrawal {
        /// A halt, or the present identities, refuse it.
        case refused(Cause)
        /// The PERMIT has ended, or the clock cannot say.
        case ended
    }

    private let entry: DecisionEntry
    private let statement: DecisionStatement
    private let fact: RedemptionFact
    private let reply: @Sendable (RedemptionReply) -> Void
    private var actBy: Int64 = 0
    private var withdrawal: Withdrawal?

    init(
        pipeline: Pipeline,
        entry: DecisionEntry,
        statement: DecisionStatement,
        fact: RedemptionFact,
        reply: @escaping @Sendable (RedemptionReply) -> Void
    ) {
        self.entry = entry
        self.statement = statement
        self.fact = fact
        self.reply = reply
        super.init(pipeline: pipeline)
    }

    /// The surface of the decision; a PERMIT is always of a surface that its bundle knew.
    private var surface: Text {
        switch statement.subject.surface {
        case .plain(let surface): surface
        case .blinded: ""
        }
    }

    /// Why the present authority refuses this redemption; nil if it does not.
    func refusal(_ authority: AuthoritySnapshot) -> Cause? {
        authority.refusal(of: statement, by: fact.by)
    }

    /// The answer to a redemption that the authority refuses.
    func refused(_ cause: Cause) -> DecisionAnswer {
        var answer = DecisionAnswer(id: entry.id, cause: cause, surface: surface)
        answer.state = .permitted
        return answer
    }

    override func seal(_ context: SealContext) -> Entry? {
        let moment = pipeline.moment()
        let now = moment.instant
        if let cause = refusal(moment.authority) {
            withdrawal = .refused(cause)
            return nil
        }
        guard moment.isClockTrusted, case .permitted = entry.state(at: now) else {
            withdrawal = .ended
            return nil
        }
        guard let id = pipeline.freshIdentifier(now) else { return nil }
        actBy = now + pipeline.actMilliseconds(surface: surface)
        let redemption = RedemptionStatement(
            header: StatementHeader(id: id, origin: pipeline.parts.origin, time: now),
            decision: entry.reference,
            redemption: RedemptionTerms(by: fact.by, attempt: fact.attempt, actBy: actBy)
        )
        return (try? redemption.encode()).map { Entry(statement: $0, records: []) }
    }

    override func change(_ release: Release) -> StateChange {
        .redemption(
            decision: entry.index,
            RedemptionEntry(
                by: fact.by,
                attempt: fact.attempt,
                actBy: actBy,
                index: release.position.index,
                treeSize: release.position.treeSize,
                segment: release.position.segment,
                offset: release.position.offset
            )
        )
    }

    override func release(_ release: Release) {
        finish()
        guard takeAnswer() else { return }
        var answer = DecisionAnswer(id: entry.id, cause: .permitted, surface: surface)
        answer.state = .redeemed
        answer.actBy = actBy
        answer.proof = Proof(index: release.position.index, receipt: release.receipt)
        // INVARIANT (dispatch): the second place. The redemption of this attempt is durable and signed.
        answer.dispatch = pipeline.moment().instant <= actBy
        pipeline.parts.observer?.observe(.redeemed)
        reply(.answered(answer))
    }

    override func fail() {
        finish()
        guard takeAnswer() else { return }
        switch withdrawal {
        case .refused(let cause): reply(.answered(refused(cause)))
        case .ended: reply(.notRedeemable(entry.state(at: pipeline.moment().instant)))
        case nil: reply(.unavailable(failure))
        }
    }

    override func expire() {
        guard takeAnswer() else { return }
        reply(.pending)
    }

    override func abandon() {
        pipeline.free(entry)
    }

    private func finish() {
        pipeline.free(entry)
        pipeline.forget(self)
    }
}

extension AuthoritySnapshot {
    /// Why the present identities and halts refuse the redemption of a PERMIT by an enforcement point; nil if they do
    /// not.
    ///
    /// The order is that of the causes: a retired redeemer or one that does not list actor and surface, a retired
    /// actor, a halt.
    fileprivate func refusal(of decision: DecisionStatement, by redeemer: Text) -> Cause? {
        // A PERMIT is always of a surface that its bundle knew.
        guard case .plain(let surface) = decision.subject.surface else { return .internalError }
        let actor = decision.subject.actor
        switch redeemerFact(by: redeemer, surface: surface, actor: actor) {
        case .mismatch: return .actorMismatch
        case .disabled: return .actorDisabled
        case .active: return isHalted(surface: surface, actor: actor, callerName: redeemer) ? .halted : nil
        }
    }
}
