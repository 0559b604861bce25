// Time as an enforcement point needs it: the wall clock to compare with the gate, a steady clock for budgets.

package import Runtime

/// One reading of both clocks.
package struct Moment: Hashable, Sendable {
    /// Milliseconds since 1970, which a person can set and the gate's times are compared with.
    package let wallMilliseconds: Int64
    /// Nanoseconds of a clock that nobody can set and that runs on while the machine sleeps.
    package let steadyNanoseconds: UInt64

    /// Makes a reading.
    package init(wallMilliseconds: Int64, steadyNanoseconds: UInt64) {
        self.wallMilliseconds = wallMilliseconds
        self.steadyNanoseconds = steadyNanoseconds
    }

    /// The reading of the steady clock that many milliseconds later, at most the end of time.
    package func steady(after milliseconds: Int) -> UInt64 {
        let (nanoseconds, overflows) = UInt64(max(0, milliseconds)).multipliedReportingOverflow(by: 1_000_000)
        let (sum, carries) = steadyNanoseconds.addingReportingOverflow(nanoseconds)
        return overflows || carries ? .max : sum
    }
}

extension TimeSource {
    /// Both clocks, read now.
    package var moment: Moment {
        Moment(wallMilliseconds: wallMilliseconds(), steadyNanoseconds: bootNanoseconds())
    }
}
