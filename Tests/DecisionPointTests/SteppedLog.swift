import Bytes
import Cryptography
import DecisionPoint
import Ledger
import Receipts
import Runtime
import Transparency

/// A log in memory that moves when a test says so: real leaves, real proofs, real signatures, no disk.
///
/// What the disk does is tested with the real log; here a test decides what is in which batch and what fails.
final class SteppedLog: StatementLog, @unchecked Sendable {
    private struct Contents {
        var queue: [any Submission] = []
        var statements: [[UInt8]] = []
        var records: [[EvidenceRecord]] = []
        var receipts: [[UInt8]] = []
        var tail = TreeTail()
        var isRunning = true
        var isFull = false
        var isReadable = true
    }

    private let contents = Guarded(Contents())
    private let signer: NoteSignerKey
    /// Told of every batch; set before the first step.
    var observer: (any LogObserver)?

    init(signer: NoteSignerKey) {
        self.signer = signer
    }

    var size: UInt64 { contents.withLock { UInt64($0.statements.count) } }
    var isRunning: Bool { contents.withLock { $0.isRunning } }
    var queued: Int { contents.withLock { $0.queue.count } }
    var statements: [[UInt8]] { contents.withLock { $0.statements } }
    var allRecords: [[EvidenceRecord]] { contents.withLock { $0.records } }

    func setFull(_ isFull: Bool) { contents.withLock { $0.isFull = isFull } }
    func setReadable(_ isReadable: Bool) { contents.withLock { $0.isReadable = isReadable } }

    func submit(_ submission: any Submission, priority: SubmissionPriority) -> SubmitResult {
        contents.withLock { contents in
            guard contents.isRunning else { return .stopped }
            guard !contents.isFull else { return .full }
            contents.queue.append(submission)
            return .accepted
        }
    }

    /// Takes up to `count` statements into one batch, makes it durable, and releases it.
    func step(_ count: Int = .max) throws {
        let taken = contents.withLock { contents in
            let taken = Array(contents.queue.prefix(count))
            contents.queue.removeFirst(taken.count)
            return taken
        }
        var sealed: [(submission: any Submission, entry: Entry)] = []
        for submission in taken {
            let index = size + UInt64(sealed.count)
            if let entry = submission.seal(SealContext(index: index)) {
                sealed.append((submission, entry))
            } else {
                submission.fail()
            }
        }
        try release(sealed)
    }

    private func release(_ sealed: [(submission: any Submission, entry: Entry)]) throws {
        let batch = try contents.withLock { contents in
            for item in sealed {
                try contents.tail.append(leaf: TreeHash.leaf(item.entry.statement))
                contents.statements.append(item.entry.statement)
                contents.records.append(item.entry.records)
            }
            let size = UInt64(contents.statements.count)
            guard size > 0 else { return [(submission: any Submission, release: Release)]() }
            let checkpoint = try Checkpoint(
                origin: signer.verifierKey.name,
                size: size,
                root: contents.tail.root(size: size)
            ).signed(by: signer)
            return try sealed.enumerated().map { position, item in
                let index = size - UInt64(sealed.count) + UInt64(position)
                let receipt = Receipt.encode(
                    statement: item.entry.statement,
                    index: index,
                    hashes: try contents.tail.inclusionProof(of: index, size: size),
                    checkpoint: checkpoint.encoded
                )
                contents.receipts.append(receipt)
                let release = Release(
                    position: EntryPosition(index: index, treeSize: size, segment: 0, offset: 0),
                    leaf: TreeHash.leaf(item.entry.statement),
                    receipt: receipt
                )
                return (item.submission, release)
            }
        }
        observer?.willRelease(batch, size: size)
        for item in batch { item.submission.release(item.release) }
        observer?.didRelease()
    }

    /// Stops for ever, as after a failed sync: everything queued or sealed fails.
    func fail() {
        let queue = contents.withLock { contents in
            contents.isRunning = false
            defer { contents.queue = [] }
            return contents.queue
        }
        for submission in queue { submission.fail() }
    }

    private struct Unreadable: Error {}

    private func read<Value>(_ position: EntryPosition, _ values: (Contents) -> [Value]) throws -> Value {
        try contents.withLock { contents in
            let all = values(contents)
            guard contents.isReadable, Int(position.index) < all.count else { throw Unreadable() }
            return all[Int(position.index)]
        }
    }

    func receipt(at position: EntryPosition) throws -> [UInt8] { try read(position, \.receipts) }
    func statement(at position: EntryPosition) throws -> [UInt8] { try read(position, \.statements) }
    func records(at position: EntryPosition) throws -> [EvidenceRecord] { try read(position, \.records) }
}
