// What callers hand to the log, and what they get back.

package import Bytes

/// What an evidence record holds.
package enum EvidenceKind: UInt8, CaseIterable, Sendable {
    /// The canonical request with its nonce.
    case request = 1
    /// The frozen facts of a ruling.
    case facts = 2
    /// Free text of a person.
    case note = 3
}

/// Bytes that travel in the same frame and the same sync as their statement, outside the hashed bytes.
package struct EvidenceRecord: Hashable, Sendable {
    /// What it holds.
    package let kind: EvidenceKind
    /// The content, at most `recordBytesMax` bytes.
    package let content: [UInt8]

    /// Makes a record.
    package init(kind: EvidenceKind, content: [UInt8]) {
        self.kind = kind
        self.content = content
    }
}

/// One statement with its evidence.
package struct Entry: Hashable, Sendable {
    /// The bytes that are hashed into the tree, at most 65,535.
    package let statement: [UInt8]
    /// The records beside it.
    package let records: [EvidenceRecord]

    /// Makes an entry.
    package init(statement: [UInt8], records: [EvidenceRecord]) {
        self.statement = statement
        self.records = records
    }
}

/// Where a statement stands on the disk, and under which tree size its receipt was given.
package struct EntryPosition: Hashable, Sendable {
    /// The statement's index, counted from zero.
    package let index: UInt64
    /// The size of the tree after its batch.
    package let treeSize: UInt64
    /// The first index of its segment file.
    package let segment: UInt64
    /// Where its frame begins in that file, in bytes.
    package let offset: UInt64

    /// Makes a position.
    package init(index: UInt64, treeSize: UInt64, segment: UInt64, offset: UInt64) {
        self.index = index
        self.treeSize = treeSize
        self.segment = segment
        self.offset = offset
    }
}

/// What the log knows as it takes a statement into a batch.
package struct SealContext: Sendable {
    /// The index that the statement will have.
    package let index: UInt64

    /// Makes a context.
    package init(index: UInt64) {
        self.index = index
    }
}

/// A statement that is durable and under a signed checkpoint.
package struct Release: Hashable, Sendable {
    /// Where it stands.
    package let position: EntryPosition
    /// Its RFC 6962 leaf hash.
    package let leaf: Digest
    /// The text of its receipt.
    package let receipt: [UInt8]

    /// Makes a release.
    package init(position: EntryPosition, leaf: Digest, receipt: [UInt8]) {
        self.position = position
        self.leaf = leaf
        self.receipt = receipt
    }
}

/// One statement on its way through the log.
///
/// The log calls ``seal(_:)`` once, on its own thread, when it takes the statement into a batch; then exactly one of
/// ``release(_:)`` and ``fail()``.
package protocol Submission: AnyObject, Sendable {
    /// The bytes as they stand at this moment, or nil to withdraw the statement; ``fail()`` follows a withdrawal.
    func seal(_ context: SealContext) -> Entry?
    /// The statement is durable and proven. Called on the log's thread: MUST NOT block.
    func release(_ release: Release)
    /// The statement was withdrawn, or the log stopped before it was durable: nobody may be told that it is in the log.
    func fail()
}

/// What may wait even when the queue for decisions is full.
package enum SubmissionPriority: CaseIterable, Sendable {
    /// A decision or a redemption.
    case decision
    /// A report of what has happened.
    case effect
    /// Halts, identities, the gate's own statements.
    case authority
}

/// Whether the log took a statement into its queue.
package enum SubmitResult: CaseIterable, Sendable {
    /// It did: `release` or `fail` follows.
    case accepted
    /// The queue is at its limit; nothing follows.
    case full
    /// The log has stopped; nothing follows.
    case stopped
}

/// Hears of batches between the sync and the answers.
package protocol LogObserver: AnyObject, Sendable {
    /// These statements are durable and signed, in the order of the log, and the tree has this size now; their
    /// `release` follows. Called on the log's thread: MUST NOT fail or wait for a disk.
    func willRelease(_ batch: [(submission: any Submission, release: Release)], size: UInt64)
    /// All of the batch has been released.
    func didRelease()
}
