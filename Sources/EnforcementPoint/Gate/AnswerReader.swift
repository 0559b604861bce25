// The strict reader of the gate's answers: what is not exactly a leave to act is none.

import Authorization
package import Bytes

/// Reads replies to `POST /v1/decisions` and `…/redeem` (docs/reference/http-api.md).
package struct AnswerReader: Sendable {
    /// What a reply answers, which decides what it must contain.
    package enum Call: Sendable {
        /// A question, about this surface.
        case decision(surface: Text)
        /// A redemption of this decision.
        case redemption(id: Text)
    }

    /// The bounds of an answer.
    static let limits = JSONLimits(
        bytesMax: EnforcementLimits.answerBytesMax,
        depthMax: 32,
        nodesMax: 20_000,
        integerMax: (1 << 53) - 1
    )

    private let call: Call
    private let asked: Moment
    private let answered: Moment

    /// Makes a reader of the reply to a call that was made and answered at these moments.
    package init(_ call: Call, asked: Moment, answered: Moment) {
        self.call = call
        self.asked = asked
        self.answered = answered
    }

    /// Says what a reply means; never more than the reply says.
    package func read(_ reply: GateReply) -> GateAnswer {
        let value: JSONValue
        do throws(JSONError) {
            guard !reply.body.isEmpty else { return .doubt(.irregular("it is empty")) }
            value = try JSONValue(parsing: reply.body, limits: Self.limits)
        } catch {
            return .doubt(.irregular("\(error)"))
        }
        guard value.kind == .object else { return .doubt(.irregular("it is not an object")) }
        do throws(GateFailure) {
            return try read(value, status: reply.status, mediaType: reply.mediaType)
        } catch {
            return .doubt(error)
        }
    }

    private func read(_ value: JSONValue, status: UInt16, mediaType: String?) throws(GateFailure) -> GateAnswer {
        switch (status, mediaType) {
        case (503, "application/problem+json") where value["type"]?.string == "urn:writ:problem:answer_pending":
            return .pending
        case (400...599, "application/problem+json"):
            throw .refused(Problem.describe(value, status: status))
        case (200, "application/json"), (503, "application/json"):
            let answer = AnswerMembers(value)
            guard try answer.flag("dispatch") else { return .refusal(try refusal(answer)) }
            guard status == 200 else { throw .irregular("a dispatch with status \(status)") }
            return .dispatch(try dispatch(answer))
        default:
            throw .irregular("status \(status) with media type \(mediaType ?? "none")")
        }
    }

    // MARK: - Leave to act

    /// Reads an answer whose `dispatch` is true; every condition is checked, none has a default.
    private func dispatch(_ answer: AnswerMembers) throws(GateFailure) -> Dispatch {
        try refuseUnknownMembers(answer)
        guard try answer.text("outcome") == "PERMIT" else { throw .irregular("a dispatch without PERMIT") }
        let cause = try answer.cause()
        guard cause.outcome == .permit else { throw .irregular("a dispatch with cause \(cause.rawValue)") }
        guard try answer.text("state") == "redeemed" else { throw .irregular("a dispatch that is not redeemed") }
        let id = try answer.identifier()
        try checkCall(answer, id: id)
        let receipt = try answer.text("receipt")
        guard receipt.string.utf8.starts(with: "c2sp.org/tlog-proof@v1\n".utf8) else {
            throw .irregular("a dispatch without a receipt")
        }
        _ = try answer.index()
        let actBy = try answer.time("act_by")
        return Dispatch(
            id: id,
            receipt: receipt,
            bundleDigest: try answer.bundleDigest(),
            actByMilliseconds: actBy,
            actBySteadyNanoseconds: try steadyLimit(actBy)
        )
    }

    /// What only an answer to a question says: it must be enforced, and about the surface that was asked about.
    private func checkCall(_ answer: AnswerMembers, id: Text) throws(GateFailure) {
        switch call {
        case .decision(let surface):
            guard try answer.flag("enforced") else { throw .irregular("a dispatch that is not enforced") }
            guard try answer.text("surface") == surface else { throw .irregular("an answer about another surface") }
            guard try answer.text("class") == Text(try answer.cause().causeClass.rawValue) else {
                throw .irregular("a dispatch of another class")
            }
            _ = try answer.time("expires")
            _ = try answer.reasons()
        case .redemption(let asked):
            guard id == asked else { throw .irregular("an answer about another decision") }
        }
    }

    /// The members that a leave to act may have: one that is not known could be a condition that is not met.
    private func refuseUnknownMembers(_ answer: AnswerMembers) throws(GateFailure) {
        let known: Set<Text> = [
            "id", "outcome", "cause", "class", "dispatch", "enforced", "reasons", "surface", "bundle", "state",
            "act_by", "expires", "replayed", "index", "opening", "receipt",
        ]
        for member in answer.value.members where !known.contains(member.name) {
            throw .irregular("unknown member `\(member.name)` in a dispatch")
        }
        if answer.value["replayed"] != nil { _ = try answer.flag("replayed") }
    }

    /// The budget to act on the steady clock, from the time that is left on the wall clock.
    private func steadyLimit(_ actBy: Int64) throws(GateFailure) -> UInt64 {
        let (left, overflows) = actBy.subtractingReportingOverflow(answered.wallMilliseconds)
        guard !overflows, left > 0 else { throw .irregular("the time to act is over") }
        // The gate grants a minute at most; more than that means that the two clocks disagree.
        let bound = asked.steady(after: EnforcementLimits.actMillisecondsMax)
        return min(answered.steady(after: Int(min(left, Int64(EnforcementLimits.actMillisecondsMax)))), bound)
    }

    // MARK: - Everything else

    private func refusal(_ answer: AnswerMembers) throws(GateFailure) -> Refusal {
        let cause = try answer.cause()
        guard try answer.text("outcome") == Text(cause.outcome.rawValue) else {
            throw .irregular("outcome and cause do not belong together")
        }
        var refusal = Refusal(cause: cause)
        let id = try answer.identifier()
        if case .redemption(let asked) = call, id != asked { throw .irregular("an answer about another decision") }
        refusal.id = id
        refusal.reasons = answer.value["reasons"] == nil ? [] : try answer.reasons()
        refusal.detail = answer.value["detail"]?.string
        refusal.receipt = answer.value["receipt"]?.string
        refusal.original = answer.value["original"]?.string
        refusal.effect = answer.value["effect"]?["effect"]?.string
        refusal.state = answer.value["state"]?.string
        refusal.bundleDigest = try answer.bundleDigest()
        return refusal
    }
}

/// Problem documents (RFC 9457), reduced to one line.
enum Problem {
    /// The name, status and detail of a problem.
    static func describe(_ value: JSONValue, status: UInt16) -> String {
        let name = value["type"]?.string.map { Words.line($0.string, bytesMax: 80) } ?? "problem"
        guard let detail = value["detail"]?.string else { return "\(name), status \(status)" }
        return "\(name), status \(status): \(Words.line(detail.string, bytesMax: 300))"
    }
}

/// Foreign words on their way to a person's terminal.
enum Words {
    /// One line without control characters, cut behind that many bytes.
    static func line(_ text: String, bytesMax: Int) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            guard output.utf8.count + 4 <= bytesMax else { return output + "…" }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            output.unicodeScalars.append(isControl ? " " : scalar)
        }
        return output
    }
}
