// The first 4,096 bytes of a segment file.

internal import Bytes
internal import Transparency

/// Which statements a segment begins with, and the tree before them.
struct SegmentHeader: Equatable {
    /// The length in bytes.
    static let byteCount = 4_096
    private static let magic = Array("WRITSEG1".utf8)
    private static let hashesMax = 63
    private static let checksumOffset = 4_092

    /// SHA-256 of the log's origin.
    let origin: Digest
    /// The tree before the first statement; its size is the index of the first statement.
    let frontier: CompactRange

    init(origin: Digest, frontier: CompactRange) {
        self.origin = origin
        self.frontier = frontier
    }

    /// The index of the first statement.
    var first: UInt64 { frontier.size }

    /// Reads a header, strictly; nil for bytes that ``encoded`` would not give.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic),
            LittleEndian.read32(bytes, at: Self.checksumOffset) == Checksum.crc(bytes[..<Self.checksumOffset]),
            let origin = Digest(bytes: bytes[16..<48])
        else { return nil }
        let count = Int(LittleEndian.read32(bytes, at: 48))
        guard count <= Self.hashesMax else { return nil }
        var hashes: [Digest] = []
        for position in 0..<count {
            let start = 52 + position * Digest.byteCount
            guard let hash = Digest(bytes: bytes[start..<start + Digest.byteCount]) else { return nil }
            hashes.append(hash)
        }
        guard let frontier = CompactRange(size: LittleEndian.read64(bytes, at: 8), hashes: hashes) else { return nil }
        self.init(origin: origin, frontier: frontier)
        guard encoded == bytes else { return nil }
    }

    /// The bytes of the header.
    var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.byteCount)
        bytes += [UInt8](repeating: 0, count: 8)
        LittleEndian.write(first, to: &bytes, at: 8)
        origin.append(to: &bytes)
        bytes += [UInt8](repeating: 0, count: 4)
        LittleEndian.write(UInt32(frontier.hashes.count), to: &bytes, at: 48)
        for hash in frontier.hashes { hash.append(to: &bytes) }
        bytes += [UInt8](repeating: 0, count: Self.byteCount - bytes.count)
        LittleEndian.write(Checksum.crc(bytes[..<Self.checksumOffset]), to: &bytes, at: Self.checksumOffset)
        return bytes
    }
}
