extension Decimal {
    /// Reads a number token of JSON, such as `15`, `1.50` or `1.5e1`, if a decimal can hold it exactly.
    ///
    /// - Returns: `nil` if the number has more than four fractional digits that are not zero, or does not fit.
    public init?(exactly token: String) {
        var reader = ByteReader(token.utf8)
        let negative = reader.skip(UInt8(ascii: "-"))
        var digits: [UInt8] = []
        var exponent = 0
        Self.readDigits(&reader, into: &digits)
        if reader.skip(UInt8(ascii: ".")) {
            let whole = digits.count
            Self.readDigits(&reader, into: &digits)
            exponent = whole - digits.count
        }
        if reader.skip(UInt8(ascii: "e")) || reader.skip(UInt8(ascii: "E")) {
            let isNegative = reader.skip(UInt8(ascii: "-"))
            if !isNegative { _ = reader.skip(UInt8(ascii: "+")) }
            guard let shift = reader.number(), shift <= Self.exponentMax else { return nil }
            exponent += isNegative ? -Int(shift) : Int(shift)
        }
        guard reader.isAtEnd, !digits.isEmpty, digits.count <= Self.exponentMax else { return nil }
        guard let magnitude = Self.scale(digits, by: exponent + Self.fractionDigitsMax),
            let value = Checked.signed(magnitude, negative: negative)
        else { return nil }
        self.init(tenThousandths: value)
    }

    /// Beyond this exponent, and this many digits, no number but zero fits.
    private static let exponentMax = 1000

    private static func readDigits(_ reader: inout ByteReader, into digits: inout [UInt8]) {
        while let digit = reader.digits(1) { digits.append(UInt8(digit)) }
    }

    /// The digits as a number times a power of ten, if that is an integer that fits.
    private static func scale(_ digits: [UInt8], by power: Int) -> UInt64? {
        var digits = digits[...]
        var power = power
        while power < 0, digits.last == 0 {
            digits.removeLast()
            power += 1
        }
        var value: UInt64 = 0
        for digit in digits {
            guard Checked.multiply(&value, by: 10), Checked.add(&value, UInt64(digit)) else { return nil }
        }
        if value == 0 { return 0 }
        guard power >= 0, power <= 20 else { return nil }
        for _ in 0..<power {
            guard Checked.multiply(&value, by: 10) else { return nil }
        }
        return value
    }
}
