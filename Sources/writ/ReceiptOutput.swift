// What the receipt commands print.

import Authorization
import Bytes
import Cryptography
import Receipts
import Transparency

/// Receipts and what is known of them, for people and for machines.
enum ReceiptOutput {
    static func lines(_ receipt: Receipt, _ statement: Statement, _ checkpoint: Checkpoint) -> [String] {
        let header = statement.header
        let origin = Terminal.plain(checkpoint.origin.description)
        return [
            "statement   \(statement.typeName) \(header.id.text), \(StatementTime.text(header.time))",
            "log         \(origin), index \(receipt.index) of \(checkpoint.size)",
            "leaf        \(receipt.leaf.hex)",
            "root        \(checkpoint.root.hex)",
            Terminal.plain(String(decoding: receipt.statement, as: UTF8.self)),
        ]
    }

    static func json(_ receipt: Receipt, _ statement: Statement, _ checkpoint: Checkpoint) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("index", receipt.index)
        writer.member("leaf", Text(receipt.leaf.hex))
        writer.member("origin", checkpoint.origin.text)
        writer.member("root", Text(checkpoint.root.hex))
        writer.member("size", checkpoint.size)
        writer.name("statement")
        writer.raw(receipt.statement)
        writer.member("type", Text(statement.typeName))
        writer.member("verified", false)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func claims(_ report: VerificationReport) -> [(name: String, finding: ClaimFinding)] {
        [
            ("authentic", report.authentic), ("witnessed", report.witnessed), ("authorizes", report.authorizes),
            ("consented", report.consented), ("complete", report.complete),
        ]
    }

    static func lines(_ report: VerificationReport, _ terminal: Terminal) -> [String] {
        var lines: [String] = []
        for (name, finding) in claims(report) {
            let label = name + String(repeating: " ", count: 12 - name.utf8.count)
            switch finding {
            case .holds: lines.append("\(label)\(terminal.styled("yes", .good))")
            case .fails(let reason): lines.append("\(label)\(terminal.styled("NO", .bad)) \(Terminal.plain(reason))")
            case .notAsked: lines.append("\(label)not asked")
            case .notChecked(let reason): lines.append("\(label)not checked: \(reason)")
            }
        }
        for remark in report.remarks { lines.append("remark      \(remark)") }
        if let verified = report.receipt {
            lines += self.lines(verified.receipt, verified.statement, verified.checkpoint.checkpoint)
        }
        return lines
    }

    static func json(_ report: VerificationReport) -> [UInt8] {
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
        if let verified = report.receipt {
            writer.member("index", verified.receipt.index)
            writer.member("origin", verified.checkpoint.checkpoint.origin.text)
            writer.member("size", verified.checkpoint.checkpoint.size)
            writer.name("statement")
            writer.raw(verified.receipt.statement)
        }
        writer.name("remarks")
        writer.beginArray()
        for remark in report.remarks { writer.string(Text(remark)) }
        writer.endArray()
        writer.member("verified", report.isVerified)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
