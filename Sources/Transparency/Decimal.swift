/// Numbers in the one spelling that the formats of C2SP have: decimal, no sign, no leading zero.
enum Decimal {
    /// The largest value that is read: Go's readers count in signed 64 bits.
    static let valueMax = TreeHash.treeSizeMax

    /// Reads a number up to ``valueMax``; `nil` for anything else.
    static func decode(_ digits: some Collection<UInt8>) -> UInt64? {
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (shifted, overflowFirst) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowSecond) = shifted.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflowFirst, !overflowSecond else { return nil }
            value = sum
        }
        return value <= valueMax ? value : nil
    }

    /// Appends the digits of a number.
    static func append(_ value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }
}
