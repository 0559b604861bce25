// The one sequencer: it takes what is queued, makes it durable, signs it, and only then releases it.

internal import Bytes
internal import Cryptography
internal import Receipts
internal import Runtime
internal import Transparency

/// The work of the log's thread.
///
/// Made on the opening thread, handed to the log's thread once, and used there alone.
final class LogWriter: @unchecked Sendable {
    private let layout: LogLayout
    private let signer: NoteSignerKey
    private let origin: Digest
    private let disk: any LogDisk
    private let freeBytesMin: Int64
    private let segmentBytes: UInt64
    private let shared: LogShared
    private let tree: SharedTree
    private let preparer: SegmentPreparer
    private let publisher: TilePublisher
    private let observer: (any LogObserver)?

    private var file: FileDescriptor
    private var fileBytes: UInt64
    private var segment: UInt64
    private var offset: UInt64
    private var builder = FrameBuilder()
    private var proof: [Digest] = []
    /// Whether the first batch of this run was released.
    private var hasReleased = false
    /// Taken from the queue and not yet in a batch.
    private var waiting: ArraySlice<any Submission> = []

    /// The parts that the log hands over.
    struct Parts {
        let configuration: LogConfiguration
        let shared: LogShared
        let tree: SharedTree
        let preparer: SegmentPreparer
        let publisher: TilePublisher
        let observer: (any LogObserver)?
    }

    init(_ parts: Parts, _ recovery: Recovery) throws(LogError) {
        layout = parts.configuration.layout
        signer = parts.configuration.signer
        origin = SHA256.digest(of: signer.verifierKey.name.text)
        disk = parts.configuration.disk
        freeBytesMin = parts.configuration.freeBytesMin
        segmentBytes = UInt64(parts.configuration.segmentBytes)
        shared = parts.shared
        tree = parts.tree
        preparer = parts.preparer
        publisher = parts.publisher
        observer = parts.observer
        segment = recovery.segment
        offset = recovery.offset
        fileBytes = recovery.segmentBytes
        let path = layout.segment(segment)
        file = try system { () throws(SystemError) in try FileDescriptor(opening: path, .readWrite) }
    }

    /// Takes batches until the log closes or stops.
    func run() {
        while true {
            if waiting.isEmpty {
                guard let taken = shared.take(max: LogLimits.batchStatementsMax) else {
                    finish(.closed, 0, [])
                    return
                }
                waiting = taken[...]
            }
            let batch = seal()
            guard !batch.isEmpty else { continue }
            do throws(WriterStop) {
                let frame = try commit(batch)
                release(batch, frame)
            } catch {
                finish(error.reason, error.errorNumber, batch)
                return
            }
        }
    }

    /// Marks the log as stopped, then lets everybody who waits know; the order keeps new ones from waiting in vain.
    private func finish(_ reason: LogStop, _ errorNumber: Int32, _ batch: [Sealed]) {
        shared.stop(reason, errorNumber: errorNumber)
        let queued = shared.drain()
        for sealed in batch { sealed.submission.fail() }
        for submission in waiting { submission.fail() }
        waiting = []
        for submission in queued { submission.fail() }
        preparer.stop()
        publisher.stop(isClean: reason == .closed)
    }
}

/// Why the writer has to stop.
struct WriterStop: Error {
    let reason: LogStop
    let errorNumber: Int32

    init(_ reason: LogStop, _ errorNumber: Int32 = 0) {
        self.reason = reason
        self.errorNumber = errorNumber
    }

    /// A call that answered an error number with its sign turned.
    init(_ reason: LogStop, answer: Int) {
        self.init(reason, Int32(clamping: -min(answer, 0)))
    }
}

extension LogWriter {
    /// One statement of a batch.
    private struct Sealed {
        let submission: any Submission
        let entry: Entry
        let leaf: Digest
    }

    /// A durable batch.
    private struct DurableFrame {
        let first: UInt64
        let treeSize: UInt64
        let offset: UInt64
        let checkpoint: [UInt8]
        let edge: TreeEdge
    }

    /// Takes statements into a batch while the largest entry still fits.
    ///
    /// The point of no return: a submission may answer other bytes than it was planned with, or withdraw.
    private func seal() -> [Sealed] {
        builder.clear()
        var batch: [Sealed] = []
        batch.reserveCapacity(waiting.count)
        let first = tree.own.size
        while builder.hasRoom, let submission = waiting.popFirst() {
            let context = SealContext(index: first + UInt64(batch.count))
            guard let entry = submission.seal(context), FrameBuilder.allows(entry) else {
                // Withdrawn, or larger than an entry can be, which is the caller's bug: it must not stop the log.
                submission.fail()
                continue
            }
            builder.append(entry)
            batch.append(Sealed(submission: submission, entry: entry, leaf: TreeHash.leaf(entry.statement)))
        }
        if waiting.isEmpty { waiting = [] }
        return batch
    }

