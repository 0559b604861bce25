// A segment that is wholly in memory: for tools and for fuzzing, which have no file.

/// The statements of a segment's bytes, read by the rules by which a log reads its files.
package struct SegmentBytes: Sendable {
    /// The statements, in order.
    package let statements: [ArraySlice<UInt8>]
    /// The contents of the evidence records that were not erased, in order.
    package let records: [[UInt8]]

    /// Reads a header and the frames behind it; nil unless all of it holds.
    ///
    /// The frames end at eight zeros, or where the bytes end.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= SegmentHeader.byteCount,
            SegmentHeader(Array(bytes[..<SegmentHeader.byteCount])) != nil
        else { return nil }
        var statements: [ArraySlice<UInt8>] = []
        var records: [[UInt8]] = []
        var offset = SegmentHeader.byteCount
        // Each step goes forward by a whole frame.
        while offset < bytes.count, !bytes[offset...].prefix(8).allSatisfy({ $0 == 0 }) {
            guard let header = FrameHeader(bytes, at: offset), header.frameBytes <= bytes.count - offset,
                let frame = try? Frame(header, Array(bytes[offset..<offset + header.frameBytes]))
            else { return nil }
            for position in 0..<header.statementCount {
                statements.append(frame.statement(position))
                records += frame.records(of: position).map(\.content)
            }
            offset += header.frameBytes
        }
        self.statements = statements
        self.records = records
    }

    /// The bytes with the checksums that a segment of this content would have.
    ///
    /// A checksum finds rot; it is not what protects the parts behind it from hostile bytes, and must not hide them
    /// from fuzzing.
    package static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard bytes.count >= SegmentHeader.byteCount else { return bytes }
        write(over: 0..<SegmentHeader.byteCount - 4, to: &bytes)
        var offset = SegmentHeader.byteCount
        while bytes.count - offset >= FrameHeader.byteCount {
            write(over: offset..<offset + FrameHeader.byteCount - 4, to: &bytes)
            guard let header = FrameHeader(bytes, at: offset), header.frameBytes <= bytes.count - offset else { break }
            write(over: offset..<offset + header.rootOffset + 32, to: &bytes)
            var record = offset + header.recordsOffset
            for _ in 0..<header.recordCount where bytes.count - record >= FrameBuilder.recordHeaderBytes {
                let content = record + FrameBuilder.recordHeaderBytes
                let count = Int(LittleEndian.read32(bytes, at: record + 8))
                guard count <= bytes.count - content else { break }
                LittleEndian.write(Checksum.crc(bytes[content..<content + count]), to: &bytes, at: record + 16)
                var head = Array(bytes[record..<record + 20])
                head[5] = 0
                LittleEndian.write(Checksum.crc(head[...]), to: &bytes, at: record + 20)
                record = content + count
            }
            offset += header.frameBytes
        }
        return bytes
    }

    /// Writes the checksum of a stretch behind it.
    private static func write(over range: Range<Int>, to bytes: inout [UInt8]) {
        LittleEndian.write(Checksum.crc(bytes[range]), to: &bytes, at: range.upperBound)
    }
}
