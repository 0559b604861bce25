package import Cryptography

/// Why a signed note was refused.
package enum NoteError: Error, Equatable, Sendable {
    /// There are more bytes than ``SignedNote/byteCountMax``.
    case tooLong
    /// The text or a name is not UTF-8, or has a control character other than the line feed.
    case characters
    /// The text does not end in a line feed, or no empty line separates it from signatures.
    case form
    /// A signature line has not its parts, or its base64 is not canonical.
    case signatureLine
    /// There are more signatures than ``SignedNote/signatureCountMax``.
    case tooManySignatures
    /// A signature of a known key is not valid for the text.
    case invalidSignature(NoteKeyName)
    /// A known key signed more than once.
    case repeatedSignature(NoteKeyName)
    /// Two of the known keys have the same name and key ID.
    case ambiguousKeys(NoteKeyName)
    /// No known key signed.
    case noKnownSignature
}

extension NoteError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .tooLong: "the signed note is longer than \(SignedNote.byteCountMax) bytes"
        case .characters: "the signed note has bytes that a note must not have"
        case .form: "the signed note has not the form of one"
        case .signatureLine: "a signature line of the note is malformed"
        case .tooManySignatures: "the note has more than \(SignedNote.signatureCountMax) signatures"
        case .invalidSignature(let name): "the signature of `\(name)` is not valid"
        case .repeatedSignature(let name): "the key `\(name)` signed more than once"
        case .ambiguousKeys(let name): "two of the known keys named `\(name)` cannot be told apart"
        case .noKnownSignature: "no known key signed the note"
        }
    }
}
