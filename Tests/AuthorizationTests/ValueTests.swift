import Authorization
import Bytes
import Testing

@Suite struct IdentifierTests {
    @Test func textFormIsTimeThenRandomness() throws {
        #expect(Identifier(milliseconds: 0, random: (0, 0)).text == "00000000000000000000000000")
        #expect(Identifier(high: .max, low: .max).text == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
        let id = Identifier(milliseconds: 1_795_177_864_113, random: (0xFFFF_FFFF_FFFF_0001, 2))
        #expect(id.milliseconds == 1_795_177_864_113)
        #expect(id.high & 0xFFFF == 1 && id.low == 2)
    }

    @Test(arguments: [
        (UInt64(0), UInt64(0)), (.max, .max), (1, 0), (0, 1), (1 << 63, 1), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98),
    ])
    func textReadsBack(_ high: UInt64, _ low: UInt64) throws {
        let id = Identifier(high: high, low: low)
        #expect(id.text.byteCount == Identifier.characterCount)
        #expect(Identifier(id.text) == id)
    }

    @Test func laterIdentifiersSortLater() {
        let texts = [0, 1, 31, 32, 1_000, 1_795_177_864_113].map {
            Identifier(milliseconds: $0, random: (.max, .max)).text
        }
        #expect(texts == texts.sorted())
    }

    /// Too short, too long, more than 128 bits, small letters, and the letters that Crockford leaves out.
    @Test(arguments: [
        "", "0000000000000000000000000", "000000000000000000000000000", "80000000000000000000000000",
        "0000000000000000000000000a", "0000000000000000000000000I", "0000000000000000000000000L",
        "0000000000000000000000000O", "0000000000000000000000000U", "0000000000000000000000000-",
        "000000000000000000000000é",
    ])
    func otherTextIsRefused(_ text: String) {
        #expect(Identifier(Text(text)) == nil)
    }
}

@Suite struct NonceTests {
    @Test func formsAgree() throws {
        let nonce = try #require(Nonce(bytes: [UInt8](0..<16)))
        #expect(nonce == Nonce((0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F)))
        #expect(nonce.hex == "000102030405060708090a0b0c0d0e0f")
        #expect(nonce.base64URL == "AAECAwQFBgcICQoLDA0ODw")
        #expect(Nonce(base64URL: nonce.base64URL) == nonce)
        #expect(nonce.bytes == [UInt8](0..<16))
    }

    @Test func otherLengthsAreRefused() {
        #expect(Nonce(bytes: [UInt8](0..<15)) == nil)
        #expect(Nonce(bytes: [UInt8](0..<17)) == nil)
        #expect(Nonce(base64URL: "AAECAwQFBgcICQoLDA0O") == nil)
    }
}

@Suite struct CauseTests {
    /// The table of the design (decision.md, Outcomes), written out once more: outcome and class of each cause.
    private static let table: [(Cause, Outcome, CauseClass)] = [
        (.overloaded, .silence, .infrastructure), (.clockUntrusted, .silence, .infrastructure),
        (.bundleUnavailable, .silence, .infrastructure), (.bundleExpired, .silence, .infrastructure),
        (.actorMismatch, .deny, .structure), (.actorDisabled, .deny, .structure), (.halted, .deny, .structure),
        (.permitRedeemed, .deny, .structure), (.idempotencyConflict, .deny, .structure),
        (.stateUnavailable, .silence, .infrastructure), (.unknownSurface, .silence, .coverage),
        (.unknownAction, .silence, .coverage), (.unknownType, .silence, .coverage),
        (.requestInvalid, .silence, .coverage),
        (.forbidden, .deny, .policy), (.policyError, .silence, .policy), (.approvalRefused, .deny, .policy),
        (.permitted, .permit, .policy), (.override, .permit, .policy), (.approvalRequired, .hold, .policy),
        (.limitReached, .silence, .policy), (.noPermit, .silence, .policy),
        (.deadlineExceeded, .silence, .infrastructure), (.logUnavailable, .silence, .infrastructure),
        (.internalError, .silence, .infrastructure),
    ]

    @Test func everyCauseHasItsOutcomeAndClass() {
        #expect(Self.table.map(\.0) == Cause.allCases)
        for (cause, outcome, causeClass) in Self.table {
            #expect(cause.outcome == outcome, "\(cause)")
            #expect(cause.causeClass == causeClass, "\(cause)")
        }
    }

    @Test func onlyTwoCausesPermit() {
        #expect(Cause.allCases.filter { $0.outcome == .permit } == [.permitted, .override])
    }

    @Test func nothingOfInfrastructureOrStructureIsSticky() {
        for cause in Cause.allCases where cause.causeClass == .infrastructure || cause.causeClass == .structure {
            #expect(!cause.isSticky, "\(cause)")
        }
        #expect(!Cause.approvalRequired.isSticky && !Cause.limitReached.isSticky)
        #expect(Cause.permitted.isSticky && Cause.forbidden.isSticky && Cause.noPermit.isSticky)
    }

    @Test func wireNamesAreTheGlossarys() {
        #expect(
            Cause.allCases.map(\.rawValue) == [
                "overloaded", "clock_untrusted", "bundle_unavailable", "bundle_expired", "actor_mismatch",
                "actor_disabled", "halted", "permit_redeemed", "idempotency_conflict", "state_unavailable",
                "unknown_surface", "unknown_action", "unknown_type", "request_invalid", "forbidden", "policy_error",
                "approval_refused", "permitted", "override", "approval_required", "limit_reached", "no_permit",
                "deadline_exceeded", "log_unavailable", "internal_error",
            ]
        )
        #expect(Outcome.allCases.map(\.rawValue) == ["PERMIT", "DENY", "HOLD", "SILENCE"])
    }
}

@Suite struct RulingTests {
    private let grant = Grant(policy: "s/p", timeToLiveMilliseconds: 60_000, audience: ["gateway"])

    @Test func refusingNeverMakesAPermit() {
        for cause in Cause.allCases {
            let ruling = Ruling.refusing(cause)
            #expect(ruling.outcome != .permit, "\(cause)")
            #expect(ruling.grant == nil)
            #expect(ruling.cause == (cause.outcome == .permit ? .internalError : cause))
        }
    }

    @Test func permittingCarriesItsGrant() {
        let ruling = Ruling.permitting(grant, reasons: [Reason(policy: "s/p", text: nil)])
        #expect(ruling.outcome == .permit && ruling.cause == .permitted && ruling.grant == grant)
        #expect(ruling.errors.isEmpty && ruling.detail == nil)
    }
}
