// The evidence of what was asked: the canonical request with its nonce.

package import Authorization
package import Bytes
internal import Cryptography

/// The request as the gate saw it, in the form whose digest is the subject of the decision.
///
/// The RFC 8785 form of `{"action","actor","context","surface","target"}` with `idempotency_key` and `session` where
/// they were given, and `nonce`. Fractions are `{"$decimal":"<token>"}`.
package struct RequestRecord: Hashable, Sendable {
    /// The actor.
    package let actor: EntityName
    /// The surface.
    package let surface: Text
    /// The action.
    package let action: Text
    /// The target.
    package let target: EntityName
    /// The session, if one was given.
    package let session: Text?
    /// The idempotency key, if one was given.
    package let idempotencyKey: Text?
    /// The gate's nonce, the opening.
    package let nonce: Nonce
    /// The canonical form of the first five members: two requests are the same if these bytes are.
    package let canonicalRequest: [UInt8]
    /// The bytes of the record.
    package let encoded: [UInt8]

    /// Makes the record of a request.
    package init(_ request: Request, nonce: Nonce) {
        actor = request.actor
        surface = request.surface
        action = request.action
        target = request.target
        session = request.session
        idempotencyKey = request.idempotencyKey
        self.nonce = nonce
        canonicalRequest = request.canonical
        encoded = Self.encode(request, nonce)
    }

    /// Reads a record, strictly.
    ///
    /// - Throws: ``StatementError``, for bytes that the first form of making a record would not give, too.
    package init(parsing bytes: [UInt8]) throws(StatementError) {
        let reader = try StatementReader(parsing: bytes, limits: StatementLimits.recordJSON)
        let context = try reader.member("context")
        guard let nonce = Nonce(bytes: Hex.decode(try reader.text("nonce").string) ?? []) else {
            throw reader.invalid("nonce")
        }
        let request = try Self.request(reader, context)
        self.init(request, nonce: nonce)
        guard encoded == bytes else { throw .notCanonical }
    }

    /// The request commitment: the digest of the record.
    package var commitment: Digest { SHA256.digest(of: encoded) }

    /// The digest of the first five members.
    package var requestDigest: Digest { SHA256.digest(of: canonicalRequest) }

    /// The request itself, without the attempt, to be ruled again.
    ///
    /// - Throws: ``StatementError``; never for a record that was made of a request.
    package func request() throws(StatementError) -> Request {
        let reader = try StatementReader(parsing: encoded, limits: StatementLimits.recordJSON)
        return try Self.request(reader, reader.member("context"))
    }

    /// Puts key, nonce and session between the context and the surface of the canonical request.
    private static func encode(_ request: Request, _ nonce: Nonce) -> [UInt8] {
        var tail = StatementWriter(capacity: 256)
        tail.raw(",\"surface\":")
        tail.text(request.surface)
        tail.raw(",\"target\":")
        tail.entity(request.target)
        tail.raw("}")
        var writer = StatementWriter(capacity: request.canonical.count + 256)
        writer.raw(request.canonical.dropLast(tail.count))
        if let idempotencyKey = request.idempotencyKey {
            writer.raw(",\"idempotency_key\":")
            writer.text(idempotencyKey)
        }
        writer.raw(",\"nonce\":")
        writer.nonce(nonce)
        if let session = request.session {
            writer.raw(",\"session\":")
            writer.text(session)
        }
        writer.raw(request.canonical.suffix(tail.count))
        return writer.bytes
    }

    /// Rebuilds the text of a request and reads it as one.
    private static func request(_ record: StatementReader, _ context: JSONValue) throws(StatementError) -> Request {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.member("action", try record.text("action"))
        for name: Text in ["actor", "target"] {
            let entity = try record.entity(name)
            writer.name(name)
            writer.beginObject()
            writer.member("id", entity.id)
            writer.member("type", entity.type)
            writer.endObject()
        }
        writer.name("context")
        restore(context, to: &writer)
        for name: Text in ["idempotency_key", "session", "surface"] where record.has(name) {
            writer.member(name, try record.text(name))
        }
        writer.endObject()
        do throws(RequestError) {
            return try Request(parsing: writer.bytes)
        } catch {
            throw record.invalid("context")
        }
    }

    /// Writes a part of the context with its fractions as they were asked; recursion is bounded by the reader's depth.
    private static func restore(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value.kind {
        case .null: writer.null()
        case .true: writer.boolean(true)
        case .false: writer.boolean(false)
        case .integer, .fraction: writer.raw(value.content)
        case .string: writer.string(utf8: value.content)
        case .array:
            writer.beginArray()
            for element in value.elements { restore(element, to: &writer) }
            writer.endArray()
        case .object:
            // No request has a member whose name begins with `$`, so this is always a fraction's token.
            if value.count == 1, let token = value["$decimal"], token.kind == .string {
                writer.raw(token.content)
                return
            }
            writer.beginObject()
            for member in value.members {
                writer.name(member.name)
                restore(member.value, to: &writer)
            }
            writer.endObject()
        }
    }
}