    /// Makes a batch durable and signs the tree.
    private func commit(_ batch: [Sealed]) throws(WriterStop) -> DurableFrame {
        let first = tree.own.size
        let size = first + UInt64(batch.count)
        // The tree runs ahead of the disk from here on; readers are held back by `shared.size`, and a failure stops
        // for good.
        let range = tree.own.range
        let edge: TreeEdge
        do throws(TreeError) {
            try tree.change { tail throws(TreeError) in
                for sealed in batch { try tail.append(leaf: sealed.leaf) }
                if size - tail.cut > LogLimits.windowLeavesMax {
                    tail.trim(before: size - LogLimits.windowLeavesMax / 2)
                }
            }
            edge = try tree.own.edge(size: size)
        } catch {
            throw WriterStop(.treeFailed)
        }
        builder.finish(first: first, root: edge.root)
        try roll(before: range)
        let frameOffset = offset
        try write()
        // INVARIANT (signed when durable): only now, behind the sync; and no receipt can be made without this note.
        guard let checkpoint = try? Checkpoint(origin: signer.verifierKey.name, size: size, root: edge.root),
            let note = try? checkpoint.signed(by: signer)
        else { throw WriterStop(.treeFailed) }
        return DurableFrame(
            first: first,
            treeSize: size,
            offset: frameOffset,
            checkpoint: note.encoded,
            edge: edge
        )
    }

    /// One write, one sync.
    private func write() throws(WriterStop) {
        let links = disk.linkCount(of: file.number)
        guard links > 0 else { throw WriterStop(.unlinked, answer: links) }
        let free = disk.freeBytes(of: file.number)
        guard free >= Int(freeBytesMin) else { throw WriterStop(.diskFull, answer: free) }
        let count = builder.bytes.count
        let written = unsafe builder.bytes.withUnsafeBytes { unsafe disk.write($0, to: file.number, at: Int64(offset)) }
        guard written >= 0 else { throw WriterStop(.writeFailed, answer: written) }
        guard written == count else { throw WriterStop(.shortWrite) }
        // A crash now: the frame is incomplete or not durable; nobody was told; recovery cuts it or keeps it.
        let synced = disk.sync(file.number)
        guard synced == 0 else { throw WriterStop(.syncFailed, answer: synced) }
        // A crash now: the frame is in the log; nobody was told; retries get it.
        offset += UInt64(count)
    }

    /// Goes on to the next segment when the frame does not fit into this one.
    private func roll(before range: CompactRange) throws(WriterStop) {
        let isEmpty = offset == UInt64(SegmentHeader.byteCount)
        guard offset + UInt64(builder.bytes.count) > fileBytes, !isEmpty else { return }
        do throws(SystemError) {
            let next = try preparer.take()
            let opened = try FileDescriptor(opening: next, .readWrite)
            let header = SegmentHeader(origin: origin, frontier: range).encoded
            let written = unsafe header.withUnsafeBytes { unsafe disk.write($0, to: opened.number, at: 0) }
            guard written == header.count else {
                throw SystemError("write", subject: next, number: Int32(clamping: -min(written, 0)))
            }
            let synced = disk.sync(opened.number)
            guard synced == 0 else { throw SystemError("sync", subject: next, number: Int32(clamping: -synced)) }
            // A crash now: `next` is not looked at by recovery and made again.
            let path = layout.segment(range.size)
            try SegmentMaker.rename(next, to: path)
            try Files.syncDirectory(layout.segments)
            // A crash now: the segment is there, durable and without frames.
            fileBytes = UInt64(max(0, try opened.status().size))
            file = opened
        } catch {
            throw WriterStop(.segmentFailed, error.number)
        }
        segment = range.size
        offset = UInt64(SegmentHeader.byteCount)
        preparer.prepare()
    }

    /// Hands out the receipts of a durable batch.
    private func release(_ batch: [Sealed], _ frame: DurableFrame) {
        shared.publish(size: frame.treeSize)
        var releases: [(submission: any Submission, release: Release)] = []
        releases.reserveCapacity(batch.count)
        for (position, sealed) in batch.enumerated() {
            let index = frame.first + UInt64(position)
            releases.append((sealed.submission, release(of: sealed, at: index, frame)))
        }
        observer?.willRelease(releases, size: frame.treeSize)
        for (submission, release) in releases { submission.release(release) }
        observer?.didRelease()
        // The first statements of a run come under a published checkpoint at once, not after the usual rest.
        publisher.offer(size: frame.treeSize, isUrgent: !hasReleased)
        hasReleased = true
    }

    private func release(of sealed: Sealed, at index: UInt64, _ frame: DurableFrame) -> Release {
        proof.removeAll(keepingCapacity: true)
        // INVARIANT (window): the leaves of the batch are never before the cut, so their proofs are in memory.
        do throws(TreeError) {
            try tree.own.appendInclusionProof(of: index, in: frame.edge, to: &proof)
        } catch {
            preconditionFailure("a fresh proof is not in memory: \(error)")
        }
        let receipt = Receipt.encode(
            statement: sealed.entry.statement,
            index: index,
            hashes: proof,
            checkpoint: frame.checkpoint
        )
        let position = EntryPosition(index: index, treeSize: frame.treeSize, segment: segment, offset: frame.offset)
        return Release(position: position, leaf: sealed.leaf, receipt: receipt)
    }
}
