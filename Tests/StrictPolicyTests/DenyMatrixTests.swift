import Authorization
import Bytes
import StrictPolicy
import Testing

/// Everything that can stand against a PERMIT inside of the ruling, one flaw at a time or several together.
private enum Flaw: CaseIterable {
    case mismatch
    case disabled
    case halted
    case redeemed
    case conflict
    case surface
    case action
    case actorType
    case targetType
    case key
    case targetNotApplicable
    case contextMissing
    case contextExtra
    case contextNull
    case contextFraction
    case forbidden
    case error
    case noPermit

    /// The cause of this flaw alone.
    var cause: Cause {
        switch self {
        case .mismatch: .actorMismatch
        case .disabled: .actorDisabled
        case .halted: .halted
        case .redeemed: .permitRedeemed
        case .conflict: .idempotencyConflict
        case .surface: .unknownSurface
        case .action: .unknownAction
        case .actorType, .targetType: .unknownType
        case .key, .targetNotApplicable, .contextMissing, .contextExtra, .contextNull, .contextFraction: .requestInvalid
        case .forbidden: .forbidden
        case .error: .policyError
        case .noPermit: .noPermit
        }
    }
}

/// A request with facts and a bundle, good unless it has flaws.
private struct Situation {
    var flaws: Set<Flaw>

    var sample: Sample {
        var sample = Sample.with(\.settings, #"{"mode":"enforce","audience":["g"],"irreversible":true}"#)
        var policies = flaws.contains(.noPermit) ? "" : #"@id("yes") permit (principal, action, resource);"#
        policies += #"@id("never") permit (principal, action, resource) when { false };"#
        if flaws.contains(.forbidden) { policies += #"@id("no") forbid (principal, action, resource);"# }
        if flaws.contains(.error) {
            policies += #"@id("bad") forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };"#
        }
        sample.policies = policies
        return sample
    }

    func request() throws -> Request {
        var members = ["\"count\":1"]
        if flaws.contains(.contextMissing) { members = [] }
        if flaws.contains(.contextExtra) { members.append("\"extra\":1") }
        if flaws.contains(.contextNull) { members.append("\"name\":null") }
        if flaws.contains(.contextFraction) { members.append("\"tags\":[1.5]") }
        let targetType =
            flaws.contains(.targetType) ? "Lost" : flaws.contains(.targetNotApplicable) ? "Stage" : "Project"
        return try ask(
            flaws.contains(.action) ? "lost" : "delete",
            "{\(members.joined(separator: ","))}",
            actor: #"{"type":"\#(flaws.contains(.actorType) ? "Lost" : "Agent")","id":"ops-bot"}"#,
            target: #"{"type":"\#(targetType)","id":"test"}"#,
            surface: flaws.contains(.surface) ? "lost" : "platform",
            key: flaws.contains(.key) ? nil : "k"
        )
    }

    func facts() -> Facts {
        let original = Original(reference: Reference(index: 1, leaf: .zero), commitment: .zero)
        var claim = ClaimFact.own(key: .zero, parent: nil)
        if flaws.contains(.conflict) { claim = .conflict(original) }
        if flaws.contains(.redeemed) { claim = .redeemed(original) }
        var actor = ActorFact.active
        if flaws.contains(.disabled) { actor = .disabled }
        if flaws.contains(.mismatch) { actor = .mismatch }
        return StrictPolicyTests.facts(actor: actor, isHalted: flaws.contains(.halted), claim: claim)
    }

    func ruling() throws -> Ruling { try rule(request(), facts(), sample.compile()) }
}

@Suite struct DenyMatrixTests {
    @Test func withoutAFlawItIsPermitted() throws {
        #expect(try Situation(flaws: []).ruling().cause == .permitted)
    }

    @Test(arguments: Flaw.allCases)
    private func oneFlawIsNeverPermittedAndNamed(_ flaw: Flaw) throws {
        let ruling = try Situation(flaws: [flaw]).ruling()
        #expect(ruling.cause == flaw.cause)
        #expect(ruling.outcome != .permit && ruling.grant == nil)
    }

    /// Two flaws: never PERMIT, and the cause is that of the two which stands first in the design's order.
    @Test(arguments: Flaw.allCases, Flaw.allCases)
    private func ofTwoFlawsTheFirstInOrderIsTheCause(_ left: Flaw, _ right: Flaw) throws {
        let ruling = try Situation(flaws: [left, right]).ruling()
        let order = Cause.allCases
        let expected = [left.cause, right.cause].min {
            (order.firstIndex(of: $0) ?? .max) < (order.firstIndex(of: $1) ?? .max)
        }
        #expect(ruling.cause == expected)
        #expect(ruling.outcome != .permit && ruling.grant == nil)
    }

    @Test func allFlawsTogetherAreNeverPermitted() throws {
        #expect(try Situation(flaws: Set(Flaw.allCases)).ruling().cause == .actorMismatch)
    }

    /// Every combination of the facts: only the good ones permit.
    @Test func onlyGoodFactsPermit() throws {
        let bundle = try Sample().compile()
        let request = try ask("list")
        let original = Original(reference: Reference(index: 1, leaf: .zero), commitment: .zero)
        let claims: [(claim: ClaimFact, isGood: Bool)] = [
            (.none, true), (.own(key: .zero, parent: nil), true), (.own(key: .zero, parent: original.reference), true),
            (.conflict(original), false), (.redeemed(original), false),
        ]
        for actor in ActorFact.allCases {
            for isHalted in [false, true] {
                for (claim, isGood) in claims {
                    let facts = facts(actor: actor, isHalted: isHalted, claim: claim)
                    let isPermitted = rule(request, facts, bundle).outcome == .permit
                    #expect(isPermitted == (actor == .active && !isHalted && isGood))
                }
            }
        }
    }

    @Test func structuralCausesHideWhatPoliciesSaid() throws {
        let ruling = try Situation(flaws: [.halted, .forbidden]).ruling()
        #expect(ruling == .refusing(.halted))
    }
}
