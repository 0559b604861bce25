// Walking over frames, from segment to segment.

internal import Bytes

/// The frames of a log in their order, from a statement on.
///
/// Nothing is remembered of what was read; a frame that is still being written ends the walk, and a later call goes on
/// there.
struct FrameCursor: ~Copyable {
    private let layout: LogLayout
    private let origin: Digest
    private var file: SegmentFile
    /// The index of the next statement.
    private(set) var next: UInt64
    /// Where the next frame begins.
    private var offset: UInt64

    /// Where a frame stands.
    struct Place: Hashable, Sendable {
        let segment: UInt64
        let offset: UInt64
    }

    /// Begins at the frame that has a statement, or at the end of the log if the statement is the one to come.
    ///
    /// - Throws: ``LogError/noStatement(index:)`` for a statement further on.
    init(_ layout: LogLayout, origin: Digest, from index: UInt64) throws(LogError) {
        guard let first = try layout.segmentList().last(where: { $0 <= index }) else {
            throw .notALog(path: layout.directory)
        }
        let place = try Self.place(of: index, layout, origin, segment: first)
        try self.init(layout, origin: origin, at: Place(segment: first, offset: place.offset), first: place.first)
    }

    /// Where the frame with a statement begins, or where the one with the statement to come will.
    private static func place(
        of index: UInt64,
        _ layout: LogLayout,
        _ origin: Digest,
        segment: UInt64
    ) throws(LogError) -> (first: UInt64, offset: UInt64) {
        let file = try SegmentFile(layout, first: segment, origin: origin)
        var next = segment
        var offset = UInt64(SegmentHeader.byteCount)
        while let header = try file.frameHeader(at: offset) {
            guard header.first == next else { throw .damaged(path: file.path, offset: offset, .index) }
            // The frame may have statements before the one that was asked for.
            if header.treeSize > index { return (next, offset) }
            next = header.treeSize
            offset += UInt64(header.frameBytes)
        }
        guard next == index else { throw .noStatement(index: index) }
        return (next, offset)
    }

    /// Begins at a known frame.
    init(_ layout: LogLayout, origin: Digest, at place: Place, first: UInt64) throws(LogError) {
        self.layout = layout
        self.origin = origin
        file = try SegmentFile(layout, first: place.segment, origin: origin)
        next = first
        offset = place.offset
    }

    /// The path of the segment in which the cursor is, and its offset there: for messages.
    var place: (path: String, segment: UInt64, offset: UInt64) { (file.path, file.header.first, offset) }

    /// The tree before the segment in which the cursor is, as its header says.
    var header: SegmentHeader { file.header }

    /// The next frame with its place; nil at the end of the log.
    ///
    /// - Throws: ``LogError/damaged(path:offset:_:)``; for an incomplete last frame too, unless `limit` statements
    ///   were read: a reader beside a running gate gives the size that it knows to be durable.
    mutating func frame(limit: UInt64 = .max) throws(LogError) -> (frame: Frame, place: Place)? {
        guard next < limit else { return nil }
        if try file.frameHeader(at: offset) == nil {
            guard try Self.exists(layout, next), next != file.header.first else { return nil }
            file = try SegmentFile(layout, first: next, origin: origin)
            offset = UInt64(SegmentHeader.byteCount)
        }
        guard let frame = try file.frame(at: offset) else { return nil }
        guard frame.header.first == next else { throw .damaged(path: file.path, offset: offset, .index) }
        let place = Place(segment: file.header.first, offset: offset)
        next = frame.header.treeSize
        offset += UInt64(frame.header.frameBytes)
        return (frame, place)
    }

    /// Whether what stands at the cursor can only be the incomplete last frame: nothing readable follows, in no
    /// segment.
    func isAtIncompleteEnd() throws(LogError) -> Bool {
        guard try layout.segmentList().last == file.header.first else { return false }
        return try !file.hasFrameHeader(from: offset + UInt64(FrameHeader.alignment))
    }

    private static func exists(_ layout: LogLayout, _ first: UInt64) throws(LogError) -> Bool {
        try layout.segmentList().contains(first)
    }
}
