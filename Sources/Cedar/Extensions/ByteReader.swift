/// Reads digits and marks from a short text, byte by byte.
struct ByteReader {
    private let bytes: [UInt8]

    /// How many bytes have been read.
    private(set) var position = 0

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Whether everything has been read.
    var isAtEnd: Bool { position == bytes.count }

    /// The next byte, not yet read.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Reads that byte if it is the next one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Reads one or more decimal digits, with any number of leading zeros.
    ///
    /// - Returns: `nil` if there is no digit or the number exceeds 64 bits.
    mutating func number() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            guard Checked.multiply(&value, by: 10), Checked.add(&value, UInt64(byte - UInt8(ascii: "0"))) else {
                return nil
            }
            position += 1
        }
        return position > start ? value : nil
    }

    /// Reads exactly that many decimal digits.
    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
        }
        return value
    }
}

/// Arithmetic on input: every step says whether it fitted.
enum Checked {
    static func multiply(_ value: inout UInt64, by factor: UInt64) -> Bool {
        let (result, overflow) = value.multipliedReportingOverflow(by: factor)
        value = result
        return !overflow
    }

    static func add(_ value: inout UInt64, _ term: UInt64) -> Bool {
        let (result, overflow) = value.addingReportingOverflow(term)
        value = result
        return !overflow
    }

    /// The magnitude with its sign, if it fits; the smallest integer has a magnitude of its own.
    static func signed(_ magnitude: UInt64, negative: Bool) -> Int64? {
        guard negative else { return Int64(exactly: magnitude) }
        return magnitude == Int64.min.magnitude ? Int64.min : Int64(exactly: magnitude).map { -$0 }
    }
}
