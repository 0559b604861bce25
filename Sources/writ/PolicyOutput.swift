// What the policy commands print.

import Authorization
import Bundles
import Bytes
import Cedar
import StrictPolicy

/// Bundles, problems, tests and explanations, for people and for machines.
enum PolicyOutput {
    // MARK: Bundles

    static func summary(_ bundle: PolicyBundle) -> String {
        let surfaces = bundle.surfaces.map { Terminal.plain($0.name.string) }.joined(separator: ", ")
        return "ok: \(bundle.identity.name), \(bundle.policies.count) policies over \(surfaces); "
            + "sha256:\(bundle.identity.digest.hex)"
    }

    static func json(_ bundle: PolicyBundle, _ warnings: [PolicyProblem]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("digest", sha256: bundle.identity.digest)
        writer.member("name", bundle.identity.name)
        writer.member("policies", bundle.policies.count)
        write(warnings, to: &writer)
        writer.name("surfaces")
        writer.beginArray()
        for surface in bundle.surfaces { writer.string(surface.name) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// All problems with their lines, an empty line between two.
    static func text(_ problems: [PolicyProblem], _ terminal: Terminal) -> String {
        problems.map { $0.rendered(isColored: terminal.hasColour) }.joined(separator: "\n\n")
    }

    static func json(_ problems: PolicyProblems) -> [UInt8] { json(problems.problems) }

    static func json(_ problems: [PolicyProblem]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        write(problems, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ problems: [PolicyProblem], to writer: inout JSONWriter) {
        writer.name("problems")
        writer.beginArray()
        for problem in problems {
            writer.beginObject()
            writer.member("code", Text(problem.code.rawValue))
            writer.member("column", problem.column)
            writer.member("detail", Text(problem.codeName))
            writer.member("file", problem.file)
            writer.name("help")
            write(problem.diagnostic.helpLines.map { Text($0) }, to: &writer)
            writer.member("line", problem.line)
            writer.member("message", Text(problem.message))
            writer.member("severity", Text(problem.diagnostic.severity.rawValue))
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Tests

    static func lines(_ report: PolicyTestReport, _ terminal: Terminal) -> [String] {
        var lines: [String] = []
        for result in report.results {
            let word = result.isPassed ? terminal.styled("ok  ", .good) : terminal.styled("FAIL", .bad)
            lines.append("\(word) \(result.test.file): \(Terminal.plain(result.test.name.string))")
            if let difference = result.difference { lines.append("     \(Terminal.plain(difference))") }
        }
        for policy in report.policiesNeverDecisive { lines.append("never decisive: \(policy)") }
        for action in report.actionsNeverTested { lines.append("never tested: \(action)") }
        let failed = report.results.count { !$0.isPassed }
        lines.append("\(report.results.count - failed) passed, \(failed) failed")
        return lines
    }

    static func json(_ report: PolicyTestReport) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("actions_never_tested")
        write(report.actionsNeverTested, to: &writer)
        writer.member("passed", report.isPassed)
        writer.name("policies_never_decisive")
        write(report.policiesNeverDecisive, to: &writer)
        writer.name("tests")
        writer.beginArray()
        for result in report.results {
            writer.beginObject()
            if let difference = result.difference { writer.member("difference", Text(difference)) }
            writer.member("file", result.test.file)
            writer.member("name", result.test.name)
            writer.member("passed", result.isPassed)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    // MARK: Rulings

    static func lines(_ explanation: Explanation, _ terminal: Terminal) -> [String] {
        var lines = self.lines(explanation.ruling, terminal)
        for finding in explanation.findings {
            let policy = finding.policy
            let effect = policy.effect == .permit ? "permit" : "forbid"
            let place = "\(policy.file):\(policy.line)"
            switch finding.result {
            case .applies: lines.append("applies   \(effect) \(policy.name) (\(place))")
            case .outOfScope(let part):
                lines.append("not       \(effect) \(policy.name) (\(place)): its \(part) is another")
            case .conditionNotMet(let line):
                lines.append("not       \(effect) \(policy.name): its condition does not hold (\(policy.file):\(line))")
            case .failed(let line, let message):
                lines.append("failed    \(effect) \(policy.name) (\(policy.file):\(line)): \(Terminal.plain(message))")
            }
            lines += finding.evidence.map(self.line)
        }
        return lines
    }

    /// What one part of a policy is for the request, and what it is about.
    private static func line(_ evidence: PolicyEvidence) -> String {
        let operands = evidence.operands.map { "`\(Terminal.plain($0.expression.string))` is \($0.value)" }
        let about = operands.isEmpty ? "" : "; \(operands.joined(separator: ", "))"
        let part = "`\(evidence.expression)`: \(evidence.value)\(about)"
        return "          \(evidence.line):\(evidence.column) \(Terminal.plain(part))"
    }

    static func lines(_ ruling: Ruling, _ terminal: Terminal) -> [String] {
        var lines = ["\(styled(ruling.outcome, terminal)) \(ruling.cause.rawValue)"]
        for reason in ruling.reasons {
            let sentence = reason.text.map { ": \(Terminal.plain($0.string))" } ?? ""
            lines.append("by        \(reason.policy)\(sentence)")
        }
        for policy in ruling.errors { lines.append("error     \(policy)") }
        if let detail = ruling.detail { lines.append("because   \(Terminal.plain(detail))") }
        return lines
    }

    static func styled(_ outcome: Outcome, _ terminal: Terminal) -> String {
        switch outcome {
        case .permit: terminal.styled(outcome.rawValue, .good)
        case .deny: terminal.styled(outcome.rawValue, .bad)
        case .silence, .hold: terminal.styled(outcome.rawValue, .doubtful)
        }
    }

    static func json(_ explanation: Explanation) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeMembers(explanation.ruling, to: &writer)
        writer.name("findings")
        writer.beginArray()
        for finding in explanation.findings {
            writer.beginObject()
            writer.member("effect", finding.policy.effect == .permit ? "permit" : "forbid")
            write(finding.evidence, to: &writer)
            writer.member("policy", finding.policy.name)
            switch finding.result {
            case .applies: writer.member("result", "applies")
            case .outOfScope(let part):
                writer.member("result", "out_of_scope")
                writer.member("part", Text(part))
            case .conditionNotMet(let line):
                writer.member("result", "condition_not_met")
                writer.member("line", line)
            case .failed(let line, let message):
                writer.member("result", "failed")
                writer.member("line", line)
                writer.member("message", Text(message))
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ evidence: [PolicyEvidence], to writer: inout JSONWriter) {
        writer.name("evidence")
        writer.beginArray()
        for part in evidence {
            writer.beginObject()
            writer.member("column", part.column)
            writer.member("expression", part.expression)
            writer.member("line", part.line)
            writer.name("operands")
            writer.beginArray()
            for operand in part.operands {
                writer.beginObject()
                writer.member("expression", operand.expression)
                writer.member("value", operand.value)
                writer.endObject()
            }
            writer.endArray()
            writer.member("value", part.value)
            writer.endObject()
        }
        writer.endArray()
    }

    /// A ruling that was made offline: it has neither id nor receipt.
    static func json(_ ruling: Ruling) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeMembers(ruling, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func writeMembers(_ ruling: Ruling, to writer: inout JSONWriter) {
        writer.member("outcome", Text(ruling.outcome.rawValue))
        writer.member("cause", Text(ruling.cause.rawValue))
        writer.member("class", Text(ruling.cause.causeClass.rawValue))
        writer.member("dispatch", false)
        writer.member("offline", true)
        writer.name("reasons")
        writer.beginArray()
        for reason in ruling.reasons {
            writer.beginObject()
            writer.member("policy", reason.policy)
            if let text = reason.text { writer.member("reason", text) }
            writer.endObject()
        }
        writer.endArray()
        if !ruling.errors.isEmpty {
            writer.name("errors")
            write(ruling.errors, to: &writer)
        }
        if let detail = ruling.detail { writer.member("detail", Text(detail)) }
    }

    private static func write(_ names: [Text], to writer: inout JSONWriter) {
        writer.beginArray()
        for name in names { writer.string(name) }
        writer.endArray()
    }
}
