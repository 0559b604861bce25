package import Bytes

/// The least that has to be kept of a tree to extend it and to know its root: the roots of its complete subtrees.
///
/// At most 63 hashes, one for each set bit of the size, the largest subtree first.
package struct CompactRange: Sendable, Equatable {
    /// How many leaves were appended.
    package private(set) var size: UInt64 = 0
    /// The roots of the complete subtrees, the largest first.
    package private(set) var hashes: [Digest] = []

    /// Makes the tree without leaves.
    package init() {}

    /// Takes the hashes of a tree of the given size; `nil` when there are not as many as the size has set bits, or the
    /// size is larger than any tree's.
    package init?(size: UInt64, hashes: [Digest]) {
        guard size <= TreeHash.treeSizeMax, hashes.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.hashes = hashes
    }

    /// Appends the hash of a leaf.
    ///
    /// - Throws: ``TreeError/size(_:)`` when the tree is as large as a tree may be; nothing changed then.
    package mutating func append(leaf: Digest) throws(TreeError) {
        guard size < TreeHash.treeSizeMax else { throw .size(size) }
        var hash = leaf
        for _ in 0..<(~size).trailingZeroBitCount {
            guard let left = hashes.popLast() else { break }
            hash = TreeHash.node(left, hash)
        }
        hashes.append(hash)
        size += 1
    }

    /// The root hash.
    package var root: Digest {
        guard var root = hashes.last else { return TreeHash.empty }
        for left in hashes.dropLast().reversed() { root = TreeHash.node(left, root) }
        return root
    }
}
