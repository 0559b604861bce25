// `writ policy check|lint|test|explain`.

import Authorization
import Bundles
import Bytes
import Service
import StrictPolicy

/// What people do with a policy directory.
enum PolicyCommands {
    private static let directory = "DIR"

    static let check = Command(
        specification: CommandSpecification(
            "policy check",
            "read a policy directory as the gate would, and say everything that is wrong with it",
            operands: directory,
            operandCount: 1...1,
            flags: [Flags.json],
            details: """
                Read are policies, schemas, entities and the files with tests. Every policy has to be strictly valid
                against its surface's schema. Warnings, those of the lint among them, do not keep the gate from loading.
                Exit status: 0 the gate would load it, 1 it would not, or a file with tests is broken.
                """,
            examples: ["writ policy check policies"]
        )
    ) { invocation in
        let terminal = invocation.terminal
        do throws(PolicyProblems) {
            let directory = try DirectoryBundle.load(invocation.arguments.operands[0])
            _ = try directory.readTests()
            let bundle = directory.bundle
            let warnings = bundle.warnings + bundle.lint()
            if invocation.wantsJSON {
                terminal.put(PolicyOutput.json(bundle, warnings) + [newline])
            } else {
                if !warnings.isEmpty { terminal.line(PolicyOutput.text(warnings, terminal)) }
                terminal.line(PolicyOutput.summary(bundle))
            }
            return .done
        } catch {
            if invocation.wantsJSON {
                terminal.put(PolicyOutput.json(error) + [newline])
            } else {
                terminal.line(PolicyOutput.text(error.problems, terminal))
                terminal.say(error.problems.count == 1 ? "1 problem" : "\(error.problems.count) problems")
            }
            return .failed
        }
    }

    static let lint = Command(
        specification: CommandSpecification(
            "policy lint",
            "say what is legal in a policy directory and may still let through what it means to stop",
            operands: directory,
            operandCount: 1...1,
            flags: [Flags.json],
            details: """
                A `forbid` fails open when its condition turns out false for a reason that nobody thought of: a text
                that is spelt in another way, an attribute that is missing, a group that nobody is known to be in.
                Exit status: 0 nothing was found, 1 something was, or the gate would not load the directory.
                """,
            examples: ["writ policy lint policies"]
        )
    ) { invocation in
        let bundle = try DirectoryBundle.load(invocation.arguments.operands[0]).bundle
        let findings = bundle.lint()
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(PolicyOutput.json(findings) + [newline])
        } else {
            if !findings.isEmpty { terminal.line(PolicyOutput.text(findings, terminal)) }
            terminal.say(findings.count == 1 ? "1 finding" : "\(findings.count) findings")
        }
        return findings.isEmpty ? .done : .failed
    }

    static let test = Command(
        specification: CommandSpecification(
            "policy test",
            "run the tests of a policy directory, and say what they do not touch",
            operands: directory,
            operandCount: 1...1,
            flags: [Flags.json],
            details: "Exit status: 0 every test passed, 1 one did not, or the directory is wrong.",
            examples: ["writ policy test policies"]
        )
    ) { invocation in
        let bundle = try DirectoryBundle.load(invocation.arguments.operands[0])
        let report = try bundle.runTests()
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(PolicyOutput.json(report) + [newline])
        } else {
            for line in PolicyOutput.lines(report, terminal) { terminal.line(line) }
        }
        return report.isPassed ? .done : .failed
    }

    static let explain = Command(
        specification: CommandSpecification(
            "policy explain",
            "say which policies apply to a request, and at what the others fail",
            operands: "DIR FILE|-",
            operandCount: 2...2,
            flags: [
                FlagSpecification("--now", "TIME", says: "the gate's clock, as 2026-11-20T12:31:04.113Z"), Flags.json,
            ],
            details: """
                The request is ruled by the policies alone: the actor counts as active, nothing is halted or
                claimed, and nothing is recorded. Of a policy that does not apply, the part because of which it does
                not is shown, with the values of what it is about.
                """,
            examples: ["writ policy explain policies request.json"]
        )
    ) { invocation in
        let bundle = try DirectoryBundle.load(invocation.arguments.operands[0]).bundle
        let request = try RequestFile.read(invocation.arguments.operands[1])
        let facts = Facts.undisturbed(request, at: try RequestFile.instant(invocation.arguments))
        let explanation = StrictPolicy.explain(request, facts, bundle)
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(PolicyOutput.json(explanation) + [newline])
        } else {
            for line in PolicyOutput.lines(explanation, terminal) { terminal.line(line) }
        }
        return .done
    }

    private static let newline = UInt8(ascii: "\n")
}
