/// A range of bytes of a message head, counted from the head's first byte.
///
/// Two bytes each suffice, because a head has at most ``HTTPLimits/headBytesMax`` bytes.
package struct ByteRange: Hashable, Sendable {
    /// The first byte.
    package let start: UInt16
    /// The byte behind the last one.
    package let end: UInt16

    /// The number of bytes.
    package var count: Int { Int(end) - Int(start) }
    /// The first byte as an index.
    package var lower: Int { Int(start) }
    /// The end as an index.
    package var upper: Int { Int(end) }

    /// Both bounds are positions in a head, which the scanner has bounded.
    init(_ start: Int, _ end: Int) {
        self.start = UInt16(clamping: start)
        self.end = UInt16(clamping: end)
    }

    static let empty = ByteRange(0, 0)
}
