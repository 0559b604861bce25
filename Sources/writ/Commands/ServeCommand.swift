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
        let configuration = try configuration(try invocation.home(), invocation.arguments)
        let server = try GateServer(configuration) { terminal.say($0) }
        return try server.run() ? .done : .failed
    }

    /// The configuration with its flags; a wrong flag is wrong usage, a wrong file is not.
    private static func configuration(_ home: Home, _ flags: ParsedArguments) throws -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration(home: home, flags: flags)
        } catch {
            if case .flag(let wrong) = error { throw wrong }
            throw error
        }
    }
}
