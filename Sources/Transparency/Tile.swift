package import Bytes

/// The hashes of a tile: consecutive complete nodes of one level, as bytes one after the other.
package enum Tile {
    /// Returns the hashes of a tile; `nil` unless the bytes are from 1 to ``TileLayout/width`` whole hashes.
    package static func hashes(_ bytes: [UInt8]) -> [Digest]? {
        guard !bytes.isEmpty, bytes.count % Digest.byteCount == 0,
            bytes.count <= TileLayout.width * Digest.byteCount
        else { return nil }
        var hashes: [Digest] = []
        hashes.reserveCapacity(bytes.count / Digest.byteCount)
        for start in stride(from: 0, to: bytes.count, by: Digest.byteCount) {
            guard let hash = Digest(bytes: bytes[start..<(start + Digest.byteCount)]) else { return nil }
            hashes.append(hash)
        }
        return hashes
    }

    /// Returns the bytes of the hashes.
    package static func bytes(_ hashes: some Collection<Digest>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * Digest.byteCount)
        for hash in hashes { hash.append(to: &bytes) }
        return bytes
    }

    /// Returns the hash of the complete subtree over the hashes; `nil` unless their number is a power of two.
    ///
    /// Over all hashes of a full tile it is the hash that the tile of the level above has.
    package static func root(_ hashes: some Collection<Digest>) -> Digest? {
        guard !hashes.isEmpty, hashes.count.nonzeroBitCount == 1 else { return nil }
        var row = Array(hashes)
        while row.count > 1 {
            for index in 0..<(row.count / 2) { row[index] = TreeHash.node(row[2 * index], row[2 * index + 1]) }
            row.removeLast(row.count / 2)
        }
        return row.first
    }
}
