// The next segment, zeroed ahead of time by a thread of its own.

internal import CSystem
internal import Runtime

/// Keeps one zeroed file ready for the writer.
final class SegmentPreparer: @unchecked Sendable {
    private enum State {
        /// Nothing is ready and nothing is being made.
        case idle
        /// The thread makes a file.
        case making
        /// The file could not be made: it is tried again after a while, and when the writer asks.
        case lacking
        /// The file is ready.
        case ready
        /// No more files are wanted.
        case stopped
    }

    private let layout: LogLayout
    private let bytes: UInt64
    private let isEager: Bool
    private let disk: any LogDisk
    private let freeBytesMin: Int64
    private let retryNanoseconds: UInt64
    private let clock = SystemTime()
    private let state = Monitor(State.idle)
    private let thread = Guarded<Thread?>(nil)

    /// The most ahead that a thread is below the others: the way of a decision comes first.
    private static let prioritySteps: Int32 = 5

    init(_ configuration: LogConfiguration) {
        layout = configuration.layout
        bytes = UInt64(configuration.segmentBytes)
        isEager = configuration.preparesSegments
        disk = configuration.disk
        freeBytesMin = configuration.freeBytesMin
        let (nanoseconds, overflow) = configuration.preparationRetryMilliseconds
            .multipliedReportingOverflow(by: 1_000_000)
        retryNanoseconds = overflow ? .max / 2 : nanoseconds
    }

    /// Starts the thread and asks it for a file.
    func start() throws(LogError) {
        // What the writer makes here would be in use once there are threads.
        try system { () throws(SystemError) in try layout.removeUnfinished() }
        guard isEager else { return }
        prepare()
        let started = try system { () throws(SystemError) in
            try Thread.start(name: "writ-segment") { [self] in run() }
        }
        thread.withLock { $0 = started }
    }

    /// Asks for a file, without waiting for it.
    func prepare() {
        state.changeForAll { state in
            if state == .idle || state == .lacking { state = .making }
        }
    }

    /// The path of a file for the writer: the zeroed one if it is ready, else one that is only reserved.
    ///
    /// The writer never waits for zeros: at such a rate the disk is the bottleneck anyway, and a reserved file is as
    /// safe.
    func take() throws(SystemError) -> String {
        let isReady = state.withLock { state in
            guard state == .ready else { return false }
            state = .idle
            return true
        }
        if isReady { return layout.next }
        try SegmentMaker.makeQuickly(layout.rewritten, bytes: bytes)
        return layout.rewritten
    }

    /// Ends the thread; waits for the file that it is making.
    func stop() {
        state.changeForAll { $0 = .stopped }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Whether an earlier run left a file that is ready.
    ///
    /// It got its name once it was written and synced; what has another length, or is not all zeros, is not trusted.
    private func isLeftReady() -> Bool {
        do throws(SystemError) {
            let file = try FileDescriptor(opening: layout.next, .readNoFollow)
            let status = try file.status()
            guard status.kind == .file, status.linkCount == 1, status.size == Int64(clamping: bytes) else {
                return false
            }
            return try SegmentMaker.isZero(file, bytes: bytes)
        } catch {
            return false
        }
    }

    private func run() {
        writ_lower_thread_priority(Self.prioritySteps)
        if isLeftReady() {
            // Without this a start would write, and wait for the removal of, as much as a whole segment.
            state.changeForAll { if $0 == .making { $0 = .ready } }
        }
        while isWanted() {
            do throws(SystemError) {
                // What is ready ahead of time must not take the room that the next frames need.
                try SegmentMaker.demandRoom(for: bytes, in: layout, on: disk, leaving: freeBytesMin)
                try SegmentMaker.make(layout.unfinished, as: layout.next, bytes: bytes, on: disk) {
                    _ throws(SystemError) in 0
                }
                state.changeForAll { if $0 == .making { $0 = .ready } }
            } catch {
                // Nobody needs it yet. The writer makes its own when it does, and stops with the reason if it cannot.
                state.changeForAll { if $0 == .making { $0 = .lacking } }
            }
        }
    }

    /// Waits until a file is to be made, or to be tried again; false when the thread has to end.
    private func isWanted() -> Bool {
        if state.withLock({ $0 == .lacking }) {
            let retry = clock.monotonicNanoseconds() + retryNanoseconds
            _ = state.wait(untilMonotonicNanoseconds: retry, until: { $0 != .lacking }, { _ in })
            state.withLock { if $0 == .lacking { $0 = .making } }
        }
        return state.wait(until: { $0 == .making || $0 == .stopped }, { $0 == .making })
    }
}
