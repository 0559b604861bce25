// `writ mcp` from its arguments to its exit code.

package import Bytes
import Glibc
import Runtime

/// The command `writ mcp`.
package enum MCPCommand {
    /// What `writ mcp --help` says.
    package static let help = """
        usage: writ mcp --surface NAME --actor NAME [--gate ADDRESS] [--token-file FILE] -- SERVER [ARGUMENTS…]
               writ mcp --surface NAME --actor NAME --listen SOCKET --allow-user USER [options] -- SERVER [ARGUMENTS…]
               writ mcp --connect SOCKET

        Stands between an MCP client and an MCP server: tools that the surface does not map are hidden and refused, and
        every call is decided by the gate before the server sees it.

        The first form runs the server as the agent's own user, who can start it without the gateway: the weak form.
        The second form runs under a user of its own, whose credentials the agent cannot read, and the agent's client is
        configured with the third form, a relay without any say: the strong form.

          --allow-user USER     a user, by name or number, that may connect (repeatable)

        example: writ mcp --surface github --actor ops-bot -- github-mcp-server stdio
        """

    /// What the weak form says once.
    package static let weakness = """
        writ: weak form: the server runs as your own user, so whoever acts as you can start it without this gateway; \
        run `writ mcp --listen` as another user for the strong form
        """

    /// What was asked for.
    package enum Mode: Hashable, Sendable {
        /// On standard input and output, the server being a child of the same user.
        case standard
        /// On a socket, for these users.
        case listen(path: String, users: Set<UInt32>)
        /// A relay to such a socket.
        case connect(path: String)
    }

    /// The command line, read.
    package struct Options: Sendable {
        /// What was asked for.
        package var mode: Mode
        /// The surface and the agent; empty in a relay.
        package var surface: Text = ""
        /// The agent; empty in a relay.
        package var actor: Text = ""
        /// Where the gate is.
        package var gate = GateOptions()
        /// The server's command; empty in a relay.
        package var command: [String] = []
    }

    /// Runs it; answers the exit code.
    ///
    /// `version` is what the gateway calls itself towards servers.
    package static func run(_ arguments: [String], version: String) -> Int32 {
        do {
            let options = try parse(arguments)
            return try run(options, version)
        } catch {
            Console.say("writ: \(error)")
            if error is UsageError { Console.say("writ: try `writ mcp --help`") }
            return error is UsageError || error is ProgramError ? GatewayExit.usage : 1
        }
    }

    private static func run(_ options: Options, _ version: String) throws -> Int32 {
        switch options.mode {
        case .standard:
            guard let setup = try setup(options, version) else { return 1 }
            Console.say(weakness)
            return try MCPDriver(setup).run()
        case .listen(let path, let users):
            guard let setup = try setup(options, version) else { return 1 }
            return try listen(path, users, setup)
        case .connect(let path):
            try GatewayProcess.harden()
            GatewayProcess.forgetToken()
            try MCPRelay.run(path: path)
            return 0
        }
    }

    private static func listen(_ path: String, _ users: Set<UInt32>, _ setup: MCPDriver.Setup) throws -> Int32 {
        let listener = try MCPListener(path: path, allowed: users, setup: setup)
        let signals = listener.stopOnSignals()
        Console.say("writ: listening on `\(path)`")
        listener.run()
        listener.end()
        return signals.hasStopped ? 0 : 1
    }

    /// Hardens the process and looks at everything that a session will need; nil if the gate refuses it, which is said.
    private static func setup(_ options: Options, _ version: String) throws -> MCPDriver.Setup? {
        // Read first: a process that nobody may read has an environment that even itself cannot open, unless it is
        // root.
        let environment = try Variables.ofServers()
        try GatewayProcess.harden()
        let token = options.gate.tokenSource
        let address = try options.gate.addressOrDefault()
        let gate = RemoteGate(wire: try SocketWire(address, token: token))
        GatewayProcess.forgetToken()
        _ = try ProgramFile.resolve(options.command.first ?? "", Variables.value("PATH") ?? Variables.searchPathDefault)
        let deadline = SystemTime().monotonicNanoseconds() &+ UInt64(EnforcementLimits.askMilliseconds) * 1_000_000
        switch gate.checkSetup(of: options.surface, for: options.actor, deadline: deadline) {
        case .ready(toolCount: 0):
            Console.say("writ: surface `\(options.surface)` maps no tools: every call will be refused")
        case .ready: break
        case .refused(let why):
            Console.say(
                "writ: the gate at `\(address.words)` refuses surface `\(options.surface)` to actor "
                    + "`\(options.actor)`, asked with \(token.words): \(why)"
            )
            return nil
        case .unknown(let failure):
            Console.say("writ: \(failure) (`\(address.words)`); every call is refused until the gate answers")
        }
        return MCPDriver.Setup(
            identity: MCPIdentity(actor: options.actor, surface: options.surface, version: Text(version)),
            gate: gate,
            command: options.command,
            environment: environment
        )
    }

    /// Reads the arguments.
    ///
    /// - Throws: ``UsageError`` for everything that is unknown, missing, doubled or malformed.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Options {
        var reader = try ArgumentReader(arguments)
        var options = Options(mode: .standard)
        var names: [String: Text] = [:]
        var users: Set<UInt32> = []
        var isGateGiven = false
        while let option = try reader.option(repeatable: ["--allow-user"]) {
            if try options.gate.take(option, &reader) {
                isGateGiven = true
                continue
            }
            switch option {
            case "--surface", "--actor", "--listen", "--connect": names[option] = try reader.name(of: option)
            case "--allow-user": users.insert(try user(try reader.value(of: option)))
            default: throw UsageError("unknown option `\(option)`")
            }
        }
        let command = reader.command()
        if let path = names["--connect"] {
            guard names.count == 1, users.isEmpty, command == nil, !isGateGiven else {
                throw UsageError("`--connect` goes with no other option: the gateway decides, not the relay")
            }
            options.mode = .connect(path: path.string)
            return options
        }
        guard let surface = names["--surface"] else { throw UsageError("`--surface` is missing") }
        guard let actor = names["--actor"] else { throw UsageError("`--actor` is missing") }
        guard let command, !command.isEmpty else { throw UsageError("the server's command is missing behind `--`") }
        options.surface = surface
        options.actor = actor
        options.command = command
        switch (names["--listen"], users.isEmpty) {
        case (let path?, false): options.mode = .listen(path: path.string, users: users)
        case (.some, true): throw UsageError("`--listen` needs `--allow-user`: nobody is allowed by default")
        case (nil, false): throw UsageError("`--allow-user` needs `--listen`")
        case (nil, true): break
        }
        return options
    }

    /// The number of a user, by number or name.
    private static func user(_ text: String) throws(UsageError) -> UInt32 {
        if let number = UInt32(text), String(number) == text, number != .max { return number }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw UsageError("`\(text)` is not a user")
        }
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let result = unsafe getpwnam_r(text, &entry, &buffer, buffer.count, &found)
        guard result == 0, unsafe found != nil else { throw UsageError("there is no user `\(text)`") }
        return unsafe entry.pw_uid
    }
}

extension Variables {
    /// The most bytes of an environment that is handed on.
    private static let environmentBytesMax = 4 << 20

    /// The environment of an MCP server: the gateway's, without the credential for the gate.
    static func ofServers() throws -> [String] {
        // The kernel's copy of what this process was started with; `environ` is not safe to read from several threads.
        let file = try FileDescriptor(opening: "/proc/self/environ", .read)
        var bytes: [UInt8] = []
        while bytes.count <= environmentBytesMax {
            let piece = try file.read(count: 65_536, at: Int64(bytes.count))
            guard !piece.isEmpty else { break }
            bytes += piece
        }
        guard bytes.count <= environmentBytesMax else { throw UsageError("the environment is too large") }
        return bytes.split(separator: 0).compactMap { entry in
            guard let text = String(validating: entry, as: UTF8.self) else { return nil }
            return text.hasPrefix("\(GateAddress.tokenVariable)=") ? nil : text
        }
    }
}
