// The gate over its sockets, with everything that a decision has: fresh key, redemption, full receipt.

import Bytes
import CLoad
import Glibc
import Runtime

/// Puts the gate under load and checks every answer.
struct LoadBench {
    /// How the load comes to the gate.
    enum Way: String, CaseIterable {
        case tcp, unix
    }

    /// The numbers of connections, unless others are asked for.
    static let connections = [1, 16, 64]
    /// The most connections of the load generator.
    static let connectionsMax = writ_load_connections_max

    let gate: GateProcess
    let token: String
    let options: BenchOptions
    private static let latenciesPerSecondMax: UInt64 = 250_000
    private static let silenceNanosecondsMax: UInt64 = 10_000_000_000
    /// How long the view may take to catch up after a run.
    private static let catchUpNanosecondsMax: UInt64 = 60_000_000_000

    /// One measurement; `run` is a number that no other run of this gate has.
    func run(_ way: Way, connections: Int, run: UInt64) throws -> Measurement {
        let lagBefore = try gate.metric("writ_state_lag")
        let sizeBefore = try gate.metric("writ_log_size")
        let processorBefore = try gate.processorNanoseconds()
        let outcome = load(way, connections, run)
        let lagAfter = try gate.metric("writ_state_lag")
        let sizeAfter = try gate.metric("writ_log_size")
        let catchUp = try waitForView()
        let processor = try gate.processorNanoseconds() - processorBefore
        if let failure = outcome.failure { throw BenchError("the load could not \(failure)") }
        guard outcome.refused == 0 else {
            throw BenchError("\(outcome.refused) answers without dispatch, the first: \(outcome.refusal)")
        }
        guard sizeAfter - sizeBefore == outcome.sent else {
            throw BenchError("\(outcome.sent) requests, but \(sizeAfter - sizeBefore) statements")
        }
        let title = way == .tcp ? "TCP" : "Unix socket"
        var measurement = Measurement(
            "http_\(way.rawValue)_\(connections)",
            "\(title), \(connections) connection\(connections == 1 ? "" : "s")",
            Latencies(outcome.latencies),
            seconds: Double(outcome.nanoseconds) / 1e9
        )
        measurement.processorNanoseconds = outcome.sent > 0 ? processor / outcome.sent : nil
        measurement.details = [
            ("view_lag_before", lagBefore), ("view_lag_after", lagAfter), ("view_catch_up_nanoseconds", catchUp),
            ("load_processor_nanoseconds", outcome.processorNanoseconds),
        ]
        return measurement
    }

    /// What came of one run of the load generator.
    private struct Outcome {
        let latencies: [UInt32]
        let sent: UInt64
        let refused: UInt64
        /// The beginning of the first answer without dispatch.
        let refusal: String
        let nanoseconds: UInt64
        let processorNanoseconds: UInt64
        /// What could not be done, if the run broke off.
        let failure: String?

        init(_ result: borrowing writ_load_result, _ latencies: [UInt32], hasFailed: Bool) {
            self.latencies = unsafe Array(latencies[..<Int(result.answered)])
            sent = unsafe result.sent
            refused = unsafe result.refused
            nanoseconds = unsafe result.nanoseconds
            processorNanoseconds = unsafe result.processor_nanoseconds
            let what = unsafe result.failure.map { unsafe String(cString: $0) } ?? "run"
            failure = unsafe hasFailed ? "\(what): error \(result.error_number)" : nil
            refusal = unsafe withUnsafeBytes(of: result.refusal) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
    }

    private func load(_ way: Way, _ connections: Int, _ run: UInt64) -> Outcome {
        let body = BenchPolicies.body
        let head = """
            POST /v1/decisions HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r
            Content-Length: \(body.bytes.count)\r
            \r

            """
        let request = Array(head.utf8) + body.bytes
        let room = Self.latenciesPerSecondMax * options.loadNanoseconds / 1_000_000_000
        var latencies = [UInt32](repeating: 0, count: Int(room))
        return unsafe request.withUnsafeBufferPointer { bytes in
            unsafe gate.socketPath.withCString { path in
                var load = unsafe writ_load()
                unsafe load.unix_path = way == .unix ? path : nil
                unsafe load.port = gate.port
                unsafe load.connections = Int32(clamping: connections)
                unsafe load.warm_up_nanoseconds = options.warmUpNanoseconds
                unsafe load.nanoseconds = options.loadNanoseconds
                unsafe load.silence_nanoseconds_max = Self.silenceNanosecondsMax
                unsafe load.request = bytes.baseAddress
                unsafe load.request_bytes = bytes.count
                unsafe load.key_offset = head.utf8.count + body.key
                unsafe load.attempt_offset = head.utf8.count + body.attempt
                unsafe load.seed = run << 40
                var result = unsafe writ_load_result()
                let outcome = unsafe writ_load_run(&load, &latencies, latencies.count, &result)
                return unsafe Outcome(result, latencies, hasFailed: outcome != 0)
            }
        }
    }

    /// Waits until the view has all that the log has; answers how long that took.
    private func waitForView() throws -> UInt64 {
        let start = Clock.now()
        while try gate.metric("writ_state_lag") > 0 {
            guard Clock.now() - start < Self.catchUpNanosecondsMax else {
                throw BenchError("the view does not catch up with the log")
            }
            usleep(2_000)
        }
        return Clock.now() - start
    }
}
