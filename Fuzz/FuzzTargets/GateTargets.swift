import Authorization
import Bytes
import EnforcementPoint
import HTTP
import Service

extension FuzzTarget {
    private static let moment = Moment(wallMilliseconds: 1_700_000_000_000, steadyNanoseconds: 1)

    static let gate: [FuzzTarget] = [
        FuzzTarget("configuration") { input in
            _ = try Configuration(parsing: input, home: Home("/srv/gate", workingDirectory: "/"))
        },
        FuzzTarget("bodies") { input in
            _ = try? RedeemBody(parsing: input)
            _ = try? EffectBody(parsing: input)
            _ = try? AgentBody(parsing: input)
            _ = try? RotateBody(parsing: input)
            _ = try? HaltBody(parsing: input, takesReason: true)
            try EmptyBody.check(input)
        },
        FuzzTarget("route", bytesMax: 4096) { input in
            let text = String(decoding: input, as: UTF8.self)
            for method in [HTTPMethod.get, .post] { _ = Route.match(method, text) }
            if let decoded = Percent.decode(text) {
                try demand(Percent.decode(Percent.encode(decoded)) == decoded, "a path is read as another")
            }
        },
        FuzzTarget("tool-list") { input in
            let tools = try ToolDescription.list(parsing: input)
            _ = SurfaceDraft(surface: "s", tools: tools, audience: "mcp-gateway", actorNamespace: nil)
        },
        FuzzTarget("mcp") { input in
            let identity = MCPIdentity(actor: "a", surface: "s", version: "1")
            var session = MCPSession(identity: identity)
            // The first byte of a line says who sends it.
            for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).prefix(64) {
                let rest = Array(line.dropFirst())
                let isClient = line.first.map { $0 & 1 == 0 } ?? true
                let event: MCPEvent = isClient ? .clientLine(rest) : .serverLine(rest)
                for action in session.handle(event, at: moment) { try check(action) }
            }
            for event in [MCPEvent.tick, .clientEnded, .serverEnded] { _ = session.handle(event, at: moment) }
        },
        FuzzTarget("gate-answer") { input in
            let reply = GateReply(status: 200, mediaType: "application/json", body: input)
            let calls: [AnswerReader.Call] = [.decision(surface: "s"), .redemption(id: "01JD3Z5K9V7Q2M8N4R6T0W1X3Y")]
            for call in calls { _ = AnswerReader(call, asked: moment, answered: moment).read(reply) }
            _ = try ToolMap(reply, surface: "s")
        },
        FuzzTarget("json-pointer", bytesMax: 1024) { input in
            guard let text = Text(utf8: input), let pointer = JSONPointer(text) else { return }
            _ = pointer.value(in: try JSONValue(parsing: Array(#"{"a":[{"b":1}],"":0}"#.utf8)))
        },
    ]

    /// What a session sends is one line of JSON.
    private static func check(_ action: MCPAction) throws(FuzzFailure) {
        switch action {
        case .toClient(let line), .toServer(let line):
            try demand(!line.dropLast().contains(UInt8(ascii: "\n")), "a message has several lines")
        case .ask, .report, .fetchTools, .say: return
        }
    }
}
