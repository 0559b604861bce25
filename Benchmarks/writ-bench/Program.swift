// From the arguments to the report.

import Bundles
import Bytes
import Glibc
import Runtime
import StrictPolicy

/// The program.
enum Program {
    /// Runs it; answers the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            if arguments == ["mcp-server"] {
                try RawServer.run()
                return 0
            }
            guard let options = try BenchOptions.parse(arguments) else {
                print(BenchOptions.help)
                return 0
            }
            let report = try Bench(options).run()
            print(report.text, terminator: "")
            try Files.replace(options.output, with: report.json, permissions: 0o644)
            return 0
        } catch {
            say("\(error)")
            return 1
        }
    }

    /// Says a line on standard error.
    static func say(_ line: String) {
        let bytes = Array("writ-bench: \(line)\n".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}

/// One run over all that was asked for, in a folder of its own that is removed afterwards.
struct Bench {
    private let options: BenchOptions
    private let folder: String
    private var measurements: [Measurement] = []
    private var quantities: [Quantity] = []

    init(_ options: BenchOptions) throws {
        self.options = options
        try Files.createDirectory(options.directory)
        folder = "\(try Programs.absolute(options.directory))/bench-\(try RandomSource.hexadecimal(bytes: 4))"
        try Files.createDirectory(folder)
    }

    /// Measures; the folder is gone afterwards, whatever happens.
    consuming func run() throws -> Report {
        let folder = folder
        let result = Result { try measure() }
        try Programs.run("/bin/rm", ["-rf", folder])
        return try result.get()
    }

    private mutating func measure() throws -> Report {
        let load = try Programs.machineLoad()
        // Other work takes processors, caches and the disk: such figures are about it as much as about the gate.
        if load.wanting > Double(load.processors) / 2 {
            Program.say(
                "this machine is busy (load \(Decimal.text(load.wanting))): the figures are worse than the gate"
            )
        }
        quantities.append(
            Quantity(
                name: "machine_load",
                title: "load of the machine when this began",
                value: load.wanting,
                unit: "on \(load.processors) processors",
                limit: nil
            )
        )
        try BenchPolicies.write(to: "\(folder)/policies")
        let bundle = try DirectoryBundle.load("\(folder)/policies").bundle
        guard bundle.policies.count == BenchPolicies.count else { throw BenchError("the policies are not all there") }
        if options.groups.contains(.rule) {
            Program.say("rule")
            measurements.append(try RuleBench.run(bundle, options))
        }
        let syncBytes = try measurePipeline(bundle)
        var probe = try SyncProbe(directory: folder, bytes: syncBytes)
        var syncs = try probe.run(options.syncs)
        if !options.groups.isDisjoint(with: [.start, .http, .mcp]) { try measureGate() }
        syncs += try probe.run(options.syncs)
        return Report(
            sync: Latencies(syncs),
            syncBytes: syncBytes,
            measurements: measurements,
            quantities: quantities
        )
    }

    /// Answers the bytes of a batch of one decision.
    private mutating func measurePipeline(_ bundle: PolicyBundle) throws -> Int {
        guard options.groups.contains(.pipeline) else { return PipelineBench.frameBytesDefault }
        Program.say("decide + durable receipt, in process")
        try Files.createDirectory("\(folder)/pipeline")
        let bench = try PipelineBench(directory: "\(folder)/pipeline", bundle: bundle)
        defer { bench.end() }
        measurements.append(try bench.run(inFlight: 1, count: options.repetitions))
        let bytes = try bench.frameBytes()
        measurements.append(try bench.run(inFlight: 64, count: options.repetitions * 10))
        return bytes
    }

    private mutating func measureGate() throws {
        let program = try Programs.absolute(options.program)
        let home = "\(folder)/home"
        try GateProcess.makeHome(program, at: home)
        if options.groups.contains(.start) {
            Program.say("start")
            try measureStart(program, home)
        }
        let gate = try GateProcess(program, home: home)
        do {
            try measure(gate, program, home)
        } catch {
            gate.kill()
            throw error
        }
        try gate.stop()
    }

    private mutating func measureStart(_ program: String, _ home: String) throws {
        var times: [UInt32] = []
        for _ in 0..<options.starts {
            let gate = try GateProcess(program, home: home)
            times.append(UInt32(clamping: gate.readyNanoseconds))
            try gate.stop()
        }
        let median = Double(Latencies(times).quantile(0.5)) / 1e6
        quantities.append(
            Quantity(name: "start_to_ready", title: "start to ready, median", value: median, unit: "ms", limit: 50)
        )
        let size = try Double(Self.strippedBytes(program, folder)) / 1e6
        quantities.append(
            Quantity(name: "binary", title: "stripped release binary", value: size, unit: "MB", limit: 15)
        )
    }

    private mutating func measure(_ gate: GateProcess, _ program: String, _ home: String) throws {
        let token = try gate.addIdentities()
        Program.say("the gate has process number \(gate.pid)")
        if options.groups.contains(.http) {
            let load = LoadBench(gate: gate, token: token, options: options)
            var run: UInt64 = 0
            for way in options.ways {
                for connections in options.connections {
                    run += 1
                    Program.say("\(way.rawValue), \(connections) connections")
                    measurements.append(try load.run(way, connections: connections, run: run))
                }
            }
            appendLag()
        }
        if options.groups.contains(.mcp) {
            Program.say("the hop of the MCP gateway")
            let hop = try HopBench.run(options, program: program, gate: gate, token: token, home: home)
            measurements += hop.measurements
            quantities.append(hop.hop)
        }
        let memory = try gate.memory()
        quantities.append(
            Quantity(
                name: "resident_memory",
                title: "resident memory of the gate, at the end",
                value: Double(memory.now) / 1e6,
                unit: "MB",
                limit: 40
            )
        )
        quantities.append(
            Quantity(
                name: "resident_memory_peak",
                title: "resident memory of the gate, at its peak",
                value: Double(memory.peak) / 1e6,
                unit: "MB",
                limit: 40
            )
        )
    }

    /// The view keeps up if it lags by little when a run ends, and by nothing soon after.
    private mutating func appendLag() {
        func largest(_ name: String) -> Double {
            Double(measurements.flatMap(\.details).filter { $0.name == name }.map(\.value).max() ?? 0)
        }
        quantities.append(
            Quantity(
                name: "view_lag",
                title: "largest lag of the view at the end of a run",
                value: largest("view_lag_after"),
                unit: "statements",
                limit: nil
            )
        )
        quantities.append(
            Quantity(
                name: "view_catch_up",
                title: "longest time until the view had caught up",
                value: largest("view_catch_up_nanoseconds") / 1e6,
                unit: "ms",
                limit: nil
            )
        )
    }

    private static func strippedBytes(_ program: String, _ folder: String) throws -> Int64 {
        let path = "\(folder)/stripped"
        try Programs.run("/usr/bin/strip", ["-o", path, program])
        return try Files.status(of: path).size
    }
}
