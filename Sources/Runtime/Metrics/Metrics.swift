/// The numbers that the process tells about itself, as Prometheus reads them.
///
/// A series is made once and kept by whoever counts, so that counting is one atomic addition. Safe to use from every
/// thread.
package final class Metrics: Sendable {
    /// The most series of one family; what is asked for beyond it counts into one series labelled `_other`.
    package static let seriesPerFamilyMax = 256

    /// The value of every label of the series that takes what exceeds ``seriesPerFamilyMax``.
    package static let overflowLabel = "_other"

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private struct Family {
        let help: String
        let kind: Kind
        let labels: [String]
        var series: [[String]: any MetricSeries] = [:]
    }

    private let families = Guarded<[String: Family]>([:])

    /// Makes an empty registry.
    package init() {}

    /// The counter of a name and label values; made when it is first asked for.
    package func counter(
        _ name: StaticString,
        _ help: StaticString,
        _ labels: KeyValuePairs<StaticString, String> = [:]
    )
        -> MetricCounter
    {
        series(name, help, .counter, labels) { MetricCounter() }
    }

    /// The gauge of a name and label values; made when it is first asked for.
    package func gauge(
        _ name: StaticString,
        _ help: StaticString,
        _ labels: KeyValuePairs<StaticString, String> = [:]
    )
        -> MetricGauge
    {
        series(name, help, .gauge, labels) { MetricGauge() }
    }

    /// The histogram of a name and label values; made, with these buckets, when it is first asked for.
    package func histogram(
        _ name: StaticString,
        _ help: StaticString,
        _ labels: KeyValuePairs<StaticString, String> = [:],
        buckets: MetricBuckets
    ) -> MetricHistogram {
        series(name, help, .histogram, labels) { MetricHistogram(buckets) }
    }

    /// Appends all families in the text format of Prometheus (version 0.0.4), sorted by name and labels.
    package func append(to output: inout [UInt8]) {
        let all = families.withLock { $0 }
        for name in all.keys.sorted(by: Self.precedes) {
            guard let family = all[name] else {
                continue
            }
            output += "# HELP \(name) \(Self.escapeHelp(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n".utf8
            let lines = family.series.map { values, series in
                (MetricLabels.text(family.labels, values), series)
            }
            for (labels, series) in lines.sorted(by: { Self.precedes($0.0, $1.0) }) {
                series.append(name: name, labels: labels, to: &output)
            }
        }
    }

    private func series<Series: MetricSeries>(
        _ name: StaticString,
        _ help: StaticString,
        _ kind: Kind,
        _ labels: KeyValuePairs<StaticString, String>,
        _ make: () -> Series
    ) -> Series {
        let name = name.description
        let names = labels.map { $0.key.description }
        precondition(MetricLabels.isName(name) && names.allSatisfy(MetricLabels.isName), "a metric is misnamed")
        return families.withLock { families in
            let fresh = Family(help: help.description, kind: kind, labels: names)
            var family = families[name] ?? fresh
            precondition(family.kind == kind && family.labels == names, "a metric is used in two ways")
            var values = labels.map(\.value)
            if family.series[values] == nil, family.series.count >= Self.seriesPerFamilyMax - 1 {
                values = names.map { _ in Self.overflowLabel }
            }
            if let found = family.series[values] as? Series {
                return found
            }
            let made = make()
            family.series[values] = made
            families[name] = family
            return made
        }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func escapeHelp(_ text: String) -> String {
        String(
            decoding: text.utf8.flatMap { $0 == 0x5C ? [0x5C, 0x5C] : $0 == 0x0A ? [0x5C, 0x6E] : [$0] },
            as: UTF8.self
        )
    }
}

/// The labels of a series as text.
enum MetricLabels {
    /// Whether a name of a metric or label is letters, digits and underscores, not beginning with a digit.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
    }

    /// Names and escaped values without the braces around them; empty for none.
    static func text(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(escape($1))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case 0x5C: bytes += [0x5C, 0x5C]
            case 0x22: bytes += [0x5C, 0x22]
            case 0x0A: bytes += [0x5C, 0x6E]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
