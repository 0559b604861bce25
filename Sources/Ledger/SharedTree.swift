// The younger end of the tree, which the writer extends and others read.

internal import Bytes
internal import Runtime
internal import Transparency

/// The tree in memory: only the log's thread changes it.
///
/// That thread reads without the lock, because nobody else writes; it takes the lock to change, and everybody else
/// takes it to read.
final class SharedTree: @unchecked Sendable {
    private let lock = Guarded(())
    private var tail: TreeTail

    init(_ tail: TreeTail) {
        self.tail = tail
    }

    /// Changes the tree; on the log's thread alone.
    func change<Result>(_ body: (inout TreeTail) throws(TreeError) -> Result) throws(TreeError) -> Result {
        try lock.withLock { _ throws(TreeError) in try body(&tail) }
    }

    /// Reads without the lock; on the log's thread alone.
    var own: TreeTail {
        _read { yield tail }
    }

    /// Reads the tree from any thread.
    func read<Result>(_ body: (TreeTail) throws(TreeError) -> Result) throws(TreeError) -> Result {
        try lock.withLock { _ throws(TreeError) in try body(tail) }
    }
}
