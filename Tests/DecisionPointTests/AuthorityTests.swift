import Authority
import Authorization
import Bytes
import DecisionPoint
import Testing

@Suite("Pipeline: halts and identities")
struct PipelineAuthorityTests {
    static let scopes: [HaltScope] = [
        .all, .surface("platform"), .actor(EntityName(type: "Agent", id: "ops-bot")),
        .actor(EntityName(type: "Agent", id: "mcp-gateway")),
    ]

    @Test(arguments: scopes)
    func haltStopsWhatIsAskedAfterItAndResumeEndsIt(scope: HaltScope) throws {
        let bench = try Bench()
        let halted = Answered<AuthorityReply>()
        bench.pipeline.halt(scope, reason: "test", caller: Bench.operator, reply: halted.take)
        #expect(try bench.rule(try deletion(attempt: 1)).cause == .halted)
        guard case .recorded? = halted.reply else { throw Failure("not recorded") }
        let resumed = Answered<AuthorityReply>()
        bench.pipeline.resume(scope, caller: Bench.operator, reply: resumed.take)
        try bench.log.step()
        #expect(try bench.rule(try deletion(attempt: 2)).dispatch)
    }

    @Test(arguments: scopes)
    func haltStopsWhatWasRuledButNotYetTakenByTheLog(scope: HaltScope) throws {
        let bench = try Bench()
        let answered = bench.start(try deletion(key: "k", attempt: 1))
        bench.pipeline.halt(scope, reason: nil, caller: Bench.operator) { _ in }
        try bench.log.step()
        guard case .ruled(let answer)? = answered.reply else { throw Failure("no ruling") }
        #expect(answer.cause == .halted)
        #expect(!answer.dispatch)
    }

