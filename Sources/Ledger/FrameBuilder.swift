// Making a frame: one buffer that is used again and again.

internal import Bytes
internal import Transparency

/// Gathers a batch and lays it out as a frame.
struct FrameBuilder {
    /// The bytes of the frame, complete after ``finish(first:root:)``.
    private(set) var bytes: [UInt8] = []
    private var records: [(position: Int, record: EvidenceRecord)] = []
    private var recordBytes = 0
    private(set) var statementCount = 0

    /// A buffer larger than this is given back after the batch, so that one large batch does not keep its memory.
    private static let keptBytesMax = 1 << 20
    static let recordHeaderBytes = 24
    /// The most bytes that one entry can add to a frame.
    static let entryBytesMax = 2 + EntryBundle.entryByteCountMax + LogLimits.recordsBytesMax

    init() {
        clear()
    }

    /// Starts a new frame.
    mutating func clear() {
        if bytes.capacity > Self.keptBytesMax {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
        bytes.append(contentsOf: repeatElement(0, count: FrameHeader.byteCount))
        records.removeAll(keepingCapacity: true)
        recordBytes = 0
        statementCount = 0
    }

    /// Whether any entry still fits into the frame.
    var hasRoom: Bool {
        statementCount < LogLimits.batchStatementsMax
            && bytes.count - FrameHeader.byteCount + recordBytes + Self.entryBytesMax <= LogLimits.batchBytesMax
    }

    /// Whether an entry is within the limits of one: 1 to 65,535 bytes, and so many records of such a length.
    static func allows(_ entry: Entry) -> Bool {
        guard (1...EntryBundle.entryByteCountMax).contains(entry.statement.count),
            entry.records.count <= LogLimits.recordsPerStatementMax
        else { return false }
        var sum = 0
        for record in entry.records {
            guard record.content.count <= LogLimits.recordBytesMax else { return false }
            sum += recordHeaderBytes + record.content.count
        }
        return sum <= LogLimits.recordsBytesMax
    }

    /// Adds an entry that ``allows(_:)`` while ``hasRoom``.
    mutating func append(_ entry: Entry) {
        bytes.append(UInt8(truncatingIfNeeded: entry.statement.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: entry.statement.count))
        bytes.append(contentsOf: entry.statement)
        for record in entry.records {
            records.append((statementCount, record))
            recordBytes += Self.recordHeaderBytes + record.content.count
        }
        statementCount += 1
    }

    /// Lays out what was added; the root is that of the tree after the last statement.
    mutating func finish(first: UInt64, root: Digest) {
        let header = FrameHeader(
            statementBytes: bytes.count - FrameHeader.byteCount,
            recordBytes: recordBytes,
            statementCount: statementCount,
            recordCount: records.count,
            first: first
        )
        bytes.reserveCapacity(header.frameBytes)
        header.write(to: &bytes)
        root.append(to: &bytes)
        appendInteger(Checksum.crc(bytes[...]))
        appendInteger(0)
        for (position, record) in records { append(record, position) }
        bytes.append(contentsOf: repeatElement(0, count: header.frameBytes - bytes.count))
    }

    private mutating func append(_ record: EvidenceRecord, _ position: Int) {
        let start = bytes.count
        bytes.append(contentsOf: Frame.recordMagic)
        bytes.append(record.kind.rawValue)
        bytes.append(contentsOf: [0, 0, 0])
        appendInteger(UInt32(record.content.count))
        appendInteger(UInt32(position))
        appendInteger(Checksum.crc(record.content[...]))
        appendInteger(Checksum.crc(bytes[start...]))
        bytes.append(contentsOf: record.content)
    }

    private mutating func appendInteger(_ value: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
