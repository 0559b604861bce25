import Authorization
import Bytes
import Testing

/// The members of a complete request, to be left out or replaced one at a time.
private let members: [String: String] = [
    "actor": #"{"type":"Agent","id":"billing-bot"}"#,
    "surface": #""payments""#,
    "action": #""transfer""#,
    "target": #"{"type":"Account","id":"acct_42"}"#,
    "context": #"{"amount":"120.00","currency":"EUR"}"#,
]

/// A request with members replaced, added, or left out where the replacement is nil.
private func body(_ changes: [String: String?] = [:]) -> [UInt8] {
    var members = members.mapValues(Optional.some)
    for (name, value) in changes { members[name] = .some(value) }
    let texts = members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
    return Array("{\(texts.joined(separator: ","))}".utf8)
}

private func read(_ changes: [String: String?] = [:]) throws(RequestError) -> Request {
    try Request(parsing: body(changes))
}

private func refusal(_ changes: [String: String?]) -> RequestError? {
    do {
        _ = try read(changes)
        return nil
    } catch {
        return error
    }
}

@Suite struct RequestReadingTests {
    @Test func completeRequestIsRead() throws {
        let request = try read([
            "session": #""s-7f3a""#, "idempotency_key": #""invoice-2026-113""#,
            "redeem": #"{"attempt":"AAECAwQFBgcICQoLDA0ODw"}"#,
        ])
        #expect(request.actor == EntityName(type: "Agent", id: "billing-bot"))
        #expect(request.surface == "payments")
        #expect(request.action == "transfer")
        #expect(request.target == EntityName(type: "Account", id: "acct_42"))
        #expect(request.context["currency"]?.string == "EUR")
        #expect(request.session == "s-7f3a")
        #expect(request.idempotencyKey == "invoice-2026-113")
        #expect(request.attempt?.bytes == [UInt8](0..<16))
    }

    @Test func optionalMembersMayBeAbsent() throws {
        let request = try read()
        #expect(request.session == nil && request.idempotencyKey == nil && request.attempt == nil)
    }

    @Test(arguments: ["actor", "surface", "action", "target", "context"])
    func everyOtherMemberIsRequired(_ name: String) {
        #expect(refusal([name: nil]) == .missingMember(Text(name)))
    }

    @Test(arguments: ["actor", "target"], ["type", "id"])
    func entityNeedsTypeAndID(_ member: String, _ missing: String) {
        let other = missing == "type" ? "id" : "type"
        #expect(refusal([member: #"{"\#(other)":"x"}"#]) == .missingMember(Text("\(member).\(missing)")))
        #expect(refusal([member: #"{"type":"x","id":"x"}"#]) == nil)
        #expect(refusal([member: #"{"type":"x","id":"x","name":"x"}"#]) == .unknownMember(Text("\(member).name")))
    }

    @Test(arguments: ["purpose", "Actor", "actor ", "writ", "", "$schema", "nonce", "enforced", "dispatch"])
    func unknownMemberIsRefusedByName(_ name: String) {
        #expect(refusal([name: "1"]) == .unknownMember(Text(name)))
    }

    @Test(arguments: ["token", "hold"])
    func memberOfALaterReleaseIsRefusedByName(_ name: String) {
        #expect(refusal([name: #""x""#]) == .unsupportedMember(Text(name)))
    }

