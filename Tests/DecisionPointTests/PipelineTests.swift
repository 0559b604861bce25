import Authority
import Authorization
import Bytes
import DecisionPoint
import Receipts
import State
import Testing
import WritTesting

@Suite("Pipeline: request, claim, redemption, effect")
struct PipelineTests {
    @Test func permitWithRedemptionDispatchesOnceItIsReleased() throws {
        let bench = try Bench()
        let answered = bench.start(try deletion(key: "k", attempt: 1))
        #expect(answered.reply == nil, "nothing may be answered before the log has the statement")
        try bench.log.step()
        guard case .ruled(let answer)? = answered.reply else { throw Failure("no ruling") }
        #expect(answer.cause == .permitted)
        #expect(answer.dispatch)
        #expect(answer.state == .redeemed)
        #expect(answer.proof != nil)
        #expect(answer.reasons.map(\.policy) == ["platform/staging-delete"])
    }

    @Test func permitWithoutRedemptionDoesNotDispatch() throws {
        let bench = try Bench()
        let answer = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        #expect(answer.cause == .permitted)
        #expect(!answer.dispatch)
        #expect(answer.state == .permitted)
    }

    @Test(arguments: [
        ("production", 22, "delete", "platform", Cause.forbidden), ("production", 1, "delete", "platform", .noPermit),
        ("broken", 1, "delete", "platform", .policyError), ("broken", 11, "delete", "platform", .forbidden),
        ("staging", 1, "wipe", "platform", .unknownAction), ("staging", 1, "delete", "nowhere", .unknownSurface),
    ])
    func refusalsAreRecordedAndDoNotDispatch(
        project: String,
        count: Int,
        action: String,
        surface: String,
        cause: Cause
    ) throws {
        let bench = try Bench()
        let request = try deletion(of: project, count: count, attempt: 1, action: action, surface: surface)
        let answer = try bench.rule(request)
        #expect(answer.cause == cause)
        #expect(!answer.dispatch)
        #expect(answer.proof != nil)
        #expect(answer.state == nil)
    }

