// The statements of what is done with a PERMIT.

package import Authorization
package import Bytes

/// The one use of a PERMIT that was not redeemed with its decision.
package struct RedemptionStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// The decision that is redeemed.
    package let decision: Reference
    /// Who redeems, for which attempt, and until when the action may start.
    package let redemption: RedemptionTerms

    /// Makes a statement.
    package init(header: StatementHeader, decision: Reference, redemption: RedemptionTerms) {
        self.header = header
        self.decision = decision
        self.redemption = redemption
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        header = try StatementHeader(predicate)
        decision = try predicate.reference("decision")
        redemption = try RedemptionTerms(predicate)
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        writer.raw("\"act_by\":")
        writer.time(redemption.actBy)
        writer.raw(",\"attempt\":")
        writer.digest(redemption.attempt)
        writer.raw(",\"by\":")
        writer.text(redemption.by)
        writer.raw(",\"decision\":")
        writer.reference(decision)
        writer.header(header)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("redemption", subject: "decision", decision.leaf)
        return try writer.finished()
    }
}

/// What the enforcement point says came of a redemption.
package enum ReportedEffect: String, CaseIterable, Sendable {
    /// The action ran and said that it succeeded.
    case executed
    /// The action ran and said that it failed.
    case failed
    /// The action was not started.
    case notStarted = "not_started"
}

/// What an effect left behind, as far as the enforcement point says it.
package struct EffectResult: Hashable, Sendable {
    /// The digest of what the action returned.
    package let digest: Digest?
    /// How long it took.
    package let durationMilliseconds: UInt64?
    /// How many bytes it returned.
    package let sizeBytes: UInt64?
    /// The action's own status: an exit status or an HTTP status.
    package let status: Int64?

    /// Makes a result.
    package init(digest: Digest?, durationMilliseconds: UInt64?, sizeBytes: UInt64?, status: Int64?) {
        self.digest = digest
        self.durationMilliseconds = durationMilliseconds
        self.sizeBytes = sizeBytes
        self.status = status
    }

    /// Whether nothing is said at all.
    package var isEmpty: Bool { digest == nil && durationMilliseconds == nil && sizeBytes == nil && status == nil }

    /// Whether every number can stand in a statement.
    var isValid: Bool {
        let numbers = [durationMilliseconds, sizeBytes, status?.magnitude].compactMap { $0 }
        return numbers.allSatisfy { $0 < StatementLimits.integerEnd }
    }

    init(_ reader: StatementReader) throws(StatementError) {
        digest = try reader.optionalDigest("digest")
        durationMilliseconds = reader.has("duration_milliseconds") ? try reader.integer("duration_milliseconds") : nil
        sizeBytes = reader.has("size_bytes") ? try reader.integer("size_bytes") : nil
        status = reader.has("status") ? try reader.signedInteger("status") : nil
    }

    func write(to writer: inout StatementWriter) {
        var separator: StaticString = "{"
        func name(_ name: StaticString, _ writer: inout StatementWriter) {
            writer.raw(separator)
            writer.raw(name)
            separator = ","
        }
        if let digest {
            name("\"digest\":", &writer)
            writer.digest(digest)
        }
        if let durationMilliseconds {
            name("\"duration_milliseconds\":", &writer)
            writer.integer(durationMilliseconds)
        }
        if let sizeBytes {
            name("\"size_bytes\":", &writer)
            writer.integer(sizeBytes)
        }
        if let status {
            name("\"status\":", &writer)
            writer.integer(status)
        }
        writer.raw("}")
    }
}

/// What came of a redemption.
package struct EffectStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// The decision whose action it is.
    package let decision: Reference
    /// The redemption: the decision itself where both were one statement.
    package let redemption: Reference
    /// The enforcement point, and the digest of its attempt.
    package let reporter: Reporter
    /// What came of it.
    package let report: Report

    /// Who reports.
    package struct Reporter: Hashable, Sendable {
        /// The enforcement point.
        package let by: Text
        /// The SHA-256 of its attempt's 16 bytes.
        package let attempt: Digest

        /// Makes a reporter.
        package init(by: Text, attempt: Digest) {
            self.by = by
            self.attempt = attempt
        }
    }

    /// What is reported.
    package struct Report: Hashable, Sendable {
        /// What came of the redemption.
        package let effect: ReportedEffect
        /// What it left behind; nil when nothing is said.
        package let result: EffectResult?
        /// The first effect, which stands, when this one contradicts it.
        package let contradicts: Reference?

        /// Makes a report; an empty result counts as none.
        package init(effect: ReportedEffect, result: EffectResult?, contradicts: Reference? = nil) {
            self.effect = effect
            self.result = result.flatMap { $0.isEmpty ? nil : $0 }
            self.contradicts = contradicts
        }
    }

    /// Makes a statement.
    ///
    /// - Throws: ``StatementError/invalid(_:)`` for a number of 2^53 or more in the result.
    package init(
        header: StatementHeader,
        decision: Reference,
        redemption: Reference,
        reporter: Reporter,
        report: Report
    ) throws(StatementError) {
        guard report.result?.isValid ?? true else { throw .invalid("result") }
        self.header = header
        self.decision = decision
        self.redemption = redemption
        self.reporter = reporter
        self.report = report
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        guard let effect = ReportedEffect(rawValue: try predicate.text("effect").string) else {
            throw predicate.invalid("effect")
        }
        var result: EffectResult?
        if let reader = try predicate.optionalObject("result") { result = try EffectResult(reader) }
        try self.init(
            header: StatementHeader(predicate),
            decision: predicate.reference("decision"),
            redemption: predicate.reference("redemption"),
            reporter: Reporter(by: predicate.text("by"), attempt: predicate.digest("attempt")),
            report: Report(
                effect: effect,
                result: result,
                contradicts: predicate.optionalReference("contradicts")
            )
        )
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_280)
        writer.beginStatement()
        writer.raw("\"attempt\":")
        writer.digest(reporter.attempt)
        writer.raw(",\"by\":")
        writer.text(reporter.by)
        if let contradicts = report.contradicts {
            writer.raw(",\"contradicts\":")
            writer.reference(contradicts)
        }
        writer.raw(",\"decision\":")
        writer.reference(decision)
        writer.raw(",\"effect\":")
        writer.word(report.effect.rawValue)
        writer.header(header)
        writer.raw(",\"redemption\":")
        writer.reference(redemption)
        if let result = report.result {
            writer.raw(",\"result\":")
            result.write(to: &writer)
        }
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("effect", subject: "decision", decision.leaf)
        return try writer.finished()
    }
}

extension StatementWriter {
    /// Appends `id` and `origin`, between which no member of these statements sorts.
    mutating func header(_ header: StatementHeader) {
        raw(",\"id\":")
        identifier(header.id)
        raw(",\"origin\":")
        text(header.origin)
    }
}
