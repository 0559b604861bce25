/// How a tree is cut into tiles (C2SP tlog-tiles): 256 hashes of eight levels each.
package enum TileLayout {
    /// How many levels of the tree a tile covers.
    package static let height = 8
    /// How many hashes, or entries, a full tile has.
    package static let width = 256
    /// The highest level that tiles of a tree of the largest size have.
    package static let levelMax = 7

    /// Returns how many hashes the tile has in the tree of the given size; 0 when there is no such tile.
    ///
    /// Entry bundles have the widths of level 0.
    package static func width(level: Int, index: UInt64, treeSize: UInt64) -> Int {
        guard (0...levelMax).contains(level) else { return 0 }
        let hashCount = treeSize >> UInt64(level * height)
        let full = hashCount >> UInt64(height)
        if index < full { return width }
        return index == full ? Int(hashCount & UInt64(width - 1)) : 0
    }

    /// Calls `body` for each tile of hashes and each entry bundle that a tree of `newSize` has and one of `oldSize` has
    /// not in the same width: what must be stored before a checkpoint of `newSize` is published.
    ///
    /// The order is: bundles first, then hashes from the lowest level up; in each the indices rise. Nothing is called
    /// when the tree did not grow.
    package static func forEachNewTile<Failure: Error>(
        from oldSize: UInt64,
        to newSize: UInt64,
        _ body: (TilePath) throws(Failure) -> Void
    ) throws(Failure) {
        guard oldSize < newSize else { return }
        try forEachNewTile(.entries, level: 0, from: oldSize, to: newSize, body)
        for level in 0...levelMax {
            try forEachNewTile(.hashes(level: level), level: level, from: oldSize, to: newSize, body)
        }
    }

    private static func forEachNewTile<Failure: Error>(
        _ kind: TilePath.Kind,
        level: Int,
        from oldSize: UInt64,
        to newSize: UInt64,
        _ body: (TilePath) throws(Failure) -> Void
    ) throws(Failure) {
        let oldCount = oldSize >> UInt64(level * height)
        let newCount = newSize >> UInt64(level * height)
        guard oldCount < newCount else { return }
        for index in (oldCount >> UInt64(height))...((newCount - 1) >> UInt64(height)) {
            let width = width(level: level, index: index, treeSize: newSize)
            if let path = TilePath(kind: kind, index: index, width: width) { try body(path) }
        }
    }
}
