// What was judged is what runs, and it runs on a dispatch alone.

import Authorization
import Bytes
import Cryptography
import EnforcementPoint
import Foundation
import Runtime
import Testing

@Suite(.serialized) struct ExecGatewayTests {
    /// What one run of the gateway came to.
    private struct Run {
        var code: Int32
        var wire: ScriptedWire
        var said: [String]

        var request: JSONValue? { wire.calls.first.flatMap { try? JSONValue(parsing: $0.body) } }
        var report: String { wire.calls.last.map { String(decoding: $0.body, as: UTF8.self) } ?? "" }
    }

    private static let permitted: [ScriptedReply] = [.json(Answers.dispatch()), .json(Answers.effect(.executed))]

    private static func run(
        _ command: [String],
        _ replies: [ScriptedReply] = permitted,
        change: (inout ExecOptions) -> Void = { _ in },
        onCall: @escaping @Sendable (GateCall) -> Void = { _ in }
    ) -> Run {
        var options = ExecOptions(
            actor: EntityName(type: "Agent", id: "ops-bot"),
            surface: "platform",
            action: "release",
            target: EntityName(type: "Environment", id: "staging"),
            command: command
        )
        change(&options)
        let wire = ScriptedWire(replies, onCall: onCall)
        let time = StillTime()
        let said = Guarded<[String]>([])
        let enforcer = Enforcer(gate: RemoteGate(wire: wire, time: time), time: time) {
            time.pass(milliseconds: Int64($0))
        }
        let gateway = ExecGateway(enforcer: enforcer, say: { line in said.withLock { $0.append(line) } })
        return Run(code: gateway.run(options), wire: wire, said: said.withLock { $0 })
    }

    @Test(arguments: [0, 1, 7, 92, 255])
    func theExitCodeOfTheCommandPassesThrough(code: Int32) {
        let run = Self.run(["sh", "-c", "exit \(code)"])
        #expect(run.code == code)
        #expect(run.report.contains(#""effect":"executed""#))
        #expect(run.report.contains(#""status":\#(code)}"#))
    }

    @Test func aCommandThatASignalEndsAnswers128AndTheSignal() {
        #expect(Self.run(["sh", "-c", "kill -KILL $$"]).code == 137)
    }

    @Test(arguments: Cause.allCases)
    func withoutDispatchTheCommandIsNotStarted(cause: Cause) throws {
        let scratch = try Scratch()
        let run = Self.run(["touch", scratch.file("ran")], [.json(Answers.refusal(cause))])
        #expect(!scratch.exists("ran"))
        let expected: Int32 =
            switch cause.outcome {
            case .deny: 92
            case .hold: 94
            case .silence, .permit: 93
            }
        #expect(run.code == expected)
        #expect(run.said.contains { $0.contains(cause.rawValue) })
    }

    @Test(arguments: [
        ScriptedReply.failure(.unreachable("no socket")), .failure(.lost("reset")), .json("<html>"), .json(""),
        .reply(500, nil, ""), .reply(302, nil, ""), .pending, .json(Answers.dispatch(["dispatch": "\"true\""])),
        .json(Answers.dispatch(["enforced": "false"])), .json(Answers.dispatch(["act_by": nil])),
    ])
    func anyDoubtIsSilence(reply: ScriptedReply) throws {
        let scratch = try Scratch()
        let run = Self.run(["touch", scratch.file("ran")], Array(repeating: reply, count: 5))
        #expect(!scratch.exists("ran"))
        #expect(run.code == 93)
    }

    @Test func withDispatchTheCommandIsStarted() throws {
        let scratch = try Scratch()
        #expect(Self.run(["touch", scratch.file("ran")]).code == 0)
        #expect(scratch.exists("ran"))
    }

    @Test func whatRunsIsInTheContext() throws {
        let scratch = try Scratch()
        let script = try scratch.write("deploy", "#!/bin/sh\nexit 0\n", mode: 0o755)
        let run = Self.run([script, "a", "", "b c"]) {
            $0.context = (try? [ContextMember(parsing: "image=x=y"), ContextMember(parsing: "count:=3")]) ?? []
            $0.key = "k"
        }
        #expect(run.code == 0)
        let context = run.request?["context"]
        let digest = SHA256.digest(of: Array("#!/bin/sh\nexit 0\n".utf8))
        #expect(context?["program"]?.string == Text(script))
        #expect(context?["program_digest"]?.string == Text("sha256:\(digest.hex)"))
        #expect(context?["arguments"]?.elements.map { $0.string } == ["a", "", "b c"])
        #expect(context?["directory"]?.string == Text(FileManager.default.currentDirectoryPath))
        #expect(context?["image"]?.string == "x=y")
        #expect(context?["count"]?.integer == 3)
        #expect(run.request?["idempotency_key"]?.string == "k")
    }

