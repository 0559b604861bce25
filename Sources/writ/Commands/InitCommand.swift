// `writ init`: a working home.

import Bundles
import Bytes
import Cryptography
import DecisionPoint
import Glibc
import Service
import StrictPolicy

/// Makes a home.
enum InitCommand {
    static let command = Command(
        specification: CommandSpecification(
            "init",
            "make a working home: keys, configuration, a small policy repository",
            operands: "[DIR]",
            operandCount: 0...1,
            flags: [
                FlagSpecification("--origin", "NAME", says: "the log's globally unique name, as gate.example/2026"),
                Flags.home, Flags.json,
            ],
            details: """
                DIR is the home (default: $WRIT_HOME, else ~/.local/share/writ). A directory that is not empty is
                refused. Prints the commands that lead from there to a first PERMIT.
                """,
            examples: ["writ init ~/gate --origin gate.example/2026"]
        ),
        run: run
    )

    @Sendable
    private static func run(_ invocation: Invocation) throws -> ExitStatus {
        let arguments = invocation.arguments
        var home = try invocation.home()
        if let directory = arguments.operands.first {
            guard !arguments.has(Flags.home.name) else {
                throw ArgumentError.conflict("give DIR or `--home`, not both")
            }
            home = Home(directory, workingDirectory: Terminal.workingDirectory)
        }
        let key = try HomeMaker(home, origin: arguments.value("--origin"), operatorUserID: geteuid()).make()
        let bundle = try DirectoryBundle.load(home.policiesDirectory).bundle
        if invocation.wantsJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("home", Text(home.path))
            writer.member("key", key.text)
            writer.member("origin", key.name.text)
            writer.member("policies", bundle.policies.count)
            writer.endObject()
            invocation.terminal.put(writer.bytes + [UInt8(ascii: "\n")])
            return .done
        }
        let terminal = invocation.terminal
        terminal.say("made \(home.path)")
        terminal.say("origin \(key.name), log key \(key.text)")
        terminal.say("\(bundle.policies.count) policies in \(home.policiesDirectory); unsigned, for development")
        terminal.say("next, with `serve` in a terminal of its own:")
        for command in next(home) { terminal.line(command) }
        return .done
    }

    /// The commands that lead from a new home to its first PERMIT.
    private static func next(_ home: Home) -> [String] {
        let flag = "--home \(quoted(home.path))"
        return [
            "writ policy test \(quoted(home.policiesDirectory))",
            "writ serve \(flag)",
            "writ agent add ops-bot --role actor \(flag)",
            "writ agent add gateway --role enforcement --actors ops-bot --surfaces platform "
                + "--write-token gateway.token \(flag)",
            "writ decide \(quoted(home.exampleRequestPath)) --token-file gateway.token \(flag)",
        ]
    }

    /// A path as a shell reads it back.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !isPlain else { return path }
        return "'\(path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}

/// Says which release this is.
enum VersionCommand {
    static let command = Command(
        specification: CommandSpecification(
            "version",
            "say which release this is",
            flags: [Flags.json],
            examples: ["writ version"]
        )
    ) { invocation in
        invocation.terminal.line(
            invocation.wantsJSON
                ? "{\"engine\":\"\(engineVersion)\",\"version\":\"\(Program.version)\"}"
                : "writ \(Program.version) (\(engineVersion))"
        )
        return .done
    }
}
