// The command: workloads in, one line of JSON for each out.

import Glibc

/// Runs the measurements.
enum Program {
    static let help = """
        usage: cedar-bench [--rounds N] [--repeat SECONDS] FILE…

        Measures decisions on workload files that scripts/bench-cedar writes, each of policies, entities and requests with
        the answers of the reference engine, which are checked first. Prints one line of JSON for each.

          --rounds N         how often every request is decided and timed (default: 200)
          --repeat SECONDS   only decide the first file's requests, again and again, for a profiler

        """

    static func run(_ arguments: [String]) -> Int32 {
        var rounds = 200
        var seconds: UInt64?
        var files: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help":
                print(help)
                return 0
            case "--rounds": rounds = rest.popFirst().flatMap(Int.init) ?? rounds
            case "--repeat": seconds = rest.popFirst().flatMap(UInt64.init)
            default: files.append(argument)
            }
        }
        do {
            for file in files {
                let workload = try Workload(file)
                if let seconds {
                    try DecisionBench(workload).repeatDecisions(seconds)
                } else {
                    print(try DecisionBench(workload).measure(rounds))
                }
            }
        } catch {
            write("cedar-bench: \(error)\n")
            return 1
        }
        return 0
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
