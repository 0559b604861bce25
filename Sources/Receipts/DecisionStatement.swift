// The statement of a decision.

internal import Authorization
internal import Bytes

/// What was asked, what was ruled and why.
package struct DecisionStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// What was asked.
    package let subject: DecisionSubject
    /// What was ruled.
    package let ruling: RecordedRuling
    /// What was claimed.
    package let claim: RecordedClaim
    /// What the ruling stands on.
    package let basis: DecisionBasis

    /// Makes a statement.
    ///
    /// - Throws: ``StatementError/invalid(_:)`` unless exactly the PERMITs have terms, with an audience that is not
    ///   empty, ascends and contains the redeemer; so that no other outcome can ever be written with a redemption.
    package init(
        header: StatementHeader,
        subject: DecisionSubject,
        ruling: RecordedRuling,
        claim: RecordedClaim,
        basis: DecisionBasis
    ) throws(StatementError) {
        guard (ruling.outcome == .permit) == (ruling.permit != nil) else { throw .invalid("outcome") }
        if let permit = ruling.permit, !permit.isValid { throw .invalid("audience") }
        self.header = header
        self.subject = subject
        self.ruling = ruling
        self.claim = claim
        self.basis = basis
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 2_048)
        writer.beginStatement()
        writer.beginDecision(subject, ruling)
        writer.basis(basis, ruling, claim)
        writer.middle(header, ruling)
        writer.endDecision(self)
        writer.endStatement("decision", subject: "request", subject.commitment)
        return try writer.finished()
    }
}

extension StatementWriter {
    /// `action` to `audience`.
    fileprivate mutating func beginDecision(_ subject: DecisionSubject, _ ruling: RecordedRuling) {
        raw("\"action\":")
        disclosed(subject.action)
        raw(",\"actor\":")
        entity(subject.actor)
        if let permit = ruling.permit {
            raw(",\"audience\":")
            texts(permit.audience)
        }
    }

    /// `bundle` to `engine`.
    fileprivate mutating func basis(_ basis: DecisionBasis, _ ruling: RecordedRuling, _ claim: RecordedClaim) {
        if let bundle = basis.bundle {
            raw(",\"bundle\":")
            self.bundle(bundle)
        }
        raw(",\"cause\":")
        word(ruling.cause.rawValue)
        if let key = claim.key {
            raw(",\"claims\":{\"key\":")
            code(key)
            raw("}")
        }
        raw(",\"connection\":")
        text(basis.connection)
        raw(",\"enforced\":true,\"engine\":")
        text(basis.engine)
        if !ruling.errors.isEmpty {
            raw(",\"errors\":")
            texts(ruling.errors.listed)
        }
        if let more = ruling.errors.more {
            raw(",\"errors_more\":")
            self.more(more)
        }
        if let permit = ruling.permit {
            raw(",\"expires\":")
            time(permit.expires)
        }
        raw(",\"facts\":")
        digest(basis.facts)
    }

    /// `granted_by` to `origin`.
    fileprivate mutating func middle(_ header: StatementHeader, _ ruling: RecordedRuling) {
        if let permit = ruling.permit {
            raw(",\"granted_by\":")
            text(permit.grantedBy)
        }
        raw(",\"id\":")
        identifier(header.id)
        raw(",\"origin\":")
        text(header.origin)
    }

    /// `original` to `time`.
    fileprivate mutating func endDecision(_ statement: DecisionStatement) {
        if let original = statement.claim.original {
            raw(",\"original\":")
            self.original(original)
        }
        raw(",\"outcome\":")
        word(statement.ruling.outcome.rawValue)
        if let parent = statement.claim.parent {
            raw(",\"parent\":")
            reference(parent)
        }
        raw(",\"policies\":")
        texts(statement.ruling.policies.listed)
        if let more = statement.ruling.policies.more {
            raw(",\"policies_more\":")
            self.more(more)
        }
        if let redemption = statement.ruling.permit?.redemption {
            raw(",\"redemption\":{\"act_by\":")
            time(redemption.actBy)
            raw(",\"attempt\":")
            digest(redemption.attempt)
            raw(",\"by\":")
            text(redemption.by)
            raw("}")
        }
        if let session = statement.subject.session {
            raw(",\"session\":")
            digest(session)
        }
        raw(",\"surface\":")
        disclosed(statement.subject.surface)
        raw(",\"target\":")
        disclosed(statement.subject.target)
        raw(",\"time\":")
        time(statement.header.time)
    }

