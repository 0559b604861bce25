// Results that the gateway makes or passes on: refusals are ordinary results, so that a model can act on them.

import Authorization
import Bytes

/// Results of `tools/call`, as JSON.
enum CallResult {
    /// The member of `_meta` in which the gateway says what was ruled; a server's own member of that prefix is dropped.
    static let rulingMember: Text = "writ/ruling"
    /// The member of `_meta` that marks a result that was kept from the first call.
    static let replayedMember: Text = "writ/replayed"
    private static let prefix = "writ/"

    /// How a result is written.
    struct Form {
        /// Whether the revision demands `resultType`.
        let isStateless: Bool
        /// Whether the tool has an output schema, which the ruling's structure would not satisfy.
        let hasOutputSchema: Bool
    }

    /// A ruling that does not let act.
    static func refusal(_ refusal: Refusal, _ form: Form, note: String? = nil) -> [UInt8] {
        var lines = RefusalWords.lines(refusal)
        if let note { lines.append(note) }
        return error(lines, ruling(refusal), form)
    }

    /// No ruling at all, or none that could be relied upon.
    static func doubt(_ why: String, _ form: Form) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("outcome", "SILENCE")
        writer.member("cause", "gate_unavailable")
        writer.member("class", "infrastructure")
        writer.member("detail", Text(Words.line(why, bytesMax: 500)))
        writer.endObject()
        return error(["SILENCE (gate_unavailable)", why, "the call was not made"], writer.bytes, form)
    }

    /// A call that lacks what the surface's mapping needs; the gate was not asked.
    static func invalid(_ why: String, _ form: Form) -> [UInt8] {
        var refusal = Refusal(cause: .requestInvalid)
        refusal.detail = Text(Words.line(why, bytesMax: 500))
        return error(RefusalWords.lines(refusal) + ["the call was not made"], ruling(refusal), form)
    }

    /// A call that was let through, and of which there is no result to show.
    static func lost(_ why: String, id: Text, _ form: Form) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("outcome", "PERMIT")
        writer.member("id", id)
        writer.member("detail", Text(why))
        writer.endObject()
        return error([why, "the decision is \(id)"], writer.bytes, form)
    }

    /// A server's result, with the ruling beside it.
    static func passed(_ result: JSONValue, id: Text, isReplayed: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        for member in result.members where !member.hasName("_meta") { writer.tree(member) }
        writer.name("_meta")
        writer.beginObject()
        if let meta = result["_meta"] {
            for member in meta.members where !member.name.string.utf8.starts(with: prefix.utf8) { writer.tree(member) }
        }
        if isReplayed { writer.member(replayedMember, true) }
        writer.name(rulingMember)
        writer.beginObject()
        writer.member("outcome", "PERMIT")
        writer.member("id", id)
        writer.endObject()
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func error(_ lines: [String], _ ruling: [UInt8], _ form: Form) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        if form.isStateless { writer.member("resultType", "complete") }
        writer.name("content")
        writer.beginArray()
        writer.beginObject()
        writer.member("type", "text")
        writer.member("text", Text(lines.joined(separator: "\n")))
        writer.endObject()
        writer.endArray()
        if !form.hasOutputSchema {
            writer.name("structuredContent")
            writer.raw(ruling)
        }
        writer.member("isError", true)
        writer.name("_meta")
        writer.beginObject()
        writer.name(rulingMember)
        writer.raw(ruling)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func ruling(_ refusal: Refusal) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.member("outcome", Text(refusal.outcome.rawValue))
        writer.member("cause", Text(refusal.cause.rawValue))
        writer.member("class", Text(refusal.cause.causeClass.rawValue))
        if let id = refusal.id { writer.member("id", id) }
        writer.name("reasons")
        writer.beginArray()
        for reason in refusal.reasons {
            writer.beginObject()
            writer.member("policy", reason.policy)
            if let text = reason.text { writer.member("reason", text) }
            writer.endObject()
        }
        writer.endArray()
        let texts: [(Text, Text?)] = [
            ("detail", refusal.detail), ("state", refusal.state), ("effect", refusal.effect),
            ("receipt", refusal.receipt), ("original", refusal.original),
        ]
        for (name, text) in texts {
            if let text { writer.member(name, text) }
        }
        writer.endObject()
        return writer.bytes
    }
}
