// `writ exec` and `writ mcp`: enforcement points.

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
                The context also has `program`, `program_digest`, `arguments`, `directory` and `environment`. The
                command's own exit status passes through; 92 DENY, 93 SILENCE or no answer, 94 HOLD, 64 wrong usage
                or no such program.
                """,
            examples: [
                "writ exec --surface deploy --action release --target Environment::staging "
                    + "--actor ops-bot -- ./deploy.sh"
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
        let (address, token) = (try GateClient.address(invocation), GateClient.tokenSource(invocation))
        return ExitStatus(code: try ExecCommand.run(options, address: address, token: token))
    }

    static let mcp = Command(
        specification: CommandSpecification(
            "mcp",
            "stand between an MCP client and an MCP server: every call is decided before the server sees it",
            takesCommand: true,
            flags: [
                FlagSpecification("--surface", "NAME", says: "the surface whose tools these are"),
                FlagSpecification("--actor", "NAME", says: "the agent at the other end"),
                FlagSpecification("--listen", "SOCKET", says: "serve the agent's client on this socket (strong form)"),
                FlagSpecification(
                    "--allow-user",
                    "USER",
                    repeatable: true,
                    says: "a user that may connect to --listen"
                ),
                FlagSpecification("--connect", "SOCKET", says: "be the relay of the agent's client to such a socket"),
            ] + GateClient.flags.filter { $0 != Flags.json },
            details: """
                Without --listen the server runs as the agent's own user, who can start it without the gateway: the
                weak form. With --listen the gateway runs under a user of its own, whose credentials the agent
                cannot read, and the agent's client is configured with `writ mcp --connect SOCKET`: the strong form.
                """,
            examples: [
                "writ mcp --surface github --actor ops-bot -- github-mcp-server stdio",
                "writ mcp --surface github --actor ops-bot --listen /run/writ/github.sock --allow-user agent "
                    + "--token-file gateway.token -- github-mcp-server stdio",
                "writ mcp --connect /run/writ/github.sock",
            ]
        )
    ) { invocation in
        let arguments = invocation.arguments
        var words: [String] = []
        for flag in ["--surface", "--actor", "--listen", "--allow-user", "--connect", "--gate", "--token-file"] {
            for value in arguments.values(flag) { words += [flag, value] }
        }
        // The relay knows no gate: that is the point of it.
        if !arguments.has("--connect"), !arguments.has("--gate") {
            guard case .unix(let path) = try GateClient.address(invocation) else { return .failed }
            words += ["--gate", path]
        }
        if !arguments.command.isEmpty { words += ["--"] + arguments.command }
        return ExitStatus(code: MCPCommand.run(words, version: Program.version))
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
