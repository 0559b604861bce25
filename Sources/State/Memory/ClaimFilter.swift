// Which keys are certainly not in the table of claims: fresh keys are the common case and must not cost a search.

/// A blocked Bloom filter: "no" is certain, "yes" means look.
///
/// A fixed piece of memory. At ``keysForOnePercent`` keys one fresh key in about a hundred is looked up for
/// nothing; with more keys the share grows until every key is looked up: slower, never wrong.
struct ClaimFilter {
    /// The memory of the filter.
    static let bytes = 4 << 20
    /// The number of keys up to which about one answer in a hundred is a needless "yes".
    static let keysForOnePercent = 3_000_000

    private static let wordsPerBlock = 8
    private static let bitsPerKey = 6
    private static let blocks = bytes / (8 * wordsPerBlock)

    private var words = [UInt64](repeating: 0, count: bytes / 8)

    /// Adds a key.
    mutating func add(_ address: ClaimAddress) {
        let block = ClaimFilter.block(address)
        var bits = address.low
        for _ in 0..<ClaimFilter.bitsPerKey {
            words[block + Int(bits >> 6 & 7)] |= 1 << (bits & 63)
            bits >>= 9
        }
    }

    /// Whether the key may have been added.
    func mayContain(_ address: ClaimAddress) -> Bool {
        let block = ClaimFilter.block(address)
        var bits = address.low
        for _ in 0..<ClaimFilter.bitsPerKey {
            guard words[block + Int(bits >> 6 & 7)] & 1 << (bits & 63) != 0 else { return false }
            bits >>= 9
        }
        return true
    }

    private static func block(_ address: ClaimAddress) -> Int {
        // One cache line per key. Both words are uniform: they come from HMAC-SHA-256.
        Int(address.high & UInt64(blocks - 1)) * wordsPerBlock
    }
}
