// Whether the wall clock can be trusted: it must move as the boot-time clock moves.

/// Compares the wall clock with the boot-time clock, which nobody can set.
///
/// A jump of the wall clock beyond the tolerance, in either direction, makes it untrusted until both agree again. Slow
/// drift, as time synchronisation causes it, is followed: the guard takes a new anchor every minute in which both
/// agreed.
struct ClockGuard: Sendable {
    /// How far the clocks may part between two anchors, in milliseconds.
    static let toleranceMillisecondsDefault: Int64 = 2_000
    /// The age of an anchor at which a new one is taken, in milliseconds.
    static let anchorMillisecondsMax: Int64 = 60_000

    private let toleranceMilliseconds: Int64
    /// The time of the last statement of an earlier run: the wall clock must not be before it by more than the
    /// tolerance.
    private let floor: Int64
    private var wallAnchor: Int64
    private var bootAnchor: Int64

    init(wall: Int64, boot: Int64, floor: Int64, toleranceMilliseconds: Int64 = Self.toleranceMillisecondsDefault) {
        wallAnchor = wall
        bootAnchor = boot
        self.floor = floor
        self.toleranceMilliseconds = toleranceMilliseconds
    }

    /// Whether the wall clock is to be trusted at this reading of both clocks, in milliseconds.
    mutating func isTrusted(wall: Int64, boot: Int64) -> Bool {
        let (wallElapsed, wallOverflows) = wall.subtractingReportingOverflow(wallAnchor)
        let (bootElapsed, bootOverflows) = boot.subtractingReportingOverflow(bootAnchor)
        let (drift, driftOverflows) = wallElapsed.subtractingReportingOverflow(bootElapsed)
        guard !wallOverflows, !bootOverflows, !driftOverflows, drift.magnitude <= UInt64(toleranceMilliseconds) else {
            return false
        }
        guard wall >= floor - toleranceMilliseconds else { return false }
        if bootElapsed >= Self.anchorMillisecondsMax {
            wallAnchor = wall
            bootAnchor = boot
        }
        return true
    }
}
