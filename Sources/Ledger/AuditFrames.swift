// Going back to earlier statements during an audit.

internal import Authorization
internal import Bytes
internal import Receipts
internal import Transparency

/// Finds earlier statements: a place for every sixteenth frame, and the frames used last.
struct AuditFrames {
    private struct Mark {
        let first: UInt64
        let place: FrameCursor.Place
    }

    /// A place is kept for one of so many frames.
    private static let framesPerMark = 16
    /// The most bytes of frames that are kept.
    private static let cachedBytesMax = 32 << 20

    private let layout: LogLayout
    private let origin: Digest
    private var marks: [Mark] = []
    private var frameCount = 0
    /// The frames used last, the oldest first.
    private var cache: [Frame] = []
    private var cachedBytes = 0

    init(_ layout: LogLayout, origin: Digest) {
        self.layout = layout
        self.origin = origin
    }

    /// Adds the next frame of the walk.
    mutating func add(_ frame: Frame, _ place: FrameCursor.Place) {
        if frameCount % Self.framesPerMark == 0 { marks.append(Mark(first: frame.header.first, place: place)) }
        frameCount += 1
        keep(frame)
    }

    private mutating func keep(_ frame: Frame) {
        cache.append(frame)
        cachedBytes += frame.header.frameBytes
        while cachedBytes > Self.cachedBytesMax, cache.count > 1 {
            cachedBytes -= cache.removeFirst().header.frameBytes
        }
    }

    /// The statement that a reference names, if it stands before an index and has that leaf; nil otherwise.
    mutating func statement(_ reference: Reference, before index: UInt64) -> Statement? {
        guard reference.index < index, let bytes = bytes(at: reference.index), TreeHash.leaf(bytes) == reference.leaf
        else {
            return nil
        }
        return try? Statement(parsing: Array(bytes))
    }

    /// An earlier statement by its index.
    mutating func statement(at index: UInt64) -> Statement? {
        bytes(at: index).flatMap { try? Statement(parsing: Array($0)) }
    }

    private mutating func bytes(at index: UInt64) -> ArraySlice<UInt8>? {
        guard let frame = frame(of: index) else { return nil }
        return frame.statement(Int(index - frame.header.first))
    }

    private mutating func frame(of index: UInt64) -> Frame? {
        if let frame = cache.last(where: { $0.header.first <= index && index < $0.header.treeSize }) { return frame }
        guard let mark = mark(before: index),
            var cursor = try? FrameCursor(layout, origin: origin, at: mark.place, first: mark.first)
        else { return nil }
        // The mark is at most so many frames away.
        for _ in 0..<Self.framesPerMark {
            guard let (frame, _) = try? cursor.frame() else { return nil }
            if index < frame.header.treeSize {
                keep(frame)
                return frame
            }
        }
        return nil
    }

    private func mark(before index: UInt64) -> Mark? {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].first <= index { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? marks[low - 1] : nil
    }
}
