// `writ agent add|list|rotate|retire`.

import Authorization
import Bytes
import Runtime
import Service

/// The identities of a running gate.
enum AgentCommands {
    private static let writeToken = FlagSpecification(
        "--write-token",
        "FILE",
        says: "write the token to this new file, for its owner alone, and show it nowhere"
    )
    private static let peer = FlagSpecification("--peer", "UID", says: "a user of this machine, instead of a token")

    static let add = Command(
        specification: CommandSpecification(
            "agent add",
            "add an identity; its token is shown once",
            operands: "NAME",
            operandCount: 1...1,
            flags: [
                FlagSpecification("--role", "ROLE", says: "actor, enforcement, operator or auditor"),
                FlagSpecification(
                    "--actors",
                    "NAME",
                    repeatable: true,
                    says: "an actor to ask for, or * (enforcement)"
                ),
                FlagSpecification(
                    "--surfaces",
                    "NAME",
                    repeatable: true,
                    says: "a surface to ask about, or * (enforcement)"
                ),
                peer, writeToken,
            ] + GateClient.flags,
            details: "The token is data on standard output; the gate keeps only its digest. Names are never reused.",
            examples: [
                "writ agent add ops-bot --role actor",
                "writ agent add gateway --role enforcement --actors ops-bot --surfaces platform "
                    + "--write-token gateway.token",
            ]
        )
    ) { invocation in
        let arguments = invocation.arguments
        let role = try role(arguments)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", Text(arguments.operands[0]))
        writer.member("role", Text(role.rawValue))
        if let user = try arguments.integer("--peer", in: 0...4_294_967_294) { writer.member("peer", user) }
        for (flag, name) in [("--actors", "actors"), ("--surfaces", "surfaces")] where arguments.has(flag) {
            writer.name(Text(name))
            writer.beginArray()
            for value in arguments.values(flag) { writer.string(Text(value)) }
            writer.endArray()
        }
        writer.endObject()
        return try show("/v1/agents", writer.bytes, invocation, "added")
    }

    static let rotate = Command(
        specification: CommandSpecification(
            "agent rotate",
            "give an identity a new credential; the old one ends at once",
            operands: "NAME",
            operandCount: 1...1,
            flags: [peer, writeToken] + GateClient.flags,
            examples: ["writ agent rotate ops-bot --write-token ops-bot.token"]
        )
    ) { invocation in
        let arguments = invocation.arguments
        var writer = JSONWriter()
        writer.beginObject()
        if let user = try arguments.integer("--peer", in: 0...4_294_967_294) { writer.member("peer", user) }
        writer.endObject()
        let target = "/v1/agents/\(Percent.encode(Text(arguments.operands[0])))/rotate"
        return try show(target, writer.bytes, invocation, "rotated")
    }

    static let retire = Command(
        specification: CommandSpecification(
            "agent retire",
            "end an identity for ever",
            operands: "NAME",
            operandCount: 1...1,
            flags: GateClient.flags,
            examples: ["writ agent retire ops-bot"]
        )
    ) { invocation in
        let target = "/v1/agents/\(Percent.encode(Text(invocation.arguments.operands[0])))/retire"
        return try show(target, Array("{}".utf8), invocation, "retired")
    }

    static let list = Command(
        specification: CommandSpecification(
            "agent list",
            "list the identities",
            flags: GateClient.flags,
            examples: ["writ agent list"]
        )
    ) { invocation in
        let client = try GateClient(invocation)
        let reply = try client.demand(try client.get("/v1/agents"))
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(reply.body + [UInt8(ascii: "\n")])
            return .done
        }
        for agent in reply.value["agents"].map({ Array($0.elements) }) ?? [] {
            var words = [text(agent, "name"), text(agent, "role"), text(agent, "credential")]
            if let peer = agent["peer"]?.integer { words[2] += " \(peer)" }
            for list in ["actors", "surfaces"] {
                let names = agent[Text(list)]?.elements.compactMap { $0.string.map { Terminal.plain($0.string) } } ?? []
                if !names.isEmpty { words.append("\(list) \(names.joined(separator: ","))") }
            }
            terminal.line(words.joined(separator: "\t"))
        }
        return .done
    }

    /// The role, with the lists that go with it: nothing is sent that the gate would refuse.
    private static func role(_ arguments: ParsedArguments) throws(ArgumentError) -> Role {
        guard let text = arguments.value("--role") else { throw .conflict("`--role` is missing") }
        guard let role = Role(rawValue: text) else {
            throw .invalidValue(flag: "--role", value: text, expected: "actor, enforcement, operator or auditor")
        }
        for flag in ["--actors", "--surfaces"] where arguments.has(flag) != (role == .enforcement) {
            throw .conflict(
                role == .enforcement
                    ? "`--role enforcement` needs `\(flag)`" : "`\(flag)` goes with `--role enforcement` only"
            )
        }
        return role
    }

    private static func text(_ value: JSONValue, _ name: Text) -> String {
        value[name]?.string.map { Terminal.plain($0.string) } ?? "?"
    }

    private static func show(
        _ target: String,
        _ body: [UInt8],
        _ invocation: Invocation,
        _ done: String
    ) throws -> ExitStatus {
        let arguments = invocation.arguments
        let path = arguments.has(writeToken.name) ? arguments.value(writeToken.name) : nil
        // Before anything changes at the gate: a token that cannot be written would be lost.
        if let path, try Files.exists(path) { throw CommandFailure("`\(path)` exists; nothing was changed") }
        let client = try GateClient(invocation)
        let reply = try client.demand(try client.post(target, body))
        let terminal = invocation.terminal
        invocation.warn(reply)
        let token = reply.value["token"]?.string
        if let path, let token { try Files.create(path, with: Array("\(token)\n".utf8), permissions: 0o600) }
        if invocation.wantsJSON, path == nil {
            terminal.put(reply.body + [UInt8(ascii: "\n")])
            return .done
        }
        terminal.say(
            "\(done) `\(Terminal.plain(arguments.operands[0]))`, statement \(reply.value["index"]?.token ?? "?")"
        )
        if let path, token != nil {
            terminal.say("its token is in `\(path)`")
        } else if let token {
            terminal.say("its token, shown once:")
            terminal.line(token.string)
        }
        return .done
    }
}