    @Test func haltRefusesRedemptionAlsoOfOneThatIsWithTheLog() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let redeemed = Answered<RedemptionReply>()
        bench.pipeline.redeem(decided.id, attempt: Nonce((0, 1)), caller: Bench.enforcer, reply: redeemed.take)
        bench.pipeline.halt(.surface("platform"), reason: nil, caller: Bench.operator) { _ in }
        try bench.log.step()
        guard case .answered(let answer)? = redeemed.reply else { throw Failure("no answer") }
        #expect(answer.cause == .halted)
        #expect(!answer.dispatch)
        guard case .answered(let later)? = try bench.redeem(decided.id, attempt: 1) else { throw Failure("no answer") }
        #expect(later.cause == .halted)
    }

    @Test func haltTakesBackTheDispatchOfARepeatedAnswer() throws {
        let bench = try Bench()
        #expect(try bench.rule(try deletion(key: "k", attempt: 1)).dispatch)
        bench.pipeline.halt(.all, reason: nil, caller: Bench.operator) { _ in }
        let again = try bench.rule(try deletion(key: "k", attempt: 1))
        #expect(again.cause == .halted)
        #expect(!again.dispatch)
    }

    @Test func aResumeBetweenRulingAndLogDoesNotTurnARefusalIntoAPermit() throws {
        let bench = try Bench()
        bench.pipeline.halt(.all, reason: nil, caller: Bench.operator) { _ in }
        try bench.log.step()
        let answered = bench.start(try deletion(key: "k", attempt: 1))
        bench.pipeline.resume(.all, caller: Bench.operator) { _ in }
        while bench.log.queued > 0 { try bench.log.step() }
        guard case .ruled(let answer)? = answered.reply else { throw Failure("no ruling") }
        #expect(answer.cause == .halted, "its key was not looked up, so it may not become a PERMIT")
    }

    @Test func retiredActorAndRetiredEnforcementPointAreRefusedAtOnce() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let inFlight = bench.start(try deletion(attempt: 1))
        bench.pipeline.change(identity: .retired(name: "ops-bot"), caller: Bench.operator) { _ in }
        try bench.log.step()
        guard case .ruled(let answer)? = inFlight.reply else { throw Failure("no ruling") }
        #expect(answer.cause == .actorDisabled)
        #expect(try bench.rule(try deletion(attempt: 2)).cause == .actorDisabled)
        bench.pipeline.change(identity: .retired(name: "mcp-gateway"), caller: Bench.operator) { _ in }
        #expect(try bench.rule(try deletion(attempt: 3)).cause == .actorMismatch)
        guard case .answered(let refused)? = try bench.redeem(decided.id, attempt: 1) else {
            throw Failure("no answer")
        }
        #expect(refused.cause == .actorMismatch)
        #expect(!refused.dispatch)
    }

    @Test func permitOfARetiredActorIsNotRedeemedAndNotDispatchedAgain() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let redeemed = try bench.rule(try deletion(key: "other", attempt: 5))
        #expect(redeemed.dispatch)
        bench.pipeline.change(identity: .retired(name: "ops-bot"), caller: Bench.operator) { _ in }
        guard case .answered(let refused)? = try bench.redeem(decided.id, attempt: 1) else {
            throw Failure("no answer")
        }
        #expect(refused.cause == .actorDisabled)
        #expect(!refused.dispatch)
        guard case .answered(let again)? = try bench.redeem(redeemed.id, attempt: 5) else { throw Failure("no answer") }
        #expect(!again.dispatch)
    }

    @Test func actorRetiredWhileTheRedemptionIsWithTheLogIsNotDispatched() throws {
        let bench = try Bench()
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        let answered = Answered<RedemptionReply>()
        bench.pipeline.redeem(decided.id, attempt: Nonce((0, 1)), caller: Bench.enforcer, reply: answered.take)
        bench.pipeline.change(identity: .retired(name: "ops-bot"), caller: Bench.operator) { _ in }
        try bench.log.step()
        guard case .answered(let refused)? = answered.reply else { throw Failure("no answer") }
        #expect(refused.cause == .actorDisabled)
        #expect(!refused.dispatch)
    }

    @Test(arguments: [(["other-bot"], ["platform"]), (["ops-bot"], ["elsewhere"])])
    func redeemerThatDoesNotListActorOrSurfaceIsRefused(actors: [String], surfaces: [String]) throws {
        let bench = try Bench(audience: ["mcp-gateway", "narrow"])
        let narrow = Caller(name: "narrow", role: .enforcement, connection: "token:narrow")
        let actorList = try #require(NameList(actors.map { Text($0) }))
        let surfaceList = try #require(NameList(surfaces.map { Text($0) }))
        try bench.add(
            Identity(
                name: "narrow",
                role: .enforcement,
                credential: .peer(userID: 79),
                actors: actorList,
                surfaces: surfaceList
            )
        )
        let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
        guard case .answered(let refused)? = try bench.redeem(decided.id, attempt: 1, as: narrow) else {
            throw Failure("no answer")
        }
        #expect(refused.cause == .actorMismatch)
        #expect(!refused.dispatch)
    }

    @Test func namesAreNeverReusedEvenWhenTwoAreAddedAtOnce() throws {
        let bench = try Bench()
        let first = Answered<AuthorityReply>()
        let second = Answered<AuthorityReply>()
        let identity = Identity(name: "new", role: .actor, credential: .peer(userID: 500))
        bench.pipeline.change(identity: .added(identity), caller: Bench.operator, reply: first.take)
        bench.pipeline.change(identity: .added(identity), caller: Bench.operator, reply: second.take)
        try bench.log.step()
        guard case .recorded? = first.reply, case .refused? = second.reply else { throw Failure("both") }
    }

    @Test func callersAskForNobodyElse() throws {
        let bench = try Bench()
        let other = Caller(name: "other-bot", role: .actor, connection: "token:other-bot")
        #expect(try bench.rule(try deletion(), as: other).cause == .actorMismatch)
        #expect(try bench.rule(try deletion(), as: Bench.operator).cause == .actorMismatch)
    }
}
