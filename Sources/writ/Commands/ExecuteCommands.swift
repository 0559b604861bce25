// `writ exec`: an enforcement point for one command.

import Authorization
import Bytes
import EnforcementPoint
import Service

/// Enforcement points of the command line.
enum ExecuteCommands {
    static let exec = Command(
        specification: CommandSpecification(
            "exec",
            "run a command only if the gate dispatches it",
            takesCommand: true,
            flags: [
                FlagSpecification("--surface", "NAME", says: "the surface"),
                FlagSpecification("--action", "NAME", says: "the action"),
                FlagSpecification("--target", "TYPE::ID", says: "what it is done to"),
                FlagSpecification("--actor", "NAME", says: "the agent that wants it"),
                FlagSpecification(
                    "--context",
                    "NAME=TEXT",
                    repeatable: true,
                    says: "a member; NAME:=JSON for other types"
                ),
                FlagSpecification("--key", "KEY", says: "the idempotency key"),
                FlagSpecification("--env", "NAME", repeatable: true, says: "a variable to hand on (HOME, LANG, PATH)"),
            ] + GateClient.flags.filter { $0 != Flags.json },
            details: """
                The context also has `program`, `program_digest`, `arguments`, `directory` and `environment`. The command's own exit
                status passes through; 92 DENY, 93 SILENCE or no answer, 94 HOLD, 64 wrong usage or no such program.
                """,
            examples: [
                "writ exec --surface deploy --action release --target Environment::staging --actor ops-bot -- ./deploy.sh"
            ]
        )
    ) { invocation in
        let arguments = invocation.arguments
        func demand(_ flag: String) throws(ArgumentError) -> Text {
            guard let value = arguments.value(flag), !value.isEmpty else { throw .conflict("`\(flag)` is missing") }
            return Text(value)
        }
        guard !arguments.command.isEmpty else { throw ArgumentError.missingCommand }
        let options = ExecOptions(
            actor: EntityName(type: "Agent", id: try demand("--actor")),
            surface: try demand("--surface"),
            action: try demand("--action"),
            target: try target(try demand("--target")),
            command: arguments.command,
            context: try arguments.values("--context").map { try ContextMember(parsing: $0) },
            key: arguments.value("--key").map { Text($0) },
            environment: arguments.has("--env") ? arguments.values("--env") : nil
        )
        let wire = try SocketWire(GateClient.address(invocation), token: GateClient.tokenSource(invocation))
        return ExitStatus(code: ExecGateway(enforcer: Enforcer(gate: RemoteGate(wire: wire))).run(options))
    }

    /// Reads `TYPE::ID`: the id is what stands behind the last `::`, or behind the first `::"` in quotes.
    private static func target(_ text: Text) throws(ArgumentError) -> EntityName {
        let expected = "TYPE::ID, such as Environment::staging"
        let words = text.string
        let quoted = words.split(separator: "::\"", maxSplits: 1, omittingEmptySubsequences: false)
        if quoted.count == 2, words.hasSuffix("\""), quoted[1].utf8.count > 1, !quoted[0].isEmpty {
            return EntityName(type: Text(String(quoted[0])), id: Text(String(quoted[1].dropLast())))
        }
        var parts = words.split(separator: "::", omittingEmptySubsequences: false).map(String.init)
        guard let id = parts.popLast(), !id.isEmpty, !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty }) else {
            throw .invalidValue(flag: "--target", value: words, expected: expected)
        }
        return EntityName(type: Text(parts.joined(separator: "::")), id: Text(id))
    }
}
