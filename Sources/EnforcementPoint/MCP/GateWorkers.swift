// Threads that wait for the gate, so that the loop waits for nobody.

import Authorization
import Bytes
import CSystem
import Glibc
import Runtime

/// Puts the session's questions to the gate, several at a time, and brings the answers back as events.
final class GateWorkers: Sendable {
    /// One thing to do.
    enum Job: Sendable {
        case ask(number: Int, Intent, redeeming: Bool)
        case report(number: Int, Redeemed, Effect)
        case fetchTools(number: Int)
    }

    private struct State {
        var jobs: [Job] = []
        var threads = 0
        var idle = 0
        var unfinished = 0
        var isStopped = false
    }

    private let gate: any Gate
    private let enforcer: Enforcer
    private let identity: MCPIdentity
    private let time: any TimeSource
    private let state = Monitor(State())
    private let inbox = Guarded<[MCPEvent]>([])
    private let wakeEnd: Int32

    /// Becomes readable when an event is there.
    let wakeDescriptor: Int32

    init(gate: any Gate, identity: MCPIdentity, time: any TimeSource) throws(SystemError) {
        self.gate = gate
        self.identity = identity
        self.time = time
        enforcer = Enforcer(gate: gate, time: time)
        var ends: [Int32] = [-1, -1]
        guard unsafe writ_pipe(&ends) == 0 else { throw SystemError("make a pipe", number: writ_errno()) }
        wakeDescriptor = ends[0]
        wakeEnd = ends[1]
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(wakeDescriptor)
        close(wakeEnd)
    }

    /// The number of jobs whose event was not taken yet.
    var unfinished: Int { state.withLock { $0.unfinished } }

    /// Hands a job over; its event comes back in any case.
    func submit(_ job: Job) {
        let needsThread = state.change { state in
            state.jobs.append(job)
            state.unfinished += 1
            guard state.idle < state.jobs.count, state.threads < MCPLimits.workersMax else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do throws(SystemError) {
            _ = try Thread.start(name: "gate") { [self] in work() }
        } catch {
            state.withLock { $0.threads -= 1 }
            // With no thread at all nobody would ever answer: that is a doubt, said at once.
            while state.withLock({ $0.threads }) == 0, let job = state.withLock({ $0.jobs.popLast() }) {
                post(Self.event(job, .unreachable("\(error)")))
            }
        }
    }

    /// Takes the events that are there.
    func take() -> [MCPEvent] {
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = unsafe bytes.withUnsafeMutableBytes { unsafe read(wakeDescriptor, $0.baseAddress, $0.count) }
        let events = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        state.withLock { $0.unfinished -= events.count }
        return events
    }

    /// Lets the threads end once nothing is left to do.
    func stop() {
        state.changeForAll { $0.isStopped = true }
    }

    private func work() {
        while let job = next() { post(run(job)) }
    }

    private func next() -> Job? {
        state.withLock { $0.idle += 1 }
        let isReady = { (state: State) in !state.jobs.isEmpty || state.isStopped }
        return state.wait(until: isReady) { state in
            state.idle -= 1
            guard !state.jobs.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.jobs.removeFirst()
        }
    }

    private func post(_ event: MCPEvent) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(event)
            return inbox.count == 1
        }
        guard isFirst else { return }
        var byte: UInt8 = 0
        // A full pipe wakes as well as another byte would.
        _ = unsafe write(wakeEnd, &byte, 1)
    }

    private func run(_ job: Job) -> MCPEvent {
        switch job {
        case .ask(let number, let intent, let redeeming):
            return .asked(number: number, redeeming ? enforcer.ask(intent) : enforcer.ask(withoutRedeeming: intent))
        case .report(let number, let redeemed, let effect):
            return .reported(number: number, enforcer.report(redeemed, effect))
        case .fetchTools(let number):
            let deadline = time.monotonicNanoseconds() &+ UInt64(EnforcementLimits.askMilliseconds) * 1_000_000
            do throws(GateFailure) {
                let map = try gate.tools(of: identity.surface, for: identity.actor.id, deadline: deadline)
                return .tools(number: number, .success(map))
            } catch {
                return .tools(number: number, .failure(error))
            }
        }
    }

    private static func event(_ job: Job, _ failure: GateFailure) -> MCPEvent {
        switch job {
        case .ask(let number, _, _): .asked(number: number, .doubt(failure))
        case .report(let number, _, _): .reported(number: number, .unknown(failure))
        case .fetchTools(let number): .tools(number: number, .failure(failure))
        }
    }
}
