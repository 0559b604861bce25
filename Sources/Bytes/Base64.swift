// Base64 of RFC 4648: the padded alphabet of section 4 and the unpadded URL alphabet of section 5, canonical spellings
// only.

/// Padded base64 of RFC 4648 section 4.
///
/// Decoding accepts only what encoding produces.
public enum Base64 {
    private static let codec = Base64Codec(alphabet: "+/", isPadded: true)

    /// The padded base64 of the bytes.
    public static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// The padded base64 of the bytes, as ASCII bytes.
    public static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        append(bytes.span, to: &output)
        return output
    }

    /// Appends the padded base64 of the bytes to a buffer.
    public static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        codec.append(bytes, to: &output)
    }

    /// Appends the padded base64 of the bytes to a buffer.
    public static func append(_ bytes: UnsafeRawBufferPointer, to output: inout ByteBuilder) {
        unsafe codec.append(bytes, to: &output)
    }

    /// The bytes; nil for white space, missing or surplus padding, or bits that encoding leaves zero.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        codec.decode(text)
    }

    /// The bytes of base64 text; nil for anything that encoding does not produce.
    public static func decode(_ text: String) -> [UInt8]? {
        codec.decode(text.utf8)
    }

    /// The bytes; nil for anything that encoding does not produce.
    ///
    /// Generic code of another module is not specialised: this one is twenty times as fast for a slice.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        codec.decode(text)
    }
}

/// Unpadded URL-safe base64 of RFC 4648 section 5.
///
/// Decoding accepts only what encoding produces.
public enum Base64URL {
    private static let codec = Base64Codec(alphabet: "-_", isPadded: false)

    /// The unpadded URL-safe base64 of the bytes.
    public static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        append(bytes.span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the unpadded URL-safe base64 of the bytes to a buffer.
    public static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        codec.append(bytes, to: &output)
    }

    /// The bytes; nil for white space, padding, or bits that encoding leaves zero.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        codec.decode(text)
    }

    /// The bytes of URL-safe base64 text; nil for anything that encoding does not produce.
    public static func decode(_ text: String) -> [UInt8]? {
        codec.decode(text.utf8)
    }
}

/// One of the two alphabets with its tables.
private struct Base64Codec: Sendable {
    private let symbols: [UInt8]
    /// For each 12 bits their two symbols, as they lie in memory.
    private let pairs: [UInt16]
    private let values: [UInt8]
    private let isPadded: Bool
    private static let invalid: UInt8 = 0xFF

    init(alphabet lastTwo: String, isPadded: Bool) {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(lastTwo.utf8)
        self.symbols = symbols
        pairs = (0..<4_096).map { (UInt16(symbols[$0 >> 6]) << 8 | UInt16(symbols[$0 & 63])).bigEndian }
        var values = [UInt8](repeating: Base64Codec.invalid, count: 256)
        for (value, symbol) in symbols.enumerated() {
            values[Int(symbol)] = UInt8(value)
        }
        self.values = values
        self.isPadded = isPadded
    }

    func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        let whole = bytes.count / 3
        let rest = bytes.count - 3 * whole
        let tail = rest == 0 ? 0 : (isPadded ? 4 : rest + 1)
        let start = output.count
        output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 4 * whole + tail))
        unsafe output.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe self.write(whole, groupsOf: source, to: target, at: start)
            }
        }
        guard rest > 0 else { return }
        let read = 3 * whole
        let write = start + 4 * whole
        let word = UInt32(bytes[read]) << 16 | (rest == 2 ? UInt32(bytes[read + 1]) << 8 : 0)
        output[write] = symbols[Int(word >> 18)]
        output[write + 1] = symbols[Int(word >> 12 & 63)]
        if rest == 2 { output[write + 2] = symbols[Int(word >> 6 & 63)] }
    }

    func append(_ bytes: UnsafeRawBufferPointer, to output: inout ByteBuilder) {
        let whole = bytes.count / 3
        let rest = bytes.count - 3 * whole
        unsafe output.append(upTo: 4 * whole) { room in
            unsafe self.write(whole, groupsOf: bytes.bindMemory(to: UInt8.self), to: room, at: 0)
            return 4 * whole
        }
        guard rest > 0 else { return }
        let first = unsafe UInt32(bytes[3 * whole])
        let second = unsafe rest == 2 ? UInt32(bytes[3 * whole + 1]) : 0
        let word = first << 16 | second << 8
        output.append(symbols[Int(word >> 18)])
        output.append(symbols[Int(word >> 12 & 63)])
        if rest == 2 { output.append(symbols[Int(word >> 6 & 63)]) }
        guard isPadded else { return }
        output.append(rest == 2 ? "=" as StaticString : "==")
    }

    /// Writes whole groups of three bytes, two symbols at a time: receipts are mostly base64.
    private func write(
        _ count: Int,
        groupsOf source: UnsafeBufferPointer<UInt8>,
        to target: UnsafeMutableRawBufferPointer,
        at start: Int
    ) {
        precondition(source.count >= 3 * count && target.count >= start + 4 * count)
        guard let bytes = source.baseAddress, let symbols = target.baseAddress else { return }
        unsafe pairs.withUnsafeBufferPointer { pairs in
            for group in 0..<count {
                let read = unsafe bytes + 3 * group
                let word = unsafe Int(read[0]) << 16 | Int(read[1]) << 8 | Int(read[2])
                let write = unsafe symbols + start + 4 * group
                // Twelve bits each: there are 4,096 pairs.
                unsafe write.storeBytes(of: pairs[word >> 12], as: UInt16.self)
                unsafe (write + 2).storeBytes(of: pairs[word & 4_095], as: UInt16.self)
            }
        }
    }

    func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3 + 2)
        var word: UInt32 = 0
        var symbolCount = 0
        var paddingCount = 0
        for symbol in text {
            if isPadded, symbol == UInt8(ascii: "=") {
                paddingCount += 1
                continue
            }
            let value = values[Int(symbol)]
            guard value != Base64Codec.invalid, paddingCount == 0 else { return nil }
            word = word << 6 | UInt32(value)
            symbolCount += 1
            if symbolCount & 3 == 0 {
                output.append(UInt8(truncatingIfNeeded: word >> 16))
                output.append(UInt8(truncatingIfNeeded: word >> 8))
                output.append(UInt8(truncatingIfNeeded: word))
                word = 0
            }
        }
        return finish(word, symbols: symbolCount & 3, padding: paddingCount, output)
    }

    /// Decodes the last group of two or three symbols and checks its padding and its unused bits.
    private func finish(_ word: UInt32, symbols: Int, padding: Int, _ decoded: [UInt8]) -> [UInt8]? {
        var output = decoded
        switch symbols {
        case 0:
            guard padding == 0 else { return nil }
        case 2:
            guard padding == (isPadded ? 2 : 0), word & 0xF == 0 else { return nil }
            output.append(UInt8(truncatingIfNeeded: word >> 4))
        case 3:
            guard padding == (isPadded ? 1 : 0), word & 0x3 == 0 else { return nil }
            output.append(UInt8(truncatingIfNeeded: word >> 10))
            output.append(UInt8(truncatingIfNeeded: word >> 2))
        default:
            return nil
        }
        return output
    }
}
