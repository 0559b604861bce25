// The form that instants have in statements: RFC 3339 in UTC with milliseconds.

package import Bytes

/// Instants as statements spell them, `2026-11-20T12:31:04.113Z`, and as the gate counts them: milliseconds since 1970.
package enum StatementTime {
    /// The length of the text in bytes.
    package static let byteCount = 24
    /// The first instant that has this form: the year 1970 begins.
    package static let millisecondsMin: Int64 = 0
    /// The last instant that has this form: the year 9999 ends.
    package static let millisecondsMax: Int64 = 253_402_300_799_999

    private static let millisecondsPerDay: Int64 = 86_400_000

    /// The text of an instant; one outside of the form's years is moved to the nearest that has the form.
    package static func text(_ milliseconds: Int64) -> Text {
        var buffer = ByteBuilder(capacity: byteCount)
        append(milliseconds, to: &buffer)
        return Text(String(decoding: buffer.bytes, as: UTF8.self))
    }

    /// Appends the text of an instant; one outside of the form's years is moved to the nearest that has the form.
    static func append(_ milliseconds: Int64, to output: inout ByteBuilder) {
        let clamped = min(max(milliseconds, millisecondsMin), millisecondsMax)
        let date = Date(days: clamped / millisecondsPerDay)
        let ofDay = Int(clamped % millisecondsPerDay)
        append(twoDigits: date.year / 100, to: &output)
        append(twoDigits: date.year % 100, to: &output)
        output.append(UInt8(ascii: "-"))
        append(twoDigits: date.month, to: &output)
        output.append(UInt8(ascii: "-"))
        append(twoDigits: date.day, to: &output)
        output.append(UInt8(ascii: "T"))
        append(twoDigits: ofDay / 3_600_000, to: &output)
        output.append(UInt8(ascii: ":"))
        append(twoDigits: ofDay / 60_000 % 60, to: &output)
        output.append(UInt8(ascii: ":"))
        append(twoDigits: ofDay / 1_000 % 60, to: &output)
        output.append(UInt8(ascii: "."))
        append(twoDigits: ofDay % 1_000 / 10, to: &output)
        output.append(UInt8(ascii: "0") + UInt8(ofDay % 10))
        output.append(UInt8(ascii: "Z"))
    }

    /// Reads the text of an instant; nil for every spelling but the one that ``text(_:)`` gives.
    package static func milliseconds(_ text: Text) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == byteCount,
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            let fraction = number(bytes[20..<23]),
            year >= 1_970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let ofDay = Int64(((hour * 60 + minute) * 60 + second) * 1_000 + fraction)
        let milliseconds = Date(year: year, month: month, day: day).days * millisecondsPerDay + ofDay
        // Writing it again refuses the 30th of February and every other separator.
        var again = ByteBuilder(capacity: byteCount)
        append(milliseconds, to: &again)
        return again.bytes == bytes ? milliseconds : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func append(twoDigits value: Int, to output: inout ByteBuilder) {
        output.append(UInt8(ascii: "0") + UInt8(value / 10))
        output.append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}

/// A day of the Gregorian calendar from 1970 on, by Howard Hinnant's `days_from_civil`: years begin in March, so that
/// the leap day is the last of a year.
private struct Date {
    let year: Int
    let month: Int
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(days: Int64) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var days: Int64 {
        let fromMarch = month <= 2 ? year - 1 : year
        let era = fromMarch / 400
        let yearOfEra = fromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
