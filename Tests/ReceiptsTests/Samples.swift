import Authorization
import Bytes
import Cryptography
import Receipts
import Transparency

/// Values that the tests of this target share.
enum Sample {
    static let origin: Text = "gate-1.example/2026"
    static let time: Int64 = 1_795_177_864_113
    static let identifier = Identifier(milliseconds: time, random: (0x0123_4567, 0x89AB_CDEF_0011_2233))
    static let header = StatementHeader(id: identifier, origin: origin, time: time)
    static let nonce = Nonce((0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F))
    static let attempt = Nonce((0xF0F1_F2F3_F4F5_F6F7, 0xF8F9_FAFB_FCFD_FEFF))
    static let factsNonce = Nonce((1, 2))

    static func digest(_ text: Text) -> Digest { SHA256.digest(of: text) }

    static func reference(_ index: UInt64) -> Reference { Reference(index: index, leaf: digest(Text("leaf \(index)"))) }

    static let requestText = """
        {"actor":{"type":"Agent","id":"ops-bot"},"surface":"platform","action":"delete",\
        "target":{"type":"Variable","id":"staging/\u{e9}\\"x\\""},\
        "context":{"count":1,"rate":1.50,"tags":["a",{"b":true}]},\
        "session":"s-1","idempotency_key":"k-1"}
        """

    static func request(_ text: String = requestText) throws -> Request { try Request(parsing: Array(text.utf8)) }

    static let redemption = RedemptionTerms(by: "mcp-gateway", attempt: attempt.digest, actBy: time + 5_000)

    static func permit(redeemed: Bool = true) -> PermitTerms {
        PermitTerms(
            grantedBy: "platform/staging-delete",
            audience: ["exec-gateway", "mcp-gateway"],
            expires: time + 60_000,
            redemption: redeemed ? redemption : nil
        )
    }

    static let bundle = BundleReference(digest: digest("bundle"), name: "demo", source: .directory, version: 0)

    static func basis(bundle: BundleReference? = bundle) -> DecisionBasis {
        DecisionBasis(bundle: bundle, connection: "token:mcp-gateway", engine: "writ/1", facts: digest("facts"))
    }

    static func subject(_ request: Request) -> DecisionSubject {
        DecisionSubject(
            commitment: RequestRecord(request, nonce: nonce).commitment,
            actor: request.actor,
            surface: .plain(request.surface),
            action: .plain(request.action),
            target: .blinded(Blinding.digest(of: request.target, member: "target", nonce: nonce)),
            session: request.session.map { Blinding.digest(of: $0, member: "session", nonce: nonce) }
        )
    }

    static func decision(
        redeemed: Bool = true,
        cause: Cause = .permitted,
        header: StatementHeader = header
    ) throws -> DecisionStatement {
        try DecisionStatement(
            header: header,
            subject: subject(request()),
            ruling: RecordedRuling(
                cause: cause,
                policies: PolicyList(["platform/staging-delete"]),
                permit: cause.outcome == .permit ? permit(redeemed: redeemed) : nil
            ),
            claim: RecordedClaim(key: digest("claim")),
            basis: basis()
        )
    }

    /// One statement of every shape that differs in its members.
    static func statements() throws -> [Statement] {
        try decisions() + uses() + authority() + gate()
    }

    private static func decisions() throws -> [Statement] {
        let many = PolicyList((0..<70).map { Text("platform/policy-\(100 + $0)") })
        let silent = try DecisionStatement(
            header: header,
            subject: DecisionSubject(
                commitment: digest("c"),
                actor: EntityName(type: "Agent", id: "a\"\u{1}\u{e9}"),
                surface: .blinded(digest("surface")),
                action: .blinded(digest("action")),
                target: .plain(EntityName(type: "Variable", id: "staging")),
                session: nil
            ),
            ruling: RecordedRuling(cause: .policyError, policies: .none, errors: many),
            claim: .none,
            basis: basis(bundle: nil)
        )
        let conflict = try DecisionStatement(
            header: header,
            subject: subject(request()),
            ruling: RecordedRuling(cause: .idempotencyConflict, policies: many),
            claim: RecordedClaim(
                key: digest("claim"),
                original: Original(reference: reference(7), commitment: digest("o")),
                parent: reference(3)
            ),
            basis: basis()
        )
        return try [
            .decision(decision()), .decision(decision(redeemed: false)), .decision(silent), .decision(conflict),
        ]
    }

