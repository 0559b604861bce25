/// Why a proof was refused.
package enum ProofError: Error, Equatable, Sendable, CaseIterable {
    /// The leaf is not in a tree of that size, or the older size is 0 or larger than the newer one.
    case index
    /// The proof has not exactly as many hashes as it must have.
    case length
    /// The hashes do not give the root hash.
    case root
}

extension ProofError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .index: "the index or the older size is outside of the tree"
        case .length: "the proof has not the length that it must have"
        case .root: "the proof does not lead to the root hash"
        }
    }
}
