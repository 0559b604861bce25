/// Why a proof file was refused.
package enum ProofFileError: Error, Equatable, Sendable {
    /// There are more bytes than ``ProofFile/byteCountMax``.
    case tooLong
    /// The first line is not that of this format.
    case header
    /// The `extra` line is empty, too long or not canonical base64.
    case extra
    /// The `index` line is missing or malformed.
    case index
    /// A hash is malformed, there are too many, or no empty line ends them.
    case hashes
    /// The checkpoint was refused.
    case checkpoint(CheckpointError)
    /// The inclusion proof was refused.
    case proof(ProofError)
}

extension ProofFileError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .tooLong: "the proof is longer than \(ProofFile.byteCountMax) bytes"
        case .header: "this is not a proof of a transparency log"
        case .extra: "the `extra` line of the proof is malformed"
        case .index: "the `index` line of the proof is malformed"
        case .hashes: "the hashes of the proof are malformed"
        case .checkpoint(let error): error.description
        case .proof(let error): error.description
        }
    }
}