    @Test(arguments: ["surface", "action", "session", "idempotency_key"])
    func nameIsAStringOf1To128Bytes(_ member: String) {
        func accepts(_ value: String) -> Bool { refusal([member: value]) == nil }
        #expect(accepts("\"" + String(repeating: "x", count: 1) + "\""))
        #expect(accepts("\"" + String(repeating: "x", count: 127) + "\""))
        #expect(accepts("\"" + String(repeating: "x", count: 128) + "\""))
        #expect(!accepts("\"" + String(repeating: "x", count: 129) + "\""))
        // Bytes, not characters.
        #expect(accepts("\"" + String(repeating: "é", count: 64) + "\""))
        #expect(!accepts("\"" + String(repeating: "é", count: 64) + "x\""))
        for value in ["\"\"", "1", "null", "true", "[]", "{}", #"["x"]"#] { #expect(!accepts(value)) }
    }

    @Test(arguments: ["actor", "target"])
    func idIsAStringOf1To512Bytes(_ member: String) {
        func accepts(_ length: Int) -> Bool {
            refusal([member: #"{"type":"T","id":"\#(String(repeating: "x", count: length))"}"#]) == nil
        }
        #expect(!accepts(0))
        #expect(accepts(1))
        #expect(accepts(511))
        #expect(accepts(512))
        #expect(!accepts(513))
    }

    @Test(arguments: ["actor", "target"])
    func typeIsAStringOf1To128Bytes(_ member: String) {
        func accepts(_ length: Int) -> Bool {
            refusal([member: #"{"type":"\#(String(repeating: "x", count: length))","id":"i"}"#]) == nil
        }
        #expect(!accepts(0))
        #expect(accepts(128))
        #expect(!accepts(129))
    }

    /// U+0000, line feed, escape, DEL, and the C1 controls' ends; then the neighbours that are allowed.
    @Test(arguments: [
        (#"\u0000"#, false), (#"\n"#, false), (#"\u001f"#, false), (#"\u007f"#, false), (#"\u0080"#, false),
        (#"\u009f"#, false), (#"\u0020"#, true), (#"\u007e"#, true), (#"\u00a0"#, true),
    ])
    func controlCharactersAreRefusedInNames(_ escape: String, _ isAccepted: Bool) {
        for member in ["surface", "action", "session", "idempotency_key"] {
            #expect((refusal([member: "\"a\(escape)\""]) == nil) == isAccepted)
        }
        #expect((refusal(["target": #"{"type":"T","id":"a\#(escape)"}"#]) == nil) == isAccepted)
        // The context is the surface's business: any character may stand in its strings.
        #expect(refusal(["context": "{\"a\":\"\(escape)\"}"]) == nil)
    }

    @Test(arguments: ["1", "null", #""x""#, "[]", "true", "1.5"])
    func objectsMustBeObjects(_ value: String) {
        for member in ["actor", "target", "context", "redeem"] { #expect(refusal([member: value]) != nil) }
        #expect(throws: RequestError.notAnObject) { try Request(parsing: Array(value.utf8)) }
    }

    @Test func gatesOwnContextMemberIsRefusedAtTheTopOnly() {
        #expect(refusal(["context": #"{"writ":{}}"#]) == .reservedContext)
        #expect(refusal(["context": #"{"w":{"writ":{}}}"#]) == nil)
        #expect(refusal(["context": #"{"Writ":{}}"#]) == nil)
    }

    @Test func namesWithADollarAreRefusedAtEveryDepth() {
        #expect(refusal(["context": #"{"$decimal":"1.5"}"#]) == .reservedName("$decimal"))
        #expect(refusal(["context": #"{"a":[{"b":{"$x":1}}]}"#]) == .reservedName("$x"))
        #expect(refusal(["context": #"{"a$":"$x"}"#]) == nil)
    }

    @Test(arguments: [
        ("AAECAwQFBgcICQoLDA0ODw", true), ("AAECAwQFBgcICQoLDA0OD", false), ("AAECAwQFBgcICQoLDA0ODxA", false),
        ("AAECAwQFBgcICQoLDA0ODw==", false), ("AAECAwQFBgcICQoLDA0ODx", false), ("", false),
        ("AAECAwQFBgcICQoLDA0OD+", false),
    ])
    func attemptIs16BytesOfBase64URL(_ text: String, _ isAccepted: Bool) {
        #expect((refusal(["redeem": #"{"attempt":"\#(text)"}"#]) == nil) == isAccepted)
    }

    @Test func redeemHasAnAttemptAndNothingElse() {
        #expect(refusal(["redeem": "{}"]) == .missingMember("redeem.attempt"))
        #expect(
            refusal(["redeem": #"{"attempt":"AAECAwQFBgcICQoLDA0ODw","by":"me"}"#]) == .unknownMember("redeem.by")
        )
    }

    @Test func duplicateMembersAreRefused() {
        let text = String(decoding: body(), as: UTF8.self).dropLast() + #","surface":"payments"}"#
        #expect(throws: RequestError.self) { try Request(parsing: Array(text.utf8)) }
    }

    @Test func bodyIsBoundedInBytesDepthNodesAndIntegers() {
        func padded(to length: Int) -> [UInt8] { body() + [UInt8](repeating: 0x20, count: length - body().count) }
        #expect(throws: Never.self) { try Request(parsing: padded(to: RequestLimits.bytesMax)) }
        #expect(throws: RequestError.self) { try Request(parsing: padded(to: RequestLimits.bytesMax + 1)) }
        // The request and its context are two of 32 levels.
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(refusal(["context": nested(29)]) == nil)
        #expect(refusal(["context": nested(30)]) == nil)
        #expect(refusal(["context": nested(31)]) != nil)
        #expect(refusal(["context": #"{"a":9007199254740991,"b":-9007199254740991}"#]) == nil)
        #expect(refusal(["context": #"{"a":9007199254740992}"#]) != nil)
        #expect(refusal(["context": #"{"a":-9007199254740992}"#]) != nil)
        let many = "{\"a\":[" + String(repeating: "1,", count: 9_999) + "1]}"
        #expect(refusal(["context": many]) != nil)
    }

    @Test func everyErrorIsOneLineWithoutAFullStop() {
        let errors: [RequestError] = [
            .json(JSONError(.invalidUTF8, at: 1)), .notAnObject, .unknownMember("a"), .unsupportedMember("a"),
            .missingMember("a"), .invalidMember("a", expected: "b"), .reservedContext, .reservedName("$"),
        ]
        for error in errors {
            #expect(!error.description.hasSuffix(".") && !error.description.contains("\n"))
        }
    }
}

@Suite struct CanonicalRequestTests {
    private func canonical(_ changes: [String: String?]) throws -> String {
        String(decoding: try read(changes).canonical, as: UTF8.self)
    }

    @Test func canonicalFormIsSortedAndBare() throws {
        let expected =
            #"{"action":"transfer","actor":{"id":"billing-bot","type":"Agent"},"#
            + #""context":{"amount":"120.00","currency":"EUR"},"surface":"payments","#
            + #""target":{"id":"acct_42","type":"Account"}}"#
        #expect(try canonical([:]) == expected)
        #expect(try canonical(["context": #"{ "currency" : "\u0045UR", "amount":"120.00" }"#]) == expected)
    }

    @Test(arguments: ["session", "idempotency_key"])
    func circumstancesOfAskingAreNotPartOfIt(_ member: String) throws {
        #expect(try canonical([member: #""x""#]) == canonical([:]))
        #expect(try canonical(["redeem": #"{"attempt":"AAECAwQFBgcICQoLDA0ODw"}"#]) == canonical([:]))
    }

    @Test(arguments: [
        ("actor", #"{"type":"Agent","id":"other"}"#), ("actor", #"{"type":"Other","id":"billing-bot"}"#),
        ("surface", #""other""#), ("action", #""other""#), ("target", #"{"type":"Account","id":"other"}"#),
        ("target", #"{"type":"Other","id":"acct_42"}"#), ("context", "{}"),
    ])
    func everyMemberOfTheFiveIsPartOfIt(_ member: String, _ value: String) throws {
        #expect(try canonical([member: value]) != canonical([:]))
    }

    @Test(arguments: [
        ("1.50", #"{"$decimal":"1.50"}"#), ("1e2", #"{"$decimal":"1e2"}"#), ("-0.0", #"{"$decimal":"-0.0"}"#),
        ("100", "100"), ("-7", "-7"), ("0", "0"), ("null", "null"), ("true", "true"), (#""1.50""#, #""1.50""#),
        (#""\u000a\u00e9\u20ac\/""#, #""\né€/""#), ("[1.5, {}]", #"[{"$decimal":"1.5"},{}]"#),
    ])
    func valuesKeepTheirTokens(_ value: String, _ expected: String) throws {
        let text = try canonical(["context": "{\"a\":\(value)}"])
        #expect(text.contains("\"context\":{\"a\":\(expected)},"))
    }

    @Test func composedAndDecomposedLettersStayApart() throws {
        let composed = try canonical(["context": #"{"a":"\u00e9"}"#])
        let decomposed = try canonical(["context": #"{"a":"e\u0301"}"#])
        #expect(Array(composed.utf8) != Array(decomposed.utf8))
    }

    @Test func membersSortByUTF16() throws {
        // RFC 8785 section 3.2.3: U+1F600 is D83D DE00 and stands before U+FB33.
        let text = try canonical(["context": #"{"\ufb33":1,"\ud83d\ude00":2,"b":3,"a":4}"#])
        #expect(Array(text.utf8).containsInOrder(["\"a\"", "\"b\"", "\"\u{1F600}\"", "\"\u{FB33}\""]))
    }
}

extension [UInt8] {
    /// Whether the texts occur one after the other.
    fileprivate func containsInOrder(_ texts: [String]) -> Bool {
        var rest = self[...]
        for text in texts {
            let wanted = Array(text.utf8)
            var found = false
            while rest.count >= wanted.count, !found {
                found = rest.starts(with: wanted)
                rest = rest.dropFirst()
            }
            guard found else { return false }
        }
        return true
    }
}
