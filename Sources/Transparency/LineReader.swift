/// Takes the lines of a strict text format one after the other: each ends in a line feed, the last one too.
struct LineReader {
    private var rest: ArraySlice<UInt8>

    private static let lineFeed = UInt8(ascii: "\n")

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { rest.isEmpty }

    /// What is left.
    var remainder: ArraySlice<UInt8> { rest }

    /// The next line without its line feed; `nil` when none is left or the last one is cut off.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: Self.lineFeed) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }
}
