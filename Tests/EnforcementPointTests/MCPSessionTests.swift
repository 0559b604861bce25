// What passes between a client and a server, and what does not.

import Authorization
import Bytes
import EnforcementPoint
import Testing

@Suite struct MCPSessionTests {
    // MARK: - Messages

    @Test(arguments: [
        "{", "", "null", "[]", "\"x\"", "{}", #"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        #"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, #"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":1e0,"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":1,"method":7}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, #"{"jsonrpc":"2.0","id":1,"method":"ping","more":1}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#, #"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
    ])
    func aMessageThatIsNotOneIsRefused(line: String) {
        var harness = Harness()
        harness.client(line)
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer != nil)
    }

    @Test func anIDInFlightMayNotBeUsedAgain() {
        var harness = Harness()
        harness.initialize()
        harness.call(7, "read")
        harness.call(7, "read")
        #expect(harness.toServer.count == 1)
        #expect(harness.last?["error"]?["code"]?.integer == -32600)
        harness.answerLast()
        harness.call(7, "read")
        #expect(harness.toServer.count == 2)
    }

    @Test func idsAreToldApartByTheirType() {
        var harness = Harness()
        harness.initialize()
        harness.call(7, "read")
        harness.client(#"{"jsonrpc":"2.0","id":"7","method":"tools/call","params":{"name":"read"}}"#)
        #expect(harness.toServer.count == 2)
        harness.answerLast()
        #expect(harness.last?["id"]?.string == "7")
    }

    @Test(arguments: [
        "resources/list", "resources/read", "prompts/get", "logging/setLevel", "completion/complete", "tasks/list",
        "subscriptions/listen", "sampling/createMessage", "roots/list", "tools/Call", "tools/call ", "initialized",
    ])
    func otherMethodsDoNotPass(method: String) {
        var harness = Harness()
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":3,"method":"\#(method)","params":{}}"#)
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer == -32601)
        #expect(harness.last?["id"]?.integer == 3)
    }

    @Test func pingPasses() {
        var harness = Harness()
        harness.client(#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#)
        #expect(harness.toServer.count == 1)
        harness.answerLast("{}")
        #expect(harness.toClient.last == #"{"jsonrpc":"2.0","id":3,"result":{}}"#)
    }

    @Test(arguments: [MCPLimits.requestsMax - 1, MCPLimits.requestsMax, MCPLimits.requestsMax + 1])
    func openRequestsStopAtTheirLimit(count: Int) {
        var harness = Harness()
        harness.initialize()
        for id in 0..<count { harness.call(id, "read") }
        #expect(harness.toServer.count == min(count, MCPLimits.requestsMax))
        #expect(harness.session.openCount == min(count, MCPLimits.requestsMax))
    }

    // MARK: - Handshake

    @Test(arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
    func theHandshakePassesWithToolsAlone(version: String) {
        var harness = Harness()
        harness.client(
            #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"\#(version)","#
                + #""capabilities":{"sampling":{},"roots":{}},"clientInfo":{"name":"c","version":"1"}}}"#
        )
        let sent = Harness.json(harness.toServer[0])
        #expect(sent?["params"]?["protocolVersion"]?.string == Text(version))
        #expect(sent?["params"]?["capabilities"]?.count == 0)
        harness.answerLast(
            #"{"protocolVersion":"\#(version)","capabilities":{"tools":{},"prompts":{},"#
                + #""experimental":{}},"serverInfo":{"name":"s","version":"1"}}"#
        )
        let result = harness.last?["result"]
        #expect(result?["protocolVersion"]?.string == Text(version))
        #expect(result?["capabilities"]?.members.map { $0.name } == ["tools"])
    }

    @Test func aRevisionThatNobodySpeaksIsRefused() {
        var harness = Harness()
        harness.client(#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"1999-01-01"}}"#)
        #expect(Harness.json(harness.toServer[0])?["params"]?["protocolVersion"]?.string == "2025-11-25")
        harness.answerLast(
            #"{"protocolVersion":"1999-01-01","capabilities":{},"serverInfo":{"name":"s","version":"1"}}"#
        )
        #expect(harness.last?["error"]?["code"]?.integer == -32603)
        harness.call(2, "read")
        #expect(harness.last?["error"]?["code"]?.integer == -32600)
    }

    @Test func withoutAHandshakeNothingIsCalled() {
        var harness = Harness()
        harness.call(2, "read")
        #expect(harness.toServer.isEmpty)
        #expect(harness.wire.received.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer == -32600)
    }

    // MARK: - The stateless revision

    private static func stateless(_ method: String, _ params: String = "", version: String = "2026-07-28") -> String {
        let meta =
            #""_meta":{"io.modelcontextprotocol/protocolVersion":"\#(version)","#
            + #""io.modelcontextprotocol/clientCapabilities":{"sampling":{}}}"#
        let comma = params.isEmpty ? "" : ","
        return #"{"jsonrpc":"2.0","id":9,"method":"\#(method)","params":{\#(params)\#(comma)\#(meta)}}"#
    }

    @Test func aStatelessCallNeedsNoHandshake() {
        var harness = Harness()
        harness.client(Self.stateless("tools/call", #""name":"read","arguments":{"a":1}"#))
        let meta = Harness.json(harness.toServer[0])?["params"]?["_meta"]
        #expect(meta?["io.modelcontextprotocol/protocolVersion"]?.string == "2026-07-28")
        #expect(meta?["io.modelcontextprotocol/clientCapabilities"]?.count == 0)
        harness.answerLast(#"{"resultType":"complete","content":[]}"#)
        #expect(harness.last?["result"]?["resultType"]?.string == "complete")
        #expect(harness.wire.reports.count == 1)
    }

    @Test func aStatelessRefusalIsComplete() {
        var harness = Harness { _ in .forbidden }
        harness.client(Self.stateless("tools/call", #""name":"read""#))
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?["result"]?["resultType"]?.string == "complete")
        #expect(harness.last?.isRefusedCall == true)
    }

    @Test func discoverShowsToolsAlone() {
        var harness = Harness()
        harness.client(Self.stateless("server/discover"))
        harness.answerLast(
            #"{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25","#
                + #""2099-01-01"],"capabilities":{"tools":{"listChanged":true},"prompts":{}},"#
                + #""ttlMs":60,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","#
                + #""version":"1"}}}"#
        )
        let result = harness.last?["result"]
        #expect(result?["supportedVersions"]?.elements.map { $0.string } == ["2026-07-28", "2025-11-25"])
        #expect(result?["capabilities"]?.members.map { $0.name } == ["tools"])
        #expect(result?["cacheScope"]?.string == "private")
        #expect(result?["ttlMs"]?.integer == 60)
    }

    @Test func anUnknownRevisionIsRefusedWithTheKnownOnes() {
        var harness = Harness()
        harness.client(Self.stateless("tools/list", version: "1900-01-01"))
        #expect(harness.toServer.isEmpty)
        let error = harness.last?["error"]
        #expect(error?["code"]?.integer == -32022)
        #expect(error?["data"]?["supported"]?.elements.map { $0.string } == ["2026-07-28"])
        #expect(error?["data"]?["requested"]?.string == "1900-01-01")
    }

    @Test func capabilitiesMustBeNamed() {
        var harness = Harness()
        harness.client(
            #"{"jsonrpc":"2.0","id":9,"method":"tools/list","#
                + #""params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#
        )
        #expect(harness.last?["error"]?["code"]?.integer == -32602)
    }

    @Test(arguments: ["initialize", "ping", "logging/setLevel"])
    func methodsThatTheStatelessRevisionHasNotAreRefused(method: String) {
        var harness = Harness()
        harness.client(Self.stateless(method))
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer == -32601)
    }

    @Test func aServerThatAsksForInputIsNotObeyed() {
        var harness = Harness()
        harness.client(Self.stateless("tools/call", #""name":"read""#))
        harness.answerLast(#"{"resultType":"input_required","requestState":"x","inputRequests":{}}"#)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.wire.reports.isEmpty)
    }

    // MARK: - Lists

    private static let tools =
        #"{"tools":[{"name":"read","inputSchema":{}},{"name":"rogue"},{"name":"secret"},"#
        + #"{"name":"read","description":"again"},{"name":"delete","outputSchema":{}},"#
        + #"{}],"nextCursor":"n"}"#

    @Test func theListShowsWhatCouldBePermittedAndNothingElse() {
        var harness = Harness()
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"cursor":"c"}}"#)
        #expect(Harness.json(harness.toServer[0])?["params"]?["cursor"]?.string == "c")
        harness.answerLast(Self.tools)
        let result = harness.last?["result"]
        #expect(result?["tools"]?.elements.compactMap { $0["name"]?.string } == ["read", "delete"])
        #expect(result?["nextCursor"]?.string == "n")
        #expect(result?["cacheScope"] == nil)
    }

    @Test func theStatelessListIsPrivate() {
        var harness = Harness()
        harness.client(Self.stateless("tools/list"))
        harness.answerLast(#"{"resultType":"complete","tools":[],"ttlMs":5,"cacheScope":"public"}"#)
        #expect(harness.last?["result"]?["cacheScope"]?.string == "private")
        #expect(harness.toClient.last?.contains("public") == false)
    }

    @Test func theMapIsFetchedForEveryList() {
        var harness = Harness()
        harness.initialize()
        for id in 1...3 { harness.client(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/list"}"#) }
        #expect(harness.wire.received.count == 3)
    }

    @Test func withoutAGateNoToolIsShown() {
        var harness = Harness(wire: FunctionWire { _ throws(GateFailure) in throw .unreachable("no socket") })
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#)
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer == -32603)
    }

    @Test(arguments: [
        #"{"surface":"other","bundle":{"digest":"d"},"irreversible":false,"tools":{}}"#,
        #"{"surface":"platform","irreversible":false,"tools":{}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"tools":{}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":"no","tools":{}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":[]}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":{"t":{"action":"a","#
            + #""target":{"type":"T","id":"i"}}}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":{"t":{"action":"a","#
            + #""target":{"type":"T"},"visible":true}}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":{"t":{"action":"a","#
            + #""target":{"type":"T","id":"i","pointer":"/p"},"visible":true}}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":{"t":{"action":"a","#
            + #""target":{"type":"T","pointer":"p"},"visible":true}}}"#,
        #"{"surface":"platform","bundle":{"digest":"d"},"irreversible":false,"tools":{"t":{"action":"a","#
            + #""target":{"type":"T","id":"i"},"visible":true,"only_if":"x"}}}"#,
        "[]", "", "{",
    ])
    func aMapThatIsNotOneShowsNothingAndCallsNothing(map: String) {
        var harness = Harness(map: map)
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#)
        harness.call(5, "t")
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
    }
}
