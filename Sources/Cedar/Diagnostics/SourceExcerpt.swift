/// One line of a source as it is shown: safe for a terminal, and cut around a place if it is long.
struct SourceExcerpt {
    /// The line, or the part of it around the place.
    private(set) var shown = ""
    /// The byte offset of each scalar that is shown, and the column where it begins.
    private var cells: [(offset: Int, column: Int)] = []
    /// Where the part ends, and the column behind it.
    private var end = (offset: 0, column: 0)

    /// How far from the place a line's beginning and end are looked for.
    private static let reachBytesMax = 2048

    /// Takes the line around a byte offset.
    init(of source: [UInt8], around offset: Int) {
        let place = min(max(0, offset), source.count)
        let lineFeed = UInt8(ascii: "\n")
        var start = place
        while start > 0, place - start < Self.reachBytesMax, source[start - 1] != lineFeed { start -= 1 }
        var stop = place
        while stop < source.count, stop - place < Self.reachBytesMax, source[stop] != lineFeed { stop += 1 }
        let isCutBefore = start > 0 && source[start - 1] != lineFeed
        let isCutAfter = stop < source.count && source[stop] != lineFeed
        // What is cut is cut between scalars.
        while isCutBefore, start < place, source[start] & 0xC0 == 0x80 { start += 1 }
        while isCutAfter, stop > place, source[stop] & 0xC0 == 0x80 { stop -= 1 }
        if stop > start, !isCutAfter, source[stop - 1] == UInt8(ascii: "\r"), stop > place { stop -= 1 }
        let pieces = Self.pieces(source[start..<stop])
        show(pieces, place, end: stop, (isCutBefore, isCutAfter))
    }

    /// The columns, from zero, that a stretch takes: at least one; `nil` if it begins outside of what is shown.
    func columns(_ range: SourceRange) -> Range<Int>? {
        let start = column(range.start.byteOffset)
        guard let start else { return nil }
        let last = range.end.byteOffset <= range.start.byteOffset ? start : column(range.end.byteOffset) ?? end.column
        return start..<max(start + 1, last)
    }

    /// The column of the first scalar at or behind an offset.
    private func column(_ offset: Int) -> Int? {
        guard let first = cells.first?.offset ?? (end.offset == offset ? offset : nil), offset >= first else {
            return nil
        }
        if let cell = cells.first(where: { $0.offset >= offset }) { return cell.column }
        return offset <= end.offset ? end.column : nil
    }

    /// One scalar or broken byte of a line.
    private struct Piece {
        let offset: Int
        let text: DisplayText
    }

    /// Chooses the part that fits, with the place in it.
    private mutating func show(_ pieces: [Piece], _ place: Int, end stop: Int, _ isCut: (before: Bool, after: Bool)) {
        let columnsMax = DiagnosticRenderer.lineColumnsMax
        let total = pieces.reduce(0) { $0 + $1.text.columns }
        var first = 0
        if total > columnsMax || isCut.before {
            // A third of the columns stand before the place, so that most of what follows is seen.
            first = pieces.firstIndex { $0.offset >= place } ?? pieces.count
            var before = 0
            while first > 0, before + pieces[first - 1].text.columns <= columnsMax / 3 {
                first -= 1
                before += pieces[first].text.columns
            }
        }
        var output = DisplayText()
        if first > 0 || isCut.before { output.append("…") }
        var next = first
        while next < pieces.count, output.columns + pieces[next].text.columns <= columnsMax {
            cells.append((pieces[next].offset, output.columns))
            output.append(pieces[next].text)
            next += 1
        }
        end = (next < pieces.count ? pieces[next].offset : stop, output.columns)
        if next < pieces.count || isCut.after { output.append("…") }
        shown = output.shown
    }

    private static func pieces(_ bytes: ArraySlice<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var iterator = bytes.makeIterator()
        var parser = UTF8.ForwardParser()
        var offset = bytes.startIndex
        while true {
            var text = DisplayText()
            let start = offset
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                offset += encoded.count
                text.append(UTF8.decode(encoded))
            case .error(let length):
                for byte in bytes[offset..<min(bytes.endIndex, offset + max(1, length))] {
                    text.append(invalid: byte)
                }
                offset += max(1, length)
            case .emptyInput: return pieces
            }
            pieces.append(Piece(offset: start, text: text))
        }
    }
}
