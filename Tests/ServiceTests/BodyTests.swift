import Authority
import Authorization
import Bytes
import Receipts
import Service
import Testing

@Suite struct BodyTests {
    private static let attempt = "AAECAwQFBgcICQoLDA0ODw"

    private func isMalformed(_ error: any Error) -> Bool { (error as? Problem)?.name == .malformedRequest }

    @Test func aRedemptionHasItsAttempt() throws {
        let body = try RedeemBody(parsing: Array(#"{"attempt":"\#(Self.attempt)"}"#.utf8))
        #expect(body.attempt.base64URL == Text(Self.attempt))
    }

    @Test(arguments: [
        "", "{}", "[]", "null", #"{"attempt":1}"#, #"{"attempt":"AAECAwQFBgcICQoLDA0OD"}"#,
        #"{"attempt":"AAECAwQFBgcICQoLDA0ODwA"}"#, #"{"attempt":"AAECAwQFBgcICQoLDA0ODw=="}"#,
        #"{"attempt":"AAECAwQFBgcICQoLDA0ODw","x":1}"#,
        #"{"attempt":"AAECAwQFBgcICQoLDA0ODw","attempt":"AAECAwQFBgcICQoLDA0ODw"}"#,
    ])
    func anyOtherRedemptionIsMalformed(text: String) {
        #expect {
            try RedeemBody(parsing: Array(text.utf8))
        } throws: {
            isMalformed($0)
        }
    }

    @Test func anEffectMayHaveAResult() throws {
        let digest = String(repeating: "0", count: 64)
        let text =
            #"{"attempt":"\#(Self.attempt)","effect":"executed","#
            + #""result":{"digest":"sha256:\#(digest)","size_bytes":1,"status":-1}}"#
        let body = try EffectBody(parsing: Array(text.utf8))
        #expect(body.effect == .executed)
        #expect(body.result?.digest == .zero)
        #expect(body.result?.sizeBytes == 1)
        #expect(body.result?.durationMilliseconds == nil)
        #expect(body.result?.status == -1)
        let empty = #"{"attempt":"\#(Self.attempt)","effect":"not_started","result":{}}"#
        #expect(try EffectBody(parsing: Array(empty.utf8)).result == nil)
    }

    @Test(arguments: [
        #""effect":"unknown""#, #""effect":1"#, #""result":{}"#, #""effect":"executed","result":[]"#,
        #""effect":"executed","result":{"x":1}"#, #""effect":"executed","result":{"size_bytes":-1}"#,
        #""effect":"executed","result":{"size_bytes":1.5}"#, #""effect":"executed","result":{"digest":"sha256:00"}"#,
        #""effect":"executed","result":{"digest":"00"}"#, #""effect":"executed","more":1"#,
    ])
    func anyOtherEffectIsMalformed(members: String) {
        #expect {
            try EffectBody(parsing: Array(#"{"attempt":"\#(Self.attempt)",\#(members)}"#.utf8))
        } throws: {
            isMalformed($0)
        }
    }

    @Test func anEnforcementPointListsWhomItAsksFor() throws {
        let text = #"{"name":"gateway","role":"enforcement","actors":["b","a"],"surfaces":["*"]}"#
        let body = try AgentBody(parsing: Array(text.utf8))
        #expect(body.actors == .listed(["a", "b"]))
        #expect(body.surfaces == .all)
        #expect(body.peer == nil)
        #expect(try AgentBody(parsing: Array(#"{"name":"a","role":"actor","peer":7}"#.utf8)).peer == 7)
    }

    @Test(arguments: [
        #"{"name":"a"}"#, #"{"role":"actor"}"#, #"{"name":"a","role":"root"}"#, #"{"name":"","role":"actor"}"#,
        #"{"name":"a","role":"actor","peer":-1}"#, #"{"name":"a","role":"actor","peer":4294967295}"#,
        #"{"name":"a","role":"actor","peer":"0"}"#, #"{"name":"a","role":"actor","token":"x"}"#,
        #"{"name":"a","role":"enforcement","actors":"b","surfaces":["*"]}"#,
        #"{"name":"a","role":"enforcement","actors":["*","b"]}"#,
        #"{"name":"a","role":"enforcement","actors":["b","b"]}"#,
        #"{"name":"a","role":"enforcement","actors":[1]}"#,
    ])
    func anyOtherAgentIsMalformed(text: String) {
        #expect {
            try AgentBody(parsing: Array(text.utf8))
        } throws: {
            isMalformed($0)
        }
    }

    @Test func aHaltHasOneScope() throws {
        func scope(_ text: String) throws -> HaltScope {
            let body = try HaltBody(parsing: Array(text.utf8), takesReason: true)
            return body.scope
        }
        #expect(try scope(#"{"scope":{"kind":"all"},"reason":"x"}"#) == .all)
        #expect(try scope(#"{"scope":{"kind":"surface","name":"p"}}"#) == .surface("p"))
        #expect(try scope(#"{"scope":{"kind":"actor","name":"b"}}"#) == .actor(EntityName(type: "Agent", id: "b")))
    }

    @Test(arguments: [
        "{}", #"{"scope":"all"}"#, #"{"scope":{}}"#, #"{"scope":{"kind":"gate"}}"#, #"{"scope":{"kind":"surface"}}"#,
        #"{"scope":{"kind":"all","name":"x"}}"#, #"{"scope":{"kind":"actor","name":""}}"#,
        #"{"scope":{"kind":"all"},"until":1}"#, #"{"scope":{"kind":"all"},"reason":""}"#,
    ])
    func anyOtherHaltIsMalformed(text: String) {
        #expect {
            try HaltBody(parsing: Array(text.utf8), takesReason: true)
        } throws: {
            isMalformed($0)
        }
    }

    @Test func aReasonIsLimited() throws {
        func body(_ count: Int) -> [UInt8] {
            Array(#"{"scope":{"kind":"all"},"reason":"\#(String(repeating: "x", count: count))"}"#.utf8)
        }
        #expect(throws: Never.self) { try HaltBody(parsing: body(HaltBody.reasonBytesMax), takesReason: true) }
        #expect(throws: Problem.self) { try HaltBody(parsing: body(HaltBody.reasonBytesMax + 1), takesReason: true) }
        // The end of a halt has no reason of its own.
        #expect(throws: Problem.self) { try HaltBody(parsing: body(1), takesReason: false) }
    }

    @Test func callsWithoutABodyTakeNone() {
        #expect(throws: Never.self) { try EmptyBody.check([]) }
        #expect(throws: Never.self) { try EmptyBody.check(Array("{}".utf8)) }
        #expect(throws: Problem.self) { try EmptyBody.check(Array(#"{"x":1}"#.utf8)) }
    }
}
