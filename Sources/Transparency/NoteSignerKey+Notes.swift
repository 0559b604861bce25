package import Cryptography

extension NoteSignerKey {
    /// Signs the text of a note, with its final line feed, as a log does.
    ///
    /// `nil` when the key is one for cosignatures: each kind of signature has keys of its own.
    package func signature(ofText text: [UInt8]) -> NoteSignature? {
        switch verifierKey.algorithm {
        case .ed25519: NoteSignature(name: verifierKey.name, keyID: verifierKey.id, bytes: sign(text).bytes)
        case .cosignature: nil
        }
    }

    /// Cosigns the text of a checkpoint, with its final line feed, as a witness does.
    ///
    /// `nil` when the key is not one for cosignatures.
    package func cosignature(ofText text: [UInt8], time: UInt64) -> NoteSignature? {
        switch verifierKey.algorithm {
        case .ed25519: return nil
        case .cosignature:
            let signature = sign(Cosignature.message(time: time, text: text))
            let bytes = Cosignature(time: time, signature: signature).bytes
            return NoteSignature(name: verifierKey.name, keyID: verifierKey.id, bytes: bytes)
        }
    }
}
