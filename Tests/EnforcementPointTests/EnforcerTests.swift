// One question, one action, one report: whatever the gate does.

import Authorization
import Bytes
import EnforcementPoint
import Runtime
import Testing

@Suite struct EnforcerTests {
    private static let intent = Intent(
        actor: EntityName(type: "Agent", id: "ops-bot"),
        surface: "platform",
        action: "delete",
        target: EntityName(type: "Variable", id: "v1"),
        context: Array(#"{"count":1}"#.utf8),
        key: "k-1"
    )

    private struct Run {
        var performed: Performed
        var runs: Int
        var calls: [GateCall]
    }

    private static func run(
        _ replies: [ScriptedReply],
        effect: Effect? = Effect(.executed, status: 0),
        time: StillTime = StillTime()
    ) -> Run {
        let wire = ScriptedWire(replies)
        let gate = RemoteGate(wire: wire, time: time)
        let enforcer = Enforcer(gate: gate, time: time) { time.pass(milliseconds: Int64($0)) }
        var runs = 0
        let performed = enforcer.perform(intent) { _ in
            runs += 1
            return effect
        }
        return Run(performed: performed, runs: runs, calls: wire.calls)
    }

    private static func attempt(_ call: GateCall) -> Text? {
        let value = try? JSONValue(parsing: call.body)
        return value?["redeem"]?["attempt"]?.string ?? value?["attempt"]?.string
    }

    @Test func aDispatchRunsOnceAndIsReportedWithItsAttempt() throws {
        let run = Self.run([.json(Answers.dispatch()), .json(Answers.effect(.executed))])
        guard case .ran(_, .recorded) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
        #expect(run.runs == 1)
        #expect(run.calls.map(\.target) == ["/v1/decisions", "/v1/decisions/\(Answers.id)/effect"])
        #expect(Self.attempt(run.calls[0]) == Self.attempt(run.calls[1]))
        let request = try Request(parsing: run.calls[0].body)
        #expect(request.idempotencyKey == "k-1")
        #expect(request.attempt != nil)
    }

    @Test func everyTryDrawsItsOwnAttempt() {
        let first = Self.run([.json(Answers.refusal(.noPermit))])
        let second = Self.run([.json(Answers.refusal(.noPermit))])
        #expect(Self.attempt(first.calls[0]) != Self.attempt(second.calls[0]))
    }

    @Test(arguments: Cause.allCases)
    func aRulingWithoutDispatchRunsNothing(cause: Cause) {
        let run = Self.run([.json(Answers.refusal(cause))])
        #expect(run.runs == 0)
        #expect(run.calls.count == 1)
    }

    @Test func aLostAnswerIsAskedForWithTheSameAttempt() {
        let run = Self.run([
            .failure(.lost("reset")), .pending, .json(Answers.dispatch()), .json(Answers.effect(.executed)),
        ])
        #expect(run.runs == 1)
        #expect(run.calls.count == 4)
        #expect(Set(run.calls.map { Self.attempt($0) }).count == 1)
    }

    @Test func aQuestionIsPutAtMostAsOftenAsTheLimitSays() {
        let run = Self.run(Array(repeating: .pending, count: 20))
        #expect(run.runs == 0)
        #expect(run.calls.count == EnforcementLimits.askTriesMax)
    }

    @Test func aGateThatCannotBeReachedIsNotWaitedFor() {
        let run = Self.run([.failure(.unreachable("refused")), .json(Answers.dispatch())])
        #expect(run.runs == 0)
        #expect(run.calls.count == 1)
    }

    @Test func anIrregularAnswerIsNotAskedForAgain() {
        let run = Self.run([.json("<html>"), .json(Answers.dispatch())])
        #expect(run.runs == 0)
        #expect(run.calls.count == 1)
    }

    @Test(arguments: [(UInt16(400), "malformed_request"), (403, "forbidden_role"), (503, "bundle_unavailable")])
    func aQuestionThatTheGateRefusesIsNotAskedAgain(status: UInt16, name: String) {
        let run = Self.run([.problem(status, name), .json(Answers.dispatch())])
        guard case .doubt(.refused(let why)) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
        #expect(why.contains(name) && why.contains("it is so"))
        #expect(run.runs == 0)
        #expect(run.calls.count == 1)
    }

    @Test func aLateDispatchIsReportedAsNotStarted() throws {
        // The clock moves between the answer and the start of the action.
        let time = JumpingTime(readings: 3, jump: 5_000)
        let wire = ScriptedWire([.json(Answers.dispatch()), .json(Answers.effect(.notStarted))])
        let enforcer = Enforcer(gate: RemoteGate(wire: wire, time: time), time: time) { _ in }
        var runs = 0
        let performed = enforcer.perform(Self.intent) { _ in
            runs += 1
            return nil
        }
        guard case .late(_, .recorded) = performed else {
            Issue.record("\(performed)")
            return
        }
        #expect(runs == 0)
        #expect(String(decoding: wire.calls[1].body, as: UTF8.self).contains(#""effect":"not_started""#))
    }

    @Test func aPermitThatComesBackTooLateIsReportedAsNotStarted() {
        let late = Answers.refusal(.permitted, #","state":"redeemed""#)
        let run = Self.run([.failure(.lost("reset")), .json(late), .json(Answers.effect(.notStarted))])
        #expect(run.runs == 0)
        #expect(run.calls.last?.target.hasSuffix("/effect") == true)
        guard case .refused(let refusal) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
        #expect(refusal.outcome == .permit)
    }

    @Test func anUnknownEffectIsNotReported() {
        let run = Self.run([.json(Answers.dispatch())], effect: nil)
        #expect(run.runs == 1)
        #expect(run.calls.count == 1)
        guard case .ran(_, nil) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
    }

    @Test func aReportIsRepeatedAndTheActionIsNot() {
        let run = Self.run([
            .json(Answers.dispatch()), .failure(.lost("reset")), .reply(500, nil, ""), .json(Answers.effect(.executed)),
        ])
        guard case .ran(_, .recorded) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
        #expect(run.runs == 1)
        #expect(run.calls.count == 4)
    }

    @Test func aReportThatNobodyTakesIsGivenUp() {
        let run = Self.run([.json(Answers.dispatch())])
        guard case .ran(_, .unknown) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
        #expect(run.runs == 1)
        #expect(run.calls.count == 1 + EnforcementLimits.reportTriesMax)
    }

    @Test(arguments: [
        (ScriptedReply.problem(409, "effect_stands"), "contradicted"), (.problem(403, "not_the_redeemer"), "refused"),
        (.problem(404, "unknown_decision"), "refused"),
    ])
    func aReportThatIsRefusedIsNotRepeated(reply: ScriptedReply, word: String) {
        let run = Self.run([.json(Answers.dispatch()), reply])
        #expect(run.calls.count == 2)
        switch run.performed {
        case .ran(_, .contradicted): #expect(word == "contradicted")
        case .ran(_, .refused): #expect(word == "refused")
        default: Issue.record("\(run.performed)")
        }
    }

    @Test(arguments: [
        Answers.effect(.failed), Answers.effect(.executed).replacing("JD", with: "JE"), "{}", "",
        Answers.effect(.executed) + "x",
    ])
    func anAnswerToAnotherReportDoesNotCount(body: String) {
        let run = Self.run([.json(Answers.dispatch()), .json(body)])
        guard case .ran(_, .unknown) = run.performed else {
            Issue.record("\(run.performed)")
            return
        }
    }

    @Test func askingWithoutRedeemingNeverGrants() {
        let time = StillTime()
        let wire = ScriptedWire([.json(Answers.dispatch()), .json(Answers.refusal(.unknownAction))])
        let enforcer = Enforcer(gate: RemoteGate(wire: wire, time: time), time: time)
        guard case .doubt = enforcer.ask(withoutRedeeming: Self.intent) else {
            Issue.record("a grant")
            return
        }
        guard case .refused(let refusal) = enforcer.ask(withoutRedeeming: Self.intent) else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.cause == .unknownAction)
        #expect(wire.calls.allSatisfy { Self.attempt($0) == nil })
    }
}

/// Clocks that jump after a number of readings of the wall.
private final class JumpingTime: TimeSource {
    private let state: Guarded<(left: Int, offset: Int64)>
    private let still = StillTime()
    private let jump: Int64

    init(readings: Int, jump: Int64) {
        state = Guarded((readings, 0))
        self.jump = jump
    }

    func wallMilliseconds() -> Int64 {
        still.wallMilliseconds()
            + state.withLock { state in
                state.left -= 1
                if state.left < 1 { state.offset = jump }
                return state.offset
            }
    }

    func monotonicNanoseconds() -> UInt64 { still.monotonicNanoseconds() }
    func bootNanoseconds() -> UInt64 { still.bootNanoseconds() }
}
