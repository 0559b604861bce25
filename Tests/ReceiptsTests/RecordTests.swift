import Authorization
import Bytes
import Cryptography
import Receipts
import Testing

@Suite struct RecordTests {
    private static let start =
        #"{"actor":{"type":"Agent","id":"a"},"surface":"s","action":"x","target":{"type":"T","id":"t"},"#
    private static let requests = [
        Sample.requestText, start + #""context":{}}"#,
        start + #""context":{"decimal":"1.5","n":null,"z":-0.5e3,"surface":{"target":[]}},"session":"q\"uote"}"#,
        start + #""context":{"y":-9007199254740991},"idempotency_key":"\u00e9\\"}"#,
    ]

    @Test(arguments: requests) func requestRecordIsCanonicalAndReadsBack(_ text: String) throws {
        let request = try Sample.request(text)
        let record = RequestRecord(request, nonce: Sample.nonce)
        #expect(try CanonicalJSON.encode(JSONValue(parsing: record.encoded)) == record.encoded)
        #expect(try RequestRecord(parsing: record.encoded) == record)
        #expect(record.commitment == SHA256.digest(of: record.encoded))
        #expect(record.requestDigest == request.digest)
        let again = try record.request()
        #expect(again.canonical == request.canonical)
        #expect(again.session == request.session && again.idempotencyKey == request.idempotencyKey)
    }

