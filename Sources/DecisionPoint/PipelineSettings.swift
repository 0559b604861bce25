// What a pipeline is made of, and its limits.

package import Bytes
package import Ledger
package import Receipts
package import Runtime
package import State

/// The bounds of a pipeline.
package struct PipelineLimits: Sendable {
    /// The most statements that wait for the log or for a key at once; past it requests are SILENCE `overloaded`.
    package var pendingMax = 8_192
    /// How long a caller waits for the log after the hand-over, in milliseconds; then `answer_pending`.
    package var commitMilliseconds: Int64 = 1_000
    /// The deadline of requests for surfaces that the bundle does not know, in milliseconds.
    package var deadlineMilliseconds: Int64 = 250
    /// How far the wall clock and the boot-time clock may part, in milliseconds.
    package var clockToleranceMilliseconds = ClockGuard.toleranceMillisecondsDefault

    /// The default bounds.
    package init() {}
}

/// The parts that a pipeline works with; each can be replaced by a faulty one in tests.
package struct PipelineParts: Sendable {
    /// The log's name, in every statement.
    package let origin: Text
    /// The fleet's key for claims.
    package let claimKeys: ClaimKeys
    /// The clocks.
    package let clock: any TimeSource
    /// Random words for ids and nonces.
    package let random: any WordSource
    /// The log.
    package let log: any StatementLog
    /// What the gate remembers.
    package let state: any StateStore
    /// Runs work on the gate's loop, in order.
    ///
    /// Work that the log thread has for the pipeline goes through here.
    package let executor: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// The bounds.
    package let limits: PipelineLimits
    /// The user that the gate runs as, never an actor.
    package let ownUserID: UInt32

    /// Who counts, if anybody.
    package let observer: (any PipelineObserver)?

    /// Puts the parts together.
    package init(
        origin: Text,
        claimKeys: ClaimKeys,
        clock: any TimeSource,
        random: any WordSource,
        log: any StatementLog,
        state: any StateStore,
        limits: PipelineLimits = PipelineLimits(),
        ownUserID: UInt32,
        observer: (any PipelineObserver)? = nil,
        executor: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.origin = origin
        self.claimKeys = claimKeys
        self.clock = clock
        self.random = random
        self.log = log
        self.state = state
        self.limits = limits
        self.ownUserID = ownUserID
        self.observer = observer
        self.executor = executor
    }
}

/// The log as the pipeline sees it.
package protocol StatementLog: AnyObject, Sendable {
    /// The number of statements that are durable.
    var size: UInt64 { get }
    /// Whether the log takes statements.
    var isRunning: Bool { get }
    /// Hands a statement over; its `release` or `fail` follows exactly once if it was accepted.
    func submit(_ submission: any Submission, priority: SubmissionPriority) -> SubmitResult
    /// The receipt of an old statement at the tree size of its batch: the same bytes as the first time.
    func receipt(at position: EntryPosition) throws -> [UInt8]
    /// The bytes of an old statement.
    func statement(at position: EntryPosition) throws -> [UInt8]
    /// The evidence records of an old statement.
    func records(at position: EntryPosition) throws -> [EvidenceRecord]
}

/// Random 64-bit words: ids and nonces come from here, so that tests can repeat them.
package protocol WordSource: Sendable {
    /// The next word.
    ///
    /// - Throws: When there is no randomness; the ruling is SILENCE `internal_error`.
    func next() throws -> UInt64
}

/// Words of the kernel's generator, drawn in blocks so that a decision costs no system call.
package final class KernelWords: WordSource {
    /// How many words are drawn at once.
    package static let blockWords = 512

    private let words = Guarded<[UInt64]>([])

    /// An empty source; the first word draws the first block.
    package init() {}

    /// The next word, which is given to nobody else.
    package func next() throws -> UInt64 {
        try words.withLock { words in
            if words.isEmpty {
                let bytes = try RandomSource.bytes(8 * Self.blockWords)
                words = (0..<Self.blockWords).map { block in
                    bytes[(8 * block)..<(8 * block + 8)].reduce(0) { $0 << 8 | UInt64($1) }
                }
            }
            return words.removeLast()
        }
    }
}
