// Checksums of rows: SQLite has none, and a flipped bit must not become an answer.

/// A checksum of 64 bits against accidents, not against adversaries.
enum RowChecksum {
    /// The length in bytes.
    static let byteCount = 8

    private static let mask: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let factor: UInt64 = 0xD6E8_FEB8_6659_FD93

    /// Mixes one word into a running value.
    static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word ^ mask).multipliedFullWidth(by: factor)
        return product.high ^ product.low &+ mask
    }

    /// The checksum of bytes; `seed` binds them to their place.
    static func of(_ bytes: [UInt8], count: Int, seed: UInt64) -> UInt64 {
        precondition(count >= 0 && count <= bytes.count)
        var state = mix(seed, UInt64(count))
        unsafe bytes.withUnsafeBytes { raw in
            var position = 0
            while position &+ 8 <= count {
                let word = unsafe raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                state = mix(state, UInt64(littleEndian: word))
                position &+= 8
            }
            var rest: UInt64 = 0
            while position < count {
                rest = unsafe rest << 8 | UInt64(raw[position])
                position &+= 1
            }
            state = mix(state, rest)
        }
        return mix(state, mask)
    }
}

/// A checksum over a set of rows that does not depend on their order, so that a missing row shows.
struct RowSum: Hashable {
    /// The number of rows.
    private(set) var count: UInt64 = 0
    /// The sum of the rows' checksums, modulo 2^64.
    private(set) var sum: UInt64 = 0

    /// No rows.
    init() {}

    /// Reads the two words of a stored sum.
    init(count: UInt64, sum: UInt64) {
        self.count = count
        self.sum = sum
    }

    /// Adds a row.
    mutating func add(_ checksum: UInt64) {
        count &+= 1
        sum &+= checksum
    }

    /// Takes a row away.
    mutating func remove(_ checksum: UInt64) {
        count &-= 1
        sum &-= checksum
    }

    /// Takes a set of rows away.
    mutating func remove(_ other: RowSum) {
        count &-= other.count
        sum &-= other.sum
    }
}
