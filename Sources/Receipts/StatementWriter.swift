// Writing statements: one buffer, no strings in between.

internal import Authorization
internal import Bytes

/// Appends the pieces of restricted canonical JSON to one buffer.
///
/// Names, punctuation and their order are literals of the callers; tests re-read what is written and compare it with
/// the canonical writer. Encoding stands on the way of every decision, so nothing here makes a string or a second
/// array.
struct StatementWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends JSON that stands in the source.
    mutating func raw(_ json: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    /// Appends bytes that are JSON already.
    mutating func raw(_ json: some Collection<UInt8>) {
        bytes.append(contentsOf: json)
    }

    /// Appends a string with its quotes.
    mutating func text(_ text: Text) {
        let needsNoEscape: Bool? = unsafe text.string.utf8.withContiguousStorageIfAvailable { buffer in
            for position in 0..<buffer.count {
                let byte = unsafe buffer[position]
                if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
            }
            bytes.append(UInt8(ascii: "\""))
            unsafe bytes.append(contentsOf: buffer)
            bytes.append(UInt8(ascii: "\""))
            return true
        }
        if needsNoEscape != true { CanonicalJSON.append(text, to: &bytes) }
    }

    /// Appends a string of the source that needs no escapes.
    mutating func word(_ word: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: word.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a digest in the form `"sha256:…"`.
    mutating func digest(_ digest: Digest) {
        raw("\"sha256:")
        hex(digest)
        raw("\"")
    }

    /// Appends an authentication code in the form `"hmac:…"`.
    mutating func code(_ code: Digest) {
        raw("\"hmac:")
        hex(code)
        raw("\"")
    }

    /// Appends 64 digits without quotes.
    mutating func hex(_ digest: Digest) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 2 * Digest.byteCount, alignment: 8) { output in
            unsafe digest.withUnsafeBytes { input in
                for word in 0..<(Digest.byteCount / 4) {
                    let value = unsafe UInt32(bigEndian: input.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self))
                    unsafe output.storeBytes(of: Self.digits(value).bigEndian, toByteOffset: 8 * word, as: UInt64.self)
                }
            }
            unsafe bytes.append(contentsOf: output)
        }
    }

    /// Eight lower-case digits in the order of writing, the first in the highest byte: all nibbles at once.
    private static func digits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // Adding six carries into bit 4 exactly for the nibbles above nine, which are letters.
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + letters * 39
    }

    /// Appends a nonce as 32 digits with quotes.
    mutating func nonce(_ nonce: Nonce) {
        bytes.append(UInt8(ascii: "\""))
        Hex.append(nonce.bytes, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends an instant with its quotes.
    mutating func time(_ milliseconds: Int64) {
        bytes.append(UInt8(ascii: "\""))
        StatementTime.append(milliseconds, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a statement's id with its quotes.
    mutating func identifier(_ identifier: Identifier) {
        bytes.append(UInt8(ascii: "\""))
        var shift = 125
        while shift >= 0 {
            bytes.append(Self.crockford(identifier.bits(at: shift)))
            shift -= 5
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func crockford(_ value: UInt8) -> UInt8 {
        // The alphabet leaves out I, L, O and U.
        switch value {
        case 0..<10: UInt8(ascii: "0") + value
        case 10..<18: UInt8(ascii: "A") + value - 10
        case 18..<20: UInt8(ascii: "J") + value - 18
        case 20..<22: UInt8(ascii: "M") + value - 20
        case 22..<27: UInt8(ascii: "P") + value - 22
        default: UInt8(ascii: "V") + value - 27
        }
    }

    /// Appends an integer.
    mutating func integer(_ value: UInt64) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var start = digits.count
            repeat {
                start -= 1
                unsafe digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Appends an integer that may be negative.
    mutating func integer(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        integer(value.magnitude)
    }

    /// Appends a truth value.
    mutating func boolean(_ value: Bool) {
        if value { raw("true") } else { raw("false") }
    }

    /// Appends an array of strings.
    mutating func texts(_ texts: some Collection<Text>) {
        var separator: StaticString = "["
        for text in texts {
            raw(separator)
            self.text(text)
            separator = ","
        }
        if texts.isEmpty { raw("[") }
        raw("]")
    }

    /// Appends the name of an actor or a target.
    mutating func entity(_ name: EntityName) {
        raw("{\"id\":")
        text(name.id)
        raw(",\"type\":")
        text(name.type)
        raw("}")
    }

    /// Appends a reference to another statement of the log.
    mutating func reference(_ reference: Reference) {
        raw("{\"index\":")
        integer(reference.index)
        raw(",\"leaf\":\"")
        hex(reference.leaf)
        raw("\"}")
    }

    /// Appends the reference of a key's first statement with its commitment.
    mutating func original(_ original: Original) {
        raw("{\"commitment\":")
        digest(original.commitment)
        raw(",\"index\":")
        integer(original.reference.index)
        raw(",\"leaf\":\"")
        hex(original.reference.leaf)
        raw("\"}")
    }
}

extension Identifier {
    /// Five of the 128 bits, from a bit position upward; positions beyond the highest bit are zeros.
    fileprivate func bits(at shift: Int) -> UInt8 {
        let value: UInt64 =
            shift >= 64 ? high >> (shift - 64) : (low >> shift | (shift == 0 ? 0 : high << (64 - shift)))
        return UInt8(truncatingIfNeeded: value & 31)
    }
}
