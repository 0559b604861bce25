// One session between an MCP client and an MCP server, as a state machine: no I/O, no clock.

package import Authorization
package import Bytes
import Cryptography

/// Who a session acts for.
package struct MCPIdentity: Sendable {
    /// The agent.
    package let actor: EntityName
    /// The surface.
    package let surface: Text
    /// The version of this program, which it names to servers.
    package let version: Text

    /// Makes an identity; the actor is of type `Agent`.
    package init(actor: Text, surface: Text, version: Text) {
        self.actor = EntityName(type: "Agent", id: actor)
        self.surface = surface
        self.version = version
    }
}

/// What stands between a client and a server.
///
/// INVARIANT (dispatch): a `tools/call` goes to the server in one place, ``granted(_:_:)``, on a dispatch to its own
/// question.
package struct MCPSession: Sendable {
    let identity: MCPIdentity
    var open: [Int: OpenRequest] = [:]
    var numbers: [RPCID: Int] = [:]
    /// Calls that the client no longer waits for and whose answer is still worth a report, the oldest first.
    var abandoned: [Int] = []
    /// Calls that were answered, and whose report is on its way.
    var reporting: [Int: Reporting] = [:]
    var map: ToolMap?
    var isMapStale = false
    var replays = ReplayCache()
    var toolsWithOutputSchema: Set<Text> = []
    /// The handshake revision that was agreed on.
    var agreed: Text?
    var now = Moment(wallMilliseconds: 0, steadyNanoseconds: 0)
    var actions: [MCPAction] = []
    private var lastNumber = 0
    private var complaints = 0
    private var isClientGone = false
    private var isServerGone = false

    /// A call whose effect is being reported.
    struct Reporting: Sendable {
        let id: Text
        /// Where the result waits until the effect is durable; nil where it does not wait.
        var held: (line: [UInt8], client: RPCID, form: CallResult.Form)?
    }

    /// Makes a session at its beginning.
    package init(identity: MCPIdentity) {
        self.identity = identity
    }

    /// Takes one event; answers what is to be done, in order.
    package mutating func handle(_ event: MCPEvent, at now: Moment) -> [MCPAction] {
        self.now = now
        switch event {
        case .clientLine(let line): clientLine(line)
        case .clientLineTooLong:
            refuse(RPCFault(.invalidRequest, "longer than \(MCPLimits.lineBytesMax) bytes"), id: nil)
        case .serverLine(let line): serverLine(line)
        case .serverLineTooLong: serverLineTooLong()
        case .asked(let number, let asked): self.asked(number, asked)
        case .reported(let number, let answer): reported(number, answer)
        case .tools(let number, let result): tools(number, result)
        case .tick: tick()
        case .clientEnded: isClientGone = true
        case .serverEnded: serverEnded()
        }
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// When the next ``MCPEvent/tick`` is due, on the steady clock; nil if nothing waits.
    package var nextDeadline: UInt64? {
        open.values.lazy.filter { $0.isAtServer && !$0.isAbandoned }.map(\.deadline).min()
    }

    /// The number of requests that wait for something.
    package var openCount: Int { open.count }

    // MARK: - Parts that the extensions share

    /// A number for a request: its id towards the server, and its name towards the driver.
    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// Sends a line to the client, unless it is gone.
    mutating func toClient(_ line: [UInt8]) {
        if !isClientGone { actions.append(.toClient(line)) }
    }

    /// Answers a request with a result.
    mutating func answer(_ id: RPCID, result: [UInt8]) {
        var writer = JSONWriter(capacity: result.count + 64)
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.name("id")
        id.write(to: &writer)
        writer.name("result")
        writer.raw(result)
        writer.endObject()
        toClient(writer.bytes)
    }

    /// Answers with an error.
    mutating func refuse(_ fault: RPCFault, id: RPCID?) {
        toClient(fault.line(id: id ?? fault.id))
    }

    /// Tells a person, as often as garbage may make us.
    mutating func complain(_ line: String) {
        complaints += 1
        guard complaints <= MCPLimits.complaintsMax else { return }
        actions.append(.say("writ: \(Words.line(line, bytesMax: 300))"))
    }

    /// Forgets a request; its id may be used again.
    @discardableResult
    mutating func close(_ number: Int) -> OpenRequest? {
        guard let request = open.removeValue(forKey: number) else { return nil }
        if numbers[request.id] == number { numbers.removeValue(forKey: request.id) }
        abandoned.removeAll { $0 == number }
        return request
    }

    /// Keeps a call of which the client has heard the last, for the late answer of its server.
    mutating func abandon(_ number: Int) {
        guard var request = open[number] else { return }
        if numbers[request.id] == number { numbers.removeValue(forKey: request.id) }
        request.isAbandoned = true
        open[number] = request
        abandoned.append(number)
        if abandoned.count > MCPLimits.abandonedMax { close(abandoned[0]) }
    }

    // MARK: - Ends

    private mutating func tick() {
        let due = open.filter {
            $0.value.isAtServer && !$0.value.isAbandoned && $0.value.deadline <= now.steadyNanoseconds
        }
        for (number, request) in due.sorted(by: { $0.key < $1.key }) {
            switch request.kind {
            case .call(let call):
                actions.append(.toServer(ServerLines.cancelled(number)))
                let why = "no answer within \(MCPLimits.callMilliseconds / 1_000) s; whether it acted is not known"
                if !request.isCancelled {
                    answer(request.id, result: CallResult.lost(why, id: call.decisionID, request.form))
                }
                abandon(number)
            case .initialize, .discover, .ping, .list:
                if !request.isCancelled {
                    refuse(RPCFault(.internalError, "the server did not answer in time"), id: request.id)
                }
                close(number)
            }
        }
    }

    private mutating func serverEnded() {
        guard !isServerGone else { return }
        isServerGone = true
        for (number, request) in open.sorted(by: { $0.key < $1.key }) {
            if !request.isCancelled, !request.isAbandoned { answerServerless(request) }
            if case .call = request.kind, !request.isAtServer {
                // Its question may be on its way: what it grants is not used, and reported as not started.
                open[number]?.isCancelled = true
            } else {
                close(number)
            }
        }
    }

    /// Tells the client of a request that the server ended before it answered.
    private mutating func answerServerless(_ request: OpenRequest) {
        switch request.kind {
        case .call(let call) where request.isAtServer:
            let why = "the server ended; whether it acted is not known"
            answer(request.id, result: CallResult.lost(why, id: call.decisionID, request.form))
        case .call:
            answer(request.id, result: CallResult.doubt("the server ended before the call", request.form))
        case .initialize, .discover, .ping, .list:
            refuse(RPCFault(.internalError, "the server ended"), id: request.id)
        }
    }

    /// Whether nothing can be sent to the server any more.
    var cannotForward: Bool { isServerGone || isClientGone }
}
