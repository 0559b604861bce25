// What is measured, and how it is summed up.

import Runtime

/// Latencies in nanoseconds, in ascending order.
struct Latencies {
    private let ascending: [UInt32]

    init(_ nanoseconds: [UInt32]) { ascending = nanoseconds.sorted() }

    var count: Int { ascending.count }

    /// The latency that a share of all stays within, 0 without any: the nearest rank, never an interpolation.
    func quantile(_ share: Double) -> UInt64 {
        guard !ascending.isEmpty else { return 0 }
        let rank = Int((share * Double(ascending.count)).rounded(.up))
        return UInt64(ascending[min(max(rank, 1), ascending.count) - 1])
    }
}

/// One line of the table.
struct Measurement {
    /// A name for machines, as `http_tcp_16`.
    let name: String
    /// What a person reads.
    let title: String
    let count: Int
    let p50: UInt64
    let p99: UInt64
    /// How many there were in a second; nil where that says nothing.
    let perSecond: Double?
    /// Whether it waits for a sync, so that it is given as multiples of one.
    let isDurable: Bool
    /// The processor time of the gate for each, where it was measured: a shared machine changes it less than the rest.
    var processorNanoseconds: UInt64?
    /// Further numbers for machines, by name.
    var details: [(name: String, value: UInt64)] = []

    init(_ name: String, _ title: String, _ latencies: Latencies, seconds: Double? = nil, isDurable: Bool = true) {
        self.name = name
        self.title = title
        count = latencies.count
        p50 = latencies.quantile(0.5)
        p99 = latencies.quantile(0.99)
        perSecond = seconds.map { $0 > 0 ? Double(latencies.count) / $0 : 0 }
        self.isDurable = isDurable
    }
}

/// A number that is not a latency.
struct Quantity {
    let name: String
    let title: String
    let value: Double
    let unit: String
    /// What the first release promises: the value is at most that.
    let limit: Double?
}

/// Measurements that could not be made say why.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The monotonic clock.
enum Clock {
    /// Nanoseconds now.
    static func now() -> UInt64 { SystemTime().monotonicNanoseconds() }

    /// The time since a reading, as latencies are kept.
    static func since(_ start: UInt64) -> UInt32 { UInt32(clamping: now() - start) }
}
