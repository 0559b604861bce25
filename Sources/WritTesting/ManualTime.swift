// Clocks that tests set.

internal import Runtime

/// A time source that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private struct Reading {
        var wallMilliseconds: Int64
        var monotonicNanoseconds: UInt64
        var bootNanoseconds: UInt64
        var advancePerReadingMilliseconds: Int64 = 0

        mutating func advance(milliseconds: Int64) {
            wallMilliseconds += milliseconds
            monotonicNanoseconds += UInt64(milliseconds) * 1_000_000
            bootNanoseconds += UInt64(milliseconds) * 1_000_000
        }
    }

    private let reading: Guarded<Reading>

    /// A source that begins at an instant, 2026-11-20T12:00:00Z unless told otherwise.
    package init(wallMilliseconds: Int64 = 1_795_176_000_000) {
        reading = Guarded(
            Reading(
                wallMilliseconds: wallMilliseconds,
                monotonicNanoseconds: 1_000_000_000,
                bootNanoseconds: 5_000_000_000
            )
        )
    }

    /// The wall clock, milliseconds since 1970.
    package func wallMilliseconds() -> Int64 { reading.withLock { $0.wallMilliseconds } }

    /// The clock of budgets.
    package func monotonicNanoseconds() -> UInt64 {
        reading.withLock { reading in
            reading.advance(milliseconds: reading.advancePerReadingMilliseconds)
            return reading.monotonicNanoseconds
        }
    }

    /// The clock that nobody can set.
    package func bootNanoseconds() -> UInt64 { reading.withLock { $0.bootNanoseconds } }

    /// Lets time pass on all clocks alike.
    package func advance(milliseconds: Int64) {
        reading.withLock { $0.advance(milliseconds: milliseconds) }
    }

    /// Lets time pass at every look at the clock of budgets: everything between two looks is that slow.
    package func advanceOnEveryReading(milliseconds: Int64) {
        reading.withLock { $0.advancePerReadingMilliseconds = milliseconds }
    }

    /// Sets the wall clock alone, as somebody with the right to do so could.
    package func jump(wallMilliseconds: Int64) {
        reading.withLock { $0.wallMilliseconds += wallMilliseconds }
    }
}
