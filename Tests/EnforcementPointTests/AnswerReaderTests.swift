// What is not exactly a leave to act is none.

import Authorization
import Bytes
import EnforcementPoint
import Testing

@Suite struct AnswerReaderTests {
    private static let now = StillTime().moment

    private static func read(_ reply: ScriptedReply, _ call: AnswerReader.Call? = nil) -> GateAnswer {
        guard case .reply(let status, let mediaType, let body) = reply else { return .pending }
        let reader = AnswerReader(call ?? .decision(surface: "platform"), asked: now, answered: now)
        return reader.read(GateReply(status: status, mediaType: mediaType, body: Array(body.utf8)))
    }

    private static func isDispatch(_ answer: GateAnswer) -> Bool {
        if case .dispatch = answer { return true }
        return false
    }

    @Test func aWholeDispatchInTimeIsOne() throws {
        guard case .dispatch(let dispatch) = Self.read(.json(Answers.dispatch())) else {
            Issue.record("no dispatch")
            return
        }
        #expect(dispatch.id == Text(Answers.id))
        #expect(dispatch.bundleDigest == "sha256:ab")
        #expect(dispatch.receipt.string.hasPrefix("c2sp.org/tlog-proof@v1\n"))
        #expect(dispatch.mayBegin(at: Self.now))
    }