    @Test func theCommandGetsTheNamedVariablesAndNoOthers() throws {
        unsafe setenv("WRIT_TEST_GRANTED", "yes", 1)
        unsafe setenv("WRIT_TEST_HIDDEN", "secret", 1)
        let scratch = try Scratch()
        let run = Self.run(["/usr/bin/env"]) { $0.environment = ["WRIT_TEST_GRANTED", "WRIT_TEST_UNSET"] }
        #expect(run.code == 0)
        #expect(run.request?["context"]?["environment"]?.elements.map { $0.string } == ["WRIT_TEST_GRANTED"])
        let listing = Self.run(["/bin/sh", "-c", "/usr/bin/env > \(scratch.file("env"))"]) {
            $0.environment = ["WRIT_TEST_GRANTED"]
        }
        #expect(listing.code == 0)
        #expect(scratch.text("env").contains("WRIT_TEST_GRANTED=yes"))
        #expect(!scratch.text("env").contains("secret"))
        #expect(!scratch.text("env").contains("HOME="))
    }

    @Test(arguments: [
        ["no-such-command-anywhere"], ["/no/such/file"], ["/etc/passwd"], ["/tmp"], [""], ["/dev/null"], [],
    ])
    func whatCannotRunIsAUsageErrorAndNothingIsAsked(command: [String]) {
        let run = Self.run(command)
        #expect(run.code == 64)
        #expect(run.wire.calls.isEmpty)
    }

    @Test(arguments: ["A=B", "", "a b", "WRIT_TOKEN"])
    func aVariableThatMayNotBeGrantedIsAUsageError(name: String) {
        let run = Self.run(["true"]) { $0.environment = [name] }
        #expect(run.code == 64)
        #expect(run.wire.calls.isEmpty)
    }

    @Test(arguments: [
        "program=x", "program_digest=x", "arguments:=[]", "directory=/", "environment:=[]", "writ:={}", "=x", ":=1",
        "x", "x:=", "x:=nope", "x:={\"a\":1,\"a\":2}", "$x=1",
    ])
    func aContextMemberOfTheGatewayOrWithoutSenseIsRefused(argument: String) {
        #expect(throws: UsageError.self) { try ContextMember(parsing: argument) }
    }

    @Test func aProgramThatIsReplacedIsRunAsItWasDigested() throws {
        let scratch = try Scratch()
        let good = "#!/bin/sh\ntouch \(scratch.file("good"))\n"
        let script = try scratch.write("deploy", good, mode: 0o755)
        let run = Self.run([script]) { _ in
        } onCall: { call in
            guard call.target == "/v1/decisions" else { return }
            // Another file under the same name: the descriptor still has the judged one.
            _ = try? scratch.write("other", "#!/bin/sh\ntouch \(scratch.file("bad"))\n", mode: 0o755)
            unsafe rename(scratch.file("other"), scratch.file("deploy"))
        }
        // The judged file lost its name, which changes its times: it is not started rather than guessed about.
        #expect(run.code == 93)
        #expect(run.report.contains(#""effect":"not_started""#))
        #expect(!scratch.exists("bad"))
        #expect(!scratch.exists("good"))
    }

    @Test func aProgramThatIsChangedInPlaceIsNotStarted() throws {
        let scratch = try Scratch()
        let script = try scratch.write("deploy", "#!/bin/sh\nexit 0\n", mode: 0o755)
        let run = Self.run([script]) { _ in
        } onCall: { call in
            guard call.target == "/v1/decisions", let file = FileHandle(forWritingAtPath: script) else { return }
            file.write(Data("#!/bin/sh\ntouch \(scratch.file("bad"))\n".utf8))
            try? file.close()
        }
        #expect(run.code == 93)
        #expect(run.report.contains(#""effect":"not_started""#))
        #expect(!scratch.exists("bad"))
    }

    @Test func aFileThatTheKernelCannotExecuteIsNotStarted() throws {
        let scratch = try Scratch()
        let file = try scratch.write("garbage", "\u{1}\u{2}\u{3}", mode: 0o755)
        let replies: [ScriptedReply] = [.json(Answers.dispatch()), .json(Answers.effect(.notStarted))]
        let run = Self.run([file], replies)
        #expect(run.code == 93)
        #expect(run.report.contains(#""effect":"not_started""#))
    }

    @Test func aSignalToTheGatewayReachesTheCommand() {
        let script = "trap 'exit 9' TERM; kill -TERM $PPID; n=0; while [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done"
        #expect(Self.run(["sh", "-c", script]).code == 9)
    }

    @Test func aReportThatFailsIsSaidAndNothingRunsAgain() throws {
        let scratch = try Scratch()
        let run = Self.run(["sh", "-c", "echo x >> \(scratch.file("ran"))"], [.json(Answers.dispatch())])
        #expect(run.code == 0)
        #expect(scratch.text("ran") == "x\n")
        #expect(run.said.contains { $0.contains("not recorded") })
    }

    @Test func theCommandHoldsNoDescriptorOfTheGateway() throws {
        let scratch = try Scratch()
        let listing = "ls -l /proc/self/fd | grep -v pipe > \(scratch.file("fds"))"
        #expect(Self.run(["sh", "-c", listing]).code == 0)
        #expect(!scratch.text("fds").contains("socket"))
    }
}
