import Authorization
import Bytes
import Foundation
import HTTP
import Runtime
import Service
import Testing

@Suite(.serialized) struct GateServerTests {
    private static let request =
        #"{"actor":{"type":"Agent","id":"ops-bot"},"surface":"platform","action":"delete_variable","#
        + #""target":{"type":"Project","id":"shop-staging"},"context":{"project":"shop-staging","name":"DEBUG"}"#

    private func request(_ attempt: String? = nil, key: String? = nil) -> String {
        var text = Self.request
        if let key { text += ",\"idempotency_key\":\"\(key)\"" }
        if let attempt { text += ",\"redeem\":{\"attempt\":\"\(attempt)\"}" }
        return text + "}"
    }

    private func attempt() -> String { Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) }) }

    private func json(_ response: HTTPResponse) throws -> JSONValue { try JSONValue(parsing: Array(response.body)) }

    private func problem(_ response: HTTPResponse) throws -> String? {
        guard response.field("content-type") == "application/problem+json" else { return nil }
        return try json(response)["type"]?.string?.string.replacing("urn:writ:problem:", with: "")
    }

    /// Every call with every credential: who may not is told so, whatever else is right or wrong about the call.
    @Test func onlyTheRolesOfACallMayMakeIt() throws {
        let gate = try RunningGate()
        // A halt would change what the calls behind it get to see, so the body is none that any call takes.
        let body = #"{"nonsense":1}"#
        for call in Call.allCases {
            let path = try #require(RouteTests.paths[call])
            for credential in RunningGate.Credential.allCases {
                let reply = try gate.call(call.method, path, call.method == .post ? body : nil, as: credential)
                let problem = try problem(reply)
                let note = Comment(rawValue: "\(call) as \(credential): \(reply.status.code)")
                if let roles = call.roles {
                    let isKnown = credential.role != nil
                    #expect((reply.status == .unauthorized) == !isKnown, note)
                    #expect((problem == "unauthenticated") == !isKnown, note)
                    if let role = credential.role {
                        // The tools of a surface are refused with the same name for another reason.
                        let isRefused = problem == "forbidden_role" && call != .listTools
                        #expect(isRefused == (!roles.contains(role) && call != .listTools), note)
                        if !roles.contains(role) { #expect(problem == "forbidden_role", note) }
                    }
                } else {
                    #expect(reply.status != .unauthorized && reply.status != .forbidden, note)
                }
            }
        }
    }

    @Test func anEnforcementPointRedeemsOnceAndReports() throws {
        let gate = try RunningGate()
        let attempt = attempt()
        let first = try gate.call(.post, "/v1/decisions", request(attempt, key: "k"), as: .enforcement)
        #expect(first.status == .ok)
        let answer = try json(first)
        #expect(answer["outcome"]?.string == "PERMIT")
        #expect(answer["dispatch"]?.boolean == true)
        #expect(answer["state"]?.string == "redeemed")
        let id = try #require(answer["id"]?.string)
        // A lost answer: the same attempt gets it again, another one does not.
        let again = try json(gate.call(.post, "/v1/decisions", request(attempt, key: "k"), as: .enforcement))
        #expect(again["dispatch"]?.boolean == true)
        #expect(again["receipt"]?.string == answer["receipt"]?.string)
        let other = try json(gate.call(.post, "/v1/decisions", request(self.attempt(), key: "k"), as: .enforcement))
        #expect(other["cause"]?.string == "permit_redeemed")
        #expect(other["dispatch"]?.boolean == false)
        // The effect, once.
        let effect = #"{"attempt":"\#(attempt)","effect":"executed","result":{"status":0}}"#
        let report = try gate.call(.post, "/v1/decisions/\(id)/effect", effect, as: .enforcement)
        #expect(report.status == .ok)
        #expect(try json(report)["state"]?.string == "executed")
        let contradiction = #"{"attempt":"\#(attempt)","effect":"failed"}"#
        let second = try gate.call(.post, "/v1/decisions/\(id)/effect", contradiction, as: .enforcement)
        #expect(second.status == .conflict)
        #expect(try problem(second) == "effect_stands")
        let stranger = #"{"attempt":"\#(self.attempt())","effect":"executed"}"#
        let third = try gate.call(.post, "/v1/decisions/\(id)/effect", stranger, as: .enforcement)
        #expect(third.status == .forbidden)
        #expect(try problem(third) == "not_the_redeemer")
        // Who may see it.
        let shown = try gate.call(.get, "/v1/decisions/\(id)", as: .enforcement)
        #expect(try json(shown)["effect"]?["effect"]?.string == "executed")
        #expect(try json(shown)["dispatch"]?.boolean == false)
        #expect(try gate.call(.get, "/v1/decisions/\(id)", as: .auditor).status == .ok)
        #expect(try gate.call(.get, "/v1/decisions/\(id)", as: .actor).status == .notFound)
        #expect(try gate.end())
    }

    @Test func aPermitIsRedeemedInASecondCall() throws {
        let gate = try RunningGate()
        let answer = try json(gate.call(.post, "/v1/decisions", request(), as: .actor))
        #expect(answer["outcome"]?.string == "PERMIT")
        #expect(answer["dispatch"]?.boolean == false)
        #expect(answer["state"]?.string == "permitted")
        let id = try #require(answer["id"]?.string)
        let path = "/v1/decisions/\(id)/redeem"
        let attempt = attempt()
        let redeemed = try json(gate.call(.post, path, #"{"attempt":"\#(attempt)"}"#, as: .enforcement))
        #expect(redeemed["dispatch"]?.boolean == true)
        #expect(redeemed["id"]?.string == id)
        let again = try json(gate.call(.post, path, #"{"attempt":"\#(attempt)"}"#, as: .enforcement))
        #expect(again["receipt"]?.string == redeemed["receipt"]?.string)
        let other = try json(gate.call(.post, path, #"{"attempt":"\#(self.attempt())"}"#, as: .enforcement))
        #expect(other["cause"]?.string == "permit_redeemed")
        let unknown = "/v1/decisions/00000000000000000000000000/redeem"
        let missing = try gate.call(.post, unknown, #"{"attempt":"\#(attempt)"}"#, as: .enforcement)
        #expect(try problem(missing) == "unknown_decision")
    }

    @Test func onlyEnforcementAsksWithARedemption() throws {
        let gate = try RunningGate()
        let reply = try gate.call(.post, "/v1/decisions", request(attempt()), as: .actor)
        #expect(reply.status == .forbidden)
        #expect(try problem(reply) == "forbidden_role")
        #expect(try gate.call(.post, "/v1/decisions", request(), as: .actor).status == .ok)
    }

    @Test func anActorAsksForItselfAlone() throws {
        let gate = try RunningGate()
        let other = request().replacing("ops-bot", with: "other")
        #expect(try json(gate.call(.post, "/v1/decisions", other, as: .actor))["cause"]?.string == "actor_mismatch")
        let refused = try json(gate.call(.post, "/v1/decisions", other, as: .enforcement))
        #expect(refused["cause"]?.string == "actor_mismatch")
        #expect(refused["detail"]?.string == "the caller may not ask for this actor on this surface")
    }

    @Test func aBodyThatIsNoRequestChangesNothing() throws {
        let gate = try RunningGate()
        let before = try size(gate)
        let bodies = [
            "", "{", "[]", "null", "{}", request() + " x", request().replacing("\"surface\"", with: "\"surfaces\""),
            request().replacing("\"context\":{", with: "\"context\":{\"writ\":1,"),
            request().replacing("\"context\":{", with: "\"context\":{\"$x\":1,"),
            request().replacing("\"context\":{", with: "\"context\":{\"name\":\"\","),
            request().replacing("\"Agent\"", with: "7"), request().dropLast() + ",\"token\":{}}",
            request().dropLast() + ",\"redeem\":{\"attempt\":\"x\"}}",
        ]
        for body in bodies {
            let reply = try gate.call(.post, "/v1/decisions", body, as: .enforcement)
            #expect(reply.status == .badRequest, "\(body)")
            #expect(try problem(reply) == "malformed_request", "\(body)")
        }
        for type in ["text/plain", "application/jsonx", "application/problem+json", "x"] {
            let reply = try gate.call(.post, "/v1/decisions", request(), as: .enforcement, contentType: type)
            #expect(reply.status == .unsupportedMediaType, "\(type)")
        }
        let large = request().dropLast() + String(repeating: " ", count: RequestLimits.bytesMax) + "}"
        #expect(try gate.call(.post, "/v1/decisions", String(large), as: .enforcement).status == .contentTooLarge)
        #expect(try size(gate) == before)
        let typed = "Application/JSON; charset=utf-8"
        #expect(try gate.call(.post, "/v1/decisions", request(), as: .enforcement, contentType: typed).status == .ok)
        #expect(try size(gate) == before + 1)
    }

    /// The size of the log.
    private func size(_ gate: RunningGate) throws -> Int {
        let text = String(decoding: try gate.call(.get, "/metrics", as: .auditor).body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("writ_log_size ") } ?? ""
        return Int(line.dropFirst("writ_log_size ".count)) ?? -1
    }

    @Test func aHaltStopsAndAResumeGoesOn() throws {
        let gate = try RunningGate()
        let scope = #"{"scope":{"kind":"actor","name":"ops-bot"}}"#
        let halt = try gate.call(.post, "/v1/halts", scope, as: .operator)
        #expect(halt.status == .ok)
        #expect(try json(halt)["halted"]?.boolean == true)
        #expect(try json(halt)["warning"] == nil)
        #expect(try json(gate.call(.post, "/v1/decisions", request(), as: .actor))["cause"]?.string == "halted")
        let listed = try json(gate.call(.get, "/v1/halts", as: .operator))
        #expect(listed["halts"]?.elements.map { $0["name"]?.string } == ["ops-bot"])
        let all = #"{"scope":{"kind":"all"}}"#
        #expect(try gate.call(.post, "/v1/halts/resume", all, as: .operator).status == .conflict)
        #expect(try gate.call(.post, "/v1/halts/resume", scope, as: .operator).status == .ok)
        #expect(try json(gate.call(.post, "/v1/decisions", request(), as: .actor))["cause"]?.string == "permitted")
    }

    @Test func whatNobodyHasIsHaltedWithAWarning() throws {
        let gate = try RunningGate()
        let cases = [
            (#"{"kind":"actor","name":"nobody"}"#, "no actor `nobody` is known to the gate"),
            (#"{"kind":"surface","name":"nowhere"}"#, "the bundle has no surface `nowhere`"),
        ]
        for (scope, warning) in cases {
            let halt = try gate.call(.post, "/v1/halts", #"{"scope":\#(scope)}"#, as: .operator)
            #expect(halt.status == .ok)
            #expect(try json(halt)["halted"]?.boolean == true)
            #expect(try json(halt)["warning"]?.string?.string == warning)
        }
        for scope in [
            #"{"kind":"all"}"#, #"{"kind":"surface","name":"platform"}"#, #"{"kind":"actor","name":"gateway"}"#,
        ] {
            let halt = try gate.call(.post, "/v1/halts", #"{"scope":\#(scope)}"#, as: .operator)
            #expect(try json(halt)["warning"] == nil, "\(scope)")
        }
    }

    @Test func anEnforcementPointThatNamesNobodyIsAddedWithAWarning() throws {
        let gate = try RunningGate()
        func warning(_ name: String, _ actors: String, _ surfaces: String) throws -> String? {
            let body = #"{"name":"\#(name)","role":"enforcement","actors":\#(actors),"surfaces":\#(surfaces)}"#
            let reply = try gate.call(.post, "/v1/agents", body, as: .operator)
            #expect(reply.status == .ok)
            return try json(reply)["warning"]?.string?.string
        }
        #expect(try warning("one", #"["*"]"#, #"["*"]"#) == nil)
        // An identity of another role is no actor.
        #expect(try warning("two", #"["gateway"]"#, #"["*"]"#) == "no actor `gateway` is known to the gate")
        #expect(try warning("three", #"["ops-bot"]"#, #"["x"]"#) == "the bundle has no surface `x`")
        let many = (0..<9).map { "\"a\($0)\"" }.joined(separator: ",")
        #expect(try warning("four", "[\(many)]", #"["*"]"#)?.contains("`a7` and 1 more is") == true)
        #expect(try warning("five", #"["ops-bot"]"#, #"["platform"]"#)?.contains("audience") == true)
    }

    @Test func aHaltOfTheGateIsNotReadiness() throws {
        let gate = try RunningGate()
        #expect(try gate.call(.get, "/readyz", as: .actor).status == .ok)
        #expect(try gate.call(.post, "/v1/halts", #"{"scope":{"kind":"all"}}"#, as: .operator).status == .ok)
        let reply = try gate.call(.get, "/readyz", as: .actor)
        #expect(reply.status == .serviceUnavailable)
        #expect(try json(reply)["causes"]?.elements.map { $0.string } == ["halted"])
        #expect(try gate.call(.get, "/healthz", as: .none).status == .ok)
    }

    @Test func anIdentityLivesUntilItIsRotatedOrRetired() throws {
        let gate = try RunningGate()
        #expect(try gate.call(.post, "/v1/agents/ops-bot/rotate", as: .operator).status == .ok)
        // The token that this connection had proved itself with is checked again.
        #expect(try gate.call(.get, "/readyz", as: .actor).status == .unauthorized)
        #expect(try gate.call(.post, "/v1/agents/ops-bot/retire", as: .operator).status == .ok)
        #expect(try gate.call(.post, "/v1/agents/ops-bot/retire", as: .operator).status == .conflict)
        let name = #"{"name":"ops-bot","role":"actor"}"#
        #expect(try problem(gate.call(.post, "/v1/agents", name, as: .operator)) == "refused")
        let asked = try json(gate.call(.post, "/v1/decisions", request(), as: .enforcement))
        #expect(asked["cause"]?.string == "actor_disabled")
        let own = #"{"name":"me","role":"actor","peer":\#(geteuid())}"#
        #expect(try problem(gate.call(.post, "/v1/agents", own, as: .operator)) == "refused")
        let listed = try json(gate.call(.get, "/v1/agents", as: .operator))
        #expect(listed["retired"]?.elements.map { $0.string } == ["ops-bot"])
        #expect(listed["agents"]?.elements.map { $0["name"]?.string } == ["auditor", "gateway", "operator"])
    }

    @Test func theToolsOfASurfaceAreForItsEnforcementPoints() throws {
        let gate = try RunningGate()
        let path = "/v1/surfaces/platform/mcp"
        let reply = try gate.call(.get, "\(path)?actor=ops-bot", as: .enforcement)
        #expect(reply.status == .ok)
        let tools = try #require(try json(reply)["tools"])
        #expect(tools["delete_variable"]?["target"]?["pointer"]?.string == "/project")
        #expect(tools["delete_variable"]?["visible"]?.boolean == true)
        // Nothing that this agent could ask for would be permitted.
        #expect(tools["delete_variables"]?["visible"]?.boolean == false)
        #expect(try gate.call(.get, "\(path)?actor=other", as: .enforcement).status == .forbidden)
        #expect(try gate.call(.get, "/v1/surfaces/other/mcp?actor=ops-bot", as: .enforcement).status == .forbidden)
        for query in ["", "?actor", "?actor=", "?actor=a&actor=b", "?name=a"] {
            #expect(try gate.call(.get, path + query, as: .enforcement).status == .badRequest, "\(query)")
        }
    }

    @Test func aRequestGetsItsIDBack() throws {
        let gate = try RunningGate()
        let reply = try gate.call(.post, "/v1/decisions", request(), as: .actor, requestID: "r-1/x")
        #expect(reply.field("x-request-id") == "r-1/x")
        let refused = try gate.call(.get, "/nowhere", as: .none, requestID: String(repeating: "x", count: 128))
        #expect(refused.field("x-request-id")?.utf8.count == 128)
        let long = try gate.call(.get, "/healthz", as: .none, requestID: String(repeating: "x", count: 129))
        #expect(long.field("x-request-id") == nil)
    }

    @Test func aStartSaysThatAnIncompleteFrameWasCut() throws {
        let words = "an incomplete frame at the end of the log was cut off"
        let first = try RunningGate()
        #expect(try first.end())
        #expect(!first.words.contains(words))
        let whole = try RunningGate(after: first)
        #expect(!whole.words.contains(words))
        let torn = try RunningGate(after: first) { home in
            let path = home.path + "/log/segments/0000000000000000.segment"
            var bytes = try Files.read(path, bytesMax: 1 << 27)
            // A frame may end with eleven zeros.
            let end = ((bytes.lastIndex { $0 != 0 } ?? 0) / 8 + 3) * 8
            bytes.replaceSubrange(end..<end + 8, with: Array("WRITFRM1".utf8))
            try Files.replace(path, with: bytes)
        }
        #expect(torn.words.contains(words))
    }

    @Test func theLogIsPublishedToThoseWhoMayReadIt() throws {
        let gate = try RunningGate()
        var checkpoint = try gate.call(.get, "/log/checkpoint", as: .none)
        var lines = String(decoding: checkpoint.body, as: UTF8.self).split(separator: "\n")
        // A log has the checkpoint of the empty tree from its beginning.
        for _ in 0..<200 where lines.dropFirst().first == "0" {
            usleep(20_000)
            checkpoint = try gate.call(.get, "/log/checkpoint", as: .none)
            lines = String(decoding: checkpoint.body, as: UTF8.self).split(separator: "\n")
        }
        #expect(checkpoint.status == .ok && lines.first == "test/1")
        let size = try #require(lines.dropFirst().first)
        let tile = "/log/tile/0/000.p/\(size)"
        #expect(try gate.call(.get, tile, as: .auditor).status == .ok)
        #expect(try gate.call(.get, tile, as: .none).status == .unauthorized)
        #expect(try gate.call(.get, "/log/tile/0/999", as: .auditor).status == .notFound)
        #expect(try gate.call(.get, "/log/tile/0/../../../writ.json", as: .auditor).status != .ok)
        let described = try json(gate.call(.get, "/.well-known/writ", as: .none))
        #expect(described["origin"]?.string == "test/1")
        #expect(described["bundle"]?["source"]?.string == "directory")
    }
}
