import Authorization
import Bytes
import Cryptography
import Foundation
import Ledger
import Receipts
import Transparency

/// Writes logs of real statements, right ones and wrong ones.
final class Story {
    let directory: TemporaryDirectory
    private let log: Log
    private(set) var references: [Reference] = []
    var time: Int64 = 1_795_177_864_113
    private var number: UInt64 = 0

    init() throws {
        directory = try TemporaryDirectory()
        log = try TestLog.open(directory.log)
    }

    static let gateway: Text = "mcp-gateway"
    static let attempt = SHA256.digest(of: "attempt" as Text)

    var header: StatementHeader {
        number += 1
        time += 10
        return StatementHeader(
            id: Identifier(milliseconds: time, random: (number, number)),
            origin: TestLog.origin,
            time: time
        )
    }

    @discardableResult
    func append(_ entry: Entry) throws -> Reference {
        let tickets = TestLog.append([entry], to: log)
        guard let release = tickets[0].release else { throw LogError.noStatement(index: 0) }
        let reference = Reference(index: release.position.index, leaf: release.leaf)
        references.append(reference)
        return reference
    }

    @discardableResult
    func append(_ statement: Statement, _ records: [EvidenceRecord] = []) throws -> Reference {
        try append(Entry(statement: statement.encode(), records: records))
    }

    /// What a decision of a story says beside the usual.
    struct Decision {
        var cause = Cause.permitted
        var isRedeemed = true
        var key: Text? = "k"
        var surface: Text = "platform"
        var original: Original?
        var parent: Reference?
        var isWithoutRequest = false
        var isWithoutFacts = false
        var hasOtherRequest = false
        var lifeMilliseconds: Int64 = 60_000
        var origin = TestLog.origin
    }

    @discardableResult
    func decide(_ change: (inout Decision) -> Void = { _ in }) throws -> Reference {
        var decision = Decision()
        change(&decision)
        let header = StatementHeader(id: self.header.id, origin: decision.origin, time: time)
        let nonce = Nonce((number, 7))
        let text = """
            {"actor":{"type":"Agent","id":"ops-bot"},"surface":"\(decision.surface)","action":"delete",\
            "target":{"type":"Variable","id":"staging"},"context":{"n":\(number)}}
            """
        let request = try Request(parsing: Array(text.utf8))
        let record = RequestRecord(request, nonce: nonce)
        let facts = FactsRecord(self.facts(header), nonce: Nonce((number, 9)))
        let permit = decision.cause.outcome == .permit ? permit(decision) : nil
        let statement = try DecisionStatement(
            header: header,
            subject: DecisionSubject(
                commitment: record.commitment,
                actor: request.actor,
                surface: .plain(request.surface),
                action: .plain(request.action),
                target: .plain(request.target),
                session: nil
            ),
            ruling: RecordedRuling(cause: decision.cause, policies: .none, permit: permit),
            claim: RecordedClaim(
                key: decision.key.map { SHA256.digest(of: $0) },
                original: decision.original,
                parent: decision.parent
            ),
            basis: DecisionBasis(bundle: nil, connection: "token:x", engine: "writ/1", facts: facts.digest)
        )
        var records: [EvidenceRecord] = []
        let other = RequestRecord(request, nonce: Nonce((0, 0)))
        if !decision.isWithoutRequest {
            let content = decision.hasOtherRequest ? other.encoded : record.encoded
            records.append(EvidenceRecord(kind: .request, content: content))
        }
        if !decision.isWithoutFacts { records.append(EvidenceRecord(kind: .facts, content: facts.encoded)) }
        return try append(.decision(statement), records)
    }

    private func permit(_ decision: Decision) -> PermitTerms {
        PermitTerms(
            grantedBy: "platform/p",
            audience: [Self.gateway],
            expires: time + decision.lifeMilliseconds,
            redemption: decision.isRedeemed
                ? RedemptionTerms(by: Self.gateway, attempt: Self.attempt, actBy: time + 5_000) : nil
        )
    }

    private func facts(_ header: StatementHeader) -> Facts {
        Facts(
            instant: header.time,
            id: header.id,
            nonce: Nonce((1, 1)),
            asOf: 0,
            caller: Caller(name: "x", role: .enforcement, connection: "token:x"),
            actor: .active,
            isHalted: false,
            claim: .none,
            redemption: nil
        )
    }

    @discardableResult
    func redeem(_ decision: Reference, by: Text = gateway) throws -> Reference {
        let header = header
        let terms = RedemptionTerms(by: by, attempt: Self.attempt, actBy: time + 5_000)
        return try append(.redemption(RedemptionStatement(header: header, decision: decision, redemption: terms)))
    }

    @discardableResult
    func report(
        _ decision: Reference,
        _ redemption: Reference,
        _ effect: ReportedEffect = .executed,
        contradicts: Reference? = nil,
        attempt: Digest = attempt
    ) throws -> Reference {
        try append(
            .effect(
                EffectStatement(
                    header: header,
                    decision: decision,
                    redemption: redemption,
                    reporter: .init(by: Self.gateway, attempt: attempt),
                    report: .init(effect: effect, result: nil, contradicts: contradicts)
                )
            )
        )
    }

    func halt(_ scope: HaltedScope, reason: NoteRecord? = nil, recorded: Bool = true) throws {
        let statement = HaltStatement(header: header, by: "token:op", scope: scope, reason: reason?.digest)
        let records =
            recorded ? [reason].compactMap { $0.map { EvidenceRecord(kind: .note, content: $0.encoded) } } : []
        try append(.halt(statement), records)
    }

    func resume(_ scope: HaltedScope) throws {
        try append(.resume(ResumeStatement(header: header, by: "token:op", scope: scope)))
    }

    /// Closes the log.
    func close() { log.close() }

    /// Closes the log and audits it.
    func audit() throws -> AuditSummary {
        log.close()
        return try LogAudit(directory: directory.log, key: TestLog.signer().verifierKey).run()
    }

    /// The first discrepancy; nil for a clean log.
    func discrepancy() throws -> AuditDiscrepancy? {
        do {
            _ = try audit()
            return nil
        } catch let error as AuditDiscrepancy {
            return error
        }
    }
}
