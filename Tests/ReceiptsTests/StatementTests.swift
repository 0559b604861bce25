import Authorization
import Bytes
import Receipts
import Testing

@Suite struct StatementTests {
    @Test func everyStatementIsCanonicalAndReadsBack() throws {
        for statement in try Sample.statements() {
            let bytes = try statement.encode()
            #expect(try CanonicalJSON.encode(JSONValue(parsing: bytes)) == bytes, "\(statement.typeName)")
            #expect(try Statement(parsing: bytes) == statement, "\(statement.typeName)")
        }
    }

    @Test func decisionHasTheFormOfTheDocument() throws {
        let text = String(decoding: try Sample.decision().encode(), as: UTF8.self)
        let subject = try Sample.subject(Sample.request())
        guard case .blinded(let target) = subject.target, let session = subject.session else {
            Issue.record("the sample hides target and session")
            return
        }
        let expected = """
            {"_type":"https://in-toto.io/Statement/v1","predicate":{"action":"delete",\
            "actor":{"id":"ops-bot","type":"Agent"},"audience":["exec-gateway","mcp-gateway"],\
            "bundle":{"digest":"sha256:\(Sample.digest("bundle").hex)","name":"demo","source":"directory","version":0},\
            "cause":"permitted","claims":{"key":"hmac:\(Sample.digest("claim").hex)"},"connection":"token:mcp-gateway",\
            "enforced":true,"engine":"writ/1","expires":"2026-11-20T12:32:04.113Z",\
            "facts":"sha256:\(Sample.digest("facts").hex)","granted_by":"platform/staging-delete",\
            "id":"\(Sample.identifier.text)","origin":"gate-1.example/2026","outcome":"PERMIT",\
            "policies":["platform/staging-delete"],"redemption":{"act_by":"2026-11-20T12:31:09.113Z",\
            "attempt":"sha256:\(Sample.attempt.digest.hex)","by":"mcp-gateway"},"session":"sha256:\(session.hex)",\
            "surface":"platform","target":"sha256:\(target.hex)","time":"2026-11-20T12:31:04.113Z"},\
            "predicateType":"urn:writ:decision:v1","subject":[{"digest":{"sha256":"\(subject.commitment.hex)"},\
            "name":"request"}]}
            """
        #expect(text == expected)
    }

    @Test func everyAdditionalMemberIsRefused() throws {
        for statement in try Sample.statements() {
            let text = String(decoding: try statement.encode(), as: UTF8.self)
            for changed in [
                text.replacing("\"predicate\":{", with: "\"predicate\":{\"a\":1,", maxReplacements: 1),
                text.replacing("{\"_type\"", with: "{\"A\":1,\"_type\"", maxReplacements: 1),
                text.replacing("\"subject\":[{", with: "\"subject\":[{\"a\":\"\",", maxReplacements: 1),
                text + " ", " " + text, text.replacing(":", with: ": ", maxReplacements: 1),
                text.replacing("\"name\":", with: "\"namf\":"),
            ] {
                #expect(changed != text)
                #expect(throws: StatementError.self) { try Statement(parsing: Array(changed.utf8)) }
            }
        }
    }

    @Test func everyMissingMemberIsRefused() throws {
        for statement in try Sample.statements() {
            let bytes = try statement.encode()
            let predicate = try #require(JSONValue(parsing: bytes)["predicate"])
            for member in predicate.members {
                let value = try #require(CanonicalJSON.encode(member.value))
                let text = String(decoding: bytes, as: UTF8.self)
                let piece = "\"\(member.name)\":" + String(decoding: value, as: UTF8.self)
                let without = text.replacing(piece + ",", with: "", maxReplacements: 1)
                let shorter = without == text ? text.replacing("," + piece, with: "", maxReplacements: 1) : without
                guard let rest = try? Statement(parsing: Array(shorter.utf8)) else { continue }
                // What may be missing says something else without it; a PERMIT never comes of it.
                #expect(rest != statement)
                #expect(optionalMembers.contains(member.name), "\(statement.typeName) `\(member.name)`")
            }
        }
    }

    private let optionalMembers: Set<Text> = [
        "bundle", "claims", "contradicts", "errors", "errors_more", "original", "parent", "policies_more", "reason",
        "redemption", "refused", "result", "session",
    ]

    @Test func enforcedFalseIsRefused() throws {
        let text = String(decoding: try Sample.decision().encode(), as: UTF8.self)
        let shadow = text.replacing("\"enforced\":true", with: "\"enforced\":false")
        #expect(throws: StatementError.invalid("predicate.enforced")) { try Statement(parsing: Array(shadow.utf8)) }
    }

