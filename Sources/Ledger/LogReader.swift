// Reading a log from another process, or from a copy of its files.

package import Bytes
internal import Cryptography
internal import Transparency

/// One statement of a log with its evidence and its place.
package struct LogEntry: Hashable, Sendable {
    /// The statement's bytes.
    package let statement: [UInt8]
    /// Its evidence records that were not erased.
    package let records: [EvidenceRecord]
    /// Where it stands.
    package let position: EntryPosition

    /// Its leaf hash.
    package var leaf: Digest { TreeHash.leaf(statement) }
}

/// Reads the statements of a log from its segments, while a gate may be writing.
///
/// It takes no lock and changes nothing.
package struct LogReader: Sendable {
    let layout: LogLayout
    let origin: Digest

    /// Reads the log in a folder.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - origin: The log's origin: segments of another are refused.
    package init(directory: String, origin: Text) {
        layout = LogLayout(directory: directory)
        self.origin = SHA256.digest(of: origin)
    }

    /// The statements from an index on, in order.
    ///
    /// - Parameters:
    ///   - index: The first statement; the size of the log gives none until there is one.
    ///   - end: The size of the log where it is known to be durable, as a running gate knows it. Without it the walk
    ///     ends at the first frame that is not complete.
    /// - Returns: The statements; nothing is read before it is asked for.
    /// - Throws: ``LogError/noStatement(index:)`` for an index beyond the size.
    package func entries(from index: UInt64 = 0, to end: UInt64? = nil) throws(LogError) -> LogEntries {
        LogEntries(try FrameCursor(layout, origin: origin, from: index), from: index, to: end)
    }

    /// One statement by its index: a walk over the frame headers of its segment.
    package func entry(at index: UInt64) throws(LogError) -> LogEntry {
        var entries = try entries(from: index)
        guard let entry = try entries.next() else { throw .noStatement(index: index) }
        return entry
    }
}

/// The statements of a log one after the other, frame by frame: at most one frame is in memory.
package struct LogEntries: ~Copyable {
    private var cursor: FrameCursor
    private var frame: (frame: Frame, place: FrameCursor.Place)?
    private var index: UInt64
    private let end: UInt64?

    init(_ cursor: consuming FrameCursor, from index: UInt64, to end: UInt64?) {
        self.cursor = cursor
        self.index = index
        self.end = end
    }

    /// The next statement; nil at the end, and a later call goes on when there are more.
    ///
    /// - Throws: ``LogError/damaged(path:offset:_:)`` for damage that a readable frame follows, or that stands before
    ///   the end that was given.
    package mutating func next() throws(LogError) -> LogEntry? {
        guard index < end ?? .max else { return nil }
        // A frame has at least one statement, so this reads one frame at most, or a second one to skip what was not
        // asked for.
        while index >= frame?.frame.header.treeSize ?? 0 {
            guard let read = try read() else { return nil }
            frame = read
        }
        guard let (frame, place) = frame, index >= frame.header.first else { throw .noStatement(index: index) }
        let position = Int(index - frame.header.first)
        let entry = LogEntry(
            statement: Array(frame.statement(position)),
            records: frame.records(of: position),
            position: EntryPosition(
                index: index,
                treeSize: frame.header.treeSize,
                segment: place.segment,
                offset: place.offset
            )
        )
        index += 1
        return entry
    }

    private mutating func read() throws(LogError) -> (frame: Frame, place: FrameCursor.Place)? {
        do throws(LogError) {
            return try cursor.frame()
        } catch {
            guard end == nil, case .damaged = error, try cursor.isAtIncompleteEnd() else { throw error }
            return nil
        }
    }
}
