// A decision between its ruling and its answer.

import Authority
import Authorization
import Bytes
import Cryptography
import Ledger
import Receipts
import Runtime
import State
import StrictPolicy

/// A ruling that was handed to the log.
final class PendingDecision: PendingStatement, @unchecked Sendable {
    let question: Question
    let bundle: PolicyBundle?
    /// The epoch of the authority that the facts were read under.
    private var epoch: UInt64
    private(set) var facts: Facts
    private let factsNonce: Nonce
    private let original: StandingOriginal?
    private(set) var ruling: Ruling
    /// What the sealed statement says; set on the log thread by `seal`, read by `release`.
    private var sealed: SealedDecision?

    init(pipeline: Pipeline, question: Question, gathered: Gathered, ruling: Ruling) {
        self.question = question
        bundle = gathered.bundle
        epoch = gathered.epoch
        facts = gathered.facts
        factsNonce = gathered.factsNonce
        original = gathered.original
        self.ruling = ruling
        super.init(pipeline: pipeline)
    }

    /// The point of no return.
    ///
    /// INVARIANT (point of no return): what is sealed here is what the log says for ever. A halt or a change of
    /// identities since the facts were read means ruling again under the present authority; a deadline that has passed
    /// means SILENCE.
    override func seal(_ context: SealContext) -> Entry? {
        let authority = pipeline.authority
        if authority.epoch != epoch, ruling.cause.causeClass != .infrastructure {
            let renewed = facts.under(authority, question.request)
            epoch = authority.epoch
            // Only towards refusal: a request that was refused when its facts were read had its key not looked up.
            if renewed.actor != .active || renewed.isHalted {
                facts = renewed
                ruling = pipeline.rule(question.request, facts, bundle)
            }
        }
        if ruling.outcome == .permit, !claimsItsKey { ruling = .refusing(.internalError) }
        if pipeline.clock.monotonicNanoseconds() > question.deadline, ruling.cause.causeClass != .infrastructure {
            ruling = .refusing(.deadlineExceeded)
        }
        return encode() ?? refuseUnencodable()
    }

    /// INVARIANT (one redeemed PERMIT per key): no PERMIT of a request with a key is written without claiming that key.
    private var claimsItsKey: Bool {
        guard let key = question.claimKey else { return true }
        guard case .own(key, _) = facts.claim else { return false }
        return true
    }

    private func encode() -> Entry? {
        let encoder = DecisionEncoder(
            origin: pipeline.parts.origin,
            request: question.request,
            evidence: (facts, factsNonce),
            ruling: ruling,
            bundle: bundle,
            actMilliseconds: question.actMilliseconds
        )
        sealed = try? encoder.encode()
        return sealed?.entry
    }

    /// A statement that cannot be written, because it is too long, is a SILENCE that can.
    private func refuseUnencodable() -> Entry? {
        ruling = .refusing(.internalError)
        return encode()
    }

    override func change(_ release: Release) -> StateChange {
        guard let sealed else { return .none }
        return .decision(
            DecisionEntry(
                id: facts.id,
                index: release.position.index,
                treeSize: release.position.treeSize,
                segment: release.position.segment,
                offset: release.position.offset,
                leaf: release.leaf,
                commitment: sealed.commitment,
                requestDigest: question.requestDigest,
                claimKey: sealed.claimKey,
                cause: ruling.cause,
                bundleDigest: bundle?.identity.digest,
                connection: facts.caller.connection,
                instant: facts.instant,
                expires: sealed.permit?.expires,
                windowMilliseconds: question.windowMilliseconds,
                effectMilliseconds: question.effectMilliseconds,
                redemption: sealed.permit?.redemption.map {
                    RedemptionEntry(
                        by: $0.by,
                        attempt: $0.attempt,
                        actBy: $0.actBy,
                        index: release.position.index,
                        treeSize: release.position.treeSize,
                        segment: release.position.segment,
                        offset: release.position.offset
                    )
                },
                effect: nil
            )
        )
    }

    override func release(_ release: Release) {
        pipeline.settle(question, self)
        guard takeAnswer() else { return }
        var answer = DecisionAnswer(id: facts.id, cause: ruling.cause, surface: question.request.surface)
        answer.reasons = ruling.reasons
        answer.errors = ruling.errors
        answer.detail = ruling.detail
        answer.bundle = bundle?.identity
        answer.nonce = facts.nonce
        answer.proof = Proof(index: release.position.index, receipt: release.receipt)
        answer.expires = sealed?.permit?.expires
        if let original, ruling.cause == .permitRedeemed {
            answer.original = original.receipt
            answer.state = original.entry.state(at: facts.instant)
            answer.effect = original.entry.effect
        }
        if answer.outcome == .permit {
            answer.state = .permitted
            // INVARIANT (dispatch): the first of four places. The statement that is now durable and signed says PERMIT,
            // redeemed by this attempt.
            if let redemption = sealed?.permit?.redemption {
                answer.state = .redeemed
                answer.actBy = redemption.actBy
                answer.dispatch = pipeline.moment().instant <= redemption.actBy
            }
        }
        pipeline.observe(answer, question)
        question.reply(.ruled(answer))
    }

    override func fail() {
        pipeline.settle(question, self)
        guard takeAnswer() else { return }
        pipeline.refuseUnrecorded(failure, question, id: facts.id)
    }

    override func abandon() {
        pipeline.settle(question, self)
    }

    override func expire() {
        guard takeAnswer() else { return }
        pipeline.parts.observer?.observe(.pending)
        question.reply(.pending)
    }
}

extension Facts {
    /// The same facts with what the present authority says of actor and halts.
    func under(_ authority: AuthoritySnapshot, _ request: Request) -> Facts {
        Facts(
            instant: instant,
            id: id,
            nonce: nonce,
            asOf: asOf,
            caller: caller,
            actor: authority.actorFact(caller, request),
            isHalted: authority.isHalted(request, caller),
            claim: claim,
            redemption: redemption
        )
    }
}
