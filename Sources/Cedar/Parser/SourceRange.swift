/// A place in a source text.
public struct SourcePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The line, counted from one.
    public let line: Int
    /// The column in Unicode scalars, counted from one.
    public let column: Int
    /// The byte offset, counted from zero.
    public let byteOffset: Int

    /// Makes a place.
    public init(line: Int, column: Int, byteOffset: Int) {
        self.line = line
        self.column = column
        self.byteOffset = byteOffset
    }

    /// The place as `line:column`.
    public var description: String { "\(line):\(column)" }

    /// Orders by byte offset.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool { left.byteOffset < right.byteOffset }
}

/// A stretch of a source text, from its first byte to behind its last.
public struct SourceRange: Hashable, Sendable, CustomStringConvertible {
    /// Where it begins.
    public let start: SourcePosition
    /// Where it ends, exclusively.
    public let end: SourcePosition

    /// Makes a stretch.
    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }

    /// The beginning as `line:column`.
    public var description: String { start.description }

    /// The place of what stands in no text: line and column zero.
    public static let unknown = SourceRange(
        start: SourcePosition(line: 0, column: 0, byteOffset: 0),
        end: SourcePosition(line: 0, column: 0, byteOffset: 0)
    )

    /// Whether this is a place in a text.
    public var isKnown: Bool { start.line > 0 }
}

/// A stretch of a source text in byte offsets alone, as the parser keeps it.
struct ByteRange: Hashable, Sendable {
    var start: Int32
    var end: Int32
}

/// Turns byte offsets into lines and columns.
struct LineTable: Sendable {
    private let bytes: [UInt8]
    private let lineStarts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        lineStarts = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    func position(_ offset: Int) -> SourcePosition {
        var low = 0
        var high = lineStarts.count
        while low < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        // Continuation bytes of UTF-8 do not begin a scalar.
        let column = bytes[lineStarts[low - 1]..<min(offset, bytes.count)].count { $0 & 0xC0 != 0x80 } + 1
        return SourcePosition(line: low, column: column, byteOffset: offset)
    }

    func range(_ range: ByteRange) -> SourceRange {
        SourceRange(start: position(Int(range.start)), end: position(Int(range.end)))
    }
}
