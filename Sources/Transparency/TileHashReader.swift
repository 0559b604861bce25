package import Bytes

/// Reads hashes from the stored tiles of a tree and believes none that the root hash does not commit to.
///
/// The right edge of the tree, one partial tile of each level at most, is read first and has to give the root hash.
/// Each full tile has to give the hash that the tile above it has. So a proof made of these hashes is right, or the
/// read throws. Not for concurrent use.
package final class TileHashReader {
    /// Fetches the hashes of a tile as bytes by level, index and width; `nil` when there is no such tile.
    ///
    /// It may return more than `width` hashes, when the tile has grown since: the first ones are taken.
    package typealias Fetch = (_ level: Int, _ index: UInt64, _ width: Int) -> [UInt8]?

    /// The tree size.
    package let size: UInt64
    /// The root hash of the tree, which the caller trusts.
    package let root: Digest

    /// How many tiles are kept unless another number is asked for: 8 MB of hashes.
    ///
    /// When there are as many, all but the right edge are forgotten.
    package static let tileCountMax = 1_024

    private struct Place: Hashable {
        let level: Int
        let index: UInt64
    }

    private let fetch: Fetch
    private let tileCountMax: Int
    /// The partial tiles of the right edge: checked together against the root hash.
    private var edge: [Place: [Digest]] = [:]
    /// Full tiles, each checked against the one above it.
    private var full: [Place: [Digest]] = [:]

    /// Reads and checks the right edge of the tree.
    ///
    /// - Parameters:
    ///   - size: The tree size.
    ///   - root: The root hash of the tree of this size, from a checkpoint that the caller trusts.
    ///   - tileCountMax: How many full tiles are kept: at least 1.
    ///   - fetch: Fetches tiles; it may give anything.
    /// - Throws: ``TreeError/size(_:)``, ``TreeError/missing(level:index:)``, ``TreeError/tileLength(level:index:)``;
    ///   ``TreeError/tileMismatch(level:index:)``, with the highest tile, when the edge does not give the root hash.
    package init(
        size: UInt64,
        root: Digest,
        tileCountMax: Int = TileHashReader.tileCountMax,
        fetch: @escaping Fetch
    ) throws(TreeError) {
        guard size <= TreeHash.treeSizeMax else { throw .size(size) }
        self.size = size
        self.root = root
        self.fetch = fetch
        self.tileCountMax = max(1, tileCountMax)
        var hashes: [Digest] = []
        var highest = Place(level: 0, index: 0)
        for level in (0...TileLayout.levelMax).reversed() {
            let place = Place(level: level, index: size >> UInt64((level + 1) * TileLayout.height))
            let width = TileLayout.width(level: level, index: place.index, treeSize: size)
            guard width > 0 else { continue }
            let tile = try fetchTile(place, width: width)
            edge[place] = tile
            hashes += Self.subtreeRoots(tile)
            if highest.level < level { highest = place }
        }
        guard let range = CompactRange(size: size, hashes: hashes), range.root == root else {
            throw .tileMismatch(level: highest.level, index: highest.index)
        }
    }

    /// The roots of the complete subtrees over a partial tile, the largest first.
    private static func subtreeRoots(_ tile: [Digest]) -> [Digest] {
        var roots: [Digest] = []
        var rest = tile[...]
        for height in (0..<TileLayout.height).reversed() where tile.count >> height & 1 == 1 {
            if let root = Tile.root(rest.prefix(1 << height)) { roots.append(root) }
            rest = rest.dropFirst(1 << height)
        }
        return roots
    }

    private func fetchTile(_ place: Place, width: Int) throws(TreeError) -> [Digest] {
        guard let bytes = fetch(place.level, place.index, width) else {
            throw .missing(level: place.level * TileLayout.height, index: place.index << UInt64(TileLayout.height))
        }
        guard let hashes = Tile.hashes(bytes), hashes.count >= width else {
            throw .tileLength(level: place.level, index: place.index)
        }
        return Array(hashes.prefix(width))
    }

    /// Returns a tile that was checked.
    private func tile(_ place: Place) throws(TreeError) -> [Digest] {
        if let known = edge[place] ?? full[place] { return known }
        let width = TileLayout.width(level: place.level, index: place.index, treeSize: size)
        // A partial tile that is not of the edge does not exist; so every tile from here on is full and has one above.
        guard width == TileLayout.width, place.level < TileLayout.levelMax else {
            throw .missing(level: place.level * TileLayout.height, index: place.index)
        }
        let above = Place(level: place.level + 1, index: place.index >> UInt64(TileLayout.height))
        let position = Int(place.index & UInt64(TileLayout.width - 1))
        let parent = try tile(above)
        let hashes = try fetchTile(place, width: width)
        guard position < parent.count, Tile.root(hashes) == parent[position] else {
            throw .tileMismatch(level: place.level, index: place.index)
        }
        if full.count >= tileCountMax { full.removeAll(keepingCapacity: true) }
        full[place] = hashes
        return hashes
    }

    private func node(level: Int, index: UInt64) throws(TreeError) -> Digest {
        guard (0...TreeHash.levelMax).contains(level), index <= TreeHash.treeSizeMax >> UInt64(level),
            (index + 1) << UInt64(level) <= size
        else { throw .missing(level: level, index: index) }
        let height = level % TileLayout.height
        let first = index << UInt64(height)
        let place = Place(level: level / TileLayout.height, index: first >> UInt64(TileLayout.height))
        let hashes = try tile(place)
        let position = Int(first & UInt64(TileLayout.width - 1))
        let count = 1 << height
        guard position + count <= hashes.count, let root = Tile.root(hashes[position..<(position + count)]) else {
            throw .missing(level: level, index: index)
        }
        return root
    }

    /// Returns the inclusion proof of a leaf in the tree (RFC 6962 §2.1.1), the leaf's sibling first.
    ///
    /// - Throws: ``TreeError``.
    package func inclusionProof(of index: UInt64) throws(TreeError) -> [Digest] {
        try TreeEdge(size: size, reading: self).inclusionProof(of: index, reading: self)
    }

    /// Returns the proof that the tree of the older size is a prefix of this one (RFC 6962 §2.1.2).
    ///
    /// - Throws: ``TreeError``.
    package func consistencyProof(from oldSize: UInt64) throws(TreeError) -> [Digest] {
        try TreeEdge(size: size, reading: self).consistencyProof(from: oldSize, reading: self)
    }
}

extension TileHashReader: HashReader {
    /// Returns the hash of a complete node of the tree, checked against the root hash.
    package func hash(level: Int, index: UInt64) throws(TreeError) -> Digest {
        try node(level: level, index: index)
    }
}
