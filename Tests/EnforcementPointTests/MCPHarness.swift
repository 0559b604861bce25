// A session whose gate answers at once, by a function.

import Authorization
import Bytes
import EnforcementPoint
import Runtime

/// A wire that answers by a function of the call.
final class FunctionWire: GateWire {
    private let calls = Guarded<[GateCall]>([])
    private let answer: @Sendable (GateCall) throws(GateFailure) -> GateReply

    init(_ answer: @escaping @Sendable (GateCall) throws(GateFailure) -> GateReply) {
        self.answer = answer
    }

    var received: [GateCall] { calls.withLock { $0 } }

    /// The requests for a ruling, as JSON.
    var questions: [JSONValue] {
        received.filter { $0.target == "/v1/decisions" }.compactMap { try? JSONValue(parsing: $0.body) }
    }

    /// The reports, as text.
    var reports: [String] {
        received.filter { $0.target.hasSuffix("/effect") }.map { String(decoding: $0.body, as: UTF8.self) }
    }

    func send(_ call: GateCall, deadline: UInt64) throws(GateFailure) -> GateReply {
        calls.withLock { $0.append(call) }
        return try answer(call)
    }
}

extension GateReply {
    /// A reply with JSON.
    static func json(_ body: String, status: UInt16 = 200) -> GateReply {
        GateReply(status: status, mediaType: "application/json", body: Array(body.utf8))
    }
}

/// What a gate does in the tests of the MCP gateway.
enum Gates {
    /// The map of the surface `platform`.
    static func map(irreversible: Bool = false, digest: String = "sha256:ab") -> String {
        """
        {"surface":"platform","bundle":{"name":"demo","version":0,"digest":"\(digest)","source":"directory"},\
        "irreversible":\(irreversible),"tools":{\
        "read":{"action":"read","target":{"type":"Project","id":"main"},"visible":true},\
        "delete":{"action":"delete","target":{"type":"Project","pointer":"/project"},"visible":true},\
        "pay":{"action":"pay","target":{"type":"Project","id":"main"},"key":["/invoice"],"visible":true},\
        "secret":{"action":"secret","target":{"type":"Project","id":"main"},"visible":false}}}
        """
    }

    /// A gate that permits what its function says and refuses the rest; reports are recorded.
    static func wire(
        map: String = map(),
        time: any TimeSource = StillTime(),
        ruling: @escaping @Sendable (_ question: JSONValue) -> Cause = { _ in .permitted }
    ) -> FunctionWire {
        FunctionWire { call throws(GateFailure) in
            if call.target.hasPrefix("/v1/surfaces/") { return .json(map) }
            let text = String(decoding: call.body, as: UTF8.self)
            if call.target.hasSuffix("/effect") {
                let kind = Effect.Kind.allCases.first { text.contains("\"effect\":\"\($0.rawValue)\"") }
                return .json(Answers.effect(kind ?? .executed))
            }
            guard let question = try? JSONValue(parsing: call.body) else { return .json("{}", status: 400) }
            let cause = ruling(question)
            guard cause.outcome == .permit, question["redeem"] != nil else {
                return .json(Answers.refusal(cause == .permitted ? .unknownType : cause))
            }
            let now = time.wallMilliseconds()
            let actBy = Timestamp.format(milliseconds: now + 5_000) ?? ""
            return .json(Answers.dispatch(["act_by": "\"\(actBy)\"", "expires": "\"\(actBy)\""]))
        }
    }
}

/// A session with a client, a server and a gate in the hands of a test.
struct Harness {
    var session = MCPSession(identity: MCPIdentity(actor: "ops-bot", surface: "platform", version: "1.0"))
    let time: StillTime
    let wire: FunctionWire
    /// Lines to the client and to the server, and words, that were not looked at yet.
    var toClient: [String] = []
    var toServer: [String] = []
    var said: [String] = []
    /// Answers of the gate wait here while this is on.
    var isGateSlow = false
    var waiting: [MCPEvent] = []

