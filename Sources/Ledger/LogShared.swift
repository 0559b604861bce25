// What the log's threads and its callers share.

internal import Runtime
internal import Synchronization

/// The queue, the state and the size of a running log.
final class LogShared: Sendable {
    /// The statements that wait.
    struct Queue {
        var submissions: [any Submission] = []
        var isClosing = false
        var isStopped = false

        mutating func take(max: Int) -> [any Submission]? {
            guard !submissions.isEmpty else { return nil }
            guard submissions.count > max else {
                defer { submissions = [] }
                return submissions
            }
            defer { submissions.removeFirst(max) }
            return Array(submissions.prefix(max))
        }
    }

    let queue = Monitor(Queue())
    /// The number of durable and signed statements.
    private let durableSize: Atomic<UInt64>
    /// 0 while the log runs; then the stop in the low byte and the error number above.
    private let stop = Atomic<UInt64>(0)

    init(size: UInt64) {
        durableSize = Atomic(size)
    }

    var size: UInt64 { durableSize.load(ordering: .acquiring) }

    func publish(size: UInt64) {
        durableSize.store(size, ordering: .releasing)
    }

    var state: LogState {
        let value = stop.load(ordering: .acquiring)
        guard let reason = LogStop(rawValue: UInt8(truncatingIfNeeded: value)) else { return .running }
        return .stopped(reason, errorNumber: Int32(truncatingIfNeeded: value >> 8))
    }

    /// Marks the log as stopped; the first reason stands.
    func stop(_ reason: LogStop, errorNumber: Int32) {
        let value = UInt64(reason.rawValue) | UInt64(UInt32(bitPattern: errorNumber)) << 8
        _ = stop.compareExchange(expected: 0, desired: value, ordering: .acquiringAndReleasing)
    }

    /// Puts a statement into the queue if there is room for its priority.
    func submit(_ submission: any Submission, priority: SubmissionPriority) -> SubmitResult {
        queue.change { queue in
            if queue.isStopped || queue.isClosing { return .stopped }
            guard queue.submissions.count < priority.queuedMax else { return .full }
            queue.submissions.append(submission)
            return .accepted
        }
    }

    /// Waits for statements and takes up to a number of them; nil when the log closes and none are left.
    func take(max: Int) -> [any Submission]? {
        queue.wait(until: { !$0.submissions.isEmpty || $0.isClosing }, { $0.take(max: max) })
    }

    /// Ends the queue for good and takes what is left in it.
    func drain() -> [any Submission] {
        queue.withLock { queue in
            queue.isStopped = true
            let rest = queue.submissions
            queue.submissions = []
            return rest
        }
    }
}

extension SubmissionPriority {
    /// How many statements may wait before one of this priority is refused.
    var queuedMax: Int {
        switch self {
        case .decision: LogLimits.decisionsQueuedMax
        case .effect: LogLimits.decisionsQueuedMax + LogLimits.effectsReserved
        case .authority: LogLimits.decisionsQueuedMax + LogLimits.effectsReserved + LogLimits.authorityReserved
        }
    }
}
