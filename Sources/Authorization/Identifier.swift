// Ids of statements and decisions: 48 bits of time, 80 random bits, Crockford base32.

package import Bytes

/// The id of a statement: 26 characters that sort by time of making.
package struct Identifier: Hashable, Sendable {
    /// The number of characters of the text form.
    package static let characterCount = 26

    /// The most significant 64 of 128 bits: 48 bits of milliseconds and 16 random ones.
    package let high: UInt64
    /// The least significant 64 bits, random.
    package let low: UInt64

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Makes an id from a time and ten random bytes.
    ///
    /// - Parameters:
    ///   - milliseconds: Since 1970; taken modulo 2^48.
    ///   - random: The lower 80 bits are used.
    package init(milliseconds: Int64, random: (UInt64, UInt64)) {
        high = UInt64(truncatingIfNeeded: milliseconds) << 16 | random.0 & 0xFFFF
        low = random.1
    }

    /// Makes an id from its 128 bits.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads exactly 26 characters of the alphabet; nil for anything else, small letters included.
    package init?(_ text: Text) {
        guard text.byteCount == Self.characterCount else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, character) in text.utf8.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            // 26 × 5 = 130 bits: the first character carries three.
            guard position > 0 || value < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.high = high
        self.low = low
    }

    /// The milliseconds since 1970 at which the id was made.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// The 26 characters.
    package var text: Text {
        var characters = [UInt8](repeating: 0, count: Self.characterCount)
        var high = high
        var low = low
        for position in stride(from: Self.characterCount - 1, through: 0, by: -1) {
            characters[position] = Self.alphabet[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return Text(String(decoding: characters, as: UTF8.self))
    }
}
