// What came of a dispatched action, and how it is reported.

package import Authorization
package import Bytes

/// What came of a dispatched action.
package struct Effect: Hashable, Sendable {
    /// The three things that an enforcement point can know; what it does not know it does not report.
    package enum Kind: String, CaseIterable, Sendable {
        /// The action was started and ended by itself, well or badly.
        case executed
        /// The other side refused, and nothing happened.
        case failed
        /// The action was not started.
        case notStarted = "not_started"
    }

    /// What happened.
    package var kind: Kind
    /// The SHA-256 of the result, if there is one.
    package var digest: Digest?
    /// The size of the result, in bytes.
    package var sizeBytes: Int?
    /// How long the action took.
    package var durationMilliseconds: Int?
    /// The status of the other side: an exit code, an HTTP status, an error code.
    package var status: Int?

    /// Makes an effect.
    package init(
        _ kind: Kind,
        digest: Digest? = nil,
        sizeBytes: Int? = nil,
        durationMilliseconds: Int? = nil,
        status: Int? = nil
    ) {
        self.kind = kind
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.durationMilliseconds = durationMilliseconds
        self.status = status
    }
}

/// The report of one effect by the attempt that redeemed.
package struct EffectReport: Sendable {
    /// The decision.
    package let id: Text
    /// The secret of the attempt.
    package let attempt: Nonce
    /// What happened.
    package let effect: Effect

    /// Makes a report.
    package init(id: Text, attempt: Nonce, effect: Effect) {
        self.id = id
        self.attempt = attempt
        self.effect = effect
    }

    /// The body of `POST /v1/decisions/{id}/effect`.
    package var body: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("attempt", attempt.base64URL)
        writer.member("effect", Text(effect.kind.rawValue))
        let parts = [effect.sizeBytes, effect.durationMilliseconds, effect.status]
        if effect.digest != nil || parts.contains(where: { $0 != nil }) {
            writer.name("result")
            writer.beginObject()
            if let digest = effect.digest { writer.member("digest", sha256: digest) }
            if let duration = effect.durationMilliseconds { writer.member("duration_milliseconds", duration) }
            if let size = effect.sizeBytes { writer.member("size_bytes", size) }
            if let status = effect.status { writer.member("status", status) }
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}

/// What the gate said to a report.
package enum ReportAnswer: Sendable {
    /// The effect stands, durably.
    case recorded
    /// Another effect stands already; this one was logged as a finding.
    case contradicted
    /// The gate refuses the report, for good.
    case refused(String)
    /// The gate did not say; the same report may be made again.
    case unknown(GateFailure)
}

/// Reads replies to reports.
enum ReportReader {
    /// Says what a reply means; whether the effect is recorded is never guessed.
    static func read(_ reply: GateReply, to report: EffectReport) -> ReportAnswer {
        guard let value = try? JSONValue(parsing: reply.body, limits: AnswerReader.limits), value.kind == .object else {
            return .unknown(.irregular("status \(reply.status) without strict JSON"))
        }
        switch (reply.status, reply.mediaType) {
        case (200, "application/json"):
            guard value["id"]?.string == report.id, value["state"]?.string == Text(report.effect.kind.rawValue) else {
                return .unknown(.irregular("an answer to another report"))
            }
            return .recorded
        case (409, "application/problem+json") where value["type"]?.string == "urn:writ:problem:effect_stands":
            return .contradicted
        case (400...499, "application/problem+json"):
            return .refused(Problem.describe(value, status: reply.status))
        default:
            return .unknown(.irregular("status \(reply.status)"))
        }
    }
}
