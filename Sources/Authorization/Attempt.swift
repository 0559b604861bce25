// The enforcement point's secret for one try, and the gate's nonce for one request.

package import Bytes

/// 128 bits: an enforcement point's fresh secret for one try, or the gate's fresh nonce of one request.
package struct Nonce: Hashable, Sendable {
    /// The length in bytes.
    package static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// The 16 bytes as two words, the first byte being the most significant one of the first.
    package var words: (UInt64, UInt64) { (high, low) }

    /// Makes a nonce of random words.
    package init(_ random: (UInt64, UInt64)) {
        high = random.0
        low = random.1
    }

    /// Reads exactly 16 bytes; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The 16 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for position in 0..<Self.byteCount {
            let word = position < 8 ? high : low
            bytes.append(UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(position & 7))))
        }
        return bytes
    }

    /// 32 lower-case hexadecimal digits.
    package var hex: Text { Text(Hex.encode(bytes)) }

    /// 22 characters of unpadded URL-safe base64: the form of an attempt in a request.
    package var base64URL: Text { Text(Base64URL.encode(bytes)) }

    /// Reads 22 characters of unpadded URL-safe base64.
    package init?(base64URL text: Text) {
        guard let bytes = Base64URL.decode(text.string) else { return nil }
        self.init(bytes: bytes)
    }
}
