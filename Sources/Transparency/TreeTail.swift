package import Bytes

/// The younger end of a growing tree in memory: every complete node over the leaves from a cut on, and of the older
/// leaves what their roots and proofs need.
///
/// Appending hashes one leaf's share of inner nodes, one on average. For each size from the cut to the current one, the
/// root, and the inclusion proof of every leaf from the cut on, can be had without reading anything.
/// Not for concurrent use: the log's thread owns it.
package struct TreeTail: Sendable {
    /// How many leaves the tree has.
    package private(set) var size: UInt64 = 0
    /// The first leaf that can be proved; a multiple of ``TileLayout/width``.
    package private(set) var cut: UInt64 = 0

    /// The complete nodes of each level, the leaves first.
    private var levels: [Level] = []

    /// The nodes of one level without the oldest.
    private struct Level: Sendable {
        /// The index of the first node that is here.
        var indexFirst: UInt64
        var hashes: [Digest] = []

        func hash(_ index: UInt64) -> Digest? {
            guard index >= indexFirst, index - indexFirst < UInt64(hashes.count) else { return nil }
            return hashes[Int(index - indexFirst)]
        }

        /// Drops what lies before `index`, when that is enough to be worth moving the rest.
        mutating func trim(before index: UInt64) {
            guard index > indexFirst else { return }
            let count = Int(min(index - indexFirst, UInt64(hashes.count)))
            guard count >= max(TileLayout.width, hashes.count / 2) else { return }
            hashes.removeFirst(count)
            indexFirst += UInt64(count)
        }
    }

    /// Makes the tree without leaves.
    package init() {}

    /// Resumes a tree at an older size from hashes that are stored elsewhere, as tiles.
    ///
    /// The caller MUST compare ``root(size:)`` of that size, or of a later one after the leaves between were appended
    /// again, with a checkpoint that it trusts: what the reader gave is not checked here.
    ///
    /// - Parameters:
    ///   - size: A multiple of ``TileLayout/width``.
    ///   - reader: What knows the hashes of the tiles that are not full at that size.
    /// - Throws: ``TreeError/alignment(_:)``, ``TreeError/size(_:)``; what the reader throws.
    package init(resumingAt size: UInt64, reading reader: some HashReader) throws(TreeError) {
        guard size <= TreeHash.treeSizeMax else { throw .size(size) }
        guard size % UInt64(TileLayout.width) == 0 else { throw .alignment(size) }
        self.size = size
        cut = size
        for tileLevel in 0...TileLayout.levelMax where size >> UInt64(tileLevel * TileLayout.height) > 0 {
            // Only the hashes of the rightmost, not yet full tile of each tile level are taken: they give the levels
            // between, and with them everything that a proof of a later leaf can need.
            let level = tileLevel * TileLayout.height
            let end = size >> UInt64(level)
            let start = end & ~UInt64(TileLayout.width - 1)
            for height in 0..<TileLayout.height where level + height <= TreeHash.levelMax {
                levels.append(Level(indexFirst: start >> UInt64(height)))
            }
            for index in start..<end {
                add(try reader.hash(level: level, index: index), level: level, index: index, upTo: TileLayout.height)
            }
        }
    }

    /// Resumes a tree at any size from the roots of its complete subtrees alone.
    ///
    /// Leaves from this size on can be proved; the tiles before them cannot be written. The same caution as above.
    package init(resuming range: CompactRange) {
        size = range.size
        cut = range.size
        var hashes = range.hashes.makeIterator()
        let height = UInt64.bitWidth - range.size.leadingZeroBitCount
        // The largest subtree stands first; a level without one has its next node to come.
        for level in (0..<height).reversed() {
            let next = range.size >> UInt64(level)
            guard next & 1 == 1, let hash = hashes.next() else {
                levels.append(Level(indexFirst: next))
                continue
            }
            levels.append(Level(indexFirst: next - 1, hashes: [hash]))
        }
        levels.reverse()
    }

    /// Appends the hash of a leaf, whose index is the ``size`` until then.
    ///
    /// - Throws: ``TreeError/size(_:)`` when the tree is as large as a tree may be; nothing changed then.
    package mutating func append(leaf: Digest) throws(TreeError) {
        guard size < TreeHash.treeSizeMax else { throw .size(size) }
        add(leaf, level: 0, index: size, upTo: TreeHash.levelMax + 1)
        size += 1
    }

    /// Adds a complete node and each parent that it completes, up to, not including, `count` levels above.
    private mutating func add(_ hash: Digest, level levelFirst: Int, index indexFirst: UInt64, upTo count: Int) {
        var hash = hash
        var index = indexFirst
        for level in levelFirst..<(levelFirst + count) {
            if level == levels.count { levels.append(Level(indexFirst: index)) }
            levels[level].hashes.append(hash)
            guard index & 1 == 1, level + 1 < levelFirst + count else { return }
            // INVARIANT (left sibling): trimming and resuming keep the left sibling of every node that is still to
            // come.
            guard let left = levels[level].hash(index - 1) else { preconditionFailure("a left sibling was trimmed") }
            hash = TreeHash.node(left, hash)
            index >>= 1
        }
    }

    /// Forgets what only the proofs of leaves before `index`, and the trees of sizes before it, need.
    ///
    /// The cut becomes `index` rounded down to a multiple of ``TileLayout/width``; it never goes back. Of each level
    /// that tiles store, the hashes of the tile that was not full at the cut stay, so that it can be written.
    package mutating func trim(before index: UInt64) {
        let aligned = min(index, size) & ~UInt64(TileLayout.width - 1)
        guard aligned > cut else { return }
        cut = aligned
        for level in levels.indices {
            // The left sibling of the first node from the cut on is part of its proofs.
            let needed = (cut >> UInt64(level)) & ~1
            let tile = (cut >> UInt64(level)) & ~UInt64(TileLayout.width - 1)
            levels[level].trim(before: level % TileLayout.height == 0 ? tile : needed)
        }
    }

    /// Returns the edge of the tree of a size from the cut to the current one: make it once for a batch, then prove.
    ///
    /// - Throws: ``TreeError/size(_:)`` for any other size.
    package func edge(size: UInt64) throws(TreeError) -> TreeEdge {
        guard size >= cut, size <= self.size else { throw .size(size) }
        return try TreeEdge(size: size, reading: self)
    }

    /// Returns the root hash of the tree of a size from the cut to the current one.
    ///
    /// - Throws: ``TreeError/size(_:)`` for any other size.
    package func root(size: UInt64) throws(TreeError) -> Digest {
        try edge(size: size).root
    }

    /// The roots of the complete subtrees that make up the tree: with them alone it can be resumed.
    package var range: CompactRange {
        var hashes: [Digest] = []
        for level in levels.indices.reversed() where size >> UInt64(level) & 1 == 1 {
            // INVARIANT (left sibling): these are the left siblings of the nodes to come, so trimming keeps them.
            guard let hash = levels[level].hash(size >> UInt64(level) - 1) else {
                preconditionFailure("a subtree was trimmed")
            }
            hashes.append(hash)
        }
        guard let range = CompactRange(size: size, hashes: hashes) else { preconditionFailure("a subtree is missing") }
        return range
    }

    /// Appends the inclusion proof of a leaf from the cut on, in the tree of the edge's size, the sibling first.
    ///
    /// - Throws: ``TreeError/index(_:size:)`` when the leaf is not in that tree, ``TreeError/missing(level:index:)``
    ///   when it lies before the cut.
    package func appendInclusionProof(
        of index: UInt64,
        in edge: TreeEdge,
        to proof: inout [Digest]
    ) throws(TreeError) {
        guard edge.size <= size else { throw .size(edge.size) }
        guard index >= cut else { throw .missing(level: 0, index: index) }
        try edge.appendInclusionProof(of: index, reading: self, to: &proof)
    }

    /// Returns the inclusion proof of a leaf from the cut on, in the tree of the given size, the sibling first.
    ///
    /// - Throws: As ``appendInclusionProof(of:in:to:)`` and ``edge(size:)``.
    package func inclusionProof(of index: UInt64, size: UInt64) throws(TreeError) -> [Digest] {
        var proof: [Digest] = []
        try appendInclusionProof(of: index, in: edge(size: size), to: &proof)
        return proof
    }

    /// Returns the first `width` hashes of a tile as bytes; `nil` when one of them is not complete or was trimmed.
    package func tile(level: Int, index: UInt64, width: Int) -> [UInt8]? {
        guard (0...TileLayout.levelMax).contains(level), (1...TileLayout.width).contains(width),
            index <= TreeHash.treeSizeMax / UInt64(TileLayout.width)
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * Digest.byteCount)
        for offset in 0..<UInt64(width) {
            guard let hash = node(level: level * TileLayout.height, index: index * UInt64(TileLayout.width) + offset)
            else { return nil }
            bytes += hash.bytes
        }
        return bytes
    }

    /// Returns the hash of a complete node; `nil` when it is not complete or was trimmed.
    package func node(level: Int, index: UInt64) -> Digest? {
        levels.indices.contains(level) ? levels[level].hash(index) : nil
    }
}

extension TreeTail: HashReader {
    /// Returns the hash of a complete node that was not trimmed.
    package func hash(level: Int, index: UInt64) throws(TreeError) -> Digest {
        guard let hash = node(level: level, index: index) else { throw .missing(level: level, index: index) }
        return hash
    }
}
