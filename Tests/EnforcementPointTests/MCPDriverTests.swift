// Real processes and real pipes: a server in a script, a client in the test, a gate by a function.

import Authorization
import Bytes
import EnforcementPoint
import Foundation
import Runtime
import Testing

@Suite(.serialized) struct MCPDriverTests {
    /// An MCP server of a few lines; it notes every call in a file, so that a test sees what reached it.
    private static let server = """
        import json, os, sys, time
        log = open(sys.argv[1], "a")
        def out(value):
            sys.stdout.write(json.dumps(value) + "\\n")
            sys.stdout.flush()
        for line in sys.stdin:
            message = json.loads(line)
            method, number = message.get("method"), message.get("id")
            if method == "initialize":
                print("this is not JSON", flush=True)
                out({"jsonrpc": "2.0", "id": number, "result": {"protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": {"tools": {}}, "serverInfo": {"name": "script", "version": "1"}}})
            elif method == "tools/list":
                tools = [{"name": n, "inputSchema": {}} for n in ["read", "rogue", "secret"]]
                out({"jsonrpc": "2.0", "id": number, "result": {"tools": tools}})
            elif method == "tools/call":
                name, arguments = message["params"]["name"], message["params"]["arguments"]
                log.write(name + " " + json.dumps(arguments) + "\\n")
                log.flush()
                if arguments.get("do") == "die":
                    os._exit(3)
                if arguments.get("do") == "sleep":
                    time.sleep(arguments["seconds"])
                text = os.environ.get("WRIT_TOKEN", "none") if arguments.get("do") == "token" else "done"
                if arguments.get("do") == "large":
                    text = "x" * arguments["bytes"]
                out({"jsonrpc": "2.0", "id": number, "result": {"content": [{"type": "text", "text": text}]}})
        log.write("end\\n")
        log.flush()
        """

    /// One session with its ends in the hands of a test.
    private final class Run: Sendable {
        let scratch: Scratch
        let wire: FunctionWire
        private let toGateway: Int32
        private let fromGateway: Int32
        private let code = Monitor<Int32?>(nil)
        private let buffer = Guarded<[UInt8]>([])
        let said = Guarded<[String]>([])

