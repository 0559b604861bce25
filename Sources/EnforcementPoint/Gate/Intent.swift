// A wish, as it is put to the gate.

package import Authorization
package import Bytes

/// What an agent wants to do, before it has an attempt.
package struct Intent: Sendable {
    /// The agent.
    package var actor: EntityName
    /// The external system.
    package var surface: Text
    /// What is to be done.
    package var action: Text
    /// What it is to be done to.
    package var target: EntityName
    /// The arguments: one JSON object that passed the strict reader.
    package var context: [UInt8]
    /// The idempotency key, if there is one.
    package var key: Text?

    /// Makes an intent.
    package init(
        actor: EntityName,
        surface: Text,
        action: Text,
        target: EntityName,
        context: [UInt8],
        key: Text? = nil
    ) {
        self.actor = actor
        self.surface = surface
        self.action = action
        self.target = target
        self.context = context
        self.key = key
    }

    /// The question of this intent; without an attempt it cannot be answered by a dispatch.
    package func question(attempt: Nonce?) -> Question {
        var writer = JSONWriter(capacity: context.count + 512)
        writer.beginObject()
        writer.name("actor")
        Self.write(actor, to: &writer)
        writer.member("surface", surface)
        writer.member("action", action)
        writer.name("target")
        Self.write(target, to: &writer)
        writer.name("context")
        writer.raw(context)
        if let key { writer.member("idempotency_key", key) }
        if let attempt {
            writer.name("redeem")
            writer.beginObject()
            writer.member("attempt", attempt.base64URL)
            writer.endObject()
        }
        writer.endObject()
        return Question(body: writer.bytes, surface: surface)
    }

    private static func write(_ name: EntityName, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", name.type)
        writer.member("id", name.id)
        writer.endObject()
    }
}