    init(
        map: String = Gates.map(),
        ruling: @escaping @Sendable (_ question: JSONValue) -> Cause = { _ in .permitted }
    ) {
        let time = StillTime()
        self.time = time
        wire = Gates.wire(map: map, time: time, ruling: ruling)
    }

    init(wire: FunctionWire) {
        time = StillTime()
        self.wire = wire
    }

    mutating func client(_ line: String) { handle(.clientLine(Array(line.utf8))) }
    mutating func server(_ line: String) { handle(.serverLine(Array(line.utf8))) }

    mutating func handle(_ event: MCPEvent) {
        let gate = RemoteGate(wire: wire, time: time)
        let enforcer = Enforcer(gate: gate, time: time) { _ in }
        for action in session.handle(event, at: time.moment) {
            switch action {
            case .toClient(let line): toClient.append(String(decoding: line, as: UTF8.self))
            case .toServer(let line): toServer.append(String(decoding: line, as: UTF8.self))
            case .say(let line): said.append(line)
            case .ask(let number, let intent, let redeeming):
                let asked = redeeming ? enforcer.ask(intent) : enforcer.ask(withoutRedeeming: intent)
                post(.asked(number: number, asked))
            case .report(let number, let redeemed, let effect):
                post(.reported(number: number, enforcer.report(redeemed, effect)))
            case .fetchTools(let number):
                do throws(GateFailure) {
                    let map = try gate.tools(of: "platform", for: "ops-bot", deadline: .max)
                    post(.tools(number: number, .success(map)))
                } catch {
                    post(.tools(number: number, .failure(error)))
                }
            }
        }
    }

    private mutating func post(_ event: MCPEvent) {
        if isGateSlow { waiting.append(event) } else { handle(event) }
    }

    /// Lets the gate answer what it was asked meanwhile.
    mutating func release() {
        let events = waiting
        waiting = []
        isGateSlow = false
        for event in events { handle(event) }
    }

    /// Shakes hands, and forgets the lines of it.
    mutating func initialize(_ version: String = "2025-11-25") {
        client(
            #"{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"\#(version)","#
                + #""capabilities":{}}}"#
        )
        server(
            """
            {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"\(version)","capabilities":{\
            "tools":{"listChanged":true},"logging":{},"resources":{"subscribe":true}},\
            "serverInfo":{"name":"s","version":"1"},"instructions":"be nice"}}
            """
        )
        client(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        toClient = []
        toServer = []
    }

    /// Calls a tool, by the revisions with a handshake.
    mutating func call(_ id: Int, _ tool: String, _ arguments: String = "{}", meta: String = "") {
        let meta = meta.isEmpty ? "" : #","_meta":\#(meta)"#
        client(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","#
                + #""arguments":\#(arguments)\#(meta)}}"#
        )
    }

    /// The id of the last line to the server.
    var lastNumber: Int { toServer.last.flatMap { Self.json($0)?["id"]?.integer }.map { Int($0) } ?? -1 }

    /// Answers the last line to the server with a result.
    mutating func answerLast(_ result: String = #"{"content":[{"type":"text","text":"done"}]}"#) {
        server(#"{"jsonrpc":"2.0","id":\#(lastNumber),"result":\#(result)}"#)
    }

    static func json(_ line: String) -> JSONValue? {
        try? JSONValue(parsing: Array(line.utf8), limits: .file)
    }

    /// The last line to the client.
    var last: JSONValue? { toClient.last.flatMap { Self.json($0) } }
}

extension JSONValue {
    /// Whether this is a refusal as a tool's result.
    var isRefusedCall: Bool { self["result"]?["isError"]?.boolean == true }

    /// The ruling in a tool's result.
    var ruling: JSONValue? { self["result"]?["_meta"]?["writ/ruling"] }
}
