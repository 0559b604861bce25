import Authorization
import Bytes
import DecisionPoint
import Receipts
import State
import Testing
import WritTesting

/// What a decision depends on.
enum Dependency: String, CaseIterable, Sendable {
    case bundle, state, log, clock, randomness, signer, evaluation, client
}

/// How it can fail.
enum Breakage: String, CaseIterable, Sendable {
    case absent, slow, error, corrupt, full
}

/// Where in the life of an action it fails.
enum Step: String, CaseIterable, Sendable {
    case decide, redeem, report
}

/// What must come of one cell: never a dispatch.
enum Expectation: Sendable {
    /// The ruling, or the refusal of redemption or report, has this cause.
    case cause(Cause)
    /// The caller is told to ask again; the statement is with the log.
    case pending
    /// The step goes on, because it does not depend on this; for redeem and report only.
    case unaffected
    /// The cell means nothing, with the reason.
    case meaningless(String)
}

/// One cell of the matrix.
struct Cell: Sendable, CustomTestStringConvertible {
    let dependency: Dependency
    let breakage: Breakage
    let step: Step

    var testDescription: String { "\(dependency.rawValue) \(breakage.rawValue) at \(step.rawValue)" }

    static let all = Dependency.allCases.flatMap { dependency in
        Breakage.allCases.flatMap { breakage in
            Step.allCases.map { Cell(dependency: dependency, breakage: breakage, step: $0) }
        }
    }

    var expectation: Expectation {
        switch dependency {
        case .bundle: bundleExpectation
        case .state: stateExpectation
        case .log: logExpectation
        case .clock: clockExpectation
        case .randomness: randomnessExpectation
        case .signer:
            .meaningless(
                "the key signs in the log's own process; a failure there stops the log, which is the row `log`"
            )
        case .evaluation: evaluationExpectation
        case .client:
            .meaningless("an answer to a client that has gone is dropped by the server; see ServiceTests")
        }
    }

    private var bundleExpectation: Expectation {
        switch (breakage, step) {
        case (.absent, .decide): .cause(.bundleUnavailable)
        case (.absent, .redeem), (.absent, .report):
            .meaningless("a bundle that was in force never goes away again")
        case (.slow, _), (.error, _), (.corrupt, _), (.full, _):
            .meaningless(
                "a bundle is a value in memory; what can fail is loading it, and then the gate keeps what it has"
            )
        }
    }

    private var stateExpectation: Expectation {
        switch (breakage, step) {
        case (.absent, _), (.error, _), (.corrupt, _): .cause(.stateUnavailable)
        case (.slow, .decide): .cause(.deadlineExceeded)
        case (.slow, .redeem), (.slow, .report): .unaffected
        case (.full, .decide): .cause(.overloaded)
        case (.full, .redeem), (.full, .report): .unaffected
        }
    }

    private var logExpectation: Expectation {
        switch (breakage, step) {
        case (.absent, _), (.error, _): .cause(.logUnavailable)
        case (.slow, _): .pending
        case (.full, _): .cause(.overloaded)
        case (.corrupt, .redeem): .cause(.internalError)
        case (.corrupt, .decide), (.corrupt, .report):
            .meaningless("a fresh decision and a first report of a one-statement redemption read nothing from the log")
        }
    }

    private var clockExpectation: Expectation {
        switch (breakage, step) {
        case (.error, .decide), (.error, .redeem): .cause(.clockUntrusted)
        case (.error, .report): .unaffected
        case (.absent, _), (.slow, _), (.corrupt, _), (.full, _):
            .meaningless("the kernel's clocks answer always; what can be wrong is the time, which is `error`")
        }
    }

    private var randomnessExpectation: Expectation {
        switch (breakage, step) {
        case (.error, .decide): .cause(.internalError)
        case (.error, .redeem), (.error, .report): .cause(.internalError)
        case (.absent, _), (.slow, _), (.corrupt, _), (.full, _):
            .meaningless("words come from memory or not at all")
        }
    }

    private var evaluationExpectation: Expectation {
        switch (breakage, step) {
        case (.error, .decide): .cause(.policyError)
        case (.slow, .decide): .cause(.deadlineExceeded)
        case (.error, _), (.slow, _): .meaningless("only decisions evaluate policies")
        case (.absent, _), (.corrupt, _), (.full, _): .meaningless("evaluation is a pure function in memory")
        }
    }
}

@Suite("Fail-closed matrix: dependency × failure × step")
struct FailClosedMatrixTests {
    @Test func everyDependencyHasACellThatRuns() {
        for dependency in Dependency.allCases where dependency != .signer && dependency != .client {
            let runs = Cell.all.contains { cell in
                guard cell.dependency == dependency else { return false }
                if case .meaningless = cell.expectation { return false }
                return true
            }
            #expect(runs, "\(dependency) has no cell that runs")
        }
    }

