// `writ halt` and `writ resume`.

import Bytes
import Service

/// Stopping and going on.
enum HaltCommands {
    private static let scopes = [
        FlagSpecification("--all", says: "the whole gate"),
        FlagSpecification("--surface", "NAME", says: "one surface"),
        FlagSpecification("--actor", "NAME", says: "one actor, wherever it acts"),
    ]

    static let halt = Command(
        specification: CommandSpecification(
            "halt",
            "stop everything, a surface or an actor: in force at once, then durable, then acknowledged",
            flags: scopes + [
                FlagSpecification("--reason", "TEXT", says: "why, for people"),
                FlagSpecification("--list", says: "only list the halts in force"),
            ] + GateClient.flags,
            details: """
                A name that the gate does not know is halted all the same, as it may come later; the answer warns of
                it. `writ resume` with the same scope ends the halt.
                """,
            examples: ["writ halt --actor ops-bot --reason \"it deletes what it should not\"", "writ halt --list"]
        )
    ) { invocation in
        guard !invocation.arguments.has("--list") else { return try list(invocation) }
        var writer = JSONWriter()
        writer.beginObject()
        if let reason = invocation.arguments.value("--reason") { writer.member("reason", Text(reason)) }
        try writeScope(invocation.arguments, to: &writer)
        writer.endObject()
        return try send("/v1/halts", writer.bytes, invocation, "halted")
    }

    static let resume = Command(
        specification: CommandSpecification(
            "resume",
            "end a halt of exactly this scope",
            flags: scopes + GateClient.flags,
            examples: ["writ resume --actor ops-bot"]
        )
    ) { invocation in
        var writer = JSONWriter()
        writer.beginObject()
        try writeScope(invocation.arguments, to: &writer)
        writer.endObject()
        return try send("/v1/halts/resume", writer.bytes, invocation, "resumed")
    }

    private static func writeScope(_ arguments: ParsedArguments, to writer: inout JSONWriter) throws(ArgumentError) {
        guard scopes.count(where: { arguments.has($0.name) }) == 1 else {
            throw .conflict("give exactly one of `--all`, `--surface NAME` and `--actor NAME`")
        }
        writer.name("scope")
        writer.beginObject()
        if let surface = arguments.value("--surface") {
            writer.member("kind", "surface")
            writer.member("name", Text(surface))
        } else if let actor = arguments.value("--actor") {
            writer.member("kind", "actor")
            writer.member("name", Text(actor))
        } else {
            writer.member("kind", "all")
        }
        writer.endObject()
    }

    /// The scope as a person reads it back.
    private static func words(_ arguments: ParsedArguments) -> String {
        if let surface = arguments.value("--surface") { return "surface `\(Terminal.plain(surface))`" }
        if let actor = arguments.value("--actor") { return "actor `\(Terminal.plain(actor))`" }
        return "the whole gate"
    }

    private static func send(
        _ target: String,
        _ body: [UInt8],
        _ invocation: Invocation,
        _ done: String
    ) throws -> ExitStatus {
        let client = try GateClient(invocation)
        let reply = try client.demand(try client.post(target, body))
        if invocation.wantsJSON {
            invocation.terminal.put(reply.body + [UInt8(ascii: "\n")])
        } else {
            let scope = words(invocation.arguments)
            invocation.terminal.say("\(done) \(scope), statement \(reply.value["index"]?.token ?? "?")")
        }
        invocation.warn(reply)
        return .done
    }

    private static func list(_ invocation: Invocation) throws -> ExitStatus {
        let client = try GateClient(invocation)
        let reply = try client.demand(try client.get("/v1/halts"))
        if invocation.wantsJSON {
            invocation.terminal.put(reply.body + [UInt8(ascii: "\n")])
            return .done
        }
        for halt in reply.value["halts"].map({ Array($0.elements) }) ?? [] {
            let words = ["kind", "name"].compactMap { halt[Text($0)]?.string.map { Terminal.plain($0.string) } }
            invocation.terminal.line(words.joined(separator: "\t"))
        }
        return .done
    }
}