    private mutating func disclosed(_ value: Disclosed<Text>) {
        switch value {
        case .plain(let text): self.text(text)
        case .blinded(let digest): self.digest(digest)
        }
    }

    private mutating func disclosed(_ value: Disclosed<EntityName>) {
        switch value {
        case .plain(let name): entity(name)
        case .blinded(let digest): self.digest(digest)
        }
    }

    private mutating func more(_ more: PolicyList.More) {
        raw("{\"count\":")
        integer(more.count)
        raw(",\"digest\":")
        digest(more.digest)
        raw("}")
    }

    /// Appends a reference to a bundle.
    mutating func bundle(_ bundle: BundleReference) {
        raw("{\"digest\":")
        digest(bundle.digest)
        raw(",\"name\":")
        text(bundle.name)
        raw(",\"source\":")
        word(bundle.source.rawValue)
        raw(",\"version\":")
        integer(bundle.version)
        raw("}")
    }
}

extension DecisionStatement {
    init(_ predicate: StatementReader, _ subject: StatementSubject) throws(StatementError) {
        guard try predicate.boolean("enforced") else { throw predicate.invalid("enforced") }
        let ruling = try Self.ruling(predicate)
        guard try predicate.text("outcome").string == ruling.outcome.rawValue else {
            throw predicate.invalid("outcome")
        }
        var bundle: BundleReference?
        if let reader = try predicate.optionalObject("bundle") { bundle = try BundleReference(reader) }
        try self.init(
            header: StatementHeader(predicate),
            subject: DecisionSubject(
                commitment: subject.digest,
                actor: predicate.entity("actor"),
                surface: Self.disclosedText(predicate, "surface"),
                action: Self.disclosedText(predicate, "action"),
                target: Self.disclosedTarget(predicate),
                session: predicate.optionalDigest("session")
            ),
            ruling: ruling,
            claim: Self.claim(predicate),
            basis: DecisionBasis(
                bundle: bundle,
                connection: predicate.text("connection"),
                engine: predicate.text("engine"),
                facts: predicate.digest("facts")
            )
        )
    }

    private static func ruling(_ predicate: StatementReader) throws(StatementError) -> RecordedRuling {
        guard let cause = Cause(rawValue: try predicate.text("cause").string) else { throw predicate.invalid("cause") }
        let hasErrors = predicate.has("errors")
        return RecordedRuling(
            cause: cause,
            policies: try PolicyList(predicate, "policies", more: "policies_more"),
            errors: hasErrors ? try PolicyList(predicate, "errors", more: "errors_more") : .none,
            permit: cause.outcome == .permit ? try PermitTerms(predicate) : nil
        )
    }

    private static func claim(_ predicate: StatementReader) throws(StatementError) -> RecordedClaim {
        let claims = try predicate.optionalObject("claims")
        return RecordedClaim(
            key: try claims?.code("key"),
            original: predicate.has("original") ? try predicate.original("original") : nil,
            parent: try predicate.optionalReference("parent")
        )
    }

    /// A name, or a blinded one: a plain name of the very form of a digest reads as blinded, and so matches nothing.
    private static func disclosedText(
        _ predicate: StatementReader,
        _ name: Text
    ) throws(StatementError) -> Disclosed<Text> {
        let text = try predicate.text(name)
        if let digest = StatementReader.digest(text, prefix: "sha256:") { return .blinded(digest) }
        return .plain(text)
    }

    private static func disclosedTarget(_ predicate: StatementReader) throws(StatementError) -> Disclosed<EntityName> {
        switch try predicate.member("target").kind {
        case .object: .plain(try predicate.entity("target"))
        case .string: .blinded(try predicate.digest("target"))
        case .null, .true, .false, .integer, .fraction, .array: throw predicate.invalid("target")
        }
    }
}
