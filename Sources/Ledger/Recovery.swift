// Finding the end of the log after a start (docs/formats/segment.md, "Recovery").

internal import Bytes
internal import Cryptography
internal import Receipts
internal import Runtime
internal import Transparency

/// What the segments say when a process opens the log.
struct Recovery {
    /// The tree.
    let tail: TreeTail
    /// The first index of the segment to append to.
    let segment: UInt64
    /// Where in it the next frame begins.
    let offset: UInt64
    /// The length of its file.
    let segmentBytes: UInt64
    /// The published checkpoint, if there is one.
    let published: Checkpoint?
    /// The last statement, unless the last segment has none.
    let lastStatement: [UInt8]?
    /// Whether the run before ended with a statement that the gate stopped, and nothing stands behind it.
    let endedClean: Bool
    /// Whether something stood behind the last good frame and was cut.
    let wasCut: Bool

    /// Recovers a log whose folder this process has locked.
    ///
    /// - Throws: ``LogError``: damage that is followed by a readable frame, a gap, a published checkpoint that is
    ///   missing or not of this tree, no room to write the last segment again; then no statement was changed, and a
    ///   person has to look.
    static func recover(_ configuration: LogConfiguration) throws(LogError) -> Recovery {
        let layout = configuration.layout
        let key = configuration.signer.verifierKey
        let published = try PublishedCheckpoint.read(layout, key: key)
        var scan = try SegmentScan(layout, origin: SHA256.digest(of: key.name.text), published: published?.size)
        try scan.run(published: published)
        if let published, published.size > scan.tail.size {
            throw .rolledBack(published: published.size, recovered: scan.tail.size)
        }
        // A crash during the very first append leaves no statement, and the checkpoint of the empty tree.
        guard published != nil || (scan.tail.size == 0 && !scan.isDirty) else {
            throw .checkpointMissing(size: scan.tail.size)
        }
        let isClean = scan.tail.size == 0 || scan.endsWithStop
        let hasFrames = scan.offset > UInt64(SegmentHeader.byteCount)
        if scan.isDirty || (!isClean && hasFrames) {
            try rewrite(scan, configuration)
        }
        let file = try SegmentFile(layout, first: scan.segment, origin: scan.origin)
        return Recovery(
            tail: scan.tail,
            segment: scan.segment,
            offset: scan.offset,
            segmentBytes: try file.size(),
            published: published,
            lastStatement: scan.lastStatement,
            endedClean: isClean && !scan.isDirty,
            wasCut: scan.isDirty
        )
    }

    /// Copies the good frames into a fresh file and puts it in the place of the segment.
    ///
    /// What the page cache shows after a failed sync may not be on the disk: only what is written and synced again is.
    /// A crash on the way leaves the old segment or the new one.
    private static func rewrite(
        _ scan: borrowing SegmentScan,
        _ configuration: LogConfiguration
    ) throws(LogError) {
        let layout = configuration.layout
        let disk = configuration.disk
        let old = try SegmentFile(layout, first: scan.segment, origin: scan.origin)
        let end = scan.offset
        let bytes = max(UInt64(configuration.segmentBytes), end)
        let chunkBytes: UInt64 = 1 << 20
        do throws(SystemError) {
            try layout.removeUnfinished()
            try SegmentMaker.demandRoom(for: bytes, in: layout, on: disk)
            try SegmentMaker.make(layout.rewritten, as: old.path, bytes: bytes, on: disk) { file throws(SystemError) in
                var offset: UInt64 = 0
                while offset < end {
                    let bytes = try old.rawRead(count: Int(min(chunkBytes, end - offset)), at: offset)
                    guard !bytes.isEmpty else { throw SystemError("read all of", subject: old.path, number: 0) }
                    try file.writeAll(bytes, at: Int64(offset))
                    offset += UInt64(bytes.count)
                }
                return end
            }
        } catch {
            throw SegmentMaker.isLackOfRoom(error) ? .noRoom(path: old.path, bytes: bytes) : .system(error)
        }
    }
}

/// The walk over the last segments.
private struct SegmentScan {
    let layout: LogLayout
    let origin: Digest
    private let segments: [UInt64]
    private(set) var tail: TreeTail
    private(set) var segment: UInt64
    private(set) var offset = UInt64(SegmentHeader.byteCount)
    private(set) var lastStatement: [UInt8]?
    /// Whether anything but zeros stands behind the last good frame.
    private(set) var isDirty = false

