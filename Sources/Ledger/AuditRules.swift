// What each statement promises about the ones before it.

internal import Authorization
internal import Bytes
internal import Cryptography
internal import Receipts

/// Checks one statement after the other.
struct AuditRules {
    /// The shortest time that any surface remembers a settled key: a second redeemed PERMIT of the key before that is
    /// a finding.
    static let keyWindowMinimumMilliseconds: Int64 = 3_600_000

    private let origin: Text
    /// The scopes of halts in force.
    private var halts: Set<HaltedScope> = []
    /// The redemption of each decision that was redeemed by a statement of its own.
    private var redemptions: [UInt64: UInt64] = [:]
    /// The first effect of each decision.
    private var effects: [UInt64: UInt64] = [:]
    /// The decision that was redeemed last under each key, by the first bytes of the key's code.
    private var keys: [UInt64: UInt64] = [:]

    init(origin: Text) {
        self.origin = origin
    }

    /// Checks a statement, and remembers what later ones are checked against.
    ///
    /// - Throws: What does not add up.
    mutating func check(_ entry: AuditEntry, frames: inout AuditFrames) throws(AuditDefect) {
        guard entry.statement.header.origin == origin else { throw .origin }
        switch entry.statement {
        case .decision(let decision): try check(decision, entry, &frames)
        case .redemption(let redemption): try check(redemption, entry, &frames)
        case .effect(let effect): try check(effect, entry, &frames)
        case .halt(let halt):
            if let reason = halt.reason { try checkRecord(.note, reason, "note", entry) }
            halts.insert(halt.scope)
        case .resume(let resume): halts.remove(resume.scope)
        case .identity, .bundle, .gate: break
        }
    }

    private func checkRecord(
        _ kind: EvidenceKind,
        _ digest: Digest,
        _ name: String,
        _ entry: AuditEntry
    ) throws(AuditDefect) {
        let records = entry.records.filter { $0.kind == kind }
        guard records.count == 1, SHA256.digest(of: records[0].content) == digest else { throw .evidence(name) }
    }

    private mutating func check(
        _ decision: DecisionStatement,
        _ entry: AuditEntry,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) {
        try checkRecord(.request, decision.subject.commitment, "request", entry)
        try checkRecord(.facts, decision.basis.facts, "facts", entry)
        if let original = decision.claim.original {
            guard case .decision(let first)? = frames.statement(original.reference, before: entry.index),
                first.subject.commitment == original.commitment
            else { throw .reference("original") }
        }
        if let parent = decision.claim.parent {
            guard case .decision(let first)? = frames.statement(parent, before: entry.index), first.ruling.permit != nil
            else { throw .reference("parent") }
        }
        guard let redemption = decision.ruling.permit?.redemption else { return }
        try redeem(decision, at: entry.index, redemption, time: decision.header.time, &frames)
    }

    private mutating func check(
        _ redemption: RedemptionStatement,
        _ entry: AuditEntry,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) {
        guard case .decision(let decision)? = frames.statement(redemption.decision, before: entry.index) else {
            throw .reference("decision")
        }
        let index = redemption.decision.index
        guard decision.ruling.permit?.redemption == nil else { throw .redeemedTwice(first: index) }
        if let first = redemptions[index] { throw .redeemedTwice(first: first) }
        try redeem(decision, at: index, redemption.redemption, time: redemption.header.time, &frames)
        redemptions[index] = entry.index
    }

    /// Checks a redemption of the decision at an index, whichever statement makes it.
    private mutating func redeem(
        _ decision: DecisionStatement,
        at index: UInt64,
        _ redemption: RedemptionTerms,
        time: Int64,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) {
        guard decision.ruling.outcome == .permit, let permit = decision.ruling.permit else {
            throw .redemptionWithoutPermit
        }
        guard permit.audience.contains(redemption.by) else { throw .redemptionOutsideOfAudience }
        guard time < permit.expires, time <= redemption.actBy else { throw .redemptionTooLate }
        guard !isHalted(decision) else { throw .redemptionUnderHalt }
        guard let key = decision.claim.key else { return }
        let short = Self.short(key)
        if let first = keys[short], first != index {
            try checkKey(key, first, time: time, &frames)
        }
        keys[short] = index
    }

    /// Whether a halt in force stops what was decided; a blinded surface can be named by no halt.
    private func isHalted(_ decision: DecisionStatement) -> Bool {
        if halts.contains(.all) || halts.contains(.actor(decision.subject.actor)) { return true }
        switch decision.subject.surface {
        case .plain(let name): return halts.contains(.surface(name))
        case .blinded: return false
        }
    }

    /// A key may have another redeemed PERMIT only after the first was settled and its window passed.
    private func checkKey(
        _ key: Digest,
        _ first: UInt64,
        time: Int64,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) {
        guard case .decision(let decision)? = frames.statement(at: first), decision.claim.key == key else { return }
        guard let effect = effects[first], case .effect(let settled)? = frames.statement(at: effect),
            time >= settled.header.time + Self.keyWindowMinimumMilliseconds
        else { throw .keyRedeemedTwice(first: first) }
    }

    private static func short(_ key: Digest) -> UInt64 {
        (0..<8).reduce(0) { $0 << 8 | UInt64(key[$1]) }
    }

    private mutating func check(
        _ effect: EffectStatement,
        _ entry: AuditEntry,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) {
        let index = effect.decision.index
        guard case .decision(let decision)? = frames.statement(effect.decision, before: entry.index) else {
            throw .reference("decision")
        }
        let terms = try redemption(of: effect, decision, entry, &frames)
        guard terms.by == effect.reporter.by, terms.attempt == effect.reporter.attempt else { throw .effectOfAnother }
        guard let first = effects[index] else {
            guard effect.report.contradicts == nil else { throw .effectContradiction }
            effects[index] = entry.index
            return
        }
        guard let contradicts = effect.report.contradicts, contradicts.index == first else {
            throw .effectContradiction
        }
        guard case .effect? = frames.statement(contradicts, before: entry.index) else {
            throw .reference("contradicts")
        }
    }

    /// The redemption whose effect this is: the decision itself, or the statement that redeemed it.
    private func redemption(
        of effect: EffectStatement,
        _ decision: DecisionStatement,
        _ entry: AuditEntry,
        _ frames: inout AuditFrames
    ) throws(AuditDefect) -> RedemptionTerms {
        if let terms = decision.ruling.permit?.redemption {
            guard effect.redemption == effect.decision else { throw .reference("redemption") }
            return terms
        }
        guard redemptions[effect.decision.index] == effect.redemption.index,
            case .redemption(let redemption)? = frames.statement(effect.redemption, before: entry.index),
            redemption.decision == effect.decision
        else { throw .reference("redemption") }
        return redemption.redemption
    }
}
