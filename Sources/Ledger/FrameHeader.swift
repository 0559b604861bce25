// The first 64 bytes of a frame.

internal import Transparency

/// How long the parts of a frame are, and which statements it has.
struct FrameHeader: Equatable, Sendable {
    /// The length in bytes.
    static let byteCount = 64
    /// The length of root and checksum behind the statements.
    static let trailerByteCount = 40
    /// Frames begin at multiples of this.
    static let alignment = 8
    static let magic = Array("WRITFRM1".utf8)
    private static let checksumOffset = 60

    /// The length of the statement section.
    let statementBytes: Int
    /// The length of the record section.
    let recordBytes: Int
    /// The number of statements.
    let statementCount: Int
    /// The number of evidence records.
    let recordCount: Int
    /// The index of the first statement.
    let first: UInt64

    init(statementBytes: Int, recordBytes: Int, statementCount: Int, recordCount: Int, first: UInt64) {
        self.statementBytes = statementBytes
        self.recordBytes = recordBytes
        self.statementCount = statementCount
        self.recordCount = recordCount
        self.first = first
    }

    /// The length of the frame with its padding.
    var frameBytes: Int {
        let bytes = recordsOffset + recordBytes
        return (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
    }

    /// Where the root begins.
    var rootOffset: Int { Self.byteCount + statementBytes }

    /// Where the records begin.
    var recordsOffset: Int { rootOffset + Self.trailerByteCount }

    /// The tree size after the frame.
    var treeSize: UInt64 { first + UInt64(statementCount) }

    /// Reads a header, strictly; nil unless checksum and bounds hold.
    init?(_ bytes: [UInt8], at offset: Int = 0) {
        guard bytes.count - offset >= Self.byteCount, bytes[offset..<offset + 8].elementsEqual(Self.magic) else {
            return nil
        }
        let checksum = LittleEndian.read32(bytes, at: offset + Self.checksumOffset)
        guard checksum == Checksum.crc(bytes[offset..<offset + Self.checksumOffset]),
            bytes[(offset + 32)..<(offset + Self.checksumOffset)].allSatisfy({ $0 == 0 })
        else { return nil }
        statementBytes = Int(LittleEndian.read32(bytes, at: offset + 8))
        recordBytes = Int(LittleEndian.read32(bytes, at: offset + 12))
        statementCount = Int(LittleEndian.read32(bytes, at: offset + 16))
        recordCount = Int(LittleEndian.read32(bytes, at: offset + 20))
        first = LittleEndian.read64(bytes, at: offset + 24)
        guard (1...LogLimits.frameStatementsMax).contains(statementCount),
            recordCount <= statementCount * LogLimits.recordsPerStatementMax,
            statementBytes + recordBytes <= LogLimits.batchBytesMax,
            first < TreeHash.treeSizeMax - UInt64(statementCount)
        else { return nil }
    }

    /// Writes the header over the first bytes of a frame.
    func write(to bytes: inout [UInt8]) {
        bytes.replaceSubrange(0..<8, with: Self.magic)
        LittleEndian.write(UInt32(statementBytes), to: &bytes, at: 8)
        LittleEndian.write(UInt32(recordBytes), to: &bytes, at: 12)
        LittleEndian.write(UInt32(statementCount), to: &bytes, at: 16)
        LittleEndian.write(UInt32(recordCount), to: &bytes, at: 20)
        LittleEndian.write(first, to: &bytes, at: 24)
        for position in 32..<Self.checksumOffset { bytes[position] = 0 }
        LittleEndian.write(Checksum.crc(bytes[..<Self.checksumOffset]), to: &bytes, at: Self.checksumOffset)
    }
}