    private static func uses() throws -> [Statement] {
        let reporter = EffectStatement.Reporter(by: "mcp-gateway", attempt: attempt.digest)
        let full = EffectResult(digest: digest("r"), durationMilliseconds: 14, sizeBytes: (1 << 53) - 1, status: -9)
        let partial = EffectResult(digest: nil, durationMilliseconds: nil, sizeBytes: 0, status: nil)
        let reports: [EffectStatement.Report] = [
            .init(effect: .executed, result: full), .init(effect: .notStarted, result: nil),
            .init(effect: .failed, result: partial, contradicts: reference(9)),
        ]
        return try [.redemption(RedemptionStatement(header: header, decision: reference(1), redemption: redemption))]
            + reports.map { report in
                try .effect(
                    EffectStatement(
                        header: header,
                        decision: reference(1),
                        redemption: reference(2),
                        reporter: reporter,
                        report: report
                    )
                )
            }
    }

    private static func authority() throws -> [Statement] {
        let actor = HaltedScope.actor(EntityName(type: "Agent", id: "ops-bot"))
        let token = RecordedCredential.token(sha256: digest("token"))
        let point = RecordedIdentity(
            name: "mcp-gateway",
            role: .enforcement,
            credential: token,
            actors: ["*"],
            surfaces: ["platform", "deploy"]
        )
        let bot = RecordedIdentity(name: "ops-bot", role: .actor, credential: .peer(userID: 1_001))
        let gone = RecordedIdentity(name: "ops-bot", role: .actor, credential: nil)
        return try [
            .halt(HaltStatement(header: header, by: "token:op", scope: .all, reason: nil)),
            .halt(HaltStatement(header: header, by: "token:op", scope: .surface("platform"), reason: digest("why"))),
            .halt(HaltStatement(header: header, by: "token:op", scope: actor, reason: nil)),
            .resume(ResumeStatement(header: header, by: "token:op", scope: actor)),
            .identity(IdentityStatement(header: header, by: "token:op", change: .added, identity: point)),
            .identity(IdentityStatement(header: header, by: "token:op", change: .rotated, identity: bot)),
            .identity(IdentityStatement(header: header, by: "token:op", change: .retired, identity: gone)),
        ]
    }

    private static func gate() throws -> [Statement] {
        try [
            .bundle(BundleStatement(header: header, bundle: bundle)),
            .gate(
                GateStatement(
                    header: header,
                    change: .started(clean: false, key: "gate-1.example/2026+00000000+AAAA"),
                    engine: "writ/1",
                    configuration: digest("configuration"),
                    refused: [.overloaded: 3, .logUnavailable: 1, .deadlineExceeded: 2]
                )
            ),
            .gate(GateStatement(header: header, change: .stopped, engine: "writ/1", configuration: digest("x"))),
        ]
    }
}

/// A small log in memory that gives receipts.
struct SampleLog {
    let key: NoteSignerKey
    private var tree = TreeTail()
    private var statements: [[UInt8]] = []

    init(name: Text = Sample.origin, seed: UInt8 = 1) throws {
        let privateKey = try Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32))
        key = NoteSignerKey(name: try NoteKeyName(name), algorithm: .ed25519, privateKey: privateKey)
    }

    mutating func append(_ statement: [UInt8]) throws {
        try tree.append(leaf: TreeHash.leaf(statement))
        statements.append(statement)
    }

    func receipt(_ index: Int) throws -> [UInt8] {
        let root = try tree.root(size: tree.size)
        let note = try Checkpoint(origin: key.verifierKey.name, size: tree.size, root: root).signed(by: key)
        return Receipt.encode(
            statement: statements[index],
            index: UInt64(index),
            hashes: try tree.inclusionProof(of: UInt64(index), size: tree.size),
            checkpoint: note.encoded
        )
    }

    /// A log of the statement between others.
    static func with(_ statement: [UInt8], count: Int = 11, at index: Int = 6) throws -> SampleLog {
        var log = try SampleLog()
        for position in 0..<count {
            try log.append(position == index ? statement : Array("statement \(position)".utf8))
        }
        return log
    }
}
