// One batch as it was read.

internal import Bytes
internal import Transparency

/// An evidence record as it stands in a frame.
struct FrameRecord {
    let kind: EvidenceKind
    /// Whether the content was erased; it is not looked at then.
    let isErased: Bool
    /// The position of its statement in the frame.
    let statement: Int
    let content: Range<Int>
}

/// A frame whose checksums hold and whose parts fill it exactly.
struct Frame {
    static let recordMagic = Array("WREC".utf8)

    let header: FrameHeader
    /// The root of the tree after the last statement, as the frame says it.
    let root: Digest
    private let bytes: [UInt8]
    private let statements: [Range<Int>]
    private let records: [FrameRecord]

    /// Reads a whole frame, strictly.
    ///
    /// - Throws: What is wrong with it first.
    init(_ header: FrameHeader, _ bytes: [UInt8]) throws(SegmentDefect) {
        guard bytes.count == header.frameBytes else { throw .truncated }
        let checked = bytes[..<(header.rootOffset + Digest.byteCount)]
        let checksum = header.rootOffset + Digest.byteCount
        guard LittleEndian.read32(bytes, at: checksum) == Checksum.crc(checked),
            LittleEndian.read32(bytes, at: checksum + 4) == 0,
            let root = Digest(bytes: bytes[header.rootOffset..<checksum])
        else { throw .checksum }
        self.header = header
        self.root = root
        self.bytes = bytes
        statements = try Self.statements(header, bytes)
        records = try Self.records(header, bytes)
        guard bytes[(header.recordsOffset + header.recordBytes)...].allSatisfy({ $0 == 0 }) else { throw .record }
    }

    private static func statements(_ header: FrameHeader, _ bytes: [UInt8]) throws(SegmentDefect) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(header.statementCount)
        var position = FrameHeader.byteCount
        for _ in 0..<header.statementCount {
            guard header.rootOffset - position >= 2 else { throw .statements }
            let start = position + 2
            let end = start + (Int(bytes[position]) << 8 | Int(bytes[position + 1]))
            guard end <= header.rootOffset else { throw .statements }
            ranges.append(start..<end)
            position = end
        }
        guard position == header.rootOffset else { throw .statements }
        return ranges
    }

    private static func records(_ header: FrameHeader, _ bytes: [UInt8]) throws(SegmentDefect) -> [FrameRecord] {
        var records: [FrameRecord] = []
        records.reserveCapacity(header.recordCount)
        var position = header.recordsOffset
        let end = position + header.recordBytes
        var statementBefore = 0
        for _ in 0..<header.recordCount {
            guard end - position >= FrameBuilder.recordHeaderBytes else { throw .record }
            let record = try Self.record(bytes, at: position, end: end)
            guard record.statement >= statementBefore, record.statement < header.statementCount else { throw .record }
            statementBefore = record.statement
            records.append(record)
            position = record.content.upperBound
        }
        guard position == end else { throw .record }
        return records
    }

    private static func record(_ bytes: [UInt8], at start: Int, end: Int) throws(SegmentDefect) -> FrameRecord {
        // The state byte is taken as zero, so that erasing a record leaves the checksum of its header right.
        var header = Array(bytes[start..<start + 20])
        let state = header[5]
        header[5] = 0
        guard header[..<4].elementsEqual(recordMagic), let kind = EvidenceKind(rawValue: header[4]), state <= 1,
            header[6] == 0, header[7] == 0, LittleEndian.read32(bytes, at: start + 20) == Checksum.crc(header[...])
        else { throw .record }
        let content = start + FrameBuilder.recordHeaderBytes
        let count = Int(LittleEndian.read32(bytes, at: start + 8))
        guard count <= LogLimits.recordBytesMax, content + count <= end else { throw .record }
        let range = content..<content + count
        let isErased = state == 1
        guard isErased || LittleEndian.read32(bytes, at: start + 16) == Checksum.crc(bytes[range]) else {
            throw .record
        }
        return FrameRecord(
            kind: kind,
            isErased: isErased,
            statement: Int(LittleEndian.read32(bytes, at: start + 12)),
            content: range
        )
    }

    /// The bytes of the whole frame.
    var encoded: [UInt8] { bytes }

    /// The bytes of a statement by its position in the frame.
    func statement(_ position: Int) -> ArraySlice<UInt8> { bytes[statements[position]] }

    /// The evidence records of a statement that were not erased.
    func records(of position: Int) -> [EvidenceRecord] {
        records.lazy.filter { $0.statement == position && !$0.isErased }
            .map { EvidenceRecord(kind: $0.kind, content: Array(bytes[$0.content])) }
    }

    /// The leaf hashes of all statements.
    var leaves: [Digest] { statements.map { TreeHash.leaf(bytes[$0]) } }
}
