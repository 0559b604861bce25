// `writ log query|tail|audit`.

import Authorization
import Bytes
import Cryptography
import EnforcementPoint
import Ledger
import Receipts
import Runtime
import Service

/// Reading the log of a home, while a gate may be writing it.
enum LogCommands {
    private static let filters = [
        FlagSpecification("--actor", "NAME", says: "of this actor"),
        FlagSpecification("--surface", "NAME", says: "on this surface"),
        FlagSpecification("--action", "NAME", says: "of this action"),
        FlagSpecification("--outcome", "OUTCOME", says: "PERMIT, DENY, SILENCE or HOLD"),
        FlagSpecification("--cause", "CAUSE", says: "of this cause"),
        FlagSpecification("--policy", "NAME", says: "decided by this policy, as platform/no-bulk-delete"),
        FlagSpecification("--session", "NAME", says: "of this session"),
        FlagSpecification("--since", "TIME", says: "not before this time, as 2026-11-20T12:31:04.113Z"),
        FlagSpecification("--until", "TIME", says: "before this time"),
        FlagSpecification("--id", "ID", says: "the statement with this id"),
    ]
    private static let place = [
        FlagSpecification("--log", "DIR", says: "the log's directory (default: that of the home's configuration)"),
        FlagSpecification("--origin", "NAME", says: "the log's origin, where --log is given"),
        Flags.home, Flags.json,
    ]

    static let query = Command(
        specification: CommandSpecification(
            "log query",
            "find statements, or the whole chain of one action",
            flags: filters + [
                FlagSpecification("--chain", "ID", says: "everything about the action of this statement, as a tree")
            ] + place,
            examples: [
                "writ log query --actor ops-bot --outcome DENY",
                "writ log query --chain 01JD3Z5K9V7Q2M8N4R6T0W1X3Y",
            ]
        )
    ) { invocation in
        let reader = try reader(invocation)
        if let text = invocation.arguments.value("--chain") {
            for flag in filters where invocation.arguments.has(flag.name) {
                throw ArgumentError.conflict("`\(flag.name)` does not go with `--chain`")
            }
            return try chain(try identifier(text, "--chain"), reader, invocation)
        }
        let filter = try filter(invocation.arguments)
        var isFound = false
        var entries = try reader.entries()
        while let entry = try entries.next() {
            let line = try LogLine(entry)
            guard filter.matches(line) else { continue }
            isFound = true
            put(line, invocation)
        }
        // A search may find nothing; a statement that was named must be there.
        if let id = filter.id, !isFound {
            var alone = LogFilter()
            alone.id = id
            let rest = filter == alone ? "" : " and fits the other flags"
            throw CommandFailure("no statement of the log has the id `\(id.text)`\(rest)")
        }
        return .done
    }

    static let tail = Command(
        specification: CommandSpecification(
            "log tail",
            "show the last statements, and with --follow those to come",
            flags: [
                FlagSpecification("--lines", "N", says: "how many (default: 10)"),
                FlagSpecification("--follow", says: "go on until the command is ended"),
            ] + filters + place,
            examples: ["writ log tail --follow", "writ log tail --lines 100 --json"]
        )
    ) { invocation in
        let reader = try reader(invocation)
        let filter = try filter(invocation.arguments)
        let count = Int(try invocation.arguments.integer("--lines", in: 0...100_000) ?? 10)
        var last: [LogLine] = []
        var entries = try reader.entries()
        while let entry = try entries.next() {
            let line = try LogLine(entry)
            guard filter.matches(line) else { continue }
            last.append(line)
            if last.count > 2 * count + 16 { last.removeFirst(last.count - count) }
        }
        for line in last.suffix(count) { put(line, invocation) }
        guard invocation.arguments.has("--follow") else { return .done }
        while true {
            Pause.milliseconds(followMilliseconds)
            while let entry = try entries.next() {
                let line = try LogLine(entry)
                if filter.matches(line) { put(line, invocation) }
            }
        }
    }

    static let audit = Command(
        specification: CommandSpecification(
            "log audit",
            "read the whole log again and check everything that it promises",
            flags: [
                FlagSpecification(
                    "--log",
                    "DIR",
                    says: "the log's directory (default: that of the home's configuration)"
                ),
                FlagSpecification("--key-file", "FILE", says: "the log's verifier key (default: log.vkey of the home)"),
                Flags.home, Flags.json,
            ],
            details: """
                Re-hashes every statement; checks frames, checkpoint, tiles, evidence records, references between
                statements, and that nothing was redeemed twice or under a halt. A gate may be running. Exit status:
                0 all holds, 5 something does not.

                `published` is the number of statements under the newest published checkpoint: the log's key vouches
                for these alone. For those behind it there are only the files; a running gate publishes soon.
                """,
            examples: ["writ log audit", "writ log audit --log /backup/log --key-file log.vkey"]
        )
    ) { invocation in
        let terminal = invocation.terminal
        let path = try invocation.arguments.value("--key-file") ?? invocation.home().verifierKeyPath
        guard let key = try VerifierKeys.read(texts: [], files: [path]).first else {
            throw CommandFailure("`\(path)` has no key")
        }
        let directory =
            try invocation.arguments.value("--log") ?? Configuration(home: invocation.home()).logDirectory
        // What is not there is not a log that does not hold.
        guard try Files.status(of: directory).kind == .directory else {
            throw CommandFailure("`\(directory)` is not a directory")
        }
        do throws(AuditDiscrepancy) {
            let summary = try LogAudit(directory: directory, key: key).run()
            put(summary, key, invocation)
            return .done
        } catch {
            if invocation.wantsJSON {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("discrepancy", Text(error.defect.description))
                if let index = error.index { writer.member("index", index) }
                writer.member("verified", false)
                writer.endObject()
                terminal.put(writer.bytes + [UInt8(ascii: "\n")])
            } else {
                terminal.line(Terminal.plain("\(error)"))
            }
            return .notVerified
        }
    }