        init(wire: FunctionWire, server: String = MCPDriverTests.server) throws {
            signal(SIGPIPE, SIG_IGN)
            self.wire = wire
            scratch = try Scratch()
            var (up, down): ([Int32], [Int32]) = ([0, 0], [0, 0])
            guard unsafe pipe(&up) == 0, unsafe pipe(&down) == 0 else { throw POSIXError(.EMFILE) }
            for end in up + down { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (toGateway, fromGateway) = (up[1], down[0])
            let script = try scratch.write("server.py", server)
            let setup = MCPDriver.Setup(
                identity: MCPIdentity(actor: "ops-bot", surface: "platform", version: "1.0"),
                gate: RemoteGate(wire: wire),
                command: ["python3", "-u", script, scratch.file("log")],
                environment: ["PATH=" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")]
            )
            let (input, output) = (up[0], down[1])
            Foundation.Thread { [code, said] in
                let streams = MCPClientStreams(input: input, output: output, isShared: true)
                let result = try? MCPDriver(setup, streams: streams, say: { line in said.withLock { $0.append(line) } })
                    .run()
                close(input)
                close(output)
                code.changeForAll { $0 = result ?? -1 }
            }.start()
        }

        func send(_ line: String) {
            let bytes = Array((line + "\n").utf8)
            _ = unsafe bytes.withUnsafeBytes { unsafe write(toGateway, $0.baseAddress, $0.count) }
        }

        func end() { close(toGateway) }

        /// The next line to the client; nil at the end, or when nothing comes for ten seconds.
        func line() -> JSONValue? {
            while true {
                let found: [UInt8]? = buffer.withLock { bytes in
                    guard let end = bytes.firstIndex(of: 10) else { return nil }
                    defer { bytes.removeFirst(end + 1) }
                    return Array(bytes[..<end])
                }
                if let found { return try? JSONValue(parsing: found, limits: .file) }
                var request = pollfd(fd: fromGateway, events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&request, 1, 10_000) > 0 else { return nil }
                var piece = [UInt8](repeating: 0, count: 65_536)
                let count = unsafe piece.withUnsafeMutableBytes { unsafe read(fromGateway, $0.baseAddress, $0.count) }
                guard count > 0 else { return nil }
                buffer.withLock { $0 += piece.prefix(count) }
            }
        }

        func initialize() {
            send(#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#)
            _ = line()
            send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        }

        func call(_ id: Int, _ arguments: String = "{}", tool: String = "read") {
            send(
                #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","#
                    + #""params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
            )
        }

        /// The exit code; nil if it does not come within twenty seconds.
        func exitCode() -> Int32? {
            let deadline = SystemTime().monotonicNanoseconds() + 20_000_000_000
            return code.wait(untilMonotonicNanoseconds: deadline, until: { $0 != nil }, { $0 }) ?? nil
        }

        var log: String { scratch.text("log") }
    }

    private static func wire(_ ruling: @escaping @Sendable (JSONValue) -> Cause = { _ in .permitted }) -> FunctionWire {
        Gates.wire(time: SystemTime(), ruling: ruling)
    }

    @Test func aWholeSession() throws {
        let run = try Run(wire: Self.wire { $0["context"]?["no"] == nil ? .permitted : .forbidden })
        run.initialize()
        run.send(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        #expect(run.line()?["result"]?["tools"]?.elements.compactMap { $0["name"]?.string } == ["read"])
        run.call(2, #"{"a":1}"#)
        #expect(run.line()?.isRefusedCall == false)
        run.call(3, #"{"no":1}"#)
        #expect(run.line()?.isRefusedCall == true)
        run.call(4, tool: "rogue")
        #expect(run.line()?.isRefusedCall == true)
        run.end()
        #expect(run.exitCode() == 0)
        #expect(run.log == "read {\"a\": 1}\nend\n")
        #expect(run.wire.reports.count == 1)
        #expect(run.said.withLock { $0 }.contains { $0.contains("dropped") })
    }

    @Test func aGateThatDiesBetweenTwoCallsStopsTheSecond() throws {
        let isAlive = Guarded(true)
        let inner = Self.wire()
        let run = try Run(
            wire: FunctionWire { call throws(GateFailure) in
                guard isAlive.withLock({ $0 }) else { throw .unreachable("connection refused") }
                return try inner.send(call, deadline: 0)
            }
        )
        run.initialize()
        run.call(1)
        #expect(run.line()?.isRefusedCall == false)
        isAlive.withLock { $0 = false }
        run.call(2)
        #expect(run.line()?.isRefusedCall == true)
        run.end()
        #expect(run.exitCode() == 0)
        #expect(run.log == "read {}\nend\n")
    }

    @Test func aServerThatDiesDuringACallEndsTheSession() throws {
        let run = try Run(wire: Self.wire())
        run.initialize()
        run.call(1, #"{"do":"die"}"#)
        let answer = run.line()
        #expect(answer?.isRefusedCall == true)
        #expect(answer?.ruling?["id"]?.string == Text(Answers.id))
        #expect(run.exitCode() == 1)
        #expect(run.wire.reports.isEmpty)
        run.end()
    }

    @Test func aClientThatLeavesDuringACallLeavesAReport() throws {
        let run = try Run(wire: Self.wire())
        run.initialize()
        run.call(1, #"{"do":"sleep","seconds":1}"#)
        while run.log.isEmpty { usleep(10_000) }
        run.end()
        #expect(run.exitCode() == 0)
        #expect(run.wire.reports.count == 1)
    }

    @Test func aServerThatDoesNotEndIsEnded() throws {
        let stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)\n"
        let run = try Run(wire: Self.wire(), server: stubborn)
        run.send(#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#)
        usleep(300_000)
        run.end()
        #expect(run.exitCode() == 0)
    }

    @Test func callsRunBesideOneAnother() throws {
        let slow = Guarded(true)
        let inner = Self.wire()
        let run = try Run(
            wire: FunctionWire { call throws(GateFailure) in
                let body = String(decoding: call.body, as: UTF8.self)
                while body.contains("slow"), slow.withLock({ $0 }) { usleep(5_000) }
                return try inner.send(call, deadline: 0)
            }
        )
        run.initialize()
        run.call(1, #"{"slow":1}"#)
        run.call(2)
        #expect(run.line()?["id"]?.integer == 2)
        slow.withLock { $0 = false }
        #expect(run.line()?["id"]?.integer == 1)
        run.end()
        #expect(run.exitCode() == 0)
    }

    @Test(arguments: [(3 << 20, true), (MCPLimits.lineBytesMax, false)])
    func aResultPassesUpToItsLimit(bytes: Int, passes: Bool) throws {
        let run = try Run(wire: Self.wire())
        run.initialize()
        run.call(1, #"{"do":"large","bytes":\#(bytes)}"#)
        let answer = run.line()
        #expect(answer?.isRefusedCall == !passes)
        run.end()
        #expect(run.exitCode() == 0)
        #expect(run.wire.reports.count == (passes ? 1 : 0))
    }

    @Test func aLineOfTheClientBeyondTheLimitIsRefused() throws {
        let run = try Run(wire: Self.wire())
        run.initialize()
        Foundation.Thread { run.call(1, #"{"x":"\#(String(repeating: "x", count: MCPLimits.lineBytesMax))"}"#) }.start()
        #expect(run.line()?["error"]?["code"]?.integer == -32600)
        run.call(2)
        #expect(run.line()?["id"]?.integer == 2)
        run.end()
        #expect(run.exitCode() == 0)
    }

    // MARK: - The strong form

    @Test func anAllowedUserGetsASessionThroughTheRelay() throws {
        let scratch = try Scratch()
        let wire = Self.wire()
        let listener = try Self.listener(scratch, wire, allowed: [getuid()])
        defer { listener.stop() }
        let (answer, code) = try Self.throughRelay(scratch.file("mcp.sock"))
        #expect(answer?["result"]?["serverInfo"]?["name"]?.string == "script")
        #expect(code == 0)
    }

    @Test func anotherUserGetsNothing() throws {
        let scratch = try Scratch()
        let listener = try Self.listener(scratch, Self.wire(), allowed: [getuid() &+ 1])
        defer { listener.stop() }
        let (answer, _) = try Self.throughRelay(scratch.file("mcp.sock"))
        #expect(answer == nil)
        #expect(!scratch.exists("log"))
    }

    @Test func aSocketInUseIsLeftAlone() throws {
        let scratch = try Scratch()
        let listener = try Self.listener(scratch, Self.wire(), allowed: [getuid()])
        defer { listener.stop() }
        #expect(throws: SystemError.self) { try Self.listener(scratch, Self.wire(), allowed: [getuid()]) }
        try scratch.write("file", "x")
        #expect(throws: SystemError.self) {
            try Self.listener(scratch, Self.wire(), allowed: [getuid()], socket: "file")
        }
        #expect(throws: UsageError.self) { try Self.listener(scratch, Self.wire(), allowed: [], socket: "other") }
    }

    private static func listener(
        _ scratch: Scratch,
        _ wire: FunctionWire,
        allowed: Set<UInt32>,
        socket: String = "mcp.sock"
    ) throws -> MCPListener {
        let script = try scratch.write("server.py", server)
        let setup = MCPDriver.Setup(
            identity: MCPIdentity(actor: "ops-bot", surface: "platform", version: "1.0"),
            gate: RemoteGate(wire: wire),
            command: ["python3", "-u", script, scratch.file("log")],
            environment: ["PATH=" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")]
        )
        let listener = try MCPListener(path: scratch.file(socket), allowed: allowed, setup: setup) { _ in }
        Foundation.Thread { listener.run() }.start()
        return listener
    }

    /// Shakes hands through a relay; answers the server's line and whether the relay ended well.
    private static func throughRelay(_ path: String) throws -> (JSONValue?, Int) {
        signal(SIGPIPE, SIG_IGN)
        var (up, down): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard unsafe pipe(&up) == 0, unsafe pipe(&down) == 0 else { throw POSIXError(.EMFILE) }
        for end in up + down { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let code = Monitor<Int?>(nil)
        let (input, output) = (up[0], down[1])
        Foundation.Thread {
            let streams = MCPClientStreams(input: input, output: output, isShared: true)
            let isWell = (try? MCPRelay.run(path: path, streams: streams)) != nil
            close(output)
            code.changeForAll { $0 = isWell ? 0 : 1 }
        }.start()
        let hello = #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"# + "\n"
        _ = unsafe Array(hello.utf8).withUnsafeBytes { unsafe write(up[1], $0.baseAddress, $0.count) }
        var bytes: [UInt8] = []
        while !bytes.contains(10) {
            var piece = [UInt8](repeating: 0, count: 4_096)
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(down[0], $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        close(up[1])
        let deadline = SystemTime().monotonicNanoseconds() + 20_000_000_000
        let ended = code.wait(untilMonotonicNanoseconds: deadline, until: { $0 != nil }, { $0 }) ?? nil
        close(down[0])
        return (try? JSONValue(parsing: Array(bytes.prefix { $0 != 10 })), ended ?? -1)
    }
}
