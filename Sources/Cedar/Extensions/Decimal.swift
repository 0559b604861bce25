public import Bytes

/// A decimal number with four fractional digits, kept as a 64-bit count of ten-thousandths (cedar-spec
/// `Ext/Decimal.lean`).
public struct Decimal: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number times 10,000.
    public let tenThousandths: Int64

    /// The most digits after the point.
    public static let fractionDigitsMax = 4

    /// Makes a number from a count of ten-thousandths.
    public init(tenThousandths: Int64) {
        self.tenThousandths = tenThousandths
    }

    /// Reads `-?digits.digits` with one to four fractional digits.
    ///
    /// - Returns: `nil` if the text has another form or the number does not fit.
    public init?(_ text: Text) {
        var reader = ByteReader(text.utf8)
        let negative = reader.skip(UInt8(ascii: "-"))
        guard var magnitude = reader.number(), reader.skip(UInt8(ascii: ".")) else { return nil }
        let whole = reader.position
        guard let fraction = reader.number(), reader.isAtEnd else { return nil }
        let digits = reader.position - whole
        guard digits <= Self.fractionDigitsMax else { return nil }
        var scale: UInt64 = 1
        for _ in digits..<Self.fractionDigitsMax { scale *= 10 }
        guard Checked.multiply(&magnitude, by: 10_000), Checked.add(&magnitude, fraction * scale),
            let value = Checked.signed(magnitude, negative: negative)
        else { return nil }
        tenThousandths = value
    }

    /// The number with as few fractional digits as it needs, but at least one.
    public var description: String {
        let magnitude = tenThousandths.magnitude
        var fraction = String(magnitude % 10_000 + 10_000).dropFirst()
        while fraction.count > 1, fraction.last == "0" { fraction = fraction.dropLast() }
        return "\(tenThousandths < 0 ? "-" : "")\(magnitude / 10_000).\(fraction)"
    }

    /// Orders by size.
    public static func < (left: Decimal, right: Decimal) -> Bool { left.tenThousandths < right.tenThousandths }
}
