// The pipeline of decision.md: the only place where everything meets.

package import Authority
package import Authorization
import Bytes
import Cryptography
import Ledger
import Receipts
import Runtime
import State
package import StrictPolicy

/// The decision point of one gate.
///
/// Safe to call from any thread; meant to be called from the gate's loop. Replies come once each, on whichever thread
/// finished the work: the caller's own, the log's, or the executor's.
///
/// Order of locks: the pipeline's own lock is never held while a part is called.
package final class Pipeline: @unchecked Sendable {
    /// The parts that it works with.
    package let parts: PipelineParts
    let shared: Guarded<PipelineShared>

    var clock: any TimeSource { parts.clock }

    /// Makes a pipeline that answers every request with SILENCE `state_unavailable` until ``open(bundle:)`` has been
    /// called.
    package init(parts: PipelineParts, authority: AuthorityState, timeFloor: Int64) {
        self.parts = parts
        let boot = Int64(clamping: parts.clock.bootNanoseconds() / 1_000_000)
        let guarding = ClockGuard(
            wall: parts.clock.wallMilliseconds(),
            boot: boot,
            floor: timeFloor,
            toleranceMilliseconds: parts.limits.clockToleranceMilliseconds
        )
        shared = Guarded(PipelineShared(authority: authority, clockGuard: guarding))
    }

    /// The present authority.
    package var authority: AuthoritySnapshot { shared.withLock { $0.snapshot } }

    /// The present bundle.
    package var bundle: PolicyBundle? { shared.withLock { $0.bundle } }

    /// One consistent reading of clock, bundle and authority.
    func moment() -> PipelineShared.Moment {
        let wall = clock.wallMilliseconds()
        let boot = Int64(clamping: clock.bootNanoseconds() / 1_000_000)
        return shared.withLock { $0.moment(wall: wall, boot: boot) }
    }

    /// A fresh id for a statement; nil if there is no randomness.
    func freshIdentifier(_ instant: Int64) -> Identifier? {
        guard let first = try? parts.random.next(), let second = try? parts.random.next() else { return nil }
        return Identifier(milliseconds: instant, random: (first, second))
    }

    /// A fresh nonce; nil if there is no randomness.
    func freshNonce() -> Nonce? {
        guard let first = try? parts.random.next(), let second = try? parts.random.next() else { return nil }
        return Nonce((first, second))
    }

    /// How long after its redemption an action on the surface may be started, in milliseconds.
    func actMilliseconds(surface: Text) -> Int64 {
        bundle?.surface(surface)?.settings.actMilliseconds ?? SurfaceLimits.actMillisecondsDefault
    }

    /// Takes a statement off the list of those whose callers wait.
    func forget(_ pending: PendingStatement) {
        shared.withLock { _ = $0.waiting.removeValue(forKey: pending.sequence) }
    }

    func nextSequence() -> UInt64 {
        shared.withLock { shared in
            shared.sequence += 1
            return shared.sequence
        }
    }

    /// Decides one request.
    ///
    /// - Parameters:
    ///   - request: Strictly read; nothing else about it is trusted.
    ///   - caller: As the connection was authenticated. A caller of another role than enforcement MUST NOT have asked
    ///     for a redemption.
    ///   - reply: Called exactly once.
    package func decide(_ request: Request, caller: Caller, reply: @escaping @Sendable (DecisionReply) -> Void) {
        let arrival = clock.monotonicNanoseconds()
        let bundle = self.bundle
        let surface = bundle?.surface(request.surface)
        let deadline = surface?.settings.deadlineMilliseconds ?? parts.limits.deadlineMilliseconds
        let requestDigest = SHA256.digest(of: request.canonical)
        let redemption = request.attempt.map { RedemptionFact(by: caller.name, attempt: SHA256.digest(of: $0.bytes)) }
        let question = Question(
            request: request,
            requestDigest: requestDigest,
            caller: caller,
            timing: QuestionTiming(
                arrival: arrival,
                deadline: arrival + UInt64(clamping: deadline) * 1_000_000,
                windowMilliseconds: (surface?.settings.windowSeconds ?? SurfaceLimits.windowSecondsDefault) * 1_000,
                effectMilliseconds: surface?.settings.effectMilliseconds ?? SurfaceLimits.effectMillisecondsDefault,
                actMilliseconds: surface?.settings.actMilliseconds ?? SurfaceLimits.actMillisecondsDefault
            ),
            claimKey: parts.claimKeys.code(for: request),
            redemption: redemption,
            reply: reply
        )
        admit(question)
    }

    /// Reserves the key, or waits for the one who has it, or refuses because there is no room.
    func admit(_ question: Question) {
        let admission = shared.withLock { $0.admit(question, pendingMax: parts.limits.pendingMax) }
        switch admission {
        case .reserved: gather(question)
        case .waiting: break
        case .overloaded: refuseUnrecorded(.overloaded, question, id: nil)
        }
    }

    /// Steps 3 to 7 for a request whose key is reserved.
    ///
    /// The one place that turns an error into SILENCE.
    private func gather(_ question: Question) {
        do {
            try decideReserved(question)
        } catch let error as StateError {
            record(.stateUnavailable, question, detail: "\(error)")
        } catch {
            record(.internalError, question, detail: "\(error)")
        }
    }

    private func decideReserved(_ question: Question) throws {
        let moment = moment()
        guard moment.isClockTrusted else { return record(.clockUntrusted, question) }
        guard let bundle = moment.bundle else { return record(.bundleUnavailable, question) }
        let actor = moment.authority.actorFact(question.caller, question.request)
        let isHalted = moment.authority.isHalted(question.request, question.caller)
        var claim = ResolvedClaim(fact: .none, original: nil)
        if actor == .active, !isHalted {
            guard moment.isOpen else {
                return record(.stateUnavailable, question, detail: "the state is catching up with the log")
            }
            guard !parts.state.isOverloaded else {
                release(question.claimKey)
                return refuseUnrecorded(.overloaded, question, id: nil)
            }
            if let key = question.claimKey {
                guard let resolved = try resolve(key, question, moment) else { return }
                claim = resolved
            }
        }
        let gathered = try freeze(question, moment, claim)
        let ruling = rule(question.request, gathered.facts, bundle)
        let isLate = clock.monotonicNanoseconds() > question.deadline
        handOver(question, gathered, isLate ? .refusing(.deadlineExceeded) : ruling)
    }

    /// Looks the key up.
    ///
    /// Answers replays itself and returns nil then; else what the ruling has to know.
    private func resolve(_ key: Digest, _ question: Question, _ moment: PipelineShared.Moment) throws -> ResolvedClaim?
    {
        let asked = ClaimQuestion(
            requestDigest: question.requestDigest,
            redemption: question.redemption,
            bundleDigest: moment.bundle?.identity.digest,
            now: moment.instant
        )
        switch asked.resolve(try parts.state.entry(claim: key)) {
        case .rule(let parent):
            return ResolvedClaim(fact: .own(key: key, parent: parent), original: nil)
        case .conflict(let entry):
            return ResolvedClaim(fact: .conflict(entry.original), original: nil)
        case .redeemed(let entry):
            let receipt = try parts.log.receipt(at: entry.position)
            return ResolvedClaim(
                fact: .redeemed(entry.original),
                original: StandingOriginal(entry: entry, receipt: receipt)
            )
        case .replay(let entry), .repeatRedeemed(let entry):
            let answer = try replay(entry, question, moment)
            release(question.claimKey)
            observe(answer, question)
            question.reply(.ruled(answer))
            return nil
        }
    }

    /// The pure ruling, with the policies of one bundle.
    func rule(_ request: Request, _ facts: Facts, _ bundle: PolicyBundle?) -> Ruling {
        guard let bundle else { return .refusing(.bundleUnavailable) }
        return StrictPolicy.rule(request, facts, bundle)
    }

    /// Hands a ruling to the log, the one sequencer.
    private func handOver(_ question: Question, _ gathered: Gathered, _ ruling: Ruling) {
        guard ruling.outcome == .permit || mayWriteRefusal(question) else {
            release(question.claimKey)
            return refuseUnrecorded(.overloaded, question, id: gathered.facts.id)
        }
        let pending = PendingDecision(pipeline: self, question: question, gathered: gathered, ruling: ruling)
        hand(pending, priority: .decision) { refuseUnrecorded($0, question, id: gathered.facts.id) }
    }

    /// Whether the caller's refusals have room in the log.
    private func mayWriteRefusal(_ question: Question) -> Bool {
        let now = clock.monotonicNanoseconds()
        return shared.withLock { shared in
            shared.refusalBudget.take(question.request.canonical.count, caller: question.caller.name, now: now)
        }
    }

    /// Rules SILENCE of infrastructure and records it where the log takes it.
    private func record(_ cause: Cause, _ question: Question, detail: String? = nil) {
        guard let gathered = try? freeze(question, moment(), ResolvedClaim(fact: .none, original: nil)) else {
            // Without randomness there is neither id nor nonce, so nothing can be written down.
            release(question.claimKey)
            return refuseUnrecorded(.internalError, question, id: nil)
        }
        handOver(question, gathered, .refusing(cause, detail: detail))
    }

    /// One frozen snapshot of everything that the ruling may depend on besides request and bundle.
    private func freeze(
        _ question: Question,
        _ moment: PipelineShared.Moment,
        _ claim: ResolvedClaim
    ) throws -> Gathered {
        let facts = Facts(
            instant: moment.instant,
            id: Identifier(milliseconds: moment.instant, random: (try parts.random.next(), try parts.random.next())),
            nonce: Nonce((try parts.random.next(), try parts.random.next())),
            asOf: parts.log.size,
            caller: question.caller,
            actor: moment.authority.actorFact(question.caller, question.request),
            isHalted: moment.authority.isHalted(question.request, question.caller),
            claim: claim.fact,
            redemption: question.redemption
        )
        let factsNonce = Nonce((try parts.random.next(), try parts.random.next()))
        return Gathered(
            facts: facts,
            factsNonce: factsNonce,
            bundle: moment.bundle,
            epoch: moment.authority.epoch,
            original: claim.original
        )
    }

    /// Answers with a SILENCE that is counted and not recorded.
    func refuseUnrecorded(_ cause: Cause, _ question: Question, id: Identifier?) {
        shared.withLock { $0.refused[cause, default: 0] += 1 }
        let now = clock.wallMilliseconds()
        let words = ((try? parts.random.next()) ?? 0, (try? parts.random.next()) ?? 0)
        var answer = DecisionAnswer(
            id: id ?? Identifier(milliseconds: now, random: words),
            cause: cause.outcome == .silence ? cause : .internalError,
            surface: question.request.surface
        )
        answer.bundle = bundle?.identity
        observe(answer, question)
        question.reply(.ruled(answer))
    }

    /// Takes a decision off the lists of those in flight and lets those who waited for its key ask again.
    func settle(_ question: Question, _ pending: PendingStatement) {
        forget(pending)
        release(question.claimKey)
    }

    /// Frees the key in memory and lets those who waited for it ask again.
    func release(_ claimKey: Digest?) {
        guard let key = claimKey else { return }
        let waiters = shared.withLock { $0.release(key) }
        guard !waiters.isEmpty else { return }
        parts.executor { [self] in
            for waiter in waiters { admit(waiter) }
        }
    }

    /// Answers those whose time is over; the gate's loop calls it every few milliseconds.
    package func tick() {
        let now = clock.monotonicNanoseconds()
        let (expired, late) = shared.withLock { $0.expire(now) }
        for pending in expired { pending.expire() }
        for question in late {
            parts.observer?.observe(.pending)
            question.reply(.pending)
        }
    }
}
