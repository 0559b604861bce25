// The loop that carries lines between a client, a server and the gate; every decision is the session's.

import Bytes
import CSystem
import Glibc
package import Runtime

/// The two descriptors of an MCP client.
package struct MCPClientStreams: Sendable {
    /// Where the client's lines come from.
    package let input: Int32
    /// Where lines to the client go.
    package let output: Int32
    /// Whether other processes have them too, as they have a terminal's; they are left blocking then.
    package let isShared: Bool

    /// Makes streams; their owner closes them.
    package init(input: Int32, output: Int32, isShared: Bool) {
        self.input = input
        self.output = output
        self.isShared = isShared
    }

    /// Standard input and output of this process.
    package static let standard = MCPClientStreams(input: 0, output: 1, isShared: true)
}

/// Runs one session until the client or the server ends.
package final class MCPDriver {
    private let streams: MCPClientStreams
    private let time: any TimeSource
    private let say: @Sendable (_ line: String) -> Void
    private let workers: GateWorkers
    private let server: ServerProcess
    private var session: MCPSession
    private var fromClient = LineBuffer()
    private var fromServer = LineBuffer()
    private var toClient: OutputBuffer
    private var toServer = OutputBuffer(isShared: false)
    private var hasClient = true
    private var hasServer = true
    /// When a server that was asked to end is terminated, and when the last reports are given up.
    private var endDeadline: UInt64?
    private var piece = [UInt8](repeating: 0, count: 65_536)

    /// What a session needs.
    package struct Setup: Sendable {
        /// Who acts where.
        package var identity: MCPIdentity
        /// Who decides.
        package var gate: any Gate
        /// The server's command.
        package var command: [String]
        /// The server's environment.
        package var environment: [String]

        /// Makes a setup.
        package init(identity: MCPIdentity, gate: any Gate, command: [String], environment: [String]) {
            self.identity = identity
            self.gate = gate
            self.command = command
            self.environment = environment
        }
    }

    /// Starts the server.
    ///
    /// - Throws: When it cannot be started; nothing runs then.
    package init(
        _ setup: Setup,
        streams: MCPClientStreams = .standard,
        time: any TimeSource = SystemTime(),
        say: @escaping @Sendable (_ line: String) -> Void = Console.say
    ) throws {
        self.streams = streams
        self.time = time
        self.say = say
        ProcessHardening.ignoreBrokenPipes()
        workers = try GateWorkers(gate: setup.gate, identity: setup.identity, time: time)
        session = MCPSession(identity: setup.identity)
        toClient = OutputBuffer(isShared: streams.isShared)
        server = try ServerProcess(command: setup.command, environment: setup.environment)
    }

    /// Runs until everything ended; answers 0 if the client ended first, 1 if the server did.
    package func run() -> Int32 {
        var code: Int32 = 0
        while true {
            if !hasServer, hasClient, endDeadline == nil {
                say("writ: the server ended")
                code = 1
                beginEnd()
            }
            if isDone { break }
            wait()
        }
        server.end()
        workers.stop()
        return code
    }

    /// Whether nothing is left to do, or the time for it is over.
    private var isDone: Bool {
        guard let endDeadline else { return false }
        if !hasServer, workers.unfinished == 0, toClient.count == 0 || !hasClient { return true }
        let limit = EnforcementLimits.askMilliseconds + EnforcementLimits.reportMilliseconds
        return time.bootNanoseconds() > endDeadline &+ UInt64(limit) * 1_000_000
    }

    // MARK: - Waiting

    private func wait() {
        let readsClient = hasClient && toServer.count < MCPLimits.outputBytesMax && endDeadline == nil
        let readsServer = hasServer && toClient.count < MCPLimits.outputBytesMax
        var polls = [
            pollfd(fd: workers.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: readsClient ? streams.input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: readsServer ? server.output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: toClient.count > 0 && hasClient ? streams.output : -1, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: toServer.count > 0 ? server.input : -1, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: readsServer ? server.handle : -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&polls, nfds_t(polls.count), timeout)
        if count > 0 {
            if polls[0].revents != 0 { for event in workers.take() { handle(event) } }
            if polls[1].revents != 0 { readClient() }
            if polls[2].revents != 0 { readServer() }
            if polls[3].revents != 0 { flushClient() }
            if polls[4].revents != 0 { flushServer() }
            // The process is gone: what it wrote is still read, and nothing that it left behind is waited for.
            if polls[5].revents != 0, polls[2].revents == 0 { endServer() }
        }
        let now = time.moment
        if let deadline = session.nextDeadline, deadline <= now.steadyNanoseconds { handle(.tick) }
        if let endDeadline, hasServer, endDeadline <= now.steadyNanoseconds {
            server.end()
            endServer()
        }
    }

    /// The time until something is due, in milliseconds; -1 for no end.
    private var timeout: Int32 {
        var due = session.nextDeadline
        if let endDeadline {
            let limit = hasServer ? endDeadline : time.bootNanoseconds() &+ 100_000_000
            due = min(due ?? .max, limit)
        }
        guard let due else { return -1 }
        let now = time.bootNanoseconds()
        return due <= now ? 0 : Int32(clamping: (due - now) / 1_000_000 + 1)
    }

    // MARK: - Reading and writing

    private func read(_ descriptor: Int32) -> Int {
        unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
    }

    private func readClient() {
        let count = read(streams.input)
        guard count > 0 else {
            let isInterrupted = count < 0 && (writ_errno() == EINTR || writ_errno() == EAGAIN)
            if !isInterrupted { beginEnd() }
            return
        }
        for line in fromClient.take(piece[..<count]) {
            switch line {
            case .line(let bytes): handle(.clientLine(bytes))
            case .tooLong: handle(.clientLineTooLong)
            }
        }
    }

    private func readServer() {
        let count = read(server.output)
        guard count > 0 else {
            let isInterrupted = count < 0 && (writ_errno() == EINTR || writ_errno() == EAGAIN)
            if !isInterrupted { endServer() }
            return
        }
        for line in fromServer.take(piece[..<count]) {
            switch line {
            case .line(let bytes): handle(.serverLine(bytes))
            case .tooLong: handle(.serverLineTooLong)
            }
        }
    }

    private func flushClient() {
        switch toClient.write(to: streams.output) {
        case .empty, .blocked: return
        case .broken:
            hasClient = false
            beginEnd()
        }
    }

    private func flushServer() {
        guard server.input >= 0 else { return }
        switch toServer.write(to: server.input) {
        case .blocked: return
        case .broken: server.closeInput()
        case .empty: if endDeadline != nil { server.closeInput() }
        }
    }

    // MARK: - Events and ends

    private func handle(_ event: MCPEvent) {
        for action in session.handle(event, at: time.moment) {
            switch action {
            case .toClient(let line):
                toClient.append(line: line)
                flushClient()
            case .toServer(let line):
                guard server.input >= 0 else { continue }
                toServer.append(line: line)
                flushServer()
            case .ask(let number, let intent, let redeeming):
                workers.submit(.ask(number: number, intent, redeeming: redeeming))
            case .report(let number, let redeemed, let effect):
                workers.submit(.report(number: number, redeemed, effect))
            case .fetchTools(let number): workers.submit(.fetchTools(number: number))
            case .say(let line): say(line)
            }
        }
    }

    /// Stops taking requests, and asks the server to end by closing its input.
    private func beginEnd() {
        guard endDeadline == nil else { return }
        endDeadline = time.moment.steady(after: MCPLimits.endMilliseconds)
        if hasServer { handle(.clientEnded) }
        if toServer.count == 0 { server.closeInput() }
    }

    private func endServer() {
        guard hasServer else { return }
        hasServer = false
        server.closeInput()
        server.closeOutput()
        handle(.serverEnded)
    }
}