    /// Begins at the last segment, or at an earlier one that has the published checkpoint's end.
    init(_ layout: LogLayout, origin: Digest, published: UInt64?) throws(LogError) {
        self.layout = layout
        self.origin = origin
        let all = try layout.segmentList()
        var start = all.count - 1
        while start > 0, let published, published < all[start] { start -= 1 }
        segments = Array(all[start...])
        segment = segments[0]
        tail = TreeTail(resuming: try SegmentFile(layout, first: segments[0], origin: origin).header.frontier)
    }

    /// Whether the last statement says that the gate stopped.
    var endsWithStop: Bool {
        guard let lastStatement, case .gate(let gate)? = try? Statement(parsing: lastStatement) else { return false }
        return gate.change == .stopped
    }

    mutating func run(published: Checkpoint?) throws(LogError) {
        try check(published, from: tail.size)
        for first in segments {
            let file = try SegmentFile(layout, first: first, origin: origin)
            guard file.header.frontier == tail.range else { throw .damaged(path: file.path, offset: 0, .continuity) }
            segment = first
            offset = UInt64(SegmentHeader.byteCount)
            lastStatement = nil
            let defect = try frames(of: file, published)
            if first == segments.last {
                try end(file, defect)
            } else if let defect {
                throw .damaged(path: file.path, offset: offset, defect)
            }
            tail.trim(before: tail.size)
        }
    }

    /// Takes the good frames of a segment; answers what is wrong with what follows them, nil for zeros.
    private mutating func frames(
        of file: borrowing SegmentFile,
        _ published: Checkpoint?
    ) throws(LogError) -> SegmentDefect? {
        while true {
            let frame: Frame?
            do throws(LogError) {
                frame = try file.frame(at: offset)
            } catch {
                guard case .damaged(_, _, let defect) = error else { throw error }
                return defect
            }
            guard let frame else { return nil }
            let before = tail.size
            guard frame.header.first == before else { throw .damaged(path: file.path, offset: offset, .index) }
            try append(frame, file)
            try check(published, from: before + 1)
            offset += UInt64(frame.header.frameBytes)
            lastStatement = Array(frame.statement(frame.header.statementCount - 1))
        }
    }

    private mutating func append(_ frame: Frame, _ file: borrowing SegmentFile) throws(LogError) {
        let root: Digest
        do throws(TreeError) {
            for leaf in frame.leaves { try tail.append(leaf: leaf) }
            root = try tail.root(size: tail.size)
        } catch {
            throw .tree(error)
        }
        // Checksums hold and the root does not: not a torn write, so nothing to cut.
        guard root == frame.root else { throw .damaged(path: file.path, offset: offset, .root) }
    }

    /// Compares the published checkpoint when the tree has just reached its size.
    private func check(_ published: Checkpoint?, from first: UInt64) throws(LogError) {
        guard let published, (first...max(first, tail.size)).contains(published.size) else { return }
        guard let root = try? tail.root(size: published.size), root == published.root else {
            throw .forked(size: published.size)
        }
    }

    /// Looks behind the last good frame of the last segment.
    private mutating func end(_ file: borrowing SegmentFile, _ defect: SegmentDefect?) throws(LogError) {
        isDirty = try !file.isZero(from: offset)
        guard isDirty else { return }
        if try file.hasFrameHeader(from: offset + UInt64(FrameHeader.alignment)) {
            throw .damaged(path: file.path, offset: offset, defect ?? .frameHeader)
        }
    }
}

/// The checkpoint whose tiles stand.
enum PublishedCheckpoint {
    /// Reads it and checks its signature; nil when none was published.
    static func read(_ layout: LogLayout, key: NoteVerifierKey) throws(LogError) -> Checkpoint? {
        guard try system({ () throws(SystemError) in try Files.exists(layout.checkpoint) }) else { return nil }
        let bytes: [UInt8]
        do throws(FileReadError) {
            bytes = try Files.read(layout.checkpoint, bytesMax: SignedNote.byteCountMax)
        } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .notAFile, .tooLarge: throw .checkpoint(.form)
            }
        }
        let note: SignedNote
        do throws(NoteError) {
            note = try SignedNote(bytes)
        } catch {
            throw .checkpoint(.note(error))
        }
        return try verified(note, key)
    }

    private static func verified(_ note: SignedNote, _ key: NoteVerifierKey) throws(LogError) -> Checkpoint {
        do throws(CheckpointError) {
            return try VerifiedCheckpoint(note, logKey: key).checkpoint
        } catch {
            throw .checkpoint(error)
        }
    }
}
