// What the MCP gateway costs: the same calls to the same server, directly and through `writ mcp`.

import Bytes
import Glibc
import Runtime

/// A client of the Model Context Protocol over pipes that does nothing else.
final class RawClient {
    private let child: ChildProcess
    private let input: FileDescriptor
    private let output: FileDescriptor
    private var lines = LineReader()
    private var number = 0

    /// Starts a server, or a gateway with a server behind it, and shakes hands.
    init(_ command: [String]) throws {
        var start = ChildCommand(.path(command[0]), arguments: command)
        start.environment = ["PATH=/usr/bin:/bin"]
        start.input = .pipe
        start.output = .pipe
        start.error = .pipe
        child = try ChildProcess(starting: start)
        guard let input = child.takeInput(), let output = child.takeOutput() else { throw BenchError("no pipes") }
        self.input = input
        self.output = output
        _ = try ask(
            "initialize",
            #"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"writ-bench","version":"1"}}"#
        )
        try send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    }

    /// Calls the tool; answers how long it took.
    func call(key: String) throws -> UInt32 {
        let arguments = #"{"count":1,"name":"DEBUG","project":"staging","request_id":"\#(key)"}"#
        let start = Clock.now()
        let answer = try ask("tools/call", #"{"name":"delete_variable","arguments":\#(arguments)}"#)
        let latency = Clock.since(start)
        let result = try JSONValue(parsing: answer)["result"]
        guard result?["isError"]?.boolean == false else {
            throw BenchError("the tool was not called: \(String(decoding: answer, as: UTF8.self))")
        }
        return latency
    }

    /// Closes the server's input and waits for its end.
    func end() throws {
        child.signal(SIGTERM)
        _ = try child.wait()
    }

    private func ask(_ method: String, _ params: String) throws -> [UInt8] {
        number += 1
        try send(#"{"jsonrpc":"2.0","id":\#(number),"method":"\#(method)","params":\#(params)}"#)
        let id = Array(#""id":\#(number)"#.utf8)
        while let line = try lines.next(output) {
            if line.firstRange(of: id) != nil { return line }
        }
        let words = try Programs.text(child.takeError())
        throw BenchError("the server closed its output at `\(method)`: \(words)")
    }

    private func send(_ line: String) throws { try input.writeAll(Array("\(line)\n".utf8)) }
}

/// Measures the hop.
enum HopBench {
    /// Calls one after the other on one side before the other side has its turn, so that what else the machine does
    /// strikes both.
    private static let turn = 50

    static func run(
        _ options: BenchOptions,
        program: String,
        gate: GateProcess,
        token: String,
        home: String
    ) throws -> (measurements: [Measurement], hop: Quantity) {
        let tokenPath = "\(home)/bench.token"
        try Files.create(tokenPath, with: Array("\(token)\n".utf8))
        let server = [try Programs.own(), "mcp-server"]
        let gateway = [
            program, "mcp", "--surface", "platform", "--actor", "bench-bot", "--gate", "unix:\(gate.socketPath)",
            "--token-file", tokenPath, "--",
        ]
        let direct = try RawClient(server)
        let through = try RawClient(gateway + server)
        var latencies: (direct: [UInt32], through: [UInt32]) = ([], [])
        // The first turn of each warms up.
        for first in stride(from: 0, to: options.repetitions + turn, by: turn) {
            let calls = try (first..<(first + turn)).map { try direct.call(key: "direct-\($0)") }
            let gated = try (first..<(first + turn)).map { try through.call(key: "through-\($0)") }
            guard first > 0 else { continue }
            latencies.direct += calls
            latencies.through += gated
        }
        try direct.end()
        try through.end()
        let measured = [
            Measurement("mcp_direct", "MCP over stdio, direct", Latencies(latencies.direct), isDurable: false),
            Measurement("mcp_gateway", "MCP over stdio, through `writ mcp`", Latencies(latencies.through)),
        ]
        let hop = Double(measured[1].p50) - Double(measured[0].p50)
        return (
            measured,
            Quantity(name: "mcp_hop", title: "MCP hop over direct use, p50", value: hop / 1e3, unit: "µs", limit: nil)
        )
    }
}