    private static func put(_ summary: AuditSummary, _ key: NoteVerifierKey, _ invocation: Invocation) {
        let terminal = invocation.terminal
        guard invocation.wantsJSON else {
            let counts = summary.counts.map { "\($0.count) \($0.type)" }.joined(separator: ", ")
            terminal.line("ok: \(key.name), \(summary.size) statements (\(counts))")
            terminal.line("root \(summary.root.hex), published \(summary.published ?? 0)")
            if let note = summary.unpublishedNote { terminal.line(note) }
            if summary.endsIncomplete {
                terminal.line("an incomplete frame stands at the end: a gate is writing it, or a crash left it")
            }
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("counts")
        writer.beginObject()
        for (type, count) in summary.counts { writer.member(Text(type), count) }
        writer.endObject()
        writer.member("ends_incomplete", summary.endsIncomplete)
        writer.member("origin", key.name.text)
        if let published = summary.published { writer.member("published", published) }
        writer.member("root", Text(summary.root.hex))
        writer.member("size", summary.size)
        writer.member("unpublished", summary.unpublished)
        writer.member("verified", true)
        writer.endObject()
        terminal.put(writer.bytes + [UInt8(ascii: "\n")])
    }

    /// How often a followed log is looked at, in milliseconds.
    private static let followMilliseconds = 100

    static func reader(_ invocation: Invocation) throws -> LogReader {
        let arguments = invocation.arguments
        if let directory = arguments.value("--log") {
            guard let origin = arguments.value("--origin") else {
                throw ArgumentError.conflict("`--log` needs `--origin`")
            }
            return LogReader(directory: directory, origin: Text(origin))
        }
        guard !arguments.has("--origin") else { throw ArgumentError.conflict("`--origin` goes with `--log`") }
        let configuration = try Configuration(home: try invocation.home())
        return LogReader(directory: configuration.logDirectory, origin: configuration.origin)
    }

    private static func put(_ line: LogLine, _ invocation: Invocation) {
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(line.json + [UInt8(ascii: "\n")])
        } else {
            terminal.line(plain(line.words))
        }
    }

    /// The words with their tabs, and nothing else that moves a cursor.
    private static func plain(_ words: String) -> String {
        words.split(separator: "\t", omittingEmptySubsequences: false).map { Terminal.plain(String($0)) }
            .joined(separator: "\t")
    }

    private static func chain(_ id: Identifier, _ reader: LogReader, _ invocation: Invocation) throws -> ExitStatus {
        let chain = try LogChain.find(id, in: reader)
        let terminal = invocation.terminal
        guard invocation.wantsJSON else {
            for item in chain.tree {
                let indent = String(repeating: "  ", count: item.depth)
                terminal.line("\(indent)\(terminal.styled(item.role, .strong))  \(plain(item.line.words))")
            }
            return .done
        }
        var writer = JSONWriter()
        writer.beginArray()
        for item in chain.tree {
            writer.beginObject()
            writer.member("depth", item.depth)
            writer.name("line")
            writer.raw(item.line.json)
            writer.member("role", Text(item.role))
            writer.endObject()
        }
        writer.endArray()
        terminal.put(writer.bytes + [UInt8(ascii: "\n")])
        return .done
    }

    private static func filter(_ arguments: ParsedArguments) throws(ArgumentError) -> LogFilter {
        var filter = LogFilter()
        filter.actor = arguments.value("--actor").map { Text($0) }
        filter.surface = arguments.value("--surface").map { Text($0) }
        filter.action = arguments.value("--action").map { Text($0) }
        filter.policy = arguments.value("--policy").map { Text($0) }
        filter.session = arguments.value("--session").map { Text($0) }
        if let text = arguments.value("--outcome") {
            filter.outcome = Outcome(rawValue: text)
            if filter.outcome == nil {
                throw .invalidValue(flag: "--outcome", value: text, expected: "PERMIT, DENY, SILENCE or HOLD")
            }
        }
        if let text = arguments.value("--cause") {
            filter.cause = Cause(rawValue: text)
            if filter.cause == nil {
                let near = NearMiss.of(text, among: Cause.allCases.map(\.rawValue)).map { ", such as \($0)" } ?? ""
                throw .invalidValue(flag: "--cause", value: text, expected: "a cause of rulings\(near)")
            }
        }
        if let text = arguments.value("--id") { filter.id = try identifier(text, "--id") }
        filter.since = try time(arguments, "--since")
        filter.until = try time(arguments, "--until")
        return filter
    }

    private static func identifier(_ text: String, _ flag: String) throws(ArgumentError) -> Identifier {
        guard let id = Identifier(Text(text)) else {
            throw .invalidValue(flag: flag, value: text, expected: "the 26 characters of an id")
        }
        return id
    }

    private static func time(_ arguments: ParsedArguments, _ flag: String) throws(ArgumentError) -> Int64? {
        guard let text = arguments.value(flag) else { return nil }
        guard let time = StatementTime.milliseconds(Text(text)) else {
            throw .invalidValue(flag: flag, value: text, expected: "a time as 2026-11-20T12:31:04.113Z")
        }
        return time
    }
}
