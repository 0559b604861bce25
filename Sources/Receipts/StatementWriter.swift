// Writing statements: one buffer, no strings in between.

internal import Authorization
internal import Bytes

/// Appends the pieces of restricted canonical JSON to one buffer.
///
/// Names, punctuation and their order are literals of the callers; tests re-read what is written and compare it with
/// the canonical writer. Encoding stands on the way of every decision, so nothing here makes a string or a second
/// array.
struct StatementWriter: ~Copyable {
    private var buffer: ByteBuilder

    /// What has been written; copied at each call.
    var bytes: [UInt8] { buffer.bytes }
    /// How many bytes have been written.
    var count: Int { buffer.count }

    init(capacity: Int) {
        buffer = ByteBuilder(capacity: capacity)
    }

    /// Calls a closure with what has been written.
    borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe buffer.withUnsafeBytes(body)
    }

    /// Appends JSON that stands in the source.
    mutating func raw(_ json: StaticString) {
        buffer.append(json)
    }

    /// Appends bytes that are JSON already.
    mutating func raw(_ json: ArraySlice<UInt8>) {
        buffer.append(json)
    }

    /// Appends bytes that are JSON already.
    mutating func raw(_ json: [UInt8]) {
        buffer.append(json)
    }

    /// Appends a string with its quotes.
    mutating func text(_ text: Text) {
        buffer.append(string: text)
    }

    /// Appends a string of the source that needs no escapes.
    mutating func word(_ word: String) {
        buffer.append(UInt8(ascii: "\""))
        buffer.append(Text(word))
        buffer.append(UInt8(ascii: "\""))
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
        buffer.append(hex: digest)
    }

    /// Appends a nonce as 32 digits with quotes.
    mutating func nonce(_ nonce: Nonce) {
        raw("\"")
        hex(nonce.words.0)
        hex(nonce.words.1)
        raw("\"")
    }

    private mutating func hex(_ word: UInt64) {
        buffer.append(hex: UInt32(truncatingIfNeeded: word >> 32))
        buffer.append(hex: UInt32(truncatingIfNeeded: word))
    }

    /// Appends an instant with its quotes.
    mutating func time(_ milliseconds: Int64) {
        raw("\"")
        StatementTime.append(milliseconds, to: &buffer)
        raw("\"")
    }

    /// Appends a statement's id with its quotes.
    mutating func identifier(_ identifier: Identifier) {
        raw("\"")
        var shift = 125
        while shift >= 0 {
            buffer.append(Self.crockford(identifier.bits(at: shift)))
            shift -= 5
        }
        raw("\"")
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
        buffer.append(decimal: value)
    }

    /// Appends an integer that may be negative.
    mutating func integer(_ value: Int64) {
        if value < 0 { raw("-") }
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
