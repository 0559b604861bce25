// The bounds of the log (docs/formats/segment.md).

/// The bounds of segments, batches, queues and the window of fresh proofs.
package enum LogLimits {
    /// The size of a segment file in bytes.
    package static let segmentBytes = 64 << 20
    /// The most statements of one batch that the writer makes.
    package static let batchStatementsMax = 1_024
    /// The most statements of a frame that a reader takes.
    package static let frameStatementsMax = 4_096
    /// The most bytes of a frame: the writer closes a batch while the largest entry still fits.
    package static let batchBytesMax = 4 << 20
    /// The most bytes of one evidence record.
    package static let recordBytesMax = 512 << 10
    /// The most evidence records of one statement.
    package static let recordsPerStatementMax = 4
    /// The most bytes of all evidence records of one statement, headers included.
    package static let recordsBytesMax = 1 << 20
    /// How many decisions and redemptions may wait.
    package static let decisionsQueuedMax = 4_096
    /// How many effects may wait beyond them.
    package static let effectsReserved = 1_024
    /// How many statements of authority may wait beyond these.
    package static let authorityReserved = 256
    /// Free bytes on the file system below which the log stops.
    package static let freeBytesMin: Int64 = 32 << 20
    /// The most leaves whose proofs are kept in memory.
    package static let windowLeavesMax: UInt64 = 16_384
    /// How long the tiles and the published checkpoint may lag behind, in milliseconds, when there is news.
    package static let publicationMilliseconds: UInt64 = 200
    /// How long a start waits until what an unclean end left is under a published checkpoint, in milliseconds.
    package static let firstPublicationMilliseconds: UInt64 = 2_000
    /// After which time a failed preparation of the next segment is tried again, in milliseconds.
    package static let preparationRetryMilliseconds: UInt64 = 10_000
    /// The most segment files that a folder may have.
    package static let segmentsMax = 1_000_000
}
