import Authorization
import Bytes
import Cryptography
import Receipts
import Testing
import Transparency

@Suite struct ReceiptTests {
    private func verifier(_ log: SampleLog) -> ReceiptVerifier { ReceiptVerifier(keys: [log.key.verifierKey]) }

    private func question(
        _ text: String = Sample.requestText,
        opening: Nonce = Sample.nonce,
        audience: Text = "mcp-gateway",
        moment: AuthorizationQuestion.Moment = .attempt(Sample.attempt),
        redemption: Receipt? = nil
    ) throws -> AuthorizationQuestion {
        AuthorizationQuestion(
            request: try Sample.request(text),
            opening: opening,
            audience: audience,
            moment: moment,
            redemption: redemption
        )
    }

    @Test func receiptIsAuthenticAndAuthorizes() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let bytes = try log.receipt(6)
        #expect(try Receipt(parsing: bytes).encoded == bytes)
        let report = verifier(log).report(on: bytes, question: try question())
        #expect(report.authentic == .holds)
        #expect(report.authorizes == .holds)
        #expect(report.isVerified)
        #expect(report.receipt?.receipt.index == 6)
        #expect(report.remarks.count == 1)
    }

    @Test func receiptWithoutQuestionIsOnlyAuthentic() throws {
        let log = try SampleLog.with(Sample.decision().encode(), count: 1, at: 0)
        let report = verifier(log).report(on: try log.receipt(0))
        #expect(report.authentic == .holds && report.authorizes == .notAsked && report.isVerified)
    }

    @Test(arguments: 0..<8) func noReceiptWithAFlippedBitIsAuthentic(_ bit: Int) throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let verifier = verifier(log)
        var bytes = try log.receipt(6)
        for position in bytes.indices {
            bytes[position] ^= 1 << bit
            let report = verifier.report(on: bytes)
            #expect(report.authentic != .holds && !report.isVerified, "byte \(position), bit \(bit)")
            bytes[position] ^= 1 << bit
        }
        #expect(verifier.report(on: bytes, question: try question()).isVerified)
    }

    @Test func noReceiptWithAnotherByteIsAuthentic() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let verifier = verifier(log)
        var bytes = try log.receipt(6)
        // Every other value, for a sample of the bytes that reaches into each line.
        for position in stride(from: 0, to: bytes.count, by: 61) {
            let right = bytes[position]
            for value in UInt8.min...UInt8.max where value != right {
                bytes[position] = value
                #expect(!verifier.report(on: bytes).isVerified, "byte \(position), value \(value)")
            }
            bytes[position] = right
        }
    }

    @Test func missingAndAdditionalBytesAreRefused() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let bytes = try log.receipt(6)
        let verifier = verifier(log)
        for count in 0..<bytes.count { #expect(!verifier.report(on: Array(bytes.prefix(count))).isVerified) }
        for extra: [UInt8] in [[0x0A], [0x20], [0x41]] {
            #expect(!verifier.report(on: bytes + extra).isVerified)
            #expect(!verifier.report(on: extra + bytes).isVerified)
        }
    }

    @Test func otherKeyOriginOrPlaceIsNotAuthentic() throws {
        let statement = try Sample.decision().encode()
        let log = try SampleLog.with(statement)
        let bytes = try log.receipt(6)
        #expect(!ReceiptVerifier(keys: []).report(on: bytes).isVerified)
        #expect(!verifier(try SampleLog(seed: 2)).report(on: bytes).isVerified)
        #expect(!verifier(try SampleLog(name: "other.example")).report(on: bytes).isVerified)
        // A log of another name has a statement of ours: its own checkpoint holds, the statement's origin does not.
        var other = try SampleLog(name: "other.example", seed: 3)
        try other.append(statement)
        let report = verifier(other).report(on: try other.receipt(0))
        #expect(report.authentic == .fails(ReceiptError.origin.description))
        #expect(ReceiptVerifier(keys: [other.key.verifierKey, log.key.verifierKey]).report(on: bytes).isVerified)
    }

    @Test func entryThatIsNoStatementIsNotAuthentic() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        #expect(!verifier(log).report(on: try log.receipt(5)).isVerified)
    }

    @Test func anotherActionIsNotAuthorized() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let bytes = try log.receipt(6)
        let text = Sample.requestText
        for changed in [
            text.replacing("ops-bot", with: "ops-bou"), text.replacing("\"platform\"", with: "\"platforn\""),
            text.replacing("\"delete\"", with: "\"deletf\""), text.replacing("staging/", with: "production/"),
            text.replacing("\"count\":1", with: "\"count\":2"), text.replacing("1.50", with: "1.5"),
            text.replacing("\"s-1\"", with: "\"s-2\""), text.replacing("\"k-1\"", with: "\"k-2\""),
            text.replacing(",\"idempotency_key\":\"k-1\"", with: ""), text.replacing("\"session\":\"s-1\",", with: ""),
        ] {
            #expect(changed != text)
            let report = verifier(log).report(on: bytes, question: try question(changed))
            #expect(report.authentic == .holds && !report.isVerified)
            #expect(report.authorizes == .fails(AuthorizationFailure.subject.description))
        }
    }

    @Test func otherOpeningAudienceOrAttemptIsNotAuthorized() throws {
        let log = try SampleLog.with(Sample.decision().encode())
        let bytes = try log.receipt(6)
        let cases: [(AuthorizationQuestion, AuthorizationFailure)] = try [
            (question(opening: Sample.attempt), .subject),
            (question(audience: "somebody"), .notInAudience),
            (question(audience: "exec-gateway"), .otherEnforcementPoint),
            (question(moment: .attempt(Sample.nonce)), .otherAttempt),
            (question(moment: .time(Sample.time + 1)), .redeemed),
        ]
        for (question, failure) in cases {
            #expect(verifier(log).report(on: bytes, question: question).authorizes == .fails(failure.description))
        }
    }

    @Test func unredeemedPermitHoldsUntilItExpires() throws {
        let log = try SampleLog.with(Sample.decision(redeemed: false).encode())
        let bytes = try log.receipt(6)
        let expires = Sample.time + 60_000
        let cases: [(Int64, ClaimFinding)] = [
            (Sample.time - 1, .fails(AuthorizationFailure.notYet.description)), (Sample.time, .holds),
            (expires - 1, .holds), (expires, .fails(AuthorizationFailure.expired.description)),
        ]
        for (time, finding) in cases {
            let report = verifier(log).report(on: bytes, question: try question(moment: .time(time)))
            #expect(report.authorizes == finding)
        }
        let report = verifier(log).report(on: bytes, question: try question())
        #expect(report.authorizes == .fails(AuthorizationFailure.redemptionMissing.description))
    }

    @Test func redemptionOfItsOwnAuthorizesWithItsReceipt() throws {
        let decision = try Sample.decision(redeemed: false).encode()
        var log = try SampleLog.with(decision)
        func redemption(_ decision: Reference, at time: Int64 = Sample.time) throws -> [UInt8] {
            let header = StatementHeader(id: Sample.identifier, origin: Sample.origin, time: time)
            return try RedemptionStatement(header: header, decision: decision, redemption: Sample.redemption).encode()
        }
        let leaf = TreeHash.leaf(decision)
        try log.append(redemption(Reference(index: 6, leaf: leaf)))
        try log.append(redemption(Reference(index: 5, leaf: leaf)))
        try log.append(redemption(Sample.reference(6)))
        try log.append(redemption(Reference(index: 6, leaf: leaf), at: Sample.time + 60_000))
        let bytes = try log.receipt(6)
        for (index, isVerified) in [(11, true), (12, false), (13, false), (14, false), (6, false)] {
            let receipt = try Receipt(parsing: log.receipt(index))
            let report = verifier(log).report(on: bytes, question: try question(redemption: receipt))
            #expect(report.isVerified == isVerified, "\(index)")
        }
        // The receipt of a redemption is authentic, and by itself authorizes nothing.
        let report = verifier(log).report(on: try log.receipt(11), question: try question())
        #expect(report.authentic == .holds)
        #expect(report.authorizes == .fails(AuthorizationFailure.notADecision("redemption").description))
    }

    @Test(arguments: Cause.allCases.filter { $0.outcome != .permit })
    func noOtherOutcomeAuthorizes(_ cause: Cause) throws {
        let log = try SampleLog.with(Sample.decision(cause: cause).encode())
        let report = verifier(log).report(on: try log.receipt(6), question: try question())
        #expect(report.authentic == .holds)
        #expect(report.authorizes == .fails(AuthorizationFailure.outcome(cause.outcome).description))
    }

    @Test func statementThatShowsAnotherActionIsNotAuthorized() throws {
        let request = try Sample.request()
        let right = Sample.subject(request)
        let subjects = [
            DecisionSubject(
                commitment: right.commitment,
                actor: EntityName(type: "Agent", id: "x"),
                surface: right.surface,
                action: right.action,
                target: right.target,
                session: right.session
            ),
            DecisionSubject(
                commitment: right.commitment,
                actor: right.actor,
                surface: .blinded(Sample.digest("x")),
                action: right.action,
                target: right.target,
                session: right.session
            ),
            DecisionSubject(
                commitment: right.commitment,
                actor: right.actor,
                surface: right.surface,
                action: .plain("other"),
                target: right.target,
                session: right.session
            ),
            DecisionSubject(
                commitment: right.commitment,
                actor: right.actor,
                surface: right.surface,
                action: right.action,
                target: .plain(EntityName(type: "T", id: "x")),
                session: right.session
            ),
            DecisionSubject(
                commitment: right.commitment,
                actor: right.actor,
                surface: right.surface,
                action: right.action,
                target: right.target,
                session: nil
            ),
        ]
        for subject in subjects {
            let statement = try DecisionStatement(
                header: Sample.header,
                subject: subject,
                ruling: RecordedRuling(cause: .permitted, policies: .none, permit: Sample.permit()),
                claim: .none,
                basis: Sample.basis()
            )
            let log = try SampleLog.with(statement.encode())
            let report = verifier(log).report(on: try log.receipt(6), question: try question())
            #expect(report.authentic == .holds && !report.isVerified)
        }
    }

    @Test(arguments: [16, 17]) func signaturesHaveTheirLimit(_ count: Int) throws {
        let log = try SampleLog.with(Sample.decision().encode())
        var bytes = try log.receipt(6)
        for number in 1..<count {
            let name = try NoteKeyName(Text("witness-\(number).example"))
            let signature = try #require(
                NoteSignature(name: name, keyID: NoteKeyID(UInt32(number)), bytes: [UInt8](repeating: 1, count: 64))
            )
            signature.append(to: &bytes)
        }
        let report = verifier(log).report(on: bytes)
        #expect(report.isVerified == (count <= Receipt.signaturesMax))
    }
}
