// How a claim key is found.

internal import Bytes

/// The first 128 bits of a claim key.
///
/// Claim keys are outputs of HMAC-SHA-256 under a key of the fleet, so that two different ones do not share 128
/// bits; the whole key is compared with the row of the decision all the same.
struct ClaimAddress: Hashable, Comparable {
    /// The length in bytes.
    static let byteCount = 16

    /// The first eight bytes, the first being the most significant.
    let high: UInt64
    /// The next eight bytes.
    let low: UInt64

    /// The address of a claim key.
    init(_ key: Digest) {
        (high, low) = key.leadingWords
    }

    /// Reads exactly 16 bytes; nil for any other number.
    init?(bytes: [UInt8]) {
        guard bytes.count == ClaimAddress.byteCount else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The 16 bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: ClaimAddress.byteCount)
        writer.append(high.byteSwapped)
        writer.append(low.byteSwapped)
        return writer.bytes
    }

    /// The checksum of the claim of a decision.
    func checksum(index: UInt64) -> UInt64 {
        RowChecksum.mix(RowChecksum.mix(high, low), index)
    }

    /// Orders addresses as the database orders their bytes.
    static func < (left: ClaimAddress, right: ClaimAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Feeds one word: the bits are uniform already.
    func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }
}
