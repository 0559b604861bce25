package import Bytes

/// A public key of a signed note with its name: the `vkey` of C2SP signed-note,
/// `<name>+<key ID in hex>+<base64 of algorithm byte and key>`.
package struct NoteVerifierKey: Hashable, Sendable {
    /// Whose key it is.
    package let name: NoteKeyName
    /// What it is for.
    package let algorithm: NoteKeyAlgorithm
    /// The key itself.
    package let publicKey: Ed25519PublicKey
    /// By what notes point at it.
    package let id: NoteKeyID

    /// The longest text of a key in bytes.
    package static let textByteCountMax = NoteKeyName.byteCountMax + 1 + 8 + 1 + 44

    /// Puts a key together.
    package init(name: NoteKeyName, algorithm: NoteKeyAlgorithm, publicKey: Ed25519PublicKey) {
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        id = NoteKeyID(name: name, algorithm: algorithm, publicKey: publicKey)
    }

    /// Reads the text of a key, without a line feed at its end.
    ///
    /// Only the one spelling that ``text`` gives is accepted, and only keys that pass enrolment
    /// (``Ed25519PublicKey/init(strict:)``).
    ///
    /// - Throws: What is wrong with it.
    package init(text: some Collection<UInt8>) throws(KeyError) {
        guard text.count <= Self.textByteCountMax else { throw .form }
        // Names have no plus sign; base64 may, so only the first two separate.
        let parts = Array(text).split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .form }
        let name = try NoteKeyName(utf8: parts[0])
        guard let key = Base64.decode(parts[2]) else { throw .base64 }
        guard let first = key.first else { throw .form }
        guard let algorithm = NoteKeyAlgorithm(rawValue: first) else { throw .algorithm }
        let publicKey = try Ed25519PublicKey(strict: key.dropFirst())
        self.init(name: name, algorithm: algorithm, publicKey: publicKey)
        guard Array(parts[1]) == Array(id.hex.utf8) else { throw .keyID }
    }

    /// The text of the key, without a line feed.
    package var text: Text {
        Text("\(name)+\(id.hex)+\(Base64.encode([algorithm.rawValue] + publicKey.bytes))")
    }
}
