public import Bytes

/// Cedar's `datetime`: an instant in milliseconds since 1970-01-01 UTC, without leap seconds (cedar-spec
/// `Ext/Datetime.lean`, RFC 80).
public struct Datetime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// Makes an instant.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads `YYYY-MM-DD`, or that with `Thh:mm:ss`, optional `.SSS`, and `Z` or an offset `±hhmm`.
    ///
    /// - Returns: `nil` if the text has another form or there is no such date, time or offset.
    public init?(_ text: Text) {
        var reader = ByteReader(text.utf8)
        guard let days = Self.readDate(&reader) else { return nil }
        var milliseconds = days * Self.dayMilliseconds
        if !reader.isAtEnd {
            guard let time = Self.readTime(&reader) else { return nil }
            milliseconds += time
        }
        self.milliseconds = milliseconds
    }

    /// This instant moved by a length of time, if that fits.
    public func offset(_ span: TimeSpan) -> Datetime? {
        let (sum, overflow) = milliseconds.addingReportingOverflow(span.milliseconds)
        return overflow ? nil : Datetime(milliseconds: sum)
    }

    /// The time from the other instant to this one, if that fits.
    public func durationSince(_ other: Datetime) -> TimeSpan? {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        return overflow ? nil : TimeSpan(milliseconds: difference)
    }

    /// Midnight UTC of this instant's day, if that fits.
    public var date: Datetime? {
        let (start, overflow) = milliseconds.subtractingReportingOverflow(time.milliseconds)
        return overflow ? nil : Datetime(milliseconds: start)
    }

    /// The time since midnight UTC, never negative.
    public var time: TimeSpan {
        let rest = milliseconds % Self.dayMilliseconds
        return TimeSpan(milliseconds: rest < 0 ? rest + Self.dayMilliseconds : rest)
    }

    /// Orders by time.
    public static func < (left: Datetime, right: Datetime) -> Bool { left.milliseconds < right.milliseconds }

    private static let dayMilliseconds: Int64 = 86_400_000

    /// Reads a date of the proleptic Gregorian calendar and gives its days since 1970-01-01.
    private static func readDate(_ reader: inout ByteReader) -> Int64? {
        guard let year = reader.digits(4), reader.skip(UInt8(ascii: "-")), let month = reader.digits(2),
            reader.skip(UInt8(ascii: "-")), let day = reader.digits(2)
        else { return nil }
        let leap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[month - 1] else { return nil }
        // Days before the year 1970 of the four-digit years: years are at most 9999, so nothing here can overflow.
        let past = year - 1
        let leaps = year == 0 ? 0 : past / 4 - past / 100 + past / 400 + 1
        let daysBefore = year * 365 + leaps + lengths[..<(month - 1)].reduce(0, +) + day - 1
        return Int64(daysBefore) - 719_528
    }

    /// Reads the part from `T` on and gives milliseconds in UTC since midnight.
    private static func readTime(_ reader: inout ByteReader) -> Int64? {
        guard reader.skip(UInt8(ascii: "T")), let hour = reader.digits(2), reader.skip(UInt8(ascii: ":")),
            let minute = reader.digits(2), reader.skip(UInt8(ascii: ":")), let second = reader.digits(2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if reader.skip(UInt8(ascii: ".")) {
            guard let digits = reader.digits(3) else { return nil }
            fraction = digits
        }
        guard let offset = readOffset(&reader), reader.isAtEnd else { return nil }
        return Int64(((hour * 60 + minute) * 60 + second - offset) * 1000 + fraction)
    }

    /// Reads `Z` or `±hhmm` and gives the offset in seconds.
    private static func readOffset(_ reader: inout ByteReader) -> Int? {
        if reader.skip(UInt8(ascii: "Z")) { return 0 }
        let negative = reader.skip(UInt8(ascii: "-"))
        guard negative || reader.skip(UInt8(ascii: "+")) else { return nil }
        guard let hour = reader.digits(2), let minute = reader.digits(2), hour < 24, minute < 60 else { return nil }
        return (hour * 60 + minute) * 60 * (negative ? -1 : 1)
    }
}
