public import Bytes

/// The right side of `like`: literal segments with a wildcard between each two (cedar-spec `Wildcard.lean`).
public struct Pattern: Hashable, Sendable, CustomStringConvertible {
    /// The bytes between the wildcards; one more segment than there are wildcards, each possibly empty.
    let segments: [[UInt8]]

    /// Whether the whole text matches.
    ///
    /// UTF-8 is self-synchronizing, so matching bytes and matching characters are the same.
    public func matches(_ text: Text) -> Bool {
        var string = text.string
        return string.withUTF8 { bytes in unsafe matches(bytes.span.bytes) }
    }

    /// The pattern as it would be written between quotes.
    public var description: String {
        // By scalars: a mark behind a quote or a star makes one character with it.
        segments.map { segment in
            let quoted = Escapes.quoted(Text(utf8: segment) ?? "").unicodeScalars.dropFirst().dropLast()
            return quoted.reduce(into: "") { $0 += $1 == "*" ? "\\*" : String($1) }
        }.joined(separator: "*")
    }

    /// Every segment but the last is taken at its first place: a later place could only leave less room for the others.
    private func matches(_ bytes: RawSpan) -> Bool {
        guard let first = segments.first, let last = segments.last else { return bytes.byteCount == 0 }
        guard segments.count > 1 else { return bytes.byteCount == first.count && Self.found(first, in: bytes, at: 0) }
        guard bytes.byteCount >= first.count + last.count, Self.found(first, in: bytes, at: 0) else { return false }
        let end = bytes.byteCount - last.count
        guard Self.found(last, in: bytes, at: end) else { return false }
        var position = first.count
        for segment in segments.dropFirst().dropLast() {
            while true {
                guard position + segment.count <= end else { return false }
                if Self.found(segment, in: bytes, at: position) { break }
                position += 1
            }
            position += segment.count
        }
        return true
    }

    private static func found(_ segment: [UInt8], in bytes: RawSpan, at start: Int) -> Bool {
        for offset in segment.indices
        where unsafe bytes.unsafeLoad(fromByteOffset: start + offset, as: UInt8.self) != segment[offset] {
            return false
        }
        return true
    }
}
