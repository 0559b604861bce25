// The idempotency key that a surface makes of a call's arguments: one meaning, one key.

import Authorization
import Bytes
import Cryptography

/// An idempotency key in the making.
///
/// INVARIANT (one key): servers read `1.5`, `1.50`, `15e-1` and often `"1.5"` alike, so all of them are one part. To
/// take two meanings for one refuses the second call; to take one meaning for two would let it act twice.
struct CallKey: ~Copyable {
    private var writer = JSONWriter()

    /// Begins a key; calls of different actions never share one.
    init(action: Text) {
        writer.beginArray()
        writer.string(action)
    }

    /// Adds a part; false if it has a number whose exponent is beyond its limit, and then there is no key.
    mutating func append(_ part: JSONValue) -> Bool {
        switch part.kind {
        case .null: writer.null()
        case .true: writer.boolean(true)
        case .false: writer.boolean(false)
        case .integer, .fraction, .string:
            guard let number = DecimalSpelling(part.content) else {
                writer.string(utf8: part.content)
                return true
            }
            guard let canonical = number.canonical else { return false }
            writer.raw(canonical)
        case .array:
            writer.beginArray()
            for element in part.elements {
                guard append(element) else { return false }
            }
            writer.endArray()
        case .object:
            writer.beginObject()
            for member in part.sortedMembers {
                writer.name(member.name)
                guard append(member.value) else { return false }
            }
            writer.endObject()
        }
        return true
    }

    /// The key: readable where it is short and plain, else its digest.
    consuming func finished() -> Text {
        writer.endArray()
        let whole = writer.bytes
        let isPlain = whole.count <= RequestLimits.nameBytesMax && whole.allSatisfy { $0 < 0x7F }
        guard isPlain, let text = Text(utf8: whole) else {
            return Text("sha256:\(SHA256.digest(of: whole).hex)")
        }
        return text
    }
}

/// A text of JSON's number grammar (RFC 8259 section 6), taken apart.
struct DecimalSpelling {
    private let isNegative: Bool
    /// The digits of whole part and fraction.
    private let digits: [UInt8]
    private let fractionCount: Int
    private let isExponentNegative: Bool
    private let exponentDigits: ArraySlice<UInt8>

    /// Reads a token or the content of a string; nil if it is no number.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        isNegative = Self.take(UInt8(ascii: "-"), &rest)
        let whole = Self.takeDigits(&rest)
        guard let first = whole.first, first != UInt8(ascii: "0") || whole.count == 1 else { return nil }
        var fraction: ArraySlice<UInt8> = []
        if Self.take(UInt8(ascii: "."), &rest) {
            fraction = Self.takeDigits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        var exponent: ArraySlice<UInt8> = []
        var isExponentNegative = false
        if Self.take(UInt8(ascii: "e"), &rest) || Self.take(UInt8(ascii: "E"), &rest) {
            isExponentNegative = Self.take(UInt8(ascii: "-"), &rest)
            if !isExponentNegative { _ = Self.take(UInt8(ascii: "+"), &rest) }
            exponent = Self.takeDigits(&rest)
            guard !exponent.isEmpty else { return nil }
        }
        guard rest.isEmpty else { return nil }
        digits = Array(whole) + fraction
        fractionCount = fraction.count
        self.isExponentNegative = isExponentNegative
        exponentDigits = exponent
    }

    /// The one spelling of this value: sign, digits without zeros at either end, and the power of ten if it is not 0.
    ///
    /// nil if the written exponent is beyond ``MCPLimits/exponentMax``.
    var canonical: [UInt8]? {
        guard let written = Self.magnitude(exponentDigits) else { return nil }
        let zero = UInt8(ascii: "0")
        var significant = digits.drop { $0 == zero }
        let trailing = significant.reversed().prefix { $0 == zero }.count
        guard !significant.isEmpty else { return [zero] }
        significant.removeLast(trailing)
        // INVARIANT (exponent): the written exponent is bounded and a count of bytes is, so nothing overflows.
        let exponent = (isExponentNegative ? -written : written) - fractionCount + trailing
        var output: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        output += significant
        if exponent != 0 { output += Array("e\(exponent)".utf8) }
        return output
    }

    private static func magnitude(_ digits: ArraySlice<UInt8>) -> Int? {
        var magnitude = 0
        for digit in digits {
            magnitude = magnitude * 10 + Int(digit - UInt8(ascii: "0"))
            guard magnitude <= MCPLimits.exponentMax else { return nil }
        }
        return magnitude
    }

    private static func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest.removeFirst(digits.count)
        return digits
    }
}
