// Command lines: everything named, nothing guessed.

import Authorization
import Bytes
import EnforcementPoint
import Foundation
import Testing

@Suite struct CommandTests {
    private static let exec =
        ["--surface", "deploy", "--action", "release", "--target", "Environment::staging"]
        + ["--actor", "ops-bot"]

    @Test func anExecCommandIsRead() throws {
        let more = ["--context", "a=b", "--context", "n:=1", "--key", "k", "--env", "HOME", "--", "./x", "--key", "y"]
        let (options, _) = try ExecCommand.parse(Self.exec + more)
        #expect(options.surface == "deploy")
        #expect(options.target == EntityName(type: "Environment", id: "staging"))
        #expect(options.context.count == 2)
        #expect(options.key == "k")
        #expect(options.environment == ["HOME"])
        #expect(options.command == ["./x", "--key", "y"])
    }

    @Test(
        arguments: [
            ("A::b", "A", "b"), ("a::B::c", "a::B", "c"), ("A::\"b::c\"", "A", "b::c"), ("A::\"b", nil, ""),
            ("A::", nil, ""),
            ("::b", nil, ""), ("A:b", nil, ""), ("A::\"\"", nil, ""), (":", nil, ""),
        ] as [(String, String?, String)]
    )
    func aTargetIsATypeAndAnID(text: String, type: String?, id: String) throws {
        let line = ["--surface", "s", "--action", "a", "--actor", "x", "--target", text, "--", "c"]
        guard let type else {
            #expect(throws: UsageError.self) { try ExecCommand.parse(line) }
            return
        }
        #expect(try ExecCommand.parse(line).0.target == EntityName(type: Text(type), id: Text(id)))
    }

    @Test(arguments: [
        [], ["--"], exec, exec + ["--"], exec + ["--surface", "x", "--", "c"], exec + ["--what", "--", "c"],
        exec + ["word", "--", "c"], exec + ["--key", "--", "c"], exec + ["--gate", "10.0.0.1:1", "--", "c"],
        Array(exec.dropFirst(2)) + ["--", "c"], exec + ["--context", "writ=x", "--", "c"],
    ])
    func anExecCommandThatIsNotOneIsRefused(arguments: [String]) {
        #expect(throws: UsageError.self) { try ExecCommand.parse(arguments) }
        #expect(ExecCommand.run(arguments) == GatewayExit.usage)
    }

    private static let mcp = ["--surface", "s", "--actor", "a"]

    @Test func theThreeFormsOfMCPAreRead() throws {
        #expect(try MCPCommand.parse(Self.mcp + ["--", "server"]).mode == .standard)
        #expect(try MCPCommand.parse(["--connect", "/s"]).mode == .connect(path: "/s"))
        let listen = ["--listen", "/s", "--allow-user", "root", "--allow-user", "1000", "--", "server"]
        #expect(try MCPCommand.parse(Self.mcp + listen).mode == .listen(path: "/s", users: [0, 1000]))
    }

    @Test(arguments: [
        [], mcp, mcp + ["--"], ["--surface", "s", "--", "c"], ["--actor", "a", "--", "c"],
        mcp + ["--listen", "/s", "--", "c"], mcp + ["--allow-user", "root", "--", "c"],
        mcp + ["--listen", "/s", "--allow-user", "no-such-user-here", "--", "c"],
        mcp + ["--listen", "/s", "--allow-user", "-1", "--", "c"],
        mcp + ["--listen", "/s", "--allow-user", "4294967295", "--", "c"],
        mcp + ["--connect", "/s"], ["--connect", "/s", "--", "c"], ["--connect", "/s", "--gate", "/g"],
        mcp + ["--allow", "all", "--", "c"],
    ])
    func anMCPCommandThatIsNotOneIsRefused(arguments: [String]) {
        #expect(throws: UsageError.self) { try MCPCommand.parse(arguments) }
    }
}
