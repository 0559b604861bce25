// The one way from a wish to an action: ask with a fresh attempt, act on dispatch alone and in time, report.

package import Authorization
package import Bytes
package import Runtime

/// A dispatch with the secret of the attempt that redeemed it.
package struct Redeemed: Sendable {
    /// The leave to act.
    package let dispatch: Dispatch
    /// The secret, in memory only.
    package let attempt: Nonce
}

/// What asking came to.
package enum Asked: Sendable {
    /// This attempt may act, once and in time.
    case granted(Redeemed)
    /// The gate ruled, and this attempt may not act.
    case refused(Refusal)
    /// The gate did not say anything that could be relied upon.
    case doubt(GateFailure)
}

/// What performing came to.
package enum Performed: Sendable {
    /// The action ran; the report is nil where the effect is not known.
    case ran(id: Text, report: ReportAnswer?)
    /// The leave came too late; the action was not started.
    case late(id: Text, report: ReportAnswer)
    /// The gate ruled against it.
    case refused(Refusal)
    /// The gate did not say anything that could be relied upon.
    case doubt(GateFailure)
}

/// Asks, acts and reports, for every kind of enforcement point.
///
/// INVARIANT (dispatch): nothing runs but on ``GateAnswer/dispatch(_:)`` to an attempt drawn here, before its time,
/// once.
package struct Enforcer: Sendable {
    private let gate: any Gate
    private let time: any TimeSource
    private let pause: @Sendable (_ milliseconds: Int) -> Void

    /// Makes an enforcer.
    ///
    /// - Parameters:
    ///   - gate: Who decides.
    ///   - time: The clocks.
    ///   - pause: Waits between repeats; tests replace it.
    package init(
        gate: any Gate,
        time: any TimeSource = SystemTime(),
        pause: @escaping @Sendable (_ milliseconds: Int) -> Void = Pause.milliseconds
    ) {
        self.gate = gate
        self.time = time
        self.pause = pause
    }

    /// Asks, runs `action` at most once, and reports what it says came of it.
    ///
    /// `action` answers nil when it cannot know what happened: nothing is reported, and the gate reads `unknown`.
    package func perform(_ intent: Intent, _ action: (Dispatch) -> Effect?) -> Performed {
        switch ask(intent) {
        case .refused(let refusal): return .refused(refusal)
        case .doubt(let failure): return .doubt(failure)
        case .granted(let redeemed):
            let id = redeemed.dispatch.id
            guard mayBegin(redeemed) else {
                return .late(id: id, report: report(redeemed, Effect(.notStarted)))
            }
            let effect = action(redeemed.dispatch)
            return .ran(id: id, report: effect.map { report(redeemed, $0) })
        }
    }

    /// Whether the action of a dispatch may still be started.
    package func mayBegin(_ redeemed: Redeemed) -> Bool {
        redeemed.dispatch.mayBegin(at: time.moment)
    }

    /// Asks with a fresh attempt, and repeats the same attempt while the answer is pending or was lost.
    package func ask(_ intent: Intent) -> Asked {
        do throws(SystemError) {
            guard let attempt = Nonce(bytes: try RandomSource.bytes(Nonce.byteCount)) else {
                return .doubt(.unreachable("no randomness for an attempt"))
            }
            return ask(intent.question(attempt: attempt), attempt)
        } catch {
            return .doubt(.unreachable("no randomness for an attempt: \(error)"))
        }
    }

    /// Asks without redemption, so that the gate records its ruling and nothing can follow from it.
    package func ask(withoutRedeeming intent: Intent) -> Asked {
        switch gate.decide(intent.question(attempt: nil), deadline: deadline(EnforcementLimits.askMilliseconds)) {
        case .refusal(let refusal): .refused(refusal)
        case .doubt(let failure): .doubt(failure)
        case .pending: .doubt(.lost("the gate is not done"))
        case .dispatch: .doubt(.irregular("a dispatch that nobody asked for"))
        }
    }

    private func ask(_ question: Question, _ attempt: Nonce) -> Asked {
        let deadline = deadline(EnforcementLimits.askMilliseconds)
        var last = GateFailure.unreachable("there was no time to ask")
        var mayHaveArrived = false
        for number in 0..<EnforcementLimits.askTriesMax {
            guard number == 0 || waitToRetry(number, deadline) else { break }
            switch gate.decide(question, deadline: deadline) {
            case .dispatch(let dispatch):
                return .granted(Redeemed(dispatch: dispatch, attempt: attempt))
            case .refusal(let refusal):
                settle(refusal, attempt)
                return .refused(refusal)
            case .pending:
                last = .lost("the gate is not done")
                mayHaveArrived = true
            case .doubt(.lost(let why)):
                last = .lost(why)
                mayHaveArrived = true
            case .doubt(.unreachable(let why)):
                last = .unreachable(why)
                // Nothing was asked yet, so nothing is lost by saying so at once.
                guard mayHaveArrived else { return .doubt(last) }
            case .doubt(.refused(let why)):
                return .doubt(.refused(why))
            case .doubt(.irregular(let why)):
                return .doubt(.irregular(why))
            }
        }
        return .doubt(last)
    }

    /// A PERMIT that comes back after its time was redeemed by this attempt: says that nothing was started.
    private func settle(_ refusal: Refusal, _ attempt: Nonce) {
        guard refusal.cause.outcome == .permit, refusal.state == "redeemed", let id = refusal.id else { return }
        _ = report(EffectReport(id: id, attempt: attempt, effect: Effect(.notStarted)))
    }

    /// Reports an effect, and repeats while the gate does not say; the first report stands, so repeats are safe.
    package func report(_ redeemed: Redeemed, _ effect: Effect) -> ReportAnswer {
        report(EffectReport(id: redeemed.dispatch.id, attempt: redeemed.attempt, effect: effect))
    }

    private func report(_ report: EffectReport) -> ReportAnswer {
        let deadline = deadline(EnforcementLimits.reportMilliseconds)
        var last = ReportAnswer.unknown(.unreachable("there was no time to report"))
        for number in 0..<EnforcementLimits.reportTriesMax {
            guard number == 0 || waitToRetry(number, deadline) else { break }
            last = gate.report(report, deadline: deadline)
            switch last {
            case .recorded, .contradicted, .refused: return last
            case .unknown: continue
            }
        }
        return last
    }

    private func deadline(_ milliseconds: Int) -> UInt64 {
        time.monotonicNanoseconds() &+ UInt64(milliseconds) * 1_000_000
    }

    /// Waits before a repeat; false when the deadline would pass meanwhile.
    private func waitToRetry(_ number: Int, _ deadline: UInt64) -> Bool {
        let milliseconds = EnforcementLimits.retryPauseMilliseconds << (number - 1)
        guard time.monotonicNanoseconds() &+ UInt64(milliseconds) * 1_000_000 < deadline else { return false }
        pause(milliseconds)
        return true
    }
}
