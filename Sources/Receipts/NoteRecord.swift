// The evidence of what a person wrote.

package import Authorization
package import Bytes
internal import Cryptography

/// Free text of a person, such as the reason of a halt: kept beside the log, with its digest in it.
///
/// The RFC 8785 form of `{"nonce","text"}`; the nonce hides short texts behind the digest.
package struct NoteRecord: Hashable, Sendable {
    /// The text.
    package let text: Text
    /// The record's own nonce.
    package let nonce: Nonce
    /// The bytes of the record.
    package let encoded: [UInt8]

    /// Makes a record.
    package init(text: Text, nonce: Nonce) {
        self.text = text
        self.nonce = nonce
        var writer = StatementWriter(capacity: text.byteCount + 64)
        writer.raw("{\"nonce\":")
        writer.nonce(nonce)
        writer.raw(",\"text\":")
        writer.text(text)
        writer.raw("}")
        encoded = writer.bytes
    }

    /// Reads a record, strictly.
    ///
    /// - Throws: ``StatementError``.
    package init(parsing bytes: [UInt8]) throws(StatementError) {
        let reader = try StatementReader(parsing: bytes, limits: StatementLimits.recordJSON)
        guard let nonce = Nonce(bytes: Hex.decode(try reader.text("nonce").string) ?? []) else {
            throw reader.invalid("nonce")
        }
        self.init(text: try reader.text("text"), nonce: nonce)
        guard encoded == bytes else { throw .notCanonical }
    }

    /// The digest of the record: `reason` in the statement of a halt.
    package var digest: Digest { SHA256.digest(of: encoded) }
}
