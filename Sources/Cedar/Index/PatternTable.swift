/// The patterns of `like`, flat: segments with a wildcard between each two.
struct PatternTable: Sendable {
    private struct Row: BitwiseCopyable, Sendable {
        let firstSegment: Int32
        let segmentCount: Int32
    }

    private struct Segment: BitwiseCopyable, Sendable {
        let offset: Int
        let length: Int
    }

    private let rows: Table<Row>
    private let segments: Table<Segment>
    private let bytes: Table<UInt8>

    init(_ patterns: [Pattern], in storage: TableStorage) {
        var rows: [Row] = []
        var segments: [Segment] = []
        var bytes: [UInt8] = []
        for pattern in patterns {
            rows.append(
                Row(firstSegment: Int32(segments.count), segmentCount: Int32(pattern.segments.count))
            )
            for segment in pattern.segments {
                segments.append(Segment(offset: bytes.count, length: segment.count))
                bytes.append(contentsOf: segment)
            }
        }
        self.rows = storage.table(rows)
        self.segments = storage.table(segments)
        self.bytes = storage.table(bytes)
    }

    /// Whether a text matches, as ``Pattern/matches(_:)`` says.
    func matches(_ pattern: Int32, _ text: UnsafeRawBufferPointer) -> Bool {
        let row = rows[pattern]
        guard row.segmentCount > 0 else { return text.count == 0 }
        let first = segments[row.firstSegment]
        guard row.segmentCount > 1 else { return unsafe text.count == first.length && found(first, text, 0) }
        let last = segments[row.firstSegment + row.segmentCount - 1]
        let end = text.count - last.length
        guard end >= first.length, unsafe found(first, text, 0), unsafe found(last, text, end) else { return false }
        var position = first.length
        for index in row.firstSegment + 1..<row.firstSegment + row.segmentCount - 1 {
            let segment = segments[index]
            while true {
                guard position + segment.length <= end else { return false }
                if unsafe found(segment, text, position) { break }
                position += 1
            }
            position += segment.length
        }
        return true
    }

    private func found(_ segment: Segment, _ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        let own = unsafe UnsafeRawBufferPointer(bytes.stretch(segment.offset, segment.length))
        let part = unsafe UnsafeRawBufferPointer(rebasing: text[start..<start + segment.length])
        return unsafe SymbolTable.haveEqualBytes(own, part)
    }
}
