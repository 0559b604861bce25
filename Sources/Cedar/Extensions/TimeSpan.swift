public import Bytes

/// Cedar's `duration`: a signed length of time in milliseconds (cedar-spec `Ext/Datetime.lean`).
///
/// It is not named `Duration`, which is a type of Swift.
public struct TimeSpan: Hashable, Comparable, Sendable {
    /// The length in milliseconds.
    public let milliseconds: Int64

    /// Makes a length of time.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads `-?(Nd)?(Nh)?(Nm)?(Ns)?(Nms)?` with at least one part.
    ///
    /// - Returns: `nil` if the text has another form or the length does not fit.
    public init?(_ text: Text) {
        var reader = ByteReader(text.utf8)
        let negative = reader.skip(UInt8(ascii: "-"))
        guard !reader.isAtEnd else { return nil }
        var magnitude: UInt64 = 0
        var units = Self.units[...]
        while !reader.isAtEnd {
            guard var count = reader.number(), let name = Self.unitName(&reader),
                let unit = units.firstIndex(where: { $0.name == name }),
                Checked.multiply(&count, by: units[unit].milliseconds), Checked.add(&magnitude, count)
            else { return nil }
            units = units[(unit + 1)...]
        }
        guard let value = Checked.signed(magnitude, negative: negative) else { return nil }
        milliseconds = value
    }

    /// Orders by length.
    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

    private enum UnitName {
        case days
        case hours
        case minutes
        case seconds
        case milliseconds
    }

    /// The units in the only order in which they may be written.
    private static let units: [(name: UnitName, milliseconds: UInt64)] = [
        (.days, 86_400_000), (.hours, 3_600_000), (.minutes, 60_000), (.seconds, 1000), (.milliseconds, 1),
    ]

    private static func unitName(_ reader: inout ByteReader) -> UnitName? {
        if reader.skip(UInt8(ascii: "d")) { return .days }
        if reader.skip(UInt8(ascii: "h")) { return .hours }
        if reader.skip(UInt8(ascii: "s")) { return .seconds }
        guard reader.skip(UInt8(ascii: "m")) else { return nil }
        return reader.skip(UInt8(ascii: "s")) ? .milliseconds : .minutes
    }
}
