import Authorization
import Bytes
import HTTP
import Ledger
import Receipts
import Service
import Testing

/// Questions about a log that a gate has written.
@Suite(.serialized) struct LogTests {
    /// A gate that has permitted, refused and halted, and has been ended.
    private static func story() throws -> (gate: RunningGate, reader: LogReader) {
        let gate = try RunningGate()
        func ask(_ action: String, _ context: String, as credential: RunningGate.Credential, more: String = "") throws {
            let body =
                #"{"actor":{"type":"Agent","id":"ops-bot"},"surface":"platform","action":"\#(action)","#
                + #""target":{"type":"Project","id":"shop-staging"},"context":"#
                + #"{"project":"shop-staging",\#(context)}\#(more)}"#
            let reply = try gate.call(.post, "/v1/decisions", body, as: credential)
            #expect(reply.status == .ok)
        }
        let attempt = #","redeem":{"attempt":"AAECAwQFBgcICQoLDA0ODw"},"idempotency_key":"k","session":"s-1""#
        try ask("delete_variable", #""name":"A""#, as: .enforcement, more: attempt)
        try ask("delete_variables", #""names":["A"]"#, as: .actor)
        let other = attempt.replacing("AAECAwQF", with: "BBECAwQF")
        try ask("delete_variable", #""name":"A""#, as: .enforcement, more: other)
        let halt = #"{"scope":{"kind":"actor","name":"ops-bot"},"reason":"enough"}"#
        #expect(try gate.call(.post, "/v1/halts", halt, as: .operator).status == .ok)
        #expect(try gate.end())
        return (gate, LogReader(directory: gate.home.logDirectory, origin: "test/1"))
    }

    private func lines(_ reader: LogReader) throws -> [LogLine] {
        var lines: [LogLine] = []
        var entries = try reader.entries()
        while let entry = try entries.next() { lines.append(try LogLine(entry)) }
        return lines
    }

    @Test func everyMemberOfAFilterChooses() throws {
        let (gate, reader) = try Self.story()
        let lines = try lines(reader)
        func count(_ change: (inout LogFilter) -> Void) -> Int {
            var filter = LogFilter()
            change(&filter)
            return lines.count { filter.matches($0) }
        }
        #expect(count { _ in } == lines.count)
        #expect(count { $0.outcome = .permit } == 1)
        #expect(count { $0.outcome = .hold } == 0)
        #expect(count { $0.cause = .forbidden } == 1)
        #expect(count { $0.policy = "platform/no-bulk-delete" } == 1)
        #expect(count { $0.policy = "platform/read" } == 0)
        #expect(count { $0.action = "delete_variable" } == 2)
        #expect(count { $0.session = "s-1" } == 2)
        #expect(count { $0.session = "s-2" } == 0)
        #expect(count { $0.surface = "platform" } == 3)
        #expect(count { $0.surface = "other" } == 0)
        // Three decisions, the identity, and the halt.
        #expect(count { $0.actor = "ops-bot" } == 5)
        #expect(
            count {
                $0.actor = "ops-bot"
                $0.surface = "platform"
            } == 3
        )
        #expect(count { $0.actor = "other" } == 0)
        let middle = lines[lines.count / 2]
        #expect(count { $0.id = middle.statement.header.id } == 1)
        #expect(count { $0.until = lines[0].statement.header.time } == 0)
        let end = lines[lines.count - 1].statement.header.time
        #expect(count { $0.since = end + 1 } == 0)
        #expect(count { $0.since = lines[0].statement.header.time } == lines.count)
        _ = gate
    }

    @Test func aLineTellsWhatItsEvidenceKnows() throws {
        let (gate, reader) = try Self.story()
        let lines = try lines(reader)
        let halt = try #require(lines.first { $0.statement.typeName == "halt" })
        #expect(halt.note == "enough")
        #expect(halt.words.contains("actor ops-bot by token:operator: enough"))
        let decision = try #require(lines.first { $0.statement.typeName == "decision" })
        #expect(decision.request?.session == "s-1")
        let json = try JSONValue(parsing: decision.json, limits: .file)
        #expect(json["index"]?.integer == Int64(decision.index))
        #expect(json["request"]?["idempotency_key"]?.string == "k")
        #expect(json["statement"]?["predicate"]?["outcome"]?.string == "PERMIT")
        _ = gate
    }

    @Test func aChainIsFoundFromEachOfItsStatements() throws {
        let (gate, reader) = try Self.story()
        let lines = try lines(reader)
        let permit = try #require(lines.first { $0.statement.typeName == "decision" })
        let chain = try LogChain.find(permit.statement.header.id, in: reader)
        #expect(chain.tree.map(\.role) == ["decision", "actor", "bundle", "redeemer", "later"])
        #expect(chain.decision.index == permit.index)
        #expect(chain.followers.count == 1)
        let refused = try LogChain.find(
            lines[permit.index == 0 ? 0 : Int(permit.index) + 1].statement.header.id,
            in: reader
        )
        #expect(refused.tree.map(\.role) == ["decision", "actor", "bundle"])
        // What is no action has no chain.
        #expect(throws: ChainError.self) { try LogChain.find(lines[0].statement.header.id, in: reader) }
        #expect(throws: ChainError.self) { try LogChain.find(Identifier(high: 0, low: 0), in: reader) }
        _ = gate
    }
}
