// The built `writ` as a process: what it starts cannot read its credential, and a wrong setup is said at once.

import Authorization
import Bytes
import EnforcementPoint
import Foundation
import Runtime
import Testing

@Suite(.serialized) struct GatewayProcessTests {
    private static let secret = "writ_secret-token"

    /// A user that is not root, so that the kernel's refusal is seen; nil where no such user can be had.
    private static let unprivileged: [String]? = {
        guard getuid() == 0 else { return [] }
        let program = "/usr/bin/setpriv"
        guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
        return [program, "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    }()

    /// A copy of `writ` in a folder that every user may enter.
    ///
    /// Another process writes it: a descriptor of ours, open for writing while another test starts a process, would be
    /// open in that process for a moment, too, and the kernel starts no program that somebody may write to.
    private static func binary(_ scratch: Scratch) throws -> String {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let copy = scratch.file("writ")
        let copying = Process()
        copying.executableURL = URL(fileURLWithPath: "/bin/cp")
        copying.arguments = [folder.appendingPathComponent("writ").path, copy]
        try copying.run()
        copying.waitUntilExit()
        try #require(copying.terminationStatus == 0)
        for path in [copy, scratch.path] { try #require(unsafe chmod(path, 0o777) == 0) }
        return copy
    }

    /// A process that runs, with what it says in a file.
    private final class Run {
        let process = Process()
        let input = Pipe()
        private let words: String
        var said: String { (try? String(contentsOfFile: words, encoding: .utf8)) ?? "" }

        init(_ command: [String], _ scratch: Scratch, _ environment: [String: String] = [:]) throws {
            words = scratch.file("words-\(UUID().uuidString)")
            try Data().write(to: URL(fileURLWithPath: words))
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = Array(command.dropFirst())
            process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": scratch.path]
                .merging(environment) { $1 }
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: words))
            try process.run()
        }

        /// Waits until it has said something; false if it does not within twenty seconds.
        func waits(for text: String) -> Bool { eventually { said.contains(text) } }

        /// The exit code; -1 if it does not end within thirty seconds.
        func code() -> Int32 {
            guard eventually({ !process.isRunning }) else {
                process.terminate()
                return -1
            }
            return process.terminationStatus
        }
    }

    private static func eventually(_ isSo: () -> Bool) -> Bool {
        for _ in 0..<600 {
            if isSo() { return true }
            usleep(50_000)
        }
        return isSo()
    }

    private static let mcp = ["mcp", "--surface", "platform", "--actor", "ops-bot"]

    /// What a child does to read the environment of its parent.
    private static func spy(_ scratch: Scratch) -> [String] {
        let file = scratch.file("seen")
        return ["sh", "-c", "cat /proc/$PPID/environ > \(file); echo code $? >> \(file); cat > /dev/null"]
    }

    /// A gate that dispatches everything, for one command.
    private static func gate(_ scratch: Scratch) throws -> RawServer {
        let server = try RawServer(scratch.file("gate.sock")) { request in
            guard !request.hasPrefix("POST /v1/decisions ") else {
                let actBy = "\"\(Timestamp.format(milliseconds: SystemTime().wallMilliseconds() + 5_000) ?? "")\""
                return .json("200 OK", Answers.dispatch(["act_by": actBy, "expires": actBy]))
            }
            return request.hasPrefix("GET ")
                ? .json("200 OK", Gates.map()) : .json("200 OK", Answers.effect(.executed))
        }
        try #require(unsafe chmod(server.path, 0o777) == 0)
        return server
    }

    private static func exec(_ gate: RawServer, _ command: [String]) -> [String] {
        ["exec", "--surface", "platform", "--action", "read", "--target", "Project::main", "--actor", "ops-bot"]
            + ["--gate", gate.path, "--"] + command
    }

    // MARK: - The credential

    @Test(.enabled(if: unprivileged != nil, "no setpriv, and root reads every process"), arguments: [true, false])
    func aChildCannotReadTheEnvironmentOfTheGateway(isExec: Bool) throws {
        let scratch = try Scratch()
        let user = try #require(Self.unprivileged)
        let writ = try Self.binary(scratch)
        let gate = try Self.gate(scratch)
        defer { gate.stop() }
        let spy = Self.spy(scratch)
        let words = isExec ? Self.exec(gate, spy) : Self.mcp + ["--gate", gate.path, "--"] + spy
        let run = try Run(user + [writ] + words, scratch, ["WRIT_TOKEN": Self.secret])
        #expect(Self.eventually { scratch.text("seen").contains("code") }, "\(run.said)")
        try run.input.fileHandleForWriting.close()
        _ = run.code()
        #expect(scratch.text("seen") == "code 1\n", "\(run.said)")
        // The token was read before it was wiped.
        #expect(gate.received.first?.contains("Bearer \(Self.secret)") == true)
    }

    @Test(.enabled(if: unprivileged != nil, "no setpriv, and root reads every process"))
    func aChildOfAnotherProgramCanReadItsEnvironment() throws {
        let scratch = try Scratch()
        let user = try #require(Self.unprivileged)
        _ = try Self.binary(scratch)
        let outer = ["/bin/sh", "-c", "\"$@\"; true", "sh"] + Self.spy(scratch)
        let run = try Run(user + outer, scratch, ["WRIT_TOKEN": Self.secret])
        try run.input.fileHandleForWriting.close()
        #expect(run.code() == 0)
        #expect(scratch.text("seen").contains(Self.secret))
        #expect(scratch.text("seen").hasSuffix("code 0\n"))
    }

    /// Whoever may read every process finds no token either.
    @Test(arguments: [true, false])
    func theTokenIsWiped(isExec: Bool) throws {
        let scratch = try Scratch()
        let writ = try Self.binary(scratch)
        let gate = try Self.gate(scratch)
        defer { gate.stop() }
        let spy = Self.spy(scratch)
        let words = isExec ? Self.exec(gate, spy) : Self.mcp + ["--gate", gate.path, "--"] + spy
        let run = try Run([writ] + words, scratch, ["WRIT_TOKEN": Self.secret])
        #expect(Self.eventually { scratch.text("seen").contains("code") }, "\(run.said)")
        try run.input.fileHandleForWriting.close()
        _ = run.code()
        #expect(!scratch.text("seen").contains(Self.secret))
        #expect(getuid() != 0 || scratch.text("seen").hasSuffix("code 0\n"))
    }

    // MARK: - The setup

    @Test(arguments: ["401 Unauthorized", "403 Forbidden", "404 Not Found"])
    func aGateThatRefusesTheSetupEndsTheStart(status: String) throws {
        let scratch = try Scratch()
        let problem = #"{"type":"urn:writ:problem:no","title":"no","status":400,"detail":"it is so"}"#
        let gate = try RawServer(scratch.file("gate.sock")) { _ in
            .json(status, problem, type: "application/problem+json")
        }
        defer { gate.stop() }
        let writ = try Self.binary(scratch)
        for more in [[], ["--listen", scratch.file("mcp.sock"), "--allow-user", "\(getuid())"]] {
            let command = Self.mcp + more + ["--gate", gate.path, "--", "touch", scratch.file("ran")]
            let run = try Run([writ] + command, scratch, ["WRIT_TOKEN": Self.secret])
            #expect(run.code() == 1)
            for part in [gate.path, "WRIT_TOKEN", "`platform`", "`ops-bot`", "it is so"] {
                #expect(run.said.contains(part))
            }
            #expect(!run.said.contains(Self.secret))
            #expect(!scratch.exists("ran"))
            #expect(!scratch.exists("mcp.sock"))
        }
    }

    @Test func aGateThatIsNotThereIsSaidAndTheServerStarts() throws {
        let scratch = try Scratch()
        let command = Self.mcp + ["--gate", scratch.file("no.sock"), "--", "sh", "-c", "cat > \(scratch.file("ran"))"]
        let run = try Run([try Self.binary(scratch)] + command, scratch)
        #expect(run.waits(for: "weak form"))
        #expect(run.said.contains("cannot be reached"))
        #expect(run.said.contains(scratch.file("no.sock")))
        try run.input.fileHandleForWriting.close()
        #expect(run.code() == 0)
        #expect(scratch.exists("ran"))
    }

    @Test(arguments: [true, false])
    func aServerThatIsNotThereIsAUsageError(listens: Bool) throws {
        let scratch = try Scratch()
        let more = listens ? ["--listen", scratch.file("mcp.sock"), "--allow-user", "\(getuid())"] : []
        let command = Self.mcp + more + ["--gate", scratch.file("no.sock"), "--", "no-such-server-anywhere"]
        let run = try Run([try Self.binary(scratch)] + command, scratch)
        #expect(run.code() == 64)
        #expect(run.said.contains("no-such-server-anywhere"))
        #expect(!scratch.exists("mcp.sock"))
    }

    @Test(arguments: [
        ["mcp"], mcp + ["--"], mcp + ["--allow-user", "0", "--", "cat"], mcp + ["--listen", "/s", "--", "cat"],
    ])
    func aUsageErrorEndsWithAHint(command: [String]) throws {
        let scratch = try Scratch()
        let run = try Run([try Self.binary(scratch)] + command, scratch)
        #expect(run.code() == 64)
        #expect(run.said.hasSuffix("try `writ mcp --help`\n"))
    }

    // MARK: - The end of a listener

    @Test(arguments: [SIGTERM, SIGINT])
    func aListenerThatIsStoppedLeavesNoSocketAndNoServer(signal: Int32) throws {
        let scratch = try Scratch()
        let writ = try Self.binary(scratch)
        let socket = scratch.file("mcp.sock")
        let server = "echo began >> \(scratch.file("log")); cat > /dev/null; echo ended >> \(scratch.file("log"))"
        let more = ["--listen", socket, "--allow-user", "\(getuid())", "--gate", scratch.file("no.sock")]
        let run = try Run([writ] + Self.mcp + more + ["--", "sh", "-c", server], scratch)
        #expect(run.waits(for: "writ: listening on `\(socket)`\n"), "\(run.said)")
        let client = try Run([writ, "mcp", "--connect", socket], scratch)
        #expect(Self.eventually { scratch.text("log") == "began\n" })
        kill(run.process.processIdentifier, signal)
        #expect(run.code() == 0)
        #expect(!scratch.exists("mcp.sock"))
        #expect(scratch.text("log") == "began\nended\n")
        #expect(client.code() == 0)
    }
}
