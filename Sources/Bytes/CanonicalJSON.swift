// The canonical form of JSON: RFC 8785 (JCS).

/// Writes values in the one form that RFC 8785 allows, so that equal values have equal bytes.
public enum CanonicalJSON {
    /// The canonical bytes of a value that was read.
    ///
    /// Integers are written as they are, which agrees with RFC 8785 within ±(2^53 − 1). A fraction is rounded to the
    /// nearest double as RFC 8785 section 3.2.2.3 demands; requests therefore replace fractions by their tokens first.
    ///
    /// - Returns: nil if a number has no finite double.
    public static func encode(_ value: JSONValue) -> [UInt8]? {
        var output: [UInt8] = []
        return append(value, to: &output) ? output : nil
    }

    /// Appends a string with its quotes: the escapes of RFC 8785 section 3.2.2.2 and no others.
    public static func append(string bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            unsafe appendEscaped(buffer, to: &output)
        }
        if contiguous == nil {
            for byte in bytes { appendEscaped(byte, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a string with its quotes.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for an array.
    public static func append(string bytes: [UInt8], to output: inout [UInt8]) {
        append(string: bytes[...], to: &output)
    }

    /// Appends a string with its quotes.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public static func append(string bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        unsafe bytes.withUnsafeBufferPointer { unsafe appendEscaped($0, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a text with its quotes.
    public static func append(_ text: Text, to output: inout [UInt8]) {
        var string = text.string
        output.append(UInt8(ascii: "\""))
        string.withUTF8 { unsafe appendEscaped($0, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Whether one member name stands before another: by UTF-16 code units, as RFC 8785 section 3.2.3 says.
    public static func precedes(_ left: Text, _ right: Text) -> Bool {
        left.string.utf16.lexicographicallyPrecedes(right.string.utf16)
    }

    /// Copies runs of bytes that need no escape at once.
    private static func appendEscaped(_ buffer: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var builder = ByteBuilder(capacity: buffer.count)
        unsafe builder.append(escaping: UnsafeRawBufferPointer(buffer))
        unsafe builder.withUnsafeBytes { unsafe output.append(contentsOf: $0) }
    }

    /// The first position from `start` on that needs an escape, else `end`; looks at eight bytes at a time, because
    /// receipts are long and need few.
    static func firstEscape(in bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var position = start
        while end &- position >= 8 {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard !mayNeedEscape(word) else { break }
            position &+= 8
        }
        while position < end, unsafe !needsEscape(bytes.load(fromByteOffset: position, as: UInt8.self)) {
            position &+= 1
        }
        return position
    }

    /// Whether any of eight bytes needs an escape; may also say so of one that follows one that does, never the other
    /// way round: the highest bit of a byte is set where subtracting borrows.
    @inline(__always)
    private static func mayNeedEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high = ones << 7
        let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
        let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        let control = (word &- ones &* 0x20) & ~word
        return (control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & high != 0
    }

    static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
        case 0x08: output.append(contentsOf: "\\b".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0C: output.append(contentsOf: "\\f".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        case 0..<0x20:
            output.append(contentsOf: "\\u00".utf8)
            Hex.append(CollectionOfOne(byte), to: &output)
        default: output.append(byte)
        }
    }

    private static func append(_ value: JSONValue, to output: inout [UInt8]) -> Bool {
        switch value.kind {
        case .null: output.append(contentsOf: "null".utf8)
        case .true: output.append(contentsOf: "true".utf8)
        case .false: output.append(contentsOf: "false".utf8)
        case .integer: output.append(contentsOf: value.content)
        case .fraction:
            guard let number = Double(value.token), number.isFinite else { return false }
            output.append(contentsOf: ECMAScriptNumber.format(number).utf8)
        case .string: append(string: value.content, to: &output)
        case .array: return append(elementsOf: value, to: &output)
        case .object: return append(membersOf: value, to: &output)
        }
        return true
    }

    private static func append(elementsOf array: JSONValue, to output: inout [UInt8]) -> Bool {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in array.elements {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            guard append(element, to: &output) else { return false }
        }
        output.append(UInt8(ascii: "]"))
        return true
    }

    private static func append(membersOf object: JSONValue, to output: inout [UInt8]) -> Bool {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in object.sortedMembers {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            append(string: member.nameBytes, to: &output)
            output.append(UInt8(ascii: ":"))
            guard append(member.value, to: &output) else { return false }
        }
        output.append(UInt8(ascii: "}"))
        return true
    }
}

extension JSONValue {
    /// The members of an object in canonical order (RFC 8785 section 3.2.3).
    public var sortedMembers: [JSONMember] {
        let members = Array(self.members)
        let isASCII = members.allSatisfy { $0.nameBytes.allSatisfy { $0 < 0x80 } }
        return isASCII
            ? members.sorted { $0.nameBytes.lexicographicallyPrecedes($1.nameBytes) }
            : members.sorted { CanonicalJSON.precedes($0.name, $1.name) }
    }
}

/// Numbers as ECMAScript prints them (ECMA-262 `Number::toString`, referred to by RFC 8785 section 3.2.2.3).
enum ECMAScriptNumber {
    /// The shortest decimal that reads back as the same double, in ECMAScript's layout.
    static func format(_ number: Double) -> String {
        guard number != 0 else { return "0" }
        let (digits, exponent) = shortestDigits(of: number.magnitude)
        let count = digits.count
        let sign = number < 0 ? "-" : ""
        // `exponent` is ECMA-262's n: the value is 0.DIGITS × 10^n.
        if exponent >= count, exponent <= 21 {
            return sign + digits + String(repeating: "0", count: exponent - count)
        }
        if exponent > 0, exponent <= 21 {
            return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
        }
        if exponent > -6, exponent <= 0 {
            return sign + "0." + String(repeating: "0", count: -exponent) + digits
        }
        let power = exponent - 1
        let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst(1)
        return sign + mantissa + "e" + (power < 0 ? "-" : "+") + String(power.magnitude)
    }

    /// The shortest digits, without leading and trailing zeros, and the position of the decimal point before them.
    private static func shortestDigits(of number: Double) -> (digits: String, exponent: Int) {
        // Swift prints the shortest digits that read back; only the layout differs from ECMAScript's.
        let parts = number.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        var exponent = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = Substring(whole + fraction)
        while digits.first == "0" {
            digits = digits.dropFirst()
            exponent -= 1
        }
        while digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), exponent)
    }
}
