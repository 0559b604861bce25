/// Why a key, or the text form of one, was refused.
package enum KeyError: Error, Equatable, Sendable, CaseIterable {
    /// A seed or a public key has not exactly 32 bytes.
    case length
    /// The public key is not a canonically encoded point of the prime-order group: weak, mixed or malformed.
    case weakOrMalformedPoint
    /// A secret is empty or larger than a secret may be.
    case secretLength
    /// The system has no protected memory to give.
    case memoryUnavailable
    /// The text has not the parts of a key file, or has something left over.
    case form
    /// The name is empty, too long, not UTF-8, or has a space, a control character or a plus sign.
    case name
    /// The key ID is not 8 lower-case hexadecimal digits, or is not that of the name and the key.
    case keyID
    /// The base64 is not canonical.
    case base64
    /// The algorithm byte is none that this program knows.
    case algorithm
}

extension KeyError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .length: "a key has 32 bytes"
        case .weakOrMalformedPoint: "the public key is weak or malformed"
        case .secretLength: "a secret has from 1 to \(SecretBytes.byteCountMax) bytes"
        case .memoryUnavailable: "no protected memory is available"
        case .form: "the key text has not the parts of a key"
        case .name: "the key name is empty, too long, or has a character that names must not have"
        case .keyID: "the key id does not belong to this name and key"
        case .base64: "the key is not canonical base64"
        case .algorithm: "the key is of an algorithm that is not supported"
        }
    }
}
