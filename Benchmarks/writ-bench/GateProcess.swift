// The gate that is measured: the release binary, with a home of its own.

import Bytes
import CLoad
import Glibc
import HTTP
import Runtime

/// A running `writ serve`.
final class GateProcess {
    /// Where the gate listens.
    let socketPath: String
    /// The TCP port on loopback.
    let port: UInt16
    /// How long it took from the start of the process until the gate said that it could PERMIT.
    let readyNanoseconds: UInt64
    private let child: ChildProcess
    private let client: HTTPClient

    private static let answerBytesMax = 4 << 20
    private static let waitNanoseconds: UInt64 = 10_000_000_000

    /// Makes a home with the policies of the measurements.
    static func makeHome(_ program: String, at home: String) throws {
        try Programs.run(program, ["init", "--home", home, "--origin", "bench.example/gate"])
        try BenchPolicies.write(to: "\(home)/bench-policies")
    }

    /// Starts the gate and waits until it is ready.
    init(_ program: String, home: String) throws {
        let port = writ_load_free_port()
        guard let port = UInt16(exactly: port) else { throw BenchError("no port is free") }
        self.port = port
        socketPath = "\(home)/gate.sock"
        var command = ChildCommand(
            .path(program),
            arguments: [
                program, "serve", "--home", home, "--policies-directory", "bench-policies",
                "--listen-tcp", "127.0.0.1:\(port)",
            ]
        )
        command.environment = ["PATH=/usr/bin:/bin"]
        command.error = .pipe
        command.output = .none
        client = HTTPClient(endpoint: .unix(path: socketPath), responseBytesMax: Self.answerBytesMax)
        let start = Clock.now()
        child = try ChildProcess(starting: command)
        readyNanoseconds = try Self.waitUntilReady(client, since: start)
    }

    /// The process number, for profilers.
    var pid: Int32 { child.pid }

    private static func waitUntilReady(_ client: HTTPClient, since start: UInt64) throws -> UInt64 {
        var last = "it does not listen"
        while Clock.now() - start < waitNanoseconds {
            do throws(HTTPClientError) {
                let response = try client.perform(
                    RequestOptions(method: .get, target: "/readyz", host: "localhost"),
                    deadlineMonotonicNanoseconds: start + waitNanoseconds
                )
                if response.status.code == 200 { return Clock.now() - start }
                last = String(decoding: response.body, as: UTF8.self)
            } catch {
                last = "\(error)"
            }
            usleep(200)
        }
        throw BenchError("the gate is not ready: \(last)")
    }

    /// Ends the gate in good order.
    func stop() throws {
        client.close()
        child.signal(SIGTERM)
        let words = try Programs.text(child.takeError())
        let exit = try child.wait(deadlineMonotonicNanoseconds: Clock.now() + Self.waitNanoseconds)
        guard exit == .exited(code: 0) else { throw BenchError("the gate did not end well: \(words)") }
    }

    /// Ends the gate however it is.
    func kill() {
        child.signal(SIGKILL)
        _ = try? child.wait(deadlineMonotonicNanoseconds: Clock.now() + Self.waitNanoseconds)
    }

    /// Makes the agent and the enforcement point of the measurements; answers the token of the latter.
    func addIdentities() throws -> String {
        _ = try call(.post, "/v1/agents", #"{"name":"bench-bot","role":"actor"}"#)
        let answer = try call(
            .post,
            "/v1/agents",
            #"{"name":"\#(BenchPolicies.gateway)","role":"enforcement","actors":["*"],"surfaces":["*"]}"#
        )
        guard let token = try JSONValue(parsing: Array(answer.utf8))["token"]?.string else {
            throw BenchError("no token in `\(answer)`")
        }
        return token.string
    }

    /// The value of a metric without labels.
    func metric(_ name: String) throws -> UInt64 {
        let text = try call(.get, "/metrics")
        let value = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }?.split(separator: " ").last
        guard let number = value.flatMap({ Double($0) }), number >= 0 else { throw BenchError("no metric `\(name)`") }
        return UInt64(number)
    }

    /// The time that the gate's threads have used so far, in nanoseconds; the kernel counts hundredths of a second.
    func processorNanoseconds() throws -> UInt64 {
        let text = try Programs.text(FileDescriptor(opening: "/proc/\(pid)/stat", .read))
        // The program's name, in parentheses, may have spaces; user and system time are the 12th and 13th after it.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]), ticks > 0 else {
            throw BenchError("the gate's processor time cannot be read")
        }
        return (user + system) * 1_000_000_000 / UInt64(ticks)
    }

    /// The resident memory and its peak, in bytes.
    func memory() throws -> (now: UInt64, peak: UInt64) {
        let status = try Programs.text(FileDescriptor(opening: "/proc/\(pid)/status", .read))
        func field(_ name: String) throws -> UInt64 {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
            guard let kilobytes = number.flatMap({ UInt64($0) }) else { throw BenchError("no `\(name)` of the gate") }
            return kilobytes << 10
        }
        return (try field("VmRSS:"), try field("VmHWM:"))
    }

    private func call(_ method: HTTPMethod, _ target: String, _ body: String = "") throws -> String {
        let response = try client.perform(
            RequestOptions(
                method: method,
                target: target,
                host: "localhost",
                contentType: body.isEmpty ? nil : "application/json"
            ),
            body: Array(body.utf8),
            deadlineMonotonicNanoseconds: Clock.now() + Self.waitNanoseconds
        )
        let text = String(decoding: response.body, as: UTF8.self)
        guard response.status.code == 200 || response.status.code == 201 else {
            throw BenchError("`\(target)` answered \(response.status.code): \(text)")
        }
        return text
    }
}
