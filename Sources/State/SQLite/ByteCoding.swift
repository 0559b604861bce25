// Fixed-width little-endian fields, and texts with their length before them.

internal import Bytes

/// Appends fields to a row.
struct ByteWriter {
    /// The bytes so far.
    private(set) var bytes: [UInt8] = []

    /// Starts an empty row.
    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends one byte.
    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends eight bytes.
    mutating func append(_ word: UInt64) {
        var littleEndian = word.littleEndian
        unsafe withUnsafeBytes(of: &littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends eight bytes, by their bits.
    mutating func append(_ number: Int64) {
        append(UInt64(bitPattern: number))
    }

    /// Appends 32 bytes.
    mutating func append(_ digest: Digest) {
        digest.append(to: &bytes)
    }

    /// Appends a length of eight bytes and the bytes.
    mutating func append(counted content: some Collection<UInt8>) {
        append(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Appends the checksum of everything so far.
    mutating func seal(seed: UInt64) {
        append(RowChecksum.of(bytes, count: bytes.count, seed: seed))
    }
}

/// Reads fields from a row whose checksum was right; nil where it does not hold what it should.
struct ByteReader {
    private let bytes: [UInt8]
    private let end: Int
    private var position = 0

    /// Opens a row that ends with its checksum; nil if that is wrong.
    init?(sealed bytes: [UInt8], seed: UInt64) {
        guard bytes.count >= RowChecksum.byteCount else { return nil }
        self.bytes = bytes
        end = bytes.count
        position = bytes.count - RowChecksum.byteCount
        guard word() == RowChecksum.of(bytes, count: bytes.count - RowChecksum.byteCount, seed: seed) else {
            return nil
        }
        position = 0
    }

    /// Whether everything but the checksum was read.
    var isAtEnd: Bool { position == end - RowChecksum.byteCount }

    /// One byte.
    mutating func byte() -> UInt8? {
        guard position < end else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Eight bytes.
    mutating func word() -> UInt64? {
        guard end - position >= 8 else { return nil }
        defer { position += 8 }
        return unsafe bytes.withUnsafeBytes { raw in
            UInt64(littleEndian: unsafe raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
    }

    /// Eight bytes, by their bits.
    mutating func number() -> Int64? {
        word().map { Int64(bitPattern: $0) }
    }

    /// 32 bytes.
    mutating func digest() -> Digest? {
        guard end - position >= Digest.byteCount else { return nil }
        defer { position += Digest.byteCount }
        return Digest(bytes: bytes[position..<position + Digest.byteCount])
    }

    /// A length and as many bytes.
    mutating func counted() -> [UInt8]? {
        guard let count = word(), count <= UInt64(end - position) else { return nil }
        defer { position += Int(count) }
        return Array(bytes[position..<position + Int(count)])
    }

    /// A length and a text of as many bytes.
    mutating func text() -> Text? {
        counted().flatMap { Text(utf8: $0) }
    }
}
