/// Instants as text in the one form that we write: RFC 3339, UTC, milliseconds, as `2026-11-20T12:31:04.113Z`.
package enum Timestamp {
    /// The first instant that has this form: 0001-01-01T00:00:00.000Z.
    package static let millisecondsMin: Int64 = -62_135_596_800_000
    /// The last instant that has this form: 9999-12-31T23:59:59.999Z.
    package static let millisecondsMax: Int64 = 253_402_300_799_999
    /// The number of characters of the form.
    package static let characterCount = 24

    /// Writes an instant, given in milliseconds since 1970; nil outside the years 1 to 9999.
    package static func format(milliseconds: Int64) -> String? {
        var bytes: [UInt8] = []
        guard append(milliseconds: milliseconds, to: &bytes) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text of an instant to a buffer.
    ///
    /// Answers false, with the buffer unchanged, outside the years 1 to 9999.
    package static func append(milliseconds: Int64, to output: inout [UInt8]) -> Bool {
        guard milliseconds >= millisecondsMin, milliseconds <= millisecondsMax else {
            return false
        }
        let days = floorDivide(milliseconds, by: 86_400_000)
        let ofDay = Int(milliseconds - days * 86_400_000)
        let date = civil(days: days)
        appendDigits(date.year, count: 4, to: &output)
        output.append(0x2D)
        appendDigits(date.month, count: 2, to: &output)
        output.append(0x2D)
        appendDigits(date.day, count: 2, to: &output)
        output.append(0x54)
        appendDigits(ofDay / 3_600_000, count: 2, to: &output)
        output.append(0x3A)
        appendDigits(ofDay / 60_000 % 60, count: 2, to: &output)
        output.append(0x3A)
        appendDigits(ofDay / 1_000 % 60, count: 2, to: &output)
        output.append(0x2E)
        appendDigits(ofDay % 1_000, count: 3, to: &output)
        output.append(0x5A)
        return true
    }

    /// Reads an instant in exactly this form; nil for any other spelling, a date that does not exist, or a leap second.
    package static func parse(_ text: some Collection<UInt8>) -> Int64? {
        let bytes = Array(text)
        guard bytes.count == characterCount else {
            return nil
        }
        for (index, byte) in [(4, 0x2D), (7, 0x2D), (10, 0x54), (13, 0x3A), (16, 0x3A), (19, 0x2E), (23, 0x5A)]
        where bytes[index] != UInt8(byte) {
            return nil
        }
        guard let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10]),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19]),
            let fraction = digits(bytes[20..<23])
        else {
            return nil
        }
        guard year >= 1, (1...12).contains(month), day >= 1, day <= daysOf(month: month, year: year), hour < 24,
            minute < 60, second < 60
        else {
            return nil
        }
        let ofDay = Int64(((hour * 60 + minute) * 60 + second) * 1_000 + fraction)
        return days(year: year, month: month, day: day) * 86_400_000 + ofDay
    }

    /// Reads an instant from text; see ``parse(_:)-swift.type.method``.
    package static func parse(_ text: String) -> Int64? {
        parse(text.utf8)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    /// Days since 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, by: 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day))
    }

    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let ofYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
        return Int64(era * 146_097 + ofEra - 719_468)
    }

    private static func daysOf(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard byte >= 0x30, byte <= 0x39 else {
                return nil
            }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func appendDigits(_ value: Int, count: Int, to output: inout [UInt8]) {
        var scale = 1
        for _ in 1..<count {
            scale *= 10
        }
        while scale > 0 {
            output.append(UInt8(truncatingIfNeeded: value / scale % 10) + 0x30)
            scale /= 10
        }
    }
}
