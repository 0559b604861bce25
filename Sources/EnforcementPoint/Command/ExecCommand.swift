// `writ exec` from its arguments to its exit code.

import Authorization
import Bytes
import Runtime

/// The command `writ exec`.
package enum ExecCommand {
    /// What `writ exec --help` says.
    package static let help = """
        usage: writ exec --surface NAME --action NAME --target TYPE::ID --actor NAME [options] -- COMMAND [ARGUMENTS…]

        Asks the gate, and runs the command only if the gate dispatches it.

          --context NAME=TEXT   a member of the context; NAME:=JSON for one that is not a string (repeatable)
          --key KEY             the idempotency key; irreversible surfaces demand one
          --env NAME            a variable that the command gets (repeatable); default HOME, LANG and PATH
          --gate ADDRESS        the gate's socket, or a loopback address with a port
          --token-file FILE     the enforcement point's token; else WRIT_TOKEN, else the socket's peer credentials

        The context also has `program`, `program_digest`, `arguments`, `directory` and `environment`.
        The command's exit code passes through; 92 DENY, 93 SILENCE, 94 HOLD, 64 wrong usage or no such program.

        example: writ exec --surface deploy --action release --target Environment::staging --actor ops-bot -- ./deploy
        """

    /// Runs it; answers the exit code.
    package static func run(_ arguments: [String]) -> Int32 {
        do throws(UsageError) {
            let (options, gate) = try parse(arguments)
            return try run(options, address: try gate.addressOrDefault(), token: gate.tokenSource)
        } catch {
            Console.say("writ: \(error)")
            return GatewayExit.usage
        }
    }

    /// Runs one command behind a gate, in a process that the command cannot read; answers the exit code.
    ///
    /// The caller's duty: no second thread may run yet.
    ///
    /// - Throws: ``UsageError`` when the token cannot be read; nothing was asked then.
    package static func run(
        _ options: ExecOptions,
        address: GateAddress,
        token: TokenSource
    ) throws(UsageError) -> Int32 {
        do throws(SystemError) {
            try GatewayProcess.harden()
        } catch {
            Console.say("writ: SILENCE: \(error)")
            return GatewayExit.silence
        }
        let wire = try SocketWire(address, token: token)
        GatewayProcess.forgetToken()
        return ExecGateway(enforcer: Enforcer(gate: RemoteGate(wire: wire))).run(options)
    }

    /// Reads the arguments.
    ///
    /// - Throws: ``UsageError`` for everything that is unknown, missing, doubled or malformed.
    package static func parse(_ arguments: [String]) throws(UsageError) -> (ExecOptions, GateOptions) {
        var reader = try ArgumentReader(arguments)
        var gate = GateOptions()
        var names: [String: Text] = [:]
        var context: [ContextMember] = []
        var environment: [String]?
        while let option = try reader.option(repeatable: ["--context", "--env"]) {
            if try gate.take(option, &reader) { continue }
            switch option {
            case "--surface", "--action", "--target", "--actor", "--key":
                names[option] = try reader.name(of: option)
            case "--context": context.append(try ContextMember(parsing: try reader.value(of: option)))
            case "--env": environment = (environment ?? []) + [try reader.value(of: option)]
            default: throw UsageError("unknown option `\(option)`")
            }
        }
        func demand(_ name: String) throws(UsageError) -> Text {
            guard let value = names[name] else { throw UsageError("`\(name)` is missing") }
            return value
        }
        guard let command = reader.command(), !command.isEmpty else {
            throw UsageError("the command is missing behind `--`")
        }
        let options = ExecOptions(
            actor: EntityName(type: "Agent", id: try demand("--actor")),
            surface: try demand("--surface"),
            action: try demand("--action"),
            target: try target(try demand("--target")),
            command: command,
            context: context,
            key: names["--key"],
            environment: environment
        )
        return (options, gate)
    }

    /// Reads `TYPE::ID`, split at the last `::` before any quote; the id may stand in quotes.
    static func target(_ text: Text) throws(UsageError) -> EntityName {
        let bytes = Array(text.utf8)
        let quote = bytes.firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
        let colons = UInt8(ascii: ":")
        guard let split = (0..<max(0, quote - 1)).last(where: { bytes[$0] == colons && bytes[$0 + 1] == colons }) else {
            throw UsageError("`\(text)` is not `TYPE::ID`")
        }
        var id = bytes[(split + 2)...]
        if id.first == UInt8(ascii: "\"") {
            guard id.count >= 2, id.last == UInt8(ascii: "\"") else { throw UsageError("`\(text)` is not `TYPE::ID`") }
            id = id.dropFirst().dropLast()
        }
        guard let type = Text(utf8: bytes[..<split]), let id = Text(utf8: id), !type.isEmpty, !id.isEmpty else {
            throw UsageError("`\(text)` is not `TYPE::ID`")
        }
        return EntityName(type: type, id: id)
    }
}
