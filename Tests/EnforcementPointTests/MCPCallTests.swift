// Calls: decided on their arguments, forwarded as they were judged, reported once.

import Authorization
import Bytes
import EnforcementPoint
import Testing

@Suite struct MCPCallTests {
    @Test func aPermittedCallIsForwardedAsItWasJudged() {
        var harness = Harness()
        harness.initialize()
        let arguments = #"{"z":1.50,"a":"\u00e9\n","big":9007199254740991,"n":null,"project":"p","list":[1,2.0e3]}"#
        harness.call(5, "delete", arguments)
        let forwarded = Harness.json(harness.toServer[0])
        let judged = harness.wire.questions[0]
        #expect(judged["action"]?.string == "delete")
        #expect(judged["target"]?["id"]?.string == "p")
        let expected = #""z":1.50,"a":"é\n","big":9007199254740991,"n":null,"project":"p","list":[1,2.0e3]"#
        #expect(harness.toServer[0].contains(#""arguments":{\#(expected)}"#))
        #expect(String(decoding: harness.wire.received[1].body, as: UTF8.self).contains(#""context":{\#(expected)}"#))
        #expect(forwarded?["params"]?["name"]?.string == "delete")
        harness.answerLast()
        #expect(harness.last?["id"]?.integer == 5)
        #expect(harness.last?["result"]?["content"]?.count == 1)
        #expect(harness.last?.ruling?["id"]?.string == Text(Answers.id))
        #expect(harness.wire.reports.count == 1)
        #expect(harness.wire.reports[0].contains(#""effect":"executed""#))
    }

