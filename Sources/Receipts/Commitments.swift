// What stands in a statement for a value that must not be shown.

package import Authorization
package import Bytes
package import Cryptography

/// Values hidden behind a request's nonce: whoever has the nonce and the value can rebuild the digest, nobody else.
package enum Blinding {
    /// The blinded form of a surface, an action or a session.
    ///
    /// SHA-256 of the RFC 8785 form of `["writ-blind-v1",<nonce>,<member name>,<value>]`.
    package static func digest(of text: Text, member: StaticString, nonce: Nonce) -> Digest {
        var writer = start(member, nonce)
        writer.text(text)
        writer.raw("]")
        return unsafe writer.withUnsafeBytes { unsafe SHA256.digest(of: $0) }
    }

    /// The blinded form of a target.
    package static func digest(of name: EntityName, member: StaticString, nonce: Nonce) -> Digest {
        var writer = start(member, nonce)
        writer.entity(name)
        writer.raw("]")
        return unsafe writer.withUnsafeBytes { unsafe SHA256.digest(of: $0) }
    }

    private static func start(_ member: StaticString, _ nonce: Nonce) -> StatementWriter {
        var writer = StatementWriter(capacity: 256)
        writer.raw("[\"writ-blind-v1\",")
        writer.nonce(nonce)
        writer.raw(",\"")
        writer.raw(member)
        writer.raw("\",")
        return writer
    }
}

/// The keys that requests claim, as statements show them: comparable under the fleet's key, opaque without it.
package struct ClaimKeys: Sendable {
    private let key: HMACSHA256Key

    /// Uses the fleet's claim key.
    package init(_ key: HMACSHA256Key) {
        self.key = key
    }

    /// The claim of an idempotency key: HMAC-SHA-256 of the RFC 8785 form of
    /// `["writ-claim-v1",<actor type>,<actor id>,<surface>,"key",<idempotency key>]`.
    package func code(actor: EntityName, surface: Text, idempotencyKey: Text) -> Digest {
        var writer = start(actor, surface)
        writer.raw(",\"key\",")
        writer.text(idempotencyKey)
        writer.raw("]")
        return unsafe writer.withUnsafeBytes { unsafe key.code(for: $0) }
    }

    /// The claim of a request without a key that is asked together with a redemption: `"attempt"` and the attempt's
    /// digest, `sha256:…`, stand in the last two places.
    package func code(actor: EntityName, surface: Text, attempt: Digest) -> Digest {
        var writer = start(actor, surface)
        writer.raw(",\"attempt\",")
        writer.digest(attempt)
        writer.raw("]")
        return unsafe writer.withUnsafeBytes { unsafe key.code(for: $0) }
    }

    /// The claim of a request: of its key, else of its attempt, else none.
    package func code(for request: Request) -> Digest? {
        if let idempotencyKey = request.idempotencyKey {
            return code(actor: request.actor, surface: request.surface, idempotencyKey: idempotencyKey)
        }
        guard let attempt = request.attempt else { return nil }
        return code(actor: request.actor, surface: request.surface, attempt: attempt.digest)
    }

    private func start(_ actor: EntityName, _ surface: Text) -> StatementWriter {
        var writer = StatementWriter(capacity: 256)
        writer.raw("[\"writ-claim-v1\",")
        writer.text(actor.type)
        writer.raw(",")
        writer.text(actor.id)
        writer.raw(",")
        writer.text(surface)
        return writer
    }
}

extension Nonce {
    /// The SHA-256 of the 16 bytes: what statements say of an attempt.
    package var digest: Digest { SHA256.digest(of: bytes) }
}

extension Request {
    /// The request digest: SHA-256 of the canonical form, for equality inside the gate; it never stands in a statement.
    package var digest: Digest { SHA256.digest(of: canonical) }
}
