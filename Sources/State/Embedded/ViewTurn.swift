// Whose turn it is to use the one connection.

internal import Runtime

/// One thread at a time uses the view, and a lookup goes before the feeding thread.
///
/// A plain mutex would let the feeding thread, which takes it again at once, starve a thread that sleeps on it.
final class ViewTurn: @unchecked Sendable {
    private struct Queue {
        var isTaken = false
        var lookups = 0
    }

    private let queue = Monitor(Queue())
    private let view: View

    /// How long a lookup waits at the most; a checkpoint of the largest write-ahead log may take most of it on a
    /// slow disk.
    static let lookupWaitMilliseconds: UInt64 = 200

    init(_ view: View) {
        self.view = view
    }

    /// Uses the view for a lookup.
    ///
    /// - Throws: ``StateError/busy`` when the turn does not come within ``lookupWaitMilliseconds``.
    func lookUp<Result>(_ body: (View) throws(StateError) -> Result) throws(StateError) -> Result {
        let isMine = queue.withLock { queue in
            guard queue.isTaken else {
                queue.isTaken = true
                return true
            }
            queue.lookups += 1
            return false
        }
        if !isMine { try waitForTurn() }
        defer { release() }
        return try body(view)
    }

    private func waitForTurn() throws(StateError) {
        let deadline = SystemTime().monotonicNanoseconds() &+ ViewTurn.lookupWaitMilliseconds &* 1_000_000
        let isFree: (Queue) -> Bool = { !$0.isTaken }
        let taken: Void? = queue.wait(untilMonotonicNanoseconds: deadline, until: isFree) { queue in
            queue.isTaken = true
            queue.lookups -= 1
        }
        guard taken == nil else { return }
        queue.changeForAll { $0.lookups -= 1 }
        throw .busy
    }

    /// Uses the view when no lookup waits for it.
    func feed<Result>(_ body: (View) throws(StateError) -> Result) throws(StateError) -> Result {
        let isFree: (Queue) -> Bool = { !$0.isTaken && $0.lookups == 0 }
        queue.wait(until: isFree) { $0.isTaken = true }
        defer { release() }
        return try body(view)
    }

    private func release() {
        queue.changeForAll { $0.isTaken = false }
    }
}
