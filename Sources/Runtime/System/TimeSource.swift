internal import Glibc

/// Where time comes from; a protocol, so that tests decide what time it is.
package protocol TimeSource: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z by the wall clock, which can jump in either direction.
    func wallMilliseconds() -> Int64
    /// Nanoseconds of a clock that never goes back and stands still while the machine sleeps: for budgets.
    func monotonicNanoseconds() -> UInt64
    /// Nanoseconds since the machine started, sleep included: what the wall clock is checked against.
    func bootNanoseconds() -> UInt64
}

/// The clocks of the kernel.
package struct SystemTime: TimeSource {
    /// Makes a source; all are alike.
    package init() {}

    /// Reads `CLOCK_REALTIME`.
    package func wallMilliseconds() -> Int64 {
        let time = Self.read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Reads `CLOCK_MONOTONIC`.
    package func monotonicNanoseconds() -> UInt64 {
        Self.nanoseconds(Self.read(CLOCK_MONOTONIC))
    }

    /// Reads `CLOCK_BOOTTIME`.
    package func bootNanoseconds() -> UInt64 {
        Self.nanoseconds(Self.read(CLOCK_BOOTTIME))
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        // These clocks exist on every kernel that we run on; the call has no other way to fail.
        precondition(result == 0, "the kernel has no such clock")
        return time
    }

    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
