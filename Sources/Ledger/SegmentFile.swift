// Reading one segment.

internal import Bytes
internal import Runtime

/// An open segment whose header holds.
///
/// Each read asks the file anew, so a gate may append meanwhile.
struct SegmentFile: ~Copyable {
    let path: String
    let header: SegmentHeader
    private let file: FileDescriptor

    /// Opens a segment and reads its header.
    ///
    /// - Throws: ``LogError/damaged(path:offset:_:)``, and ``LogError/origin(path:)`` for a segment of another log.
    init(_ layout: LogLayout, first: UInt64, origin: Digest) throws(LogError) {
        let path = layout.segment(first)
        let file = try system { () throws(SystemError) in try FileDescriptor(opening: path, .readNoFollow) }
        let bytes = try system { () throws(SystemError) in try file.read(count: SegmentHeader.byteCount, at: 0) }
        guard let header = SegmentHeader(bytes), header.first == first else {
            throw .damaged(path: path, offset: 0, .header)
        }
        guard header.origin == origin else { throw .origin(path: path) }
        self.path = path
        self.header = header
        self.file = file
    }

    /// The length of the file in bytes.
    func size() throws(LogError) -> UInt64 {
        let status = try system { () throws(SystemError) in try file.status() }
        return UInt64(max(0, status.size))
    }

    /// Reads bytes; fewer where the file ends.
    func read(count: Int, at offset: UInt64) throws(LogError) -> [UInt8] {
        try system { () throws(SystemError) in try rawRead(count: count, at: offset) }
    }

    /// Reads bytes; fewer where the file ends.
    func rawRead(count: Int, at offset: UInt64) throws(SystemError) -> [UInt8] {
        try file.read(count: count, at: Int64(clamping: offset))
    }

    /// The header of the frame at an offset; nil where no frame begins: the magic is eight zeros, or the file ends.
    ///
    /// - Throws: ``LogError/damaged(path:offset:_:)`` for anything else that is no header.
    func frameHeader(at offset: UInt64) throws(LogError) -> FrameHeader? {
        let bytes = try read(count: FrameHeader.byteCount, at: offset)
        if bytes.prefix(8).allSatisfy({ $0 == 0 }) { return nil }
        guard let header = FrameHeader(bytes) else { throw .damaged(path: path, offset: offset, .frameHeader) }
        return header
    }

    /// The frame at an offset; nil where no frame begins.
    ///
    /// - Throws: ``LogError/damaged(path:offset:_:)`` with what is wrong with it.
    func frame(at offset: UInt64) throws(LogError) -> Frame? {
        guard let header = try frameHeader(at: offset) else { return nil }
        let bytes = try read(count: header.frameBytes, at: offset)
        do throws(SegmentDefect) {
            return try Frame(header, bytes)
        } catch {
            throw .damaged(path: path, offset: offset, error)
        }
    }

    /// Where the frame with a statement begins, from a known frame on; nil if the segment has not got so far.
    func offset(of index: UInt64, from start: UInt64 = UInt64(SegmentHeader.byteCount)) throws(LogError) -> UInt64? {
        var offset = start
        // Each step goes forward by a whole frame, so the file's end bounds the walk.
        while let header = try frameHeader(at: offset) {
            if index < header.treeSize { return index >= header.first ? offset : nil }
            offset += UInt64(header.frameBytes)
        }
        return nil
    }

    /// Whether a readable header of a frame begins anywhere from an offset on.
    ///
    /// Frames begin at multiples of 8. Contents cannot fake one: they are JSON, and a header has zero bytes.
    func hasFrameHeader(from start: UInt64) throws(LogError) -> Bool {
        let chunkBytes = 1 << 20
        var offset = (start + 7) / 8 * 8
        while true {
            // Each chunk reaches into the next, so that a header across their border is whole in one.
            let bytes = try read(count: chunkBytes + FrameHeader.byteCount, at: offset)
            if Self.hasFrameHeader(bytes, before: chunkBytes) { return true }
            guard bytes.count == chunkBytes + FrameHeader.byteCount else { return false }
            offset += UInt64(chunkBytes)
        }
    }

    private static func hasFrameHeader(_ bytes: [UInt8], before end: Int) -> Bool {
        let magic = unsafe FrameHeader.magic.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt64.self) }
        let positions: [Int] = unsafe bytes.withUnsafeBytes { buffer in
            var found: [Int] = []
            for position in stride(from: 0, to: min(end, buffer.count - 7), by: FrameHeader.alignment) {
                let word = unsafe buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                if word == magic { found.append(position) }
            }
            return found
        }
        return positions.contains { FrameHeader(bytes, at: $0) != nil }
    }

    /// Whether all bytes from an offset to the end are zeros.
    func isZero(from start: UInt64) throws(LogError) -> Bool {
        let chunkBytes = 1 << 20
        var offset = start
        while true {
            let bytes = try read(count: chunkBytes, at: offset)
            guard SegmentMaker.isZero(bytes) else { return false }
            guard bytes.count == chunkBytes else { return true }
            offset += UInt64(chunkBytes)
        }
    }
}
