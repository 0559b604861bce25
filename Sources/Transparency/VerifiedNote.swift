package import Cryptography

/// A known key that signed a note, and when it says it did.
package struct NoteSigner: Hashable, Sendable {
    /// The key.
    package let key: NoteVerifierKey
    /// The time of a cosignature in seconds since 1970; `nil` for other signatures, which have none.
    package let time: UInt64?
}

/// The text of a note of which every signature by a known key was checked and at least one key is known.
///
/// Only the check makes one.
package struct VerifiedNote: Hashable, Sendable {
    /// The note as it was read.
    package let note: SignedNote
    /// The known keys that signed, in the order of their signatures: at least one.
    package let signers: [NoteSigner]

    /// Checks the signatures of a note.
    ///
    /// Signatures of keys that are not known say nothing and are ignored. A known key whose signature is not valid, or
    /// that signed more than once, condemns the whole note.
    ///
    /// - Throws: ``NoteError/ambiguousKeys(_:)``, ``NoteError/invalidSignature(_:)``,
    ///   ``NoteError/repeatedSignature(_:)``, ``NoteError/noKnownSignature``.
    package init(_ note: SignedNote, keys: [NoteVerifierKey]) throws(NoteError) {
        for (position, key) in keys.enumerated() {
            for other in keys[..<position] where other.name == key.name && other.id == key.id {
                throw .ambiguousKeys(key.name)
            }
        }
        var signers: [NoteSigner] = []
        for signature in note.signatures {
            guard let key = keys.first(where: { $0.name == signature.name && $0.id == signature.keyID }) else {
                continue
            }
            guard !signers.contains(where: { $0.key == key }) else { throw .repeatedSignature(key.name) }
            guard let signer = Self.signer(of: signature, under: key, text: note.text) else {
                throw .invalidSignature(key.name)
            }
            signers.append(signer)
        }
        guard !signers.isEmpty else { throw .noKnownSignature }
        self.note = note
        self.signers = signers
    }

    /// The text with its final line feed.
    package var text: [UInt8] { note.text }

    /// Says whether the key is among those that signed.
    package func isSigned(by key: NoteVerifierKey) -> Bool {
        signers.contains { $0.key == key }
    }

    private static func signer(of signature: NoteSignature, under key: NoteVerifierKey, text: [UInt8]) -> NoteSigner? {
        switch key.algorithm {
        case .ed25519:
            guard let bytes = Ed25519Signature(bytes: signature.bytes), key.publicKey.isValid(bytes, for: text)
            else { return nil }
            return NoteSigner(key: key, time: nil)
        case .cosignature:
            guard let cosignature = Cosignature(bytes: signature.bytes),
                key.publicKey.isValid(
                    cosignature.signature,
                    for: Cosignature.message(time: cosignature.time, text: text)
                )
            else { return nil }
            return NoteSigner(key: key, time: cosignature.time)
        }
    }
}