    /// Members that may be absent or say more without changing what the answer means.
    @Test(
        arguments: [
            ["bundle": nil], ["opening": nil], ["replayed": "true"], ["replayed": "false"], ["cause": "\"override\""],
            ["reasons": "[]"], ["reasons": #"[{"policy":"p"}]"#],
        ] as [[String: String?]]
    )
    func aDispatchMayLeaveOutWhatDoesNotMatter(changes: [String: String?]) {
        #expect(Self.isDispatch(Self.read(.json(Answers.dispatch(changes)))))
    }

    private static let brokenMembers: [[String: String?]] = [
        ["dispatch": "\"true\""], ["dispatch": "1"], ["dispatch": "null"], ["dispatch": nil], ["dispatch": "false"],
        ["dispatch": "[true]"], ["dispatch": "{}"],
        ["outcome": "\"DENY\""], ["outcome": "\"SILENCE\""], ["outcome": "\"HOLD\""], ["outcome": "\"permit\""],
        ["outcome": nil], ["outcome": "true"], ["outcome": "\"PERMIT \""],
        ["cause": "\"forbidden\""], ["cause": "\"no_permit\""], ["cause": "\"whatever\""], ["cause": nil],
        ["class": "\"structure\""], ["class": nil],
        ["enforced": "false"], ["enforced": nil], ["enforced": "\"true\""],
        ["state": "\"permitted\""], ["state": "\"executed\""], ["state": nil], ["state": "\"expired\""],
        ["id": nil], ["id": "\"\""], ["id": "7"], ["id": "\"01jd0000000000000000000000\""], ["id": "\"../effect\""],
        ["surface": "\"payments\""], ["surface": nil],
        ["act_by": nil], ["act_by": "\"\(Answers.time(0))\""], ["act_by": "\"\(Answers.time(-1))\""],
        ["act_by": "\"1969-12-31T23:59:59.999Z\""], ["act_by": "\"tomorrow\""], ["act_by": "1795174269113"],
        ["act_by": "\"2026-11-20T12:31:09Z\""], ["act_by": "\"2099-02-30T00:00:00.000Z\""], ["act_by": "null"],
        ["expires": nil], ["expires": "\"soon\""],
        ["receipt": nil], ["receipt": "\"\""], ["receipt": "\"a receipt\""], ["receipt": "true"],
        ["index": nil], ["index": "-1"], ["index": "1.0"], ["index": "\"1042\""],
        ["reasons": nil], ["reasons": "{}"], ["reasons": #"[{"reason":"no policy"}]"#],
        ["bundle": "{}"], ["bundle": "\"demo\""], ["replayed": "\"yes\""],
        ["obligations": #"[{"type":"notify"}]"#], ["hold": "null"], ["Dispatch": "true"],
    ]

    @Test(arguments: brokenMembers)
    func aDispatchWithABrokenMemberIsNone(changes: [String: String?]) {
        #expect(!Self.isDispatch(Self.read(.json(Answers.dispatch(changes)))))
    }

    private static let brokenReplies: [ScriptedReply] = [
        .json(""), .json(" "), .json("null"), .json("true"), .json("[]"), .json("{}"), .json("\"PERMIT\""),
        .json("{\"dispatch\":true}"), .json(#"{"dispatch":true,"outcome":"PERMIT"}"#),
        .json(String(Answers.dispatch().dropLast())), .json(String(Answers.dispatch().prefix(100))),
        .json(Answers.dispatch() + "}"), .json(Answers.dispatch() + Answers.dispatch()),
        .json("[" + Answers.dispatch() + "]"), .json("\u{FEFF}" + Answers.dispatch()),
        .json(#"{"dispatch":false,"# + Answers.dispatch().dropFirst()),
        .json(#"{"outcome":"DENY","# + Answers.dispatch().dropFirst()),
        .json(#"{"\u0064ispatch":true,"# + Answers.dispatch().dropFirst()),
        .json(Answers.dispatch().replacing("true", with: "True")),
        .json(Answers.dispatch().replacing("\"", with: "'")),
        .json("<html><body>PERMIT</body></html>"), .json("HTTP/1.1 200 OK"),
        .json(Answers.dispatch(["padding": "\"" + String(repeating: "x", count: 1 << 20) + "\""])),
        .json(String(repeating: "[", count: 40) + String(repeating: "]", count: 40)),
        .reply(200, "text/html", Answers.dispatch()), .reply(200, nil, Answers.dispatch()),
        .reply(200, "application/problem+json", Answers.dispatch()),
        .reply(200, "application/json; charset=utf-7", Answers.dispatch()),
        .reply(201, "application/json", Answers.dispatch()), .reply(202, "application/json", Answers.dispatch()),
        .reply(204, nil, ""), .reply(206, "application/json", Answers.dispatch()),
        .reply(301, "application/json", Answers.dispatch()), .reply(302, "text/html", ""), .reply(307, nil, ""),
        .reply(304, "application/json", Answers.dispatch()),
        .reply(400, "application/json", Answers.dispatch()), .reply(401, "application/json", Answers.dispatch()),
        .reply(403, "application/json", Answers.dispatch()), .reply(404, "application/json", Answers.dispatch()),
        .reply(409, "application/json", Answers.dispatch()), .reply(429, "application/json", Answers.dispatch()),
        .reply(500, "application/json", Answers.dispatch()), .reply(502, "text/html", "<html>"),
        .reply(503, "application/json", Answers.dispatch()), .reply(504, nil, ""),
        .reply(503, "application/problem+json", Answers.dispatch()),
        .problem(400, "malformed_request"), .problem(401, "unauthenticated"), .problem(403, "forbidden_role"),
        .problem(500, "internal_error"), .problem(503, "answer_pending"), .problem(503, "overloaded"),
        .problem(200, "answer_pending"),
    ]

    @Test(arguments: brokenReplies.indices)
    func aBrokenReplyIsNoDispatch(index: Int) {
        #expect(!Self.isDispatch(Self.read(Self.brokenReplies[index])))
    }

    @Test(arguments: 0..<Answers.dispatch().utf8.count)
    func aTruncatedDispatchIsADoubt(count: Int) {
        let body = String(decoding: Answers.dispatch().utf8.prefix(count), as: UTF8.self)
        guard case .doubt = Self.read(.json(body)) else {
            Issue.record("no doubt at \(count)")
            return
        }
    }

    @Test func aBodyThatIsNotUTF8IsADoubt() {
        var body = Array(Answers.dispatch().utf8)
        body[40] = 0xFF
        let reader = AnswerReader(.decision(surface: "platform"), asked: Self.now, answered: Self.now)
        #expect(!Self.isDispatch(reader.read(GateReply(status: 200, mediaType: "application/json", body: body))))
    }

    @Test(arguments: Cause.allCases)
    func aRulingWithoutDispatchIsARefusal(cause: Cause) {
        guard case .refusal(let refusal) = Self.read(.json(Answers.refusal(cause))) else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.cause == cause)
        #expect(refusal.outcome == cause.outcome)
        #expect(refusal.reasons == [Reason(policy: "platform/no", text: "Not on Fridays.")])
        #expect(refusal.receipt != nil)
    }

    @Test func aSilenceOfInfrastructureComesWith503() {
        let reply = ScriptedReply.reply(503, "application/json", Answers.refusal(.stateUnavailable))
        guard case .refusal(let refusal) = Self.read(reply) else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.cause == .stateUnavailable)
    }

    @Test func anOutcomeThatDoesNotBelongToItsCauseIsADoubt() {
        let body = Answers.refusal(.forbidden).replacing("\"DENY\"", with: "\"HOLD\"")
        guard case .doubt = Self.read(.json(body)) else {
            Issue.record("no doubt")
            return
        }
    }

    @Test func onlyTheNamedProblemIsPending() {
        if case .pending = Self.read(.pending) {} else { Issue.record("not pending") }
        if case .pending = Self.read(.problem(503, "draining")) { Issue.record("pending") }
    }

    private static let redemption = """
        {"id":"\(Answers.id)","outcome":"PERMIT","cause":"permitted","dispatch":true,"state":"redeemed",\
        "act_by":"\(Answers.time(5_000))","index":3,"receipt":"c2sp.org/tlog-proof@v1\\n"}
        """

    @Test func aRedemptionOfTheAskedDecisionIsADispatch() {
        #expect(Self.isDispatch(Self.read(.json(Self.redemption), .redemption(id: Text(Answers.id)))))
    }

    @Test func aRedemptionOfAnotherDecisionIsNone() {
        #expect(!Self.isDispatch(Self.read(.json(Self.redemption), .redemption(id: Text(Answers.otherID)))))
        #expect(!Self.isDispatch(Self.read(.json(Self.redemption), .decision(surface: "platform"))))
    }

    @Test func theTimeToActEndsOnEitherClock() throws {
        let time = StillTime()
        guard case .dispatch(let dispatch) = Self.read(.json(Answers.dispatch())) else {
            Issue.record("no dispatch")
            return
        }
        time.pass(milliseconds: 4_999)
        #expect(dispatch.mayBegin(at: time.moment))
        time.pass(milliseconds: 1)
        #expect(!dispatch.mayBegin(at: time.moment))
        // Setting the wall clock back does not give the time again.
        time.setWall(back: 60_000)
        #expect(!dispatch.mayBegin(at: time.moment))
    }

    @Test func noTimeToActIsLongerThanAMinute() throws {
        let body = Answers.dispatch(["act_by": "\"\(Answers.time(86_400_000))\""])
        guard case .dispatch(let dispatch) = Self.read(.json(body)) else { return }
        let time = StillTime()
        time.pass(milliseconds: 60_000)
        #expect(!dispatch.mayBegin(at: time.moment))
    }
}