    /// The twin: with nothing broken, every step goes through.
    ///
    /// Without it the matrix could pass because nothing works.
    @Test(arguments: Step.allCases)
    func withNothingBrokenTheStepGoesThrough(step: Step) throws {
        let outcome = try Trial(step: step).run()
        #expect(outcome.isThrough)
    }

    @Test(arguments: Cell.all)
    func neverDispatchesAndSaysWhy(cell: Cell) throws {
        switch cell.expectation {
        case .meaningless: return
        case .unaffected:
            #expect(try Trial(step: cell.step).run { try cell.breakIt($0) }.isThrough)
        case .pending:
            let outcome = try Trial(step: cell.step).run { try cell.breakIt($0) }
            #expect(outcome == .pending)
        case .cause(let cause):
            let isOpen = cell.dependency != .bundle
            let outcome = try Trial(step: cell.step, isOpen: isOpen).run { try cell.breakIt($0) }
            #expect(outcome == .refused(cause))
        }
    }
}

/// What one step came to.
enum TrialOutcome: Equatable {
    case through
    case refused(Cause)
    case pending
    case other(String)

    var isThrough: Bool { self == .through }
}

/// A step of an action's life that is broken just before it.
struct Trial {
    let step: Step
    var isOpen = true

    func run(breaking: (Bench) throws -> Void = { _ in }) throws -> TrialOutcome {
        let bench = try Bench(isOpen: isOpen)
        switch step {
        case .decide:
            try breaking(bench)
            let answered = bench.start(try deletion(of: bench.project, key: "k", attempt: 1))
            try bench.settle()
            guard let reply = answered.reply else { return .other("no answer") }
            switch reply {
            case .pending: return .pending
            case .ruled(let answer):
                if answer.dispatch { return .through }
                return answer.outcome == .permit ? .other("PERMIT without dispatch") : .refused(answer.cause)
            }
        case .redeem:
            let decided = try bench.rule(try deletion(key: "k"), as: Bench.agent)
            try breaking(bench)
            let answered = Answered<RedemptionReply>()
            bench.pipeline.redeem(decided.id, attempt: Nonce((0, 1)), caller: Bench.enforcer, reply: answered.take)
            try bench.settle()
            return outcome(of: answered.reply)
        case .report:
            let decided = try bench.rule(try deletion(key: "k", attempt: 1))
            try breaking(bench)
            let answered = Answered<EffectReply>()
            bench.pipeline.report(
                decided.id,
                attempt: Nonce((0, 1)),
                .executed,
                result: nil,
                caller: Bench.enforcer,
                reply: answered.take
            )
            try bench.settle()
            return outcome(of: answered.reply)
        }
    }

    private func outcome(of reply: RedemptionReply?) -> TrialOutcome {
        switch reply {
        case .answered(let answer): answer.dispatch ? .through : .refused(answer.cause)
        case .pending: .pending
        case .unavailable(let cause): .refused(cause)
        case .unknown, .notRedeemable, .notInAudience, nil: .other("\(String(describing: reply))")
        }
    }

    private func outcome(of reply: EffectReply?) -> TrialOutcome {
        switch reply {
        case .recorded: .through
        case .pending: .pending
        case .unavailable(let cause): .refused(cause)
        case .contradicts, .unknown, .notTheRedeemer, nil: .other("\(String(describing: reply))")
        }
    }
}

extension Cell {
    /// Breaks the dependency of a bench in this cell's way.
    func breakIt(_ bench: Bench) throws {
        switch (dependency, breakage) {
        case (.bundle, .absent): break  // The bench was never opened.
        case (.state, .absent):
            bench.pipeline.close(configuration: .zero) { _ in }
            try bench.log.step()
        case (.state, .error), (.state, .corrupt): bench.state.set(.lookupFails)
        case (.state, .slow): bench.lookups.onLookup = { [time = bench.time] in time.advance(milliseconds: 251) }
        case (.state, .full): bench.state.set(.viewIsBehind)
        case (.log, .absent): bench.log.fail()
        case (.log, .error): bench.settling = .fail
        case (.log, .slow): bench.settling = .stall
        case (.log, .full): bench.log.setFull(true)
        case (.log, .corrupt): bench.log.setReadable(false)
        case (.clock, .error): bench.time.jump(wallMilliseconds: 3_600_000)
        case (.randomness, .error): bench.words.breakDown()
        case (.evaluation, .error): bench.project = "broken"
        case (.evaluation, .slow): bench.time.advanceOnEveryReading(milliseconds: 130)
        default: Issue.record("cell \(testDescription) expects something but breaks nothing")
        }
    }
}
