// The command line.

/// What is to be measured, and for how long.
struct BenchOptions {
    /// What can be measured alone.
    enum Group: String, CaseIterable {
        case rule, pipeline, start, http, mcp
    }

    /// Whether a rough answer will do.
    var isQuick = false
    /// The folder below which everything is written: its file system is what is measured.
    var directory = ".build"
    /// Where the numbers go for machines.
    var output = ".build/bench.json"
    /// What is measured.
    var groups = Set(Group.allCases)
    /// The gate's program.
    var program = ".build/release/writ"
    /// How the load comes to the gate.
    var ways = LoadBench.Way.allCases
    /// The numbers of connections, one after the other.
    var connections = LoadBench.connections

    /// How long one measurement over HTTP takes, its warm-up not included.
    var loadNanoseconds: UInt64 { isQuick ? 1_000_000_000 : 4_000_000_000 }
    /// How long the gate is under load before anything counts.
    var warmUpNanoseconds: UInt64 { isQuick ? 300_000_000 : 500_000_000 }
    /// How often each thing in process, and each hop, is done.
    var repetitions: Int { isQuick ? 500 : 3_000 }
    /// How many raw syncs are measured at each of the two times.
    var syncs: Int { isQuick ? 300 : 1_000 }
    /// How often the gate is started.
    var starts: Int { isQuick ? 3 : 9 }

    static let help = """
        usage: writ-bench [--quick] [--only GROUP]… [--way WAY]… [--connections N]… [--directory DIR] [--json FILE]
                          [--program WRIT]

        Measures this machine: ruling, ruling with a durable receipt, the gate over TCP and a Unix socket, the hop of
        the MCP gateway, next to one raw fdatasync of the same size on the same file system in the same run.

          --quick          a rough answer in a few seconds
          --only GROUP     rule, pipeline, start, http or mcp (repeatable)
          --way WAY        tcp or unix, of the group http (repeatable; default: both)
          --connections N  connections at once, of the group http (repeatable; default: 1, 16, 64)
          --directory DIR  where logs are written; its file system is measured (default: .build)
          --json FILE      the numbers for machines (default: .build/bench.json)
          --program WRIT   the gate's program (default: .build/release/writ)

        example: writ-bench --quick --only http
        """

    /// Reads the arguments; nil where help was asked for.
    static func parse(_ arguments: [String]) throws(BenchError) -> BenchOptions? {
        var options = BenchOptions()
        var only: Set<Group> = []
        var ways: [LoadBench.Way] = []
        var connections: [Int] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help": return nil
            case "--quick": options.isQuick = true
            case "--directory": options.directory = try value(of: argument, &rest)
            case "--json": options.output = try value(of: argument, &rest)
            case "--program": options.program = try value(of: argument, &rest)
            case "--only":
                let name = try value(of: argument, &rest)
                guard let group = Group(rawValue: name) else { throw BenchError("`\(name)` is no group") }
                only.insert(group)
            case "--way":
                let name = try value(of: argument, &rest)
                guard let way = LoadBench.Way(rawValue: name) else { throw BenchError("`\(name)` is no way") }
                ways.append(way)
            case "--connections":
                let text = try value(of: argument, &rest)
                guard let count = Int(text), (1...LoadBench.connectionsMax).contains(count) else {
                    throw BenchError("`\(text)` is no number from 1 to \(LoadBench.connectionsMax)")
                }
                connections.append(count)
            default: throw BenchError("unknown argument `\(argument)`")
            }
        }
        if !only.isEmpty { options.groups = only }
        if !ways.isEmpty { options.ways = ways }
        if !connections.isEmpty { options.connections = connections }
        return options
    }

    private static func value(of flag: String, _ rest: inout ArraySlice<String>) throws(BenchError) -> String {
        guard let value = rest.popFirst() else { throw BenchError("`\(flag)` needs a value") }
        return value
    }
}