    @Test func sameKeyAndRequestGetTheFirstReceiptByteForByte() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        bench.time.advance(milliseconds: 5_000)
        let again = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        #expect(again.isReplayed)
        #expect(again.id == first.id)
        #expect(again.proof == first.proof)
        #expect(again.nonce == first.nonce)
        #expect(!again.dispatch)
    }

    @Test func sameAttemptGetsItsDispatchAgainUntilTheTimeToActIsOver() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(key: "k", attempt: 1))
        bench.time.advance(milliseconds: 5_000)
        let again = try bench.rule(try deletion(key: "k", attempt: 1))
        #expect(again.dispatch)
        #expect(again.proof == first.proof)
        bench.time.advance(milliseconds: 1)
        #expect(!(try bench.rule(try deletion(key: "k", attempt: 1)).dispatch))
    }

    @Test func anotherAttemptUnderARedeemedKeyIsDenied() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(key: "k", attempt: 1))
        let second = try bench.rule(try deletion(key: "k", attempt: 2))
        #expect(second.cause == .permitRedeemed)
        #expect(!second.dispatch)
        #expect(second.original == first.proof?.receipt)
        #expect(try bench.rule(try deletion(key: "k"), as: Bench.agent).cause == .permitRedeemed)
    }

    @Test func sameAttemptOfAnotherEnforcementPointIsDenied() throws {
        let bench = try Bench()
        let other = Caller(name: "other", role: .enforcement, connection: "token:other")
        try bench.add(
            Identity(name: "other", role: .enforcement, credential: .peer(userID: 78), actors: .all, surfaces: .all)
        )
        #expect(try bench.rule(try deletion(key: "k", attempt: 1)).dispatch)
        let second = try bench.rule(try deletion(key: "k", attempt: 1), as: other)
        #expect(second.cause == .permitRedeemed)
        #expect(!second.dispatch)
    }

    @Test func enforcementPointOutsideTheAudienceGetsNoDispatch() throws {
        let bench = try Bench()
        let other = Caller(name: "other", role: .enforcement, connection: "token:other")
        try bench.add(
            Identity(name: "other", role: .enforcement, credential: .peer(userID: 78), actors: .all, surfaces: .all)
        )
        let answer = try bench.rule(try deletion(key: "k", attempt: 1), as: other)
        #expect(answer.cause == .permitted)
        #expect(!answer.dispatch)
        #expect(answer.state == .permitted)
        guard case .notInAudience? = try bench.redeem(answer.id, attempt: 1, as: other) else {
            throw Failure("redeemed")
        }
    }

    @Test func otherRequestUnderTheKeyIsAConflict() throws {
        let bench = try Bench()
        _ = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let second = try bench.rule(try deletion(of: "production", key: "k"), as: Bench.agent)
        #expect(second.cause == .idempotencyConflict)
        #expect(!second.dispatch)
    }

    @Test func expiredPermitFreesItsKeyAndIsNamedAsParent() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        bench.time.advance(milliseconds: 29_999)
        #expect(try bench.rule(try deletion(key: "k"), as: Bench.agent).id == first.id)
        bench.time.advance(milliseconds: 1)
        let second = try bench.rule(try deletion(key: "k", attempt: 1))
        #expect(second.id != first.id)
        #expect(second.dispatch)
        guard case .decision(let statement)? = try bench.log.statements.last.map({ try Statement(parsing: $0) }) else {
            throw Failure("no decision")
        }
        #expect(statement.claim.parent?.index == first.proof?.index)
        guard case .notRedeemable(.expired)? = try bench.redeem(first.id, attempt: 9) else { throw Failure("redeemed") }
    }

    @Test func aStepBackOfTheClockDoesNotReviveAnExpiredPermit() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        bench.time.advance(milliseconds: 30_000)
        #expect(try bench.rule(try deletion(key: "k", attempt: 1)).dispatch)
        bench.time.jump(wallMilliseconds: -1_500)
        guard case .notRedeemable? = try bench.redeem(first.id, attempt: 9) else { throw Failure("redeemed") }
    }

    @Test func denialsStickToTheirKeyWhileTheBundleIsTheSame() throws {
        let bench = try Bench()
        let first = try bench.rule(try deletion(of: "production", key: "k"))
        #expect(try bench.rule(try deletion(of: "production", key: "k")).proof == first.proof)
        let replaced = Answered<GateReply>()
        bench.pipeline.replace(
            try DemoPolicies.bundle(
                "@id(\"more\") permit (principal, action, resource == platform::Project::\"production\");"
            ),
            reply: replaced.take
        )
        try bench.log.step()
        let second = try bench.rule(try deletion(of: "production", key: "k", attempt: 3))
        #expect(second.id != first.id)
        #expect(second.dispatch)
    }

    @Test func requestsForAKeyInFlightWaitAndGetTheFirstAnswer() throws {
        let bench = try Bench()
        let first = bench.start(try deletion(key: "k", attempt: 1))
        let second = bench.start(try deletion(key: "k", attempt: 2))
        let conflicting = bench.start(try deletion(of: "production", key: "k"))
        #expect(second.reply == nil)
        try bench.log.step()
        guard case .ruled(let answer)? = first.reply else { throw Failure("no ruling") }
        #expect(answer.dispatch)
        while bench.log.queued > 0 { try bench.log.step() }
        guard case .ruled(let denied)? = second.reply, case .ruled(let conflict)? = conflicting.reply else {
            throw Failure("no ruling")
        }
        #expect(denied.cause == .permitRedeemed)
        #expect(conflict.cause == .idempotencyConflict)
    }

    @Test func waitersForAKeyGetPendingAtTheirDeadline() throws {
        let bench = try Bench()
        let first = bench.start(try deletion(key: "k", attempt: 1))
        let second = bench.start(try deletion(key: "k", attempt: 2))
        bench.time.advance(milliseconds: 250)
        bench.pipeline.tick()
        #expect(second.reply == nil)
        bench.time.advance(milliseconds: 1)
        bench.pipeline.tick()
        guard case .pending? = second.reply else { throw Failure("not pending") }
        #expect(first.reply == nil)
    }

    @Test func redemptionAloneDispatchesOnceAndRepeatsItsAnswer() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        guard case .answered(let first)? = try bench.redeem(decided.id, attempt: 1) else {
            throw Failure("not redeemed")
        }
        #expect(first.dispatch)
        guard case .answered(let again)? = try bench.redeem(decided.id, attempt: 1) else { throw Failure("no answer") }
        #expect(again.dispatch)
        #expect(again.proof == first.proof)
        guard case .answered(let other)? = try bench.redeem(decided.id, attempt: 2) else { throw Failure("no answer") }
        #expect(other.cause == .permitRedeemed)
        #expect(!other.dispatch)
    }

    @Test func twoRedemptionsInFlightGiveOneDispatch() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let first = Answered<RedemptionReply>()
        let second = Answered<RedemptionReply>()
        bench.pipeline.redeem(decided.id, attempt: Nonce((0, 1)), caller: Bench.enforcer, reply: first.take)
        bench.pipeline.redeem(decided.id, attempt: Nonce((0, 2)), caller: Bench.enforcer, reply: second.take)
        try bench.log.step()
        guard case .answered(let answer)? = first.reply, case .pending? = second.reply else { throw Failure("order") }
        #expect(answer.dispatch)
    }

    @Test(arguments: [
        (Cause.forbidden, "production", 22), (.noPermit, "production", 1),
    ])
    func whatIsNoPermitCannotBeRedeemed(cause: Cause, project: String, count: Int) throws {
        let bench = try Bench()
        let answer = try bench.rule(try deletion(of: project, count: count))
        #expect(answer.cause == cause)
        guard case .notRedeemable(.refused)? = try bench.redeem(answer.id, attempt: 1) else {
            throw Failure("redeemed")
        }
    }

    @Test func unknownDecisionsCannotBeRedeemed() throws {
        let bench = try Bench()
        guard case .unknown? = try bench.redeem(Identifier(high: 1, low: 2), attempt: 1) else {
            throw Failure("redeemed")
        }
    }

    @Test func theFirstReportStandsAndAnotherIsLoggedAsAFinding() throws {
        let bench = try Bench()
        let answer = try bench.rule(try deletion(key: "k", attempt: 1))
        guard case .recorded(_, let effect, let proof)? = try bench.report(answer.id, attempt: 1) else {
            throw Failure("report")
        }
        #expect(effect.kind == .executed)
        guard case .recorded(_, _, let again)? = try bench.report(answer.id, attempt: 1) else { throw Failure("again") }
        #expect(again == proof)
        let size = bench.log.size
        guard case .contradicts(let standing)? = try bench.report(answer.id, attempt: 1, .failed) else {
            throw Failure("other")
        }
        #expect(standing.kind == .executed)
        #expect(bench.log.size == size + 1)
        guard case .found(let shown, _) = bench.pipeline.lookUp(answer.id) else { throw Failure("lookup") }
        #expect(shown.state == .executed)
    }

    @Test func refusalsOfOneCallerStopFillingTheLogAndPermitsGoOn() throws {
        let bench = try Bench()
        var recorded = 0
        var counted = 0
        for _ in 0..<8_000 {
            let answer = try bench.rule(try deletion(of: "production", count: 22), as: Bench.agent)
            #expect(answer.cause == .forbidden || answer.cause == .overloaded)
            if answer.proof == nil { counted += 1 } else { recorded += 1 }
        }
        #expect(recorded > 1_000 && counted > 0)
        #expect(try bench.rule(try deletion(key: "k", attempt: 1)).dispatch)
        bench.time.advance(milliseconds: 1_000)
        #expect(try bench.rule(try deletion(of: "production", count: 22), as: Bench.agent).cause == .forbidden)
    }

    @Test func onlyTheRedeemerReports() throws {
        let bench = try Bench()
        let answer = try bench.rule(try deletion(key: "k", attempt: 1))
        guard case .notTheRedeemer? = try bench.report(answer.id, attempt: 2) else { throw Failure("other attempt") }
        guard case .notTheRedeemer? = try bench.report(answer.id, attempt: 1, as: Bench.agent) else {
            throw Failure("other caller")
        }
        let unredeemed = try bench.rule(try deletion(key: "other"), as: Bench.agent)
        guard case .notTheRedeemer? = try bench.report(unredeemed.id, attempt: 1) else { throw Failure("unredeemed") }
    }

    @Test func withoutAReportTheStateReadsUnknownAndALateReportSettlesIt() throws {
        let bench = try Bench()
        let answer = try bench.rule(try deletion(key: "k", attempt: 1))
        bench.time.advance(milliseconds: 65_000)
        guard case .found(let waiting, _) = bench.pipeline.lookUp(answer.id) else { throw Failure("lookup") }
        #expect(waiting.state == .redeemed)
        bench.time.advance(milliseconds: 1)
        guard case .found(let unknown, _) = bench.pipeline.lookUp(answer.id) else { throw Failure("lookup") }
        #expect(unknown.state == .unknown)
        #expect(try bench.rule(try deletion(key: "k", attempt: 2)).cause == .permitRedeemed)
        guard case .recorded? = try bench.report(answer.id, attempt: 1) else { throw Failure("late report") }
    }
}
