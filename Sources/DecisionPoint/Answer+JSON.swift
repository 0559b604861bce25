// Answers as JSON: the members of docs/reference/http-api.md.

import Authorization
package import Bytes
import Receipts
import State
package import StrictPolicy

extension DecisionAnswer {
    /// The answer as a JSON object.
    package func json() -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024 + (proof?.receipt.count ?? 0) + (original?.count ?? 0))
        writer.beginObject()
        writer.member("id", id.text)
        writer.member("outcome", Text(outcome.rawValue))
        writer.member("cause", Text(cause.rawValue))
        writer.member("class", Text(cause.causeClass.rawValue))
        writer.member("dispatch", dispatch)
        writer.member("enforced", true)
        writeReasons(to: &writer)
        writer.member("surface", surface)
        if let bundle { bundle.write(to: &writer) }
        writeState(to: &writer)
        if let detail { writer.member("detail", Text(detail)) }
        if isReplayed { writer.member("replayed", true) }
        if let nonce {
            writer.name("opening")
            writer.beginObject()
            writer.member("nonce", nonce.hex)
            writer.endObject()
        }
        if let original {
            writer.name("original")
            writer.string(utf8: original)
        }
        if let proof {
            writer.member("index", proof.index)
            writer.name("receipt")
            writer.string(utf8: proof.receipt)
        }
        writer.endObject()
        return writer.bytes
    }

    private func writeReasons(to writer: inout JSONWriter) {
        writer.name("reasons")
        writer.beginArray()
        for reason in reasons {
            writer.beginObject()
            writer.member("policy", reason.policy)
            if let text = reason.text { writer.member("reason", text) }
            writer.endObject()
        }
        writer.endArray()
        guard !errors.isEmpty else { return }
        writer.name("errors")
        writer.beginArray()
        for policy in errors { writer.string(policy) }
        writer.endArray()
    }

    private func writeState(to writer: inout JSONWriter) {
        if let state, state != .refused { writer.member("state", Text(state.rawValue)) }
        if let actBy { writer.member("act_by", StatementTime.text(actBy)) }
        if let expires { writer.member("expires", StatementTime.text(expires)) }
        if let effect {
            writer.name("effect")
            effect.write(to: &writer)
        }
    }
}

extension EffectEntry {
    /// Writes the report as `{"effect":…,"result":…}`.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("effect", Text(kind.rawValue))
        if !result.isEmpty {
            writer.name("result")
            writer.raw(result)
        }
        writer.endObject()
    }
}

extension BundleIdentity {
    /// Writes the member `bundle`.
    package func write(to writer: inout JSONWriter) {
        writer.name("bundle")
        writer.beginObject()
        writer.member("name", name)
        writer.member("version", version)
        writer.member("digest", sha256: digest)
        writer.member("source", source)
        writer.endObject()
    }
}
