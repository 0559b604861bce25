// What is printed: one line for each claim, or one JSON object.

internal import Authorization
internal import Bytes
internal import Cryptography
internal import Receipts
internal import Transparency

/// The two forms of the answer.
enum VerifyOutput {
    private static func claims(_ report: VerificationReport) -> [(name: String, finding: ClaimFinding)] {
        [
            ("authentic", report.authentic), ("witnessed", report.witnessed), ("authorizes", report.authorizes),
            ("consented", report.consented), ("complete", report.complete),
        ]
    }

    /// The answer for people.
    static func text(_ report: VerificationReport) -> String {
        var lines: [String] = []
        for (name, finding) in claims(report) {
            let label = name + String(repeating: " ", count: 12 - name.utf8.count)
            switch finding {
            case .holds: lines.append("\(label)yes")
            case .fails(let reason): lines.append("\(label)NO   \(printable(reason))")
            case .notAsked: lines.append("\(label)not asked")
            case .notChecked(let reason): lines.append("\(label)not checked: \(reason)")
            }
        }
        for remark in report.remarks { lines.append("remark      \(remark)") }
        if let receipt = report.receipt {
            let checkpoint = receipt.checkpoint.checkpoint
            lines.append(
                "statement   \(receipt.statement.typeName) \(receipt.statement.header.id.text), "
                    + "\(StatementTime.text(receipt.statement.header.time))"
            )
            if case .decision(let decision) = receipt.statement { lines += summary(decision) }
            let origin = printable(checkpoint.origin.text.string)
            lines.append("log         \(origin), index \(receipt.receipt.index) of \(checkpoint.size)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func summary(_ decision: DecisionStatement) -> [String] {
        var lines = ["outcome     \(decision.ruling.outcome.rawValue) \(decision.ruling.cause.rawValue)"]
        lines.append("actor       \(printable(decision.subject.actor.description))")
        lines.append("action      \(shown(decision.subject.surface)) / \(shown(decision.subject.action))")
        if !decision.ruling.policies.isEmpty {
            let policies = decision.ruling.policies.listed.map { printable($0.string) }.joined(separator: ", ")
            lines.append("policies    \(policies)")
        }
        if let permit = decision.ruling.permit {
            lines.append("audience    \(permit.audience.map { printable($0.string) }.joined(separator: ", "))")
            if let redemption = permit.redemption {
                let redeemer = printable(redemption.by.string)
                lines.append("redeemed    by \(redeemer), to act by \(StatementTime.text(redemption.actBy))")
            } else {
                lines.append("expires     \(StatementTime.text(permit.expires))")
            }
        }
        return lines
    }

    private static func shown(_ value: Disclosed<Text>) -> String {
        switch value {
        case .plain(let text): printable(text.string)
        case .blinded: "(blinded)"
        }
    }

    /// The text without what could move a terminal's cursor or change the direction of writing.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                        "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }

    /// The answer for machines.
    static func json(_ report: VerificationReport) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("claims")
        writer.beginObject()
        for (name, finding) in claims(report) {
            writer.name(Text(name))
            writer.beginObject()
            if let reason = finding.reason { writer.member("reason", Text(reason)) }
            writer.member("result", Text(finding.word))
            writer.endObject()
        }
        writer.endObject()
        if let receipt = report.receipt {
            let checkpoint = receipt.checkpoint.checkpoint
            writer.member("index", receipt.receipt.index)
            writer.member("leaf", Text(receipt.receipt.leaf.hex))
            writer.member("origin", checkpoint.origin.text)
        }
        writer.name("remarks")
        writer.beginArray()
        for remark in report.remarks { writer.string(Text(remark)) }
        writer.endArray()
        if let receipt = report.receipt {
            let checkpoint = receipt.checkpoint.checkpoint
            writer.member("root", Text(checkpoint.root.hex))
            writer.member("size", checkpoint.size)
            writer.name("statement")
            writer.raw(receipt.receipt.statement)
            writer.member("type", Text(receipt.statement.typeName))
        }
        writer.member("verified", report.isVerified)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
