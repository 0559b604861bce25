// Hexadecimal digits, lower case only.

/// Bytes as lower-case hexadecimal digits and back; one spelling per value.
public enum Hex {

    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Two lower-case digits for each byte.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for an array.
    public static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends two lower-case digits for each byte.
    public static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + 2 * bytes.underestimatedCount)
        for byte in bytes {
            output.append(digit(byte >> 4))
            output.append(digit(byte & 15))
        }
    }

    /// Appends two lower-case digits for each byte.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for an array.
    public static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0, to: &output) }
    }

    /// Appends the 64 lower-case digits of a digest.
    public static func append(_ digest: Digest, to output: inout [UInt8]) {
        unsafe digest.withUnsafeBytes { unsafe append($0, to: &output) }
    }

    /// Appends two lower-case digits for each byte of a buffer.
    private static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * bytes.count) { digits in
            for position in 0..<bytes.count {
                let byte = unsafe bytes[position]
                unsafe digits[2 * position] = digit(byte >> 4)
                unsafe digits[2 * position + 1] = digit(byte & 15)
            }
            unsafe output.append(contentsOf: digits)
        }
    }

    /// Eight lower-case digits in the order of writing, the first in the highest byte: all nibbles at once.
    static func digits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Adding six carries into bit 4 exactly for the nibbles above nine, which are letters.
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + letters * 39
    }

    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The bytes of an even number of lower-case digits; nil for anything else, capital letters included.
    public static func decode(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? output : nil
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