    @Test func requestRecordNamesItsMembers() throws {
        let record = RequestRecord(try Sample.request(), nonce: Sample.nonce)
        let value = try JSONValue(parsing: record.encoded)
        #expect(
            value.members.map(\.name) == [
                "action", "actor", "context", "idempotency_key", "nonce", "session", "surface", "target",
            ]
        )
        #expect(value["nonce"]?.string == "000102030405060708090a0b0c0d0e0f")
        #expect(value["context"]?["rate"]?["$decimal"]?.string == "1.50")
    }

    @Test func alteredRequestRecordsAreRefused() throws {
        let text = String(decoding: RequestRecord(try Sample.request(), nonce: Sample.nonce).encoded, as: UTF8.self)
        for changed in [
            text + " ", text.replacing("\"action\"", with: "\"Action\""),
            text.replacing("{\"action\"", with: "{\"a\":1,\"action\""),
            text.replacing("000102030405060708090a0b0c0d0e0f", with: "000102030405060708090A0B0C0D0E0F"),
            text.replacing("000102030405060708090a0b0c0d0e0f", with: "00"),
            text.replacing("\"$decimal\":\"1.50\"", with: "\"$decimal\":\"abc\""),
            text.replacing("\"$decimal\":\"1.50\"", with: "\"$decimal\":\"1\""),
            text.replacing("{\"$decimal\":\"1.50\"}", with: "1.50"),
        ] {
            #expect(changed != text)
            #expect(throws: StatementError.self) { try RequestRecord(parsing: Array(changed.utf8)) }
        }
    }

    private static let claims: [ClaimFact] = [
        .none, .own(key: Sample.digest("k"), parent: nil), .own(key: Sample.digest("k"), parent: Sample.reference(4)),
        .conflict(Original(reference: Sample.reference(5), commitment: Sample.digest("c"))),
        .redeemed(Original(reference: Sample.reference(6), commitment: Sample.digest("d"))),
    ]

    private func facts(_ claim: ClaimFact, redemption: RedemptionFact?) -> Facts {
        Facts(
            instant: Sample.time,
            id: Sample.identifier,
            nonce: Sample.nonce,
            asOf: 1_041,
            caller: Caller(name: "mcp-gateway", role: .enforcement, connection: "token:mcp-gateway"),
            actor: .mismatch,
            isHalted: true,
            claim: claim,
            redemption: redemption
        )
    }

    @Test(arguments: claims) func factsRecordIsCanonicalAndReadsBack(_ claim: ClaimFact) throws {
        for redemption in [nil, RedemptionFact(by: "mcp-gateway", attempt: Sample.attempt.digest)] {
            let record = FactsRecord(facts(claim, redemption: redemption), nonce: Sample.factsNonce)
            #expect(try CanonicalJSON.encode(JSONValue(parsing: record.encoded)) == record.encoded)
            let again = try FactsRecord(parsing: record.encoded)
            #expect(again.encoded == record.encoded && again.digest == record.digest)
            let read = again.facts(requestNonce: Sample.nonce)
            #expect(read.claim == claim && read.redemption == redemption && read.nonce == Sample.nonce)
            #expect(read.asOf == 1_041 && read.actor == .mismatch && read.isHalted && read.instant == Sample.time)
            #expect(read.caller.role == .enforcement && read.id == Sample.identifier)
        }
    }

    @Test func factsRecordDoesNotContainTheRequestsNonce() {
        let record = FactsRecord(facts(.none, redemption: nil), nonce: Sample.factsNonce)
        let text = String(decoding: record.encoded, as: UTF8.self)
        #expect(!text.contains(Sample.nonce.hex.string))
        #expect(text.contains(Sample.factsNonce.hex.string))
    }

    @Test func alteredFactsRecordsAreRefused() {
        let text = String(
            decoding: FactsRecord(facts(.none, redemption: nil), nonce: Sample.factsNonce).encoded,
            as: UTF8.self
        )
        for changed in [
            text + "\n", text.replacing("\"halted\":true,", with: ""),
            text.replacing("\"mismatch\"", with: "\"other\""),
            text.replacing("\"kind\":\"none\"", with: "\"kind\":\"some\""),
            text.replacing("\"kind\":\"none\"", with: "\"kind\":\"none\",\"z\":1"),
            text.replacing("\"as_of\":1041", with: "\"as_of\":-1"),
        ] {
            #expect(changed != text)
            #expect(throws: StatementError.self) { try FactsRecord(parsing: Array(changed.utf8)) }
        }
    }

    @Test func noteRecordReadsBack() throws {
        let record = NoteRecord(text: "runaway agent \"7\"\n", nonce: Sample.nonce)
        #expect(try CanonicalJSON.encode(JSONValue(parsing: record.encoded)) == record.encoded)
        #expect(try NoteRecord(parsing: record.encoded) == record)
        #expect(throws: StatementError.self) { try NoteRecord(parsing: record.encoded + [0x20]) }
    }

    @Test func blindedValuesAreDigestsOfTheDocumentedForm() {
        let hex = Sample.nonce.hex
        #expect(
            Blinding.digest(of: "s\"1", member: "session", nonce: Sample.nonce)
                == Sample.digest(Text("[\"writ-blind-v1\",\"\(hex)\",\"session\",\"s\\\"1\"]"))
        )
        #expect(
            Blinding.digest(of: EntityName(type: "T", id: "i"), member: "target", nonce: Sample.nonce)
                == Sample.digest(Text("[\"writ-blind-v1\",\"\(hex)\",\"target\",{\"id\":\"i\",\"type\":\"T\"}]"))
        )
        #expect(
            Blinding.digest(of: "x", member: "surface", nonce: Sample.nonce)
                != Blinding.digest(of: "x", member: "action", nonce: Sample.nonce)
        )
    }

    @Test func claimKeysAreCodesOfTheDocumentedForm() throws {
        let key = HMACSHA256Key([UInt8](repeating: 7, count: 32))
        let keys = ClaimKeys(key)
        let request = try Sample.request()
        let expected = key.code(for: Array(#"["writ-claim-v1","Agent","ops-bot","platform","key","k-1"]"#.utf8))
        #expect(keys.code(for: request) == expected)
        let digest = Sample.attempt.digest
        let attempt = Array("[\"writ-claim-v1\",\"Agent\",\"a\",\"s\",\"attempt\",\"sha256:\(digest.hex)\"]".utf8)
        #expect(
            keys.code(actor: EntityName(type: "Agent", id: "a"), surface: "s", attempt: digest)
                == key.code(for: attempt)
        )
        let bare = try Sample.request(Self.requests[1])
        #expect(keys.code(for: bare) == nil)
        #expect(ClaimKeys(HMACSHA256Key([1])).code(for: request) != expected)
    }
}
