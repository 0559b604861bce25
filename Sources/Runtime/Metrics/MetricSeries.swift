internal import Synchronization

/// What one line or block of the text format comes from.
protocol MetricSeries: AnyObject, Sendable {
    func append(name: String, labels: String, to output: inout [UInt8])
}

/// A number that only grows.
package final class MetricCounter: MetricSeries {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Counts one more, or several.
    package func add(_ amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The number so far.
    package var value: UInt64 { count.load(ordering: .relaxed) }

    func append(name: String, labels: String, to output: inout [UInt8]) {
        output += (labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n").utf8
    }
}

/// A number that goes up and down.
package final class MetricGauge: MetricSeries {
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// Sets the number.
    package func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// The number.
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func append(name: String, labels: String, to output: inout [UInt8]) {
        let text = MetricNumber.text(value)
        output += (labels.isEmpty ? "\(name) \(text)\n" : "\(name){\(labels)} \(text)\n").utf8
    }
}

/// The upper bounds of the buckets of a histogram, in whole units, and how many units make one of what is shown.
package struct MetricBuckets: Sendable {
    /// The bounds, ascending.
    package let bounds: [UInt64]
    /// How many units make one of what is shown: 1,000,000,000 for nanoseconds that are shown as seconds.
    package let unitsPerShown: Double

    /// Makes buckets; the bounds MUST ascend.
    package init(bounds: [UInt64], unitsPerShown: Double) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "the bounds of a histogram do not ascend")
        self.bounds = bounds
        self.unitsPerShown = unitsPerShown
    }

    /// From 50 microseconds to 10 seconds, observed in nanoseconds and shown in seconds.
    package static let durations = MetricBuckets(
        bounds: [
            50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
            100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
        ],
        unitsPerShown: 1_000_000_000
    )

    /// The powers of two up to 4,096, for counts of things.
    package static let counts = MetricBuckets(
        bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096],
        unitsPerShown: 1
    )
}

/// How often values of different sizes were observed.
///
/// A reader that comes while others count may see a sum that is ahead of the buckets by a few values.
@safe
package final class MetricHistogram: MetricSeries, @unchecked Sendable {
    private let buckets: MetricBuckets
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0)

    init(_ buckets: MetricBuckets) {
        self.buckets = buckets
        unsafe counts = .allocate(capacity: buckets.bounds.count + 1)
        for index in 0...buckets.bounds.count {
            unsafe (counts + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        unsafe counts.deinitialize(count: buckets.bounds.count + 1)
        unsafe counts.deallocate()
    }

    /// Counts a value, given in the units of the buckets.
    package func observe(_ value: UInt64) {
        var index = 0
        while index < buckets.bounds.count, value > buckets.bounds[index] {
            index += 1
        }
        unsafe counts[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// How many values were observed.
    package var count: UInt64 {
        (0...buckets.bounds.count).reduce(0) { unsafe $0 &+ counts[$1].load(ordering: .relaxed) }
    }

    func append(name: String, labels: String, to output: inout [UInt8]) {
        let prefix = labels.isEmpty ? "" : "\(labels),"
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        var total: UInt64 = 0
        for index in 0...buckets.bounds.count {
            total &+= unsafe counts[index].load(ordering: .relaxed)
            let isLast = index == buckets.bounds.count
            let bound = isLast ? "+Inf" : MetricNumber.text(Double(buckets.bounds[index]) / buckets.unitsPerShown)
            output += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n".utf8
        }
        let shown = MetricNumber.text(Double(sum.load(ordering: .relaxed)) / buckets.unitsPerShown)
        output += "\(name)_sum\(braces) \(shown)\n\(name)_count\(braces) \(total)\n".utf8
    }
}

/// Numbers in the text format.
enum MetricNumber {
    static func text(_ value: Double) -> String {
        if value.isNaN {
            return "NaN"
        }
        if value.isInfinite {
            return value < 0 ? "-Inf" : "+Inf"
        }
        // Whole numbers without a fraction, as every other exporter writes them.
        if let whole = Int64(exactly: value) {
            return "\(whole)"
        }
        return "\(value)"
    }
}
