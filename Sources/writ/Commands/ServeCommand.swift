// `writ serve`: the gate.

import Service

/// Runs the gate of a home.
enum ServeCommand {
    static let command = Command(
        specification: CommandSpecification(
            "serve",
            "run the gate: API, log, policies",
            flags: [Flags.home] + ConfigurationMember.allCases.map(\.flag),
            details: """
                Every member of writ.json is a flag, too; a flag wins. SIGHUP reads the policies again and keeps the
                old ones if the new do not load; SIGTERM and SIGINT end the gate in good order.
                """,
            examples: ["writ serve", "writ serve --home ~/gate --listen-tcp 127.0.0.1:7411"]
        )
    ) { invocation in
        let terminal = invocation.terminal
        let configuration = try Configuration(home: try invocation.home(), flags: invocation.arguments)
        let server = try GateServer(configuration) { terminal.say($0) }
        return try server.run() ? .done : .failed
    }
}
