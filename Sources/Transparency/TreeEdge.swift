package import Bytes

/// Something that knows the hashes of complete nodes: those whose subtree is full.
package protocol HashReader {
    /// Returns the hash of the complete node `index` of `level`, over the leaves from `index << level` up to, not
    /// including, `(index + 1) << level`.
    ///
    /// - Throws: ``TreeError/missing(level:index:)`` when it is not known, and what is wrong with a tile.
    func hash(level: Int, index: UInt64) throws(TreeError) -> Digest
}

/// The right edge of the tree of one size: what, beside the complete nodes, every proof in that tree needs.
///
/// It is computed once for a size, with at most one node hash for each level, and then each proof is only looked up.
///
/// At level L the last node is `(size - 1) >> L`. It may be incomplete; then its hash is that of RFC 6962's smaller
/// subtree: the node below it alone when that one is a left child, otherwise the node of both.
package struct TreeEdge: Sendable, Equatable {
    /// The tree size.
    package let size: UInt64
    /// The root hash of the tree of this size.
    package let root: Digest

    /// The level of the lowest hash in `hashes`: below it, the last nodes are complete.
    private let levelMin: Int
    /// The hashes of the last nodes, from `levelMin` up to the root.
    private let hashes: [Digest]

    /// Computes the edge of the tree of the given size.
    ///
    /// - Throws: ``TreeError/size(_:)`` above ``TreeHash/treeSizeMax``; what the reader throws.
    package init(size: UInt64, reading reader: some HashReader) throws(TreeError) {
        guard size <= TreeHash.treeSizeMax else { throw .size(size) }
        self.size = size
        guard size > 0 else {
            root = TreeHash.empty
            levelMin = 0
            hashes = []
            return
        }
        levelMin = size.trailingZeroBitCount
        var index = (size - 1) >> UInt64(levelMin)
        var hash = try reader.hash(level: levelMin, index: index)
        var hashes = [hash]
        var level = levelMin
        while index > 0 {
            if index & 1 == 1 {
                hash = TreeHash.node(try reader.hash(level: level, index: index - 1), hash)
            }
            index >>= 1
            level += 1
            hashes.append(hash)
        }
        self.hashes = hashes
        root = hash
    }

    /// Appends the inclusion proof of a leaf (RFC 6962 §2.1.1), the leaf's sibling first.
    ///
    /// - Throws: ``TreeError/index(_:size:)`` when the leaf is not in the tree; what the reader throws. What was
    ///   appended until then stays.
    package func appendInclusionProof(
        of index: UInt64,
        reading reader: some HashReader,
        to proof: inout [Digest]
    ) throws(TreeError) {
        guard index < size else { throw .index(index, size: size) }
        try appendSiblings(fromLevel: 0, index: index, reading: reader, to: &proof)
    }

    /// Returns the inclusion proof of a leaf (RFC 6962 §2.1.1), the leaf's sibling first.
    package func inclusionProof(of index: UInt64, reading reader: some HashReader) throws(TreeError) -> [Digest] {
        var proof: [Digest] = []
        try appendInclusionProof(of: index, reading: reader, to: &proof)
        return proof
    }

    /// Returns the proof that the tree of the older size is a prefix of this one (RFC 6962 §2.1.2).
    ///
    /// - Parameters:
    ///   - oldSize: From 1 to ``size``. The proof between equal sizes is empty.
    ///   - reader: What knows the complete nodes.
    /// - Returns: The proof, empty between equal sizes.
    /// - Throws: ``TreeError/size(_:)`` for any other size; what the reader throws.
    package func consistencyProof(from oldSize: UInt64, reading reader: some HashReader) throws(TreeError) -> [Digest] {
        guard oldSize > 0, oldSize <= size else { throw .size(oldSize) }
        guard oldSize < size else { return [] }
        // The last complete subtree of the older tree is a node of both; the proof is that node, unless it is the whole
        // older tree and so known to the verifier, and its siblings up to the root.
        let level = oldSize.trailingZeroBitCount
        let index = (oldSize - 1) >> UInt64(level)
        var proof: [Digest] = []
        if index > 0 { proof.append(try reader.hash(level: level, index: index)) }
        try appendSiblings(fromLevel: level, index: index, reading: reader, to: &proof)
        return proof
    }

    private func appendSiblings(
        fromLevel levelFirst: Int,
        index indexFirst: UInt64,
        reading reader: some HashReader,
        to proof: inout [Digest]
    ) throws(TreeError) {
        var level = levelFirst
        var index = indexFirst
        var last = (size - 1) >> UInt64(levelFirst)
        while last > 0 {
            let sibling = index ^ 1
            if sibling == last && level > levelMin {
                proof.append(hashes[level - levelMin])
            } else if sibling <= last {
                proof.append(try reader.hash(level: level, index: sibling))
            }
            index >>= 1
            last >>= 1
            level += 1
        }
    }
}
