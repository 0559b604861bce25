// Why a log cannot be opened or read.

package import Runtime
package import Transparency

/// What is wrong with a frame or the header of a segment.
package enum SegmentDefect: String, Error, Hashable, Sendable, CaseIterable {
    /// The file is shorter than its header, or the header is malformed or of another file.
    case header = "the header of the segment is malformed"
    /// The frame's header is malformed.
    case frameHeader = "the header of the frame is malformed"
    /// The frame reaches beyond the end of the file.
    case truncated = "the frame is cut off"
    /// The checksum over header, statements and root does not hold.
    case checksum = "the checksum of the frame does not hold"
    /// The statements do not fill their section exactly, or are not as many as the header says.
    case statements = "the statements do not fill their section"
    /// An evidence record is malformed, or its checksum does not hold.
    case record = "an evidence record is malformed"
    /// The frame does not begin with the next index.
    case index = "the frame does not begin with the next index"
    /// The root is not that of the statements up to here.
    case root = "the root of the frame is not that of its statements"
    /// The segment does not begin where the one before ends, or with another tree.
    case continuity = "the segment does not continue the one before"
}

/// Why a log cannot be created, opened or read; closed, so that a caller can tell what a person has to do.
package enum LogError: Error, Equatable, Sendable {
    /// The operating system refused.
    case system(SystemError)
    /// Another process appends to this log.
    case locked(path: String)
    /// There is a log already.
    case exists(path: String)
    /// There is no log, or its first segment is missing.
    case notALog(path: String)
    /// A name among the segments that is none of ours.
    case foreignFile(path: String)
    /// The segment belongs to a log of another origin.
    case origin(path: String)
    /// Bytes that were good once are not any more: a person has to look.
    case damaged(path: String, offset: UInt64, SegmentDefect)
    /// The published checkpoint is not of this log's key, or malformed.
    case checkpoint(CheckpointError)
    /// There is no published checkpoint, and the log was written to: every log has one before its first statement.
    case checkpointMissing(size: UInt64)
    /// The published checkpoint is larger than the log: the disk went back in time.
    case rolledBack(published: UInt64, recovered: UInt64)
    /// The published checkpoint has another root than the log at its size: the disk went back in time, or two gates
    /// wrote.
    case forked(size: UInt64)
    /// There is no statement at this place.
    case noStatement(index: UInt64)
    /// The position does not fit the frame that stands there.
    case position(index: UInt64)
    /// A proof cannot be made.
    case tree(TreeError)
    /// The key is not one that can sign for this origin.
    case key
    /// After an unclean end the last segment has to be written again, and there is no room for it.
    case noRoom(path: String, bytes: UInt64)
}

extension LogError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .system(let error): error.description
        case .locked(let path): "another process appends to `\(path)`"
        case .exists(let path): "there is a log in `\(path)` already"
        case .notALog(let path): "there is no log in `\(path)`"
        case .foreignFile(let path): "`\(path)` is no file of the log"
        case .origin(let path): "`\(path)` belongs to a log of another origin"
        case .damaged(let path, let offset, let defect): "`\(path)` is damaged at byte \(offset): \(defect.rawValue)"
        case .checkpoint(let error): "the published checkpoint: \(error)"
        case .checkpointMissing(let size):
            "the published checkpoint is missing, and the log has been written to (\(size) statements): "
                + "put the newest copy of it back, none is made in its place"
        case .rolledBack(let published, let recovered):
            "the published checkpoint has \(published) statements and the log \(recovered): the disk went back in time"
        case .forked(let size): "the published checkpoint of size \(size) has another root than the log"
        case .noStatement(let index): "there is no statement \(index)"
        case .position(let index): "statement \(index) does not stand at this position"
        case .tree(let error): error.description
        case .key: "the key cannot sign for this origin"
        case .noRoom(let path, let bytes):
            "after an unclean end `\(path)` has to be written again, which needs \(bytes) free bytes on its file system: "
                + "make room and start again; no statement was changed"
        }
    }
}

/// Why the log stopped for good; nothing is retried.
package enum LogStop: UInt8, Hashable, Sendable, CaseIterable {
    /// It was closed in good order.
    case closed = 1
    /// A write failed.
    case writeFailed
    /// A write wrote only a part.
    case shortWrite
    /// A sync failed: what the disk has is not known any more.
    case syncFailed
    /// The segment was deleted under the writer.
    case unlinked
    /// The file system has less free space than the floor.
    case diskFull
    /// The next segment could not be made.
    case segmentFailed
    /// The tree or the checkpoint could not be made: a bug, or the largest tree.
    case treeFailed
}

extension LogStop: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .closed: "the log was closed"
        case .writeFailed: "a write to the log failed"
        case .shortWrite: "a write to the log wrote only a part"
        case .syncFailed: "a sync of the log failed"
        case .unlinked: "the segment was deleted under the log"
        case .diskFull: "the file system of the log is full"
        case .segmentFailed: "the next segment could not be made"
        case .treeFailed: "the tree could not be extended"
        }
    }
}

/// Whether the log takes statements.
package enum LogState: Hashable, Sendable {
    /// It does.
    case running
    /// It stopped for good, with the error number of the system call where there was one, else 0.
    case stopped(LogStop, errorNumber: Int32)
}