    @Test(arguments: Cause.allCases.filter { $0.outcome != .permit })
    func aRefusedCallNeverReachesTheServer(cause: Cause) {
        var harness = Harness { _ in cause }
        harness.initialize()
        harness.call(5, "read")
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.last?.ruling?["outcome"]?.string == Text(cause.outcome.rawValue))
        #expect(harness.last?.ruling?["cause"]?.string == Text(cause.rawValue))
        #expect(harness.last?.ruling?["receipt"]?.string != nil)
        #expect(harness.last?["result"]?["structuredContent"]?["id"]?.string == Text(Answers.id))
        #expect(harness.last?["result"]?["content"]?.elements.first { _ in true }?["text"]?.string != nil)
    }

    @Test(arguments: [
        GateFailure.unreachable("no socket"), .lost("reset"), .irregular("html"), .refused("forbidden_role"),
    ])
    func aDoubtfulCallNeverReachesTheServer(failure: GateFailure) {
        let map = Gates.map()
        var harness = Harness(
            wire: FunctionWire { call throws(GateFailure) in
                if call.target.hasPrefix("/v1/surfaces/") { return .json(map) }
                throw failure
            }
        )
        harness.initialize()
        harness.call(5, "read")
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.last?.ruling?["outcome"]?.string == "SILENCE")
    }

    /// A gate that would permit everything, shadow dispatches included.
    @Test(arguments: ["rogue", "READ", "read "])
    func anUnmappedToolIsAskedAboutAndNeverForwarded(tool: String) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, tool)
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.wire.questions.count == 1)
        #expect(harness.wire.questions[0]["action"]?.string == Text(tool))
        #expect(harness.wire.questions[0]["redeem"] == nil)
    }

    @Test func anInvisibleToolIsDecidedWhenItIsCalled() {
        var harness = Harness { _ in .noPermit }
        harness.initialize()
        harness.call(5, "secret")
        #expect(harness.toServer.isEmpty)
        #expect(harness.wire.questions[0]["action"]?.string == "secret")
    }

    @Test(arguments: [
        "{}", #"{"project":null}"#, #"{"project":""}"#, #"{"project":["p"]}"#, #"{"project":1.5}"#, #"{"Project":"p"}"#,
    ])
    func aTargetThatCannotBeFoundIsNeverForwarded(arguments: String) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "delete", arguments)
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.wire.questions[0]["redeem"] == nil)
    }

    @Test func anIntegerNamesATargetByItsDigits() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "delete", #"{"project":42}"#)
        #expect(harness.wire.questions[0]["target"]?["id"]?.string == "42")
        #expect(harness.toServer.count == 1)
    }

    @Test(arguments: [
        #"{"name":"read","arguments":[]}"#, #"{"name":"read","arguments":null}"#, #"{"name":7}"#, #"{"name":""}"#, "{}",
        #"{"name":"read","arguments":{"a":1,"a":2}}"#, #"{"name":"read","requestState":"x"}"#,
        #"{"name":"read","inputResponses":{}}"#, #"{"name":"read","task":{}}"#, #"{"name":"read","_meta":[]}"#,
        #"{"name":"read","_meta":{"writ/idempotency-key":7}}"#, #"{"name":"read","_meta":{"writ/idempotency-key":""}}"#,
        #"{"name":"re\u0000ad"}"#,
    ])
    func parametersThatCannotBeJudgedDoNotPass(params: String) {
        var harness = Harness()
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":\#(params)}"#)
        #expect(harness.toServer.isEmpty)
        #expect(harness.wire.received.isEmpty)
        #expect(harness.last?["error"]?["code"]?.integer != nil)
    }

    @Test(arguments: [127, 128, 129])
    func aToolsNameStopsAtItsLimit(count: Int) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, String(repeating: "t", count: count))
        #expect(harness.wire.questions.count == (count <= MCPLimits.toolNameBytesMax ? 1 : 0))
    }

    @Test func onlyTheJudgedPartsOfMetaPass() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read", "{}", meta: #"{"progressToken":"p","traceparent":"00-x","writ/idempotency-key":"k"}"#)
        #expect(harness.toServer[0].contains("traceparent") == false)
        #expect(harness.toServer[0].contains("idempotency") == false)
        #expect(harness.wire.questions[0]["idempotency_key"]?.string == "k")
    }

    @Test func progressComesUnderTheClientsToken() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read", "{}", meta: #"{"progressToken":"mine"}"#)
        let number = harness.lastNumber
        harness.server(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(number),"#
                + #""progress":0.5,"message":"half"}}"#
        )
        #expect(harness.last?["params"]?["progressToken"]?.string == "mine")
        harness.toClient = []
        harness.server(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":99,"progress":1}}"#
        )
        harness.server(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(number),"progress":"1"}}"#
        )
        #expect(harness.toClient.isEmpty)
    }

    // MARK: - Keys and replays

    @Test func theSurfacesKeyIsMadeOfTheArguments() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "pay", #"{"invoice":"i-1"}"#, meta: #"{"writ/idempotency-key":"mine"}"#)
        harness.call(6, "pay", #"{"invoice":"\#(String(repeating: "x", count: 200))"}"#)
        let keys = harness.wire.questions.map { $0["idempotency_key"]?.string }
        #expect(keys[0] == #"["pay","i-1"]"#)
        #expect(keys[1]?.string.hasPrefix("sha256:") == true)
        #expect(keys.count == 2)
    }

    /// A gate that permits a key once.
    private static func once(_ effect: String = #","state":"executed","effect":{"effect":"executed"}"#) -> FunctionWire
    {
        let inner = Gates.wire()
        return FunctionWire { call throws(GateFailure) in
            let before = inner.questions.count
            let reply = try inner.send(call, deadline: 0)
            guard call.target == "/v1/decisions", before > 0 else { return reply }
            return .json(Answers.refusal(.permitRedeemed, #","original":"c2sp.org/tlog-proof@v1\nfirst\n"\#(effect)"#))
        }
    }

    @Test func aRepeatedCallGetsTheFirstResult() {
        var harness = Harness(wire: Self.once())
        harness.initialize()
        harness.call(5, "pay", #"{"invoice":"i"}"#)
        harness.answerLast(#"{"content":[{"type":"text","text":"paid"}]}"#)
        harness.call(6, "pay", #"{"invoice":"i"}"#)
        #expect(harness.toServer.count == 1)
        #expect(harness.last?["id"]?.integer == 6)
        #expect(harness.last?.isRefusedCall == false)
        #expect(harness.last?["result"]?["_meta"]?["writ/replayed"]?.boolean == true)
        #expect(harness.toClient.last?.contains("paid") == true)
    }

    @Test func aRepeatedCallWithoutAKeptResultIsToldSo() {
        var harness = Harness(wire: Self.once())
        harness.initialize()
        harness.call(5, "pay", #"{"invoice":"i"}"#)
        // The first session is gone, and its results with it.
        var second = Harness(wire: harness.wire)
        second.initialize()
        second.call(6, "pay", #"{"invoice":"i"}"#)
        #expect(second.toServer.isEmpty)
        #expect(second.last?.isRefusedCall == true)
        #expect(second.toClient.last?.contains("already executed, result not kept") == true)
        #expect(second.last?.ruling?["original"]?.string != nil)
    }

    @Test func aRepeatedCallWhoseEffectIsNotKnownIsToldSo() {
        var harness = Harness(wire: Self.once(#","state":"redeemed""#))
        harness.initialize()
        harness.call(5, "pay", #"{"invoice":"i"}"#)
        harness.call(6, "pay", #"{"invoice":"i"}"#)
        #expect(harness.toServer.count == 1)
        #expect(harness.toClient.last?.contains("not known yet") == true)
    }

    @Test(arguments: [(2, 100), (100, 20)])
    func theReplayCacheKeepsTheNewest(count: Int, bytes: Int) {
        var cache = ReplayCache(countMax: count, bytesMax: bytes)
        for number in 0..<5 { cache.keep(Array("0123456789".utf8), key: Text("k\(number)"), call: .zero) }
        #expect(cache.count == 2)
        #expect(cache.result(key: "k4", call: .zero) != nil)
        #expect(cache.result(key: "k2", call: .zero) == nil)
        cache.keep([UInt8](repeating: 0, count: bytes + 1), key: "large", call: .zero)
        #expect(cache.result(key: "large", call: .zero) == nil)
        #expect(cache.count == 2)
    }

    @Test func aKeptResultBelongsToItsCallAlone() throws {
        var cache = ReplayCache()
        cache.keep([1], key: "k", call: .zero)
        let other = try #require(Digest(hex: String(repeating: "1", count: 64)))
        #expect(cache.result(key: "k", call: other) == nil)
    }

    // MARK: - Time

    @Test func aDispatchThatCameTooLateIsNotUsed() {
        var harness = Harness()
        harness.initialize()
        harness.call(1, "read")
        harness.answerLast()
        harness.isGateSlow = true
        harness.call(5, "read")
        harness.time.pass(milliseconds: 5_000)
        harness.toServer = []
        harness.release()
        #expect(harness.toServer.isEmpty)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.wire.reports.last?.contains("not_started") == true)
    }

    @Test func aCallThatWasCancelledMeanwhileIsNotMade() {
        var harness = Harness()
        harness.initialize()
        harness.call(1, "read")
        harness.answerLast()
        harness.isGateSlow = true
        harness.call(5, "read")
        harness.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#)
        (harness.toServer, harness.toClient) = ([], [])
        harness.release()
        #expect(harness.toServer.isEmpty)
        #expect(harness.toClient.isEmpty)
        #expect(harness.wire.reports.last?.contains("not_started") == true)
    }

    @Test func aCallThatIsCancelledAtTheServerIsStillReported() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        let number = harness.lastNumber
        harness.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5,"reason":"x"}}"#)
        #expect(Harness.json(harness.toServer[1])?["params"]?["requestId"]?.integer == Int64(number))
        harness.server(#"{"jsonrpc":"2.0","id":\#(number),"result":{"content":[]}}"#)
        #expect(harness.toClient.isEmpty)
        #expect(harness.wire.reports.last?.contains("executed") == true)
    }

    @Test func aServerThatTakesTooLongIsNotWaitedForAndItsLateAnswerIsReported() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        let number = harness.lastNumber
        harness.time.pass(milliseconds: Int64(MCPLimits.callMilliseconds) - 1)
        harness.handle(.tick)
        #expect(harness.toClient.isEmpty)
        harness.time.pass(milliseconds: 1)
        harness.handle(.tick)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.toServer.last?.contains("cancelled") == true)
        #expect(harness.session.nextDeadline == nil)
        harness.toClient = []
        harness.server(#"{"jsonrpc":"2.0","id":\#(number),"result":{"content":[]}}"#)
        #expect(harness.toClient.isEmpty)
        #expect(harness.wire.reports.count == 1)
    }

    @Test(arguments: [MCPEvent.tick, .serverEnded])
    func aCallThatWasCancelledIsNeverAnswered(end: MCPEvent) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#)
        harness.client(#"{"jsonrpc":"2.0","id":6,"method":"ping"}"#)
        harness.time.pass(milliseconds: Int64(MCPLimits.callMilliseconds))
        harness.handle(end)
        #expect(harness.toClient.count == 1)
        #expect(harness.last?["id"]?.integer == 6)
    }

    @Test func callsDoNotWaitForOneAnother() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        let first = harness.lastNumber
        harness.call(6, "read")
        harness.answerLast()
        #expect(harness.last?["id"]?.integer == 6)
        harness.server(#"{"jsonrpc":"2.0","id":\#(first),"result":{"content":[]}}"#)
        #expect(harness.last?["id"]?.integer == 5)
    }

    // MARK: - Effects

    @Test func onIrreversibleSurfacesTheResultWaitsForTheReport() {
        var harness = Harness(map: Gates.map(irreversible: true))
        harness.initialize()
        harness.call(5, "read")
        harness.isGateSlow = true
        harness.answerLast()
        #expect(harness.toClient.isEmpty)
        harness.call(5, "read")
        #expect(harness.last?["error"]?["code"]?.integer == -32600)
        harness.release()
        #expect(harness.last?["id"]?.integer == 5)
        #expect(harness.last?.isRefusedCall == false)
    }

    @Test func elsewhereTheResultDoesNotWait() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.isGateSlow = true
        harness.answerLast()
        #expect(harness.last?["id"]?.integer == 5)
    }

    @Test(arguments: [true, false])
    func aResultWhoseEffectIsNotRecordedIsWithheldWhereItMatters(irreversible: Bool) {
        let inner = Gates.wire(map: Gates.map(irreversible: irreversible))
        var harness = Harness(
            wire: FunctionWire { call throws(GateFailure) in
                guard !call.target.hasSuffix("/effect") else { throw .lost("reset") }
                return try inner.send(call, deadline: 0)
            }
        )
        harness.initialize()
        harness.call(5, "read")
        harness.answerLast()
        #expect(harness.toClient.count == 1)
        #expect(harness.toClient[0].contains("done") == !irreversible)
        #expect(harness.said.contains { $0.contains("not recorded") })
    }

    @Test(arguments: [
        (#""result":{"content":[],"isError":true}"#, "executed", 1),
        (#""result":{"content":[]}"#, "executed", 0),
        (#""error":{"code":-32602,"message":"unknown tool"}"#, "failed", -32602),
        (#""error":{"code":-32603,"message":"crashed"}"#, "executed", -32603),
        (#""error":{"code":17,"message":"own"}"#, "executed", 17),
    ])
    func theEffectIsWhatTheServerSaid(answer: String, effect: String, status: Int) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.server(#"{"jsonrpc":"2.0","id":\#(harness.lastNumber),\#(answer)}"#)
        #expect(harness.wire.reports[0].contains("\"effect\":\"\(effect)\""))
        #expect(harness.wire.reports[0].contains("\"status\":\(status)}"))
        #expect(harness.last?["id"]?.integer == 5)
    }

    @Test func aServerCannotForgeTheRuling() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.answerLast(#"{"content":[],"_meta":{"writ/ruling":{"outcome":"DENY"},"writ/replayed":true,"own":1}}"#)
        #expect(harness.last?.ruling?["outcome"]?.string == "PERMIT")
        #expect(harness.last?["result"]?["_meta"]?["writ/replayed"] == nil)
        #expect(harness.last?["result"]?["_meta"]?["own"]?.integer == 1)
    }

    @Test func aToolWithAnOutputSchemaIsRefusedWithoutStructure() {
        var harness = Harness { _ in .forbidden }
        harness.initialize()
        harness.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        harness.answerLast(#"{"tools":[{"name":"read","outputSchema":{"type":"object"}},{"name":"delete"}]}"#)
        harness.call(5, "read")
        #expect(harness.last?["result"]?["structuredContent"] == nil)
        #expect(harness.last?.ruling != nil)
        harness.call(6, "delete", #"{"project":"p"}"#)
        #expect(harness.last?["result"]?["structuredContent"] != nil)
    }

    // MARK: - The server's side

    @Test(arguments: [
        "sampling/createMessage", "elicitation/create", "roots/list", "tasks/get", "anything",
    ])
    func requestsOfTheServerAreRefusedToTheServer(method: String) {
        var harness = Harness()
        harness.initialize()
        harness.server(#"{"jsonrpc":"2.0","id":"s","method":"\#(method)","params":{}}"#)
        #expect(harness.toClient.isEmpty)
        #expect(Harness.json(harness.toServer[0])?["error"]?["code"]?.integer == -32601)
        #expect(Harness.json(harness.toServer[0])?["id"]?.string == "s")
    }

    @Test func aPingOfTheServerIsAnswered() {
        var harness = Harness()
        harness.server(#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#)
        #expect(harness.toServer == [#"{"jsonrpc":"2.0","id":3,"result":{}}"#])
        #expect(harness.toClient.isEmpty)
    }

    @Test(arguments: [
        "starting…", "{", #"{"jsonrpc":"2.0","id":999,"result":{}}"#, #"{"jsonrpc":"2.0","id":"1","result":{}}"#,
        #"[{"jsonrpc":"2.0"}]"#, #"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#,
        #"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"x"}}"#,
        #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse"}}"#,
    ])
    func garbageOfTheServerIsDropped(line: String) {
        var harness = Harness()
        harness.initialize()
        harness.server(line)
        #expect(harness.toClient.isEmpty)
        #expect(harness.toServer.isEmpty)
    }

    @Test func wordsAboutGarbageEndAtTheirLimit() {
        var harness = Harness()
        for _ in 0..<(MCPLimits.complaintsMax + 5) { harness.server("x") }
        #expect(harness.said.count == MCPLimits.complaintsMax)
    }

    @Test func anAnswerBeyondTheLimitIsTheOnlyOpenCalls() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.handle(.serverLineTooLong)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.wire.reports.isEmpty)
    }

    @Test func whenTheServerEndsNothingIsMadeUp() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read")
        harness.isGateSlow = true
        harness.call(6, "read")
        harness.handle(.serverEnded)
        #expect(harness.toClient.count == 2)
        #expect(harness.toClient.allSatisfy { Harness.json($0)?.isRefusedCall == true })
        harness.toServer = []
        harness.release()
        #expect(harness.toServer.isEmpty)
        #expect(harness.wire.reports.count == 1)
        #expect(harness.wire.reports[0].contains("not_started"))
        #expect(harness.session.openCount == 0)
    }

    @Test func whenTheClientEndsNothingNewIsStarted() {
        var harness = Harness()
        harness.initialize()
        harness.call(1, "read")
        let number = harness.lastNumber
        harness.isGateSlow = true
        harness.call(5, "read")
        harness.handle(.clientEnded)
        (harness.toServer, harness.toClient) = ([], [])
        harness.release()
        #expect(harness.toServer.isEmpty)
        harness.server(#"{"jsonrpc":"2.0","id":\#(number),"result":{"content":[]}}"#)
        #expect(harness.toClient.isEmpty)
        #expect(harness.wire.reports.contains { $0.contains("not_started") })
        #expect(harness.wire.reports.contains { $0.contains("executed") })
    }

    @Test func aRulingOfAnotherBundleMakesTheMapFresh() {
        var harness = Harness(map: Gates.map(digest: "sha256:old"))
        harness.initialize()
        harness.call(1, "read")
        harness.answerLast()
        harness.call(2, "read")
        let fetches = harness.wire.received.filter { $0.target.hasPrefix("/v1/surfaces/") }
        #expect(fetches.count == 2)
    }
}
