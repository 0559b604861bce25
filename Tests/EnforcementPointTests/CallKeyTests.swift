// One meaning, one key: however a client spells a call, it acts once.

import Authorization
import Bytes
import EnforcementPoint
import Testing

@Suite struct CallKeyTests {
    /// The key of a call of `pay`, whose surface makes it of `/invoice`; nil if nothing was asked.
    private static func key(_ arguments: String, meta: String = "") -> Text? {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "pay", arguments, meta: meta)
        return harness.wire.questions.first?["idempotency_key"]?.string
    }

    private static func key(invoice: String) -> Text? { key("{\"invoice\":\(invoice)}") }

    @Test(arguments: [
        "1.5", "1.50", "15e-1", "15E-1", "0.15e1", "0.15E+1", "1.5e0", "1.5e-0", "150e-2", "0.0015e0003",
        "\"1.5\"", "\"1.50\"", "\"15e-1\"", "\"\\u0031.5\"",
    ])
    func everySpellingOfANumberIsOneKey(invoice: String) {
        #expect(Self.key(invoice: invoice) == #"["pay",15e-1]"#)
    }

    @Test(arguments: [
        ("0", "0"), ("0.0", "0"), ("-0.0", "0"), ("0e9", "0"), ("\"-0\"", "0"), ("7", "7"), ("-7", "-7"),
        ("-7.0", "-7"), ("100", "1e2"), ("1e2", "1e2"), ("0.01", "1e-2"), ("9007199254740991", "9007199254740991"),
        ("9007199254740991.0", "9007199254740991"), ("\"90071992547409910e-1\"", "9007199254740991"),
    ])
    func aNumberHasOneSpelling(invoice: String, spelling: String) {
        #expect(Self.key(invoice: invoice) == Text(#"["pay",\#(spelling)]"#))
    }

    @Test func whatMeansTheSameInsideOfAPartIsOneKey() {
        let one = Self.key(invoice: #"{"b":[1.50,{"y":"2","x":null}],"a":true}"#)
        #expect(one == #"["pay",{"a":true,"b":[15e-1,{"x":null,"y":2}]}]"#)
        #expect(Self.key(invoice: #"{"a":true,"b":["15e-1",{"x":null,"y":2.0}]}"#) == one)
        #expect(Self.key(invoice: #"{"a":true,"b":[{"x":null,"y":2},1.5]}"#) != one)
    }

    @Test func differentValuesHaveDifferentKeys() {
        let invoices = [
            "1.5", "-1.5", "15", "150", "1.51", "0", "1e-1", "1e400", "1e401", "-1e400", "true", "false", "[]", "{}",
            "[1.5]",
            "[null]", #"{"a":1}"#, #"{"a":2}"#, #"{"b":1}"#, "\"\"", #""a""#, #""A""#, #""01""#, #"" 1""#, #""+1""#,
            #""1.""#,
            #"".5""#, #""1e""#, #""1e+""#, #""-""#, #""--1""#, #""0x1""#, #""true""#, #""1,5""#, #""1.5.5""#,
            #""1e5.0""#,
            #""[1.5]""#, #""é""#,
        ]
        let keys = Set(invoices.compactMap { Self.key(invoice: $0) })
        #expect(keys.count == invoices.count)
    }

    @Test(arguments: ["", "-"], [-1, 0, 1])
    func anExponentStopsAtItsLimit(sign: String, over: Int) {
        let exponent = "\(sign)\(MCPLimits.exponentMax + over)"
        for invoice in ["3e\(exponent)", "\"3e\(exponent)\"", "[3e\(exponent)]", "{\"a\":0e\(exponent)}"] {
            #expect((Self.key(invoice: invoice) == nil) == (over > 0))
        }
        #expect((Self.key(invoice: "30e\(exponent)") == Self.key(invoice: "3.0e\(exponent)")) == (over > 0))
    }

    @Test(arguments: ["1e99999999999999999999", "\"1e-99999999999999999999\""])
    func anExponentBeyondEveryLimitIsRefused(invoice: String) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "pay", #"{"invoice":\#(invoice)}"#)
        Self.expectRefusal(harness, "exponent")
    }

    /// Without its key the call could be made again and again: a gate that permits everything is not even asked.
    @Test(arguments: ["{}", #"{"invoice":null}"#, #"{"Invoice":"i"}"#, #"{"a":{"invoice":"i"}}"#])
    func aCallThatLacksAPartOfItsKeyIsRefused(arguments: String) {
        for meta in ["", #"{"writ/idempotency-key":"mine"}"#] {
            var harness = Harness()
            harness.initialize()
            harness.call(5, "pay", arguments, meta: meta)
            Self.expectRefusal(harness, "no value at `/invoice`")
            harness.call(5, "pay", #"{"invoice":"i"}"#, meta: meta)
            #expect(harness.toServer.count == 1)
            #expect(harness.wire.questions.first?["idempotency_key"]?.string == #"["pay","i"]"#)
        }
    }

    private static func expectRefusal(_ harness: Harness, _ words: String) {
        #expect(harness.toServer.isEmpty)
        #expect(harness.wire.questions.isEmpty)
        #expect(harness.session.openCount == 0)
        #expect(harness.last?.isRefusedCall == true)
        #expect(harness.last?.ruling?["outcome"]?.string == "SILENCE")
        #expect(harness.last?.ruling?["cause"]?.string == "request_invalid")
        #expect(harness.last?.ruling?["detail"]?.string.map { $0.string.contains(words) } == true)
        #expect(harness.toClient.last?.contains(words) == true)
    }

    @Test func aToolWithoutKeyPartsTakesTheClientsKey() {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "read", "{}", meta: #"{"writ/idempotency-key":"1.50"}"#)
        #expect(harness.wire.questions.first?["idempotency_key"]?.string == "1.50")
    }

    @Test(arguments: [#"{}"#, #"{"project":[]}"#, #"{"project":1.5}"#])
    func aRefusalSaysWhereTheTargetIsMissing(arguments: String) {
        var harness = Harness { _ in .unknownType }
        harness.initialize()
        harness.call(5, "delete", arguments)
        #expect(harness.wire.questions[0]["action"]?.string == "delete")
        #expect(harness.wire.questions[0]["redeem"] == nil)
        let words = "no string or integer at `/project`"
        #expect(harness.toClient.last?.contains(words) == true)
        #expect(harness.last?.ruling?["detail"]?.string.map { $0.string.contains(words) } == true)
        #expect(harness.last?.ruling?["id"]?.string == Text(Answers.id))
    }

    @Test(arguments: [(0, true), (1, false), (RequestLimits.idBytesMax, false), (RequestLimits.idBytesMax + 1, true)])
    func aTargetThatIsEmptyOrTooLongIsSaidToBe(count: Int, isRefused: Bool) {
        var harness = Harness()
        harness.initialize()
        harness.call(5, "delete", #"{"project":"\#(String(repeating: "p", count: count))"}"#)
        #expect(harness.toServer.isEmpty == isRefused)
        #expect((harness.toClient.last?.contains("is empty or has more than") == true) == isRefused)
    }
}