    @Test func unknownTypeIsRefused() throws {
        let text = String(decoding: try Sample.decision().encode(), as: UTF8.self)
        let other = text.replacing("urn:writ:decision:v1", with: "urn:writ:decision:v2")
        #expect(throws: StatementError.unknownType("urn:writ:decision:v2")) {
            try Statement(parsing: Array(other.utf8))
        }
    }

    @Test(arguments: Cause.allCases) func onlyPermitsHaveTerms(_ cause: Cause) throws {
        func make(_ permit: PermitTerms?) throws -> DecisionStatement {
            try DecisionStatement(
                header: Sample.header,
                subject: Sample.subject(Sample.request()),
                ruling: RecordedRuling(cause: cause, policies: .none, permit: permit),
                claim: .none,
                basis: Sample.basis()
            )
        }
        let isPermit = cause.outcome == .permit
        #expect(throws: StatementError.self) { try make(isPermit ? nil : Sample.permit()) }
        let bytes = try make(isPermit ? Sample.permit() : nil).encode()
        #expect(try Statement(parsing: bytes).header == Sample.header)
        // Another outcome word for the same cause is refused.
        for outcome in Outcome.allCases where outcome != cause.outcome {
            let changed = String(decoding: bytes, as: UTF8.self)
                .replacing("\"outcome\":\"\(cause.outcome.rawValue)\"", with: "\"outcome\":\"\(outcome.rawValue)\"")
            #expect(throws: StatementError.self) { try Statement(parsing: Array(changed.utf8)) }
        }
    }

    @Test(arguments: [0, 1, 16, 17]) func audienceHasOneToSixteenNames(_ count: Int) throws {
        let audience = (0..<count).map { Text("point-\(100 + $0)") }
        let permit = PermitTerms(grantedBy: "p", audience: audience, expires: 0, redemption: nil)
        let ruling = RecordedRuling(cause: .permitted, policies: .none, permit: permit)
        func make() throws -> DecisionStatement {
            try DecisionStatement(
                header: Sample.header,
                subject: Sample.subject(Sample.request()),
                ruling: ruling,
                claim: .none,
                basis: Sample.basis()
            )
        }
        if (1...16).contains(count) {
            #expect(try Statement(parsing: make().encode()) == .decision(make()))
        } else {
            #expect(throws: StatementError.invalid("audience")) { try make() }
        }
    }

    @Test func redeemerOutsideOfTheAudienceIsRefused() throws {
        let permit = PermitTerms(grantedBy: "p", audience: ["other"], expires: 0, redemption: Sample.redemption)
        #expect(throws: StatementError.invalid("audience")) {
            try DecisionStatement(
                header: Sample.header,
                subject: Sample.subject(Sample.request()),
                ruling: RecordedRuling(cause: .permitted, policies: .none, permit: permit),
                claim: .none,
                basis: Sample.basis()
            )
        }
    }

    @Test(arguments: [63, 64, 65]) func policiesBeyondTheLimitBecomeADigest(_ count: Int) throws {
        let names = (0..<count).map { Text("platform/\(1_000 + $0)") }
        let list = PolicyList(names.reversed() + names)
        #expect(list.listed == Array(names.prefix(64)))
        #expect((list.more != nil) == (count > 64))
        if let more = list.more {
            #expect(more.count == UInt64(count))
            let array = "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"
            #expect(more.digest == Sample.digest(Text(array)))
        }
    }

    @Test(arguments: [-1, 0, 1]) func statementLengthHasItsLimit(_ over: Int) throws {
        func make(_ length: Int) -> HaltStatement {
            let name = Text(String(repeating: "s", count: length))
            return HaltStatement(header: Sample.header, by: "op", scope: .surface(name), reason: nil)
        }
        let base = try make(0).encode().count
        let statement = make(StatementLimits.statementBytesMax - base + over)
        if over <= 0 {
            let bytes = try statement.encode()
            #expect(bytes.count == StatementLimits.statementBytesMax + over)
            #expect(try Statement(parsing: bytes) == .halt(statement))
        } else {
            #expect(throws: StatementError.tooLong(bytesMax: 65_535)) { try statement.encode() }
        }
    }

    @Test(arguments: [(1 << 53) - 1, 1 << 53] as [UInt64]) func numbersStayBelowTwoToThe53(_ number: UInt64) throws {
        let result = EffectResult(digest: nil, durationMilliseconds: number, sizeBytes: nil, status: nil)
        func make() throws -> EffectStatement {
            try EffectStatement(
                header: Sample.header,
                decision: Sample.reference(1),
                redemption: Sample.reference(1),
                reporter: .init(by: "b", attempt: Sample.attempt.digest),
                report: .init(effect: .executed, result: result)
            )
        }
        if number < 1 << 53 {
            #expect(try Statement(parsing: make().encode()) == .effect(make()))
        } else {
            #expect(throws: StatementError.invalid("result")) { try make() }
        }
    }

    @Test(arguments: [0, 1, 951_782_399_999, 951_868_799_999, 1_709_164_800_000, 253_402_300_799_999] as [Int64])
    func timesReadBack(_ milliseconds: Int64) {
        #expect(StatementTime.milliseconds(StatementTime.text(milliseconds)) == milliseconds)
    }

    @Test func timesHaveOneSpelling() {
        #expect(StatementTime.text(951_868_799_999) == "2000-02-29T23:59:59.999Z")
        #expect(StatementTime.text(1_795_177_864_113) == "2026-11-20T12:31:04.113Z")
        for text: Text in [
            "", "2026-11-20T12:31:04Z", "2026-11-20T12:31:04.113", "2026-11-20t12:31:04.113Z",
            "2026-11-20T12:31:04.113z",
            "2026-02-29T12:31:04.113Z", "2026-13-01T12:31:04.113Z", "2026-00-01T12:31:04.113Z",
            "2026-01-00T12:31:04.113Z",
            "2026-11-20T24:00:00.000Z", "2026-11-20T12:60:04.113Z", "2026-11-20T12:31:60.113Z",
            "1969-12-31T23:59:59.999Z",
            "2026-11-20T12:31:04.113Z ", "+026-11-20T12:31:04.113Z", "2026-11-20 12:31:04.113Z",
        ] {
            #expect(StatementTime.milliseconds(text) == nil, "\(text)")
        }
    }
}
