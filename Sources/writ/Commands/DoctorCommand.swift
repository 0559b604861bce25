// `writ doctor`: is this installation as it should be?

import Bytes
import Service

/// Looks at a home without changing anything.
enum DoctorCommand {
    static let command = Command(
        specification: CommandSpecification(
            "doctor",
            "check an installation: keys, modes, policies, log, clock, disk, socket",
            flags: [Flags.home, Flags.json],
            details: "Exit status: 0 nothing keeps the gate from running, 1 something does.",
            examples: ["writ doctor --home ~/gate"]
        )
    ) { invocation in
        let findings = Doctor(try invocation.home()).examine()
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            var writer = JSONWriter()
            writer.beginArray()
            for finding in findings {
                writer.beginObject()
                writer.member("detail", Text(finding.detail))
                writer.member("level", Text(finding.level.rawValue))
                writer.member("subject", Text(finding.subject))
                writer.endObject()
            }
            writer.endArray()
            terminal.put(writer.bytes + [UInt8(ascii: "\n")])
        } else {
            for finding in findings {
                terminal.line("\(word(finding.level, terminal)) \(finding.subject): \(finding.detail)")
            }
        }
        return findings.contains { $0.level == .failure } ? .failed : .done
    }

    private static func word(_ level: DoctorFinding.Level, _ terminal: Terminal) -> String {
        switch level {
        case .good: terminal.styled("ok     ", .good)
        case .warning: terminal.styled("warning", .doubtful)
        case .failure: terminal.styled("failed ", .bad)
        }
    }
}
