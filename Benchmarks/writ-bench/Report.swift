// The table for people and the object for machines.

import Bytes

/// Everything that one run found.
struct Report {
    /// One raw write and sync of the size of a decision, measured before and after everything else.
    let sync: Latencies
    /// The size of that write in bytes.
    let syncBytes: Int
    let measurements: [Measurement]
    let quantities: [Quantity]

    /// Above this p50 of a raw sync, durable figures say more about the disk than about the gate, and are given as
    /// multiples of it.
    static let slowSyncNanoseconds: UInt64 = 150_000

    private var isSlow: Bool { sync.quantile(0.5) > Self.slowSyncNanoseconds }

    // MARK: - For people

    /// The table.
    var text: String {
        var rows = [["", "p50 µs", "p99 µs", "per second", "CPU µs"] + (isSlow ? ["p50 in syncs", "per sync"] : [])]
        let raw = Measurement("", "one raw fdatasync of \(syncBytes) bytes", sync)
        for measurement in [raw] + measurements { rows.append(row(measurement)) }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }
            text += cells.joined(separator: "   ").trimmedEnd + "\n"
        }
        text += "\n"
        let titles = quantities.map(\.title.count).max() ?? 0
        for quantity in quantities {
            let space = String(repeating: " ", count: titles - quantity.title.count)
            let limit = quantity.limit.map { " (limit \(Decimal.text($0)))" } ?? ""
            text += "\(quantity.title)\(space)   \(Decimal.text(quantity.value)) \(quantity.unit)\(limit)\n"
        }
        return text
    }

    private func row(_ measurement: Measurement) -> [String] {
        var row = [
            measurement.title, Decimal.text(Double(measurement.p50) / 1e3), Decimal.text(Double(measurement.p99) / 1e3),
            measurement.perSecond.map { Decimal.text($0, digits: 0) } ?? "",
            measurement.processorNanoseconds.map { Decimal.text(Double($0) / 1e3) } ?? "",
        ]
        guard isSlow else { return row }
        let one = Double(sync.quantile(0.5))
        row.append(measurement.isDurable ? Decimal.text(Double(measurement.p50) / one, digits: 2) : "")
        let perSync = measurement.isDurable ? measurement.perSecond.map { $0 * one / 1e9 } : nil
        row.append(perSync.map { Decimal.text($0) } ?? "")
        return row
    }

    // MARK: - For machines

    /// The object.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 8_192)
        writer.beginObject()
        writer.name("raw_sync")
        writer.beginObject()
        writer.member("bytes", syncBytes)
        writer.member("count", sync.count)
        writer.member("p50_nanoseconds", sync.quantile(0.5))
        writer.member("p99_nanoseconds", sync.quantile(0.99))
        writer.member("is_slow", isSlow)
        writer.endObject()
        writer.name("measurements")
        writer.beginArray()
        for measurement in measurements { write(measurement, to: &writer) }
        writer.endArray()
        writer.name("quantities")
        writer.beginArray()
        for quantity in quantities {
            writer.beginObject()
            writer.member("name", Text(quantity.name))
            writer.member("unit", Text(quantity.unit))
            writer.name("value")
            writer.raw(Decimal.text(quantity.value, digits: 3).utf8)
            if let limit = quantity.limit {
                writer.name("limit")
                writer.raw(Decimal.text(limit, digits: 3).utf8)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func write(_ measurement: Measurement, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", Text(measurement.name))
        writer.member("count", measurement.count)
        writer.member("p50_nanoseconds", measurement.p50)
        writer.member("p99_nanoseconds", measurement.p99)
        if let rate = measurement.perSecond {
            writer.name("per_second")
            writer.raw(Decimal.text(rate).utf8)
        }
        if let processor = measurement.processorNanoseconds { writer.member("processor_nanoseconds", processor) }
        if measurement.isDurable, sync.count > 0 {
            writer.name("p50_raw_syncs")
            writer.raw(Decimal.text(Double(measurement.p50) / Double(sync.quantile(0.5)), digits: 3).utf8)
        }
        for detail in measurement.details { writer.member(Text(detail.name), detail.value) }
        writer.endObject()
    }
}

/// Numbers with a fixed number of digits behind the point.
enum Decimal {
    static func text(_ value: Double, digits: Int = 1) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        guard let scaled = Int(exactly: (value.magnitude * Double(scale)).rounded()) else { return "0" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let rest = String(scaled % scale)
        return "\(sign)\(scaled / scale).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }
}

extension String {
    /// The text without spaces at its end.
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
