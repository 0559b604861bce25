package import Bytes

/// Checking what others prove about a tree (RFC 6962 §2.1, RFC 9162 §2.1.3.2 and §2.1.4.2).
package enum TreeProof {
    /// The most hashes that a proof can have.
    package static let hashCountMax = 64

    /// Checks that the tree of this size and root hash has this leaf at this index.
    ///
    /// The proof must have exactly the length that index and size demand. So it can be empty only in the tree of one
    /// leaf, and no shorter proof passes for a node higher up.
    ///
    /// - Throws: ``ProofError``.
    package static func verifyInclusion(
        of leaf: Digest,
        at index: UInt64,
        in root: Digest,
        size: UInt64,
        proof: some Collection<Digest>
    ) throws(ProofError) {
        guard index < size else { throw .index }
        let (inner, border) = pathLengths(index: index, last: size - 1)
        guard proof.count == inner + border else { throw .length }
        var hash = leaf
        for (level, sibling) in proof.enumerated() {
            // Above the inner part, the path runs along the right edge of the tree and every sibling is on the left.
            let isLeft = level < inner && index >> UInt64(level) & 1 == 0
            hash = isLeft ? TreeHash.node(hash, sibling) : TreeHash.node(sibling, hash)
        }
        guard hash == root else { throw .root }
    }

    /// Checks that the tree of the older size and root hash is a prefix of the newer one.
    ///
    /// From a tree without leaves nothing can be proved: every tree extends it, so that an older size of 0 is refused.
    /// Between equal sizes the proof is empty and the root hashes are equal.
    ///
    /// - Throws: ``ProofError``.
    package static func verifyConsistency(
        from oldRoot: Digest,
        size oldSize: UInt64,
        to newRoot: Digest,
        size newSize: UInt64,
        proof: some Collection<Digest>
    ) throws(ProofError) {
        guard oldSize > 0, oldSize <= newSize else { throw .index }
        guard oldSize < newSize else {
            guard proof.isEmpty else { throw .length }
            guard oldRoot == newRoot else { throw .root }
            return
        }
        let height = oldSize.trailingZeroBitCount
        let index = (oldSize - 1) >> UInt64(height)
        let (inner, border) = pathLengths(index: index, last: (newSize - 1) >> UInt64(height))
        // A complete older tree is itself the node from which the path starts, and is not repeated in the proof.
        let isComplete = index == 0
        guard proof.count == inner + border + (isComplete ? 0 : 1), let first = proof.first else { throw .length }
        var oldHash = isComplete ? oldRoot : first
        var newHash = oldHash
        for (level, sibling) in proof.dropFirst(isComplete ? 0 : 1).enumerated() {
            if level < inner, index >> UInt64(level) & 1 == 0 {
                newHash = TreeHash.node(newHash, sibling)
            } else {
                oldHash = TreeHash.node(sibling, oldHash)
                newHash = TreeHash.node(sibling, newHash)
            }
        }
        guard oldHash == oldRoot, newHash == newRoot else { throw .root }
    }

    /// How many hashes a path has up to where it meets the right edge of the tree, and along the edge from there.
    private static func pathLengths(index: UInt64, last: UInt64) -> (inner: Int, border: Int) {
        let inner = UInt64.bitWidth - (index ^ last).leadingZeroBitCount
        let border = inner == UInt64.bitWidth ? 0 : (index >> UInt64(inner)).nonzeroBitCount
        return (inner, border)
    }
}
