package import Bytes

/// Why a path has no safe reading.
package enum PathError: Error, Hashable, CaseIterable, Sendable {
    /// The path does not begin with `/`.
    case notAbsolute
    /// A percent sign is not followed by two hexadecimal digits.
    case malformedPercentEncoding
    /// A segment is empty, as in `//`; an empty last one, as in `/a/`, is allowed.
    case emptySegment
    /// A segment is `.` or `..`, however it is encoded.
    case dotSegment
    /// A segment holds, once decoded, a `/`, `\`, `;` or control character, on which upstream servers disagree.
    case ambiguousByte
    /// A segment still holds a percent-encoding once decoded, so that a second decoding would change it.
    case doubleEncoding
    /// A decoded segment is not UTF-8.
    case notUTF8
    /// There are more than ``HTTPLimits/pathSegmentsMax`` segments.
    case tooManySegments
}

/// Reads a path into decoded segments, once and for good: what is matched, judged and forwarded is this value.
package enum PathSegments {
    /// Splits and decodes a path.
    ///
    /// `/a/b` has the segments `a` and `b`, `/a/` has `a` and an empty one, `/` an empty one.
    package static func parse(_ path: some Collection<UInt8>) throws(PathError) -> [Text] {
        guard path.first == CharacterClass.slash else {
            throw .notAbsolute
        }
        let raw = path.dropFirst().split(separator: CharacterClass.slash, omittingEmptySubsequences: false)
        guard raw.count <= HTTPLimits.pathSegmentsMax else {
            throw .tooManySegments
        }
        var segments: [Text] = []
        segments.reserveCapacity(raw.count)
        for (index, part) in raw.enumerated() {
            if part.isEmpty, index < raw.count - 1 {
                throw .emptySegment
            }
            segments.append(try decode(Array(part)))
        }
        return segments
    }

    private static func decode(_ part: [UInt8]) throws(PathError) -> Text {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(part.count)
        var index = 0
        while index < part.count {
            if part[index] == CharacterClass.percent {
                guard index + 2 < part.count, let high = CharacterClass.hexadecimal(part[index + 1]),
                    let low = CharacterClass.hexadecimal(part[index + 2])
                else {
                    throw .malformedPercentEncoding
                }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(part[index])
                index += 1
            }
        }
        try check(decoded)
        guard let text = Text(utf8: decoded) else {
            throw .notUTF8
        }
        return text
    }

    private static func check(_ decoded: [UInt8]) throws(PathError) {
        if decoded == [0x2E] || decoded == [0x2E, 0x2E] {
            throw .dotSegment
        }
        for (index, byte) in decoded.enumerated() {
            if byte < 0x20 || byte == 0x7F || byte == CharacterClass.slash || byte == 0x5C || byte == 0x3B {
                throw .ambiguousByte
            }
            if byte == CharacterClass.percent, index + 2 < decoded.count,
                CharacterClass.hexadecimal(decoded[index + 1]) != nil,
                CharacterClass.hexadecimal(decoded[index + 2]) != nil
            {
                throw .doubleEncoding
            }
        }
    }
}
