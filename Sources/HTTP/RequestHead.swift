/// The head of a request: what was asked for, and where its parts lie in the bytes.
///
/// It holds no bytes itself. Ranges count from the first byte of the request.
package struct RequestHead: Sendable {
    /// The method.
    package internal(set) var method = HTTPMethod.get
    /// The path of the target, beginning with `/`, not decoded.
    package internal(set) var path = ByteRange.empty
    /// The query of the target without its `?`, not decoded; nil if there is no `?`.
    package internal(set) var query: ByteRange?
    /// The host and optional port that the request is meant for.
    package internal(set) var host = ByteRange.empty
    /// All header fields in their order.
    package internal(set) var fields = FieldTable()
    /// The declared length of the body; nil if none was declared.
    package internal(set) var contentLength: Int?
    /// Whether the body comes in chunks.
    package internal(set) var isChunked = false
    /// Whether the connection must be closed after the response.
    package internal(set) var closesConnection = false
    /// Whether the client waits for `100 Continue` before it sends the body.
    package internal(set) var expectsContinue = false
    /// The number of bytes of the head.
    package internal(set) var byteCount = 0

    init() {}

    /// Reads a head that is complete: `end` is the end of its empty line, `firstLineEnd` that of its request line.
    mutating func parse(
        _ bytes: Span<UInt8>,
        firstLineEnd: Int,
        end: Int,
        bodyBytesMax: Int
    ) throws(MessageError) {
        fields.removeAll()
        byteCount = end
        try parseRequestLine(bytes, end: firstLineEnd - 2)
        let framing = try FieldParser.parse(bytes, start: firstLineEnd, end: end, into: &fields)
        guard let named = framing.host else {
            throw .missingHost
        }
        try HostParser.check(named, in: bytes)
        host = named
        contentLength = framing.contentLength
        isChunked = framing.isChunked
        closesConnection = framing.closes
        expectsContinue = framing.expectsContinue
        if let length = framing.contentLength, length > bodyBytesMax {
            throw .bodyTooLarge
        }
    }

    private mutating func parseRequestLine(_ bytes: Span<UInt8>, end: Int) throws(MessageError) {
        var index = 0
        while index < end, bytes[index] != CharacterClass.space {
            index += 1
        }
        guard index < end else {
            throw .malformedRequestLine
        }
        let methodEnd = index
        let targetStart = index + 1
        index = targetStart
        while index < end, bytes[index] != CharacterClass.space {
            index += 1
        }
        guard index < end, index > targetStart else {
            throw .malformedRequestLine
        }
        let found = try parseMethod(bytes, end: methodEnd)
        // The version comes before the target: the preface of HTTP/2 has the target `*`, and is a matter of version.
        try FirstLine.checkVersion(bytes, start: index + 1, end: end, malformed: .malformedRequestLine)
        try parseTarget(bytes, start: targetStart, end: index)
        guard let found else {
            throw .unknownMethod
        }
        method = found
    }

    /// Returns nil for a method that is well-formed but unknown, which is the mildest thing to say about a request.
    private func parseMethod(_ bytes: Span<UInt8>, end: Int) throws(MessageError) -> HTTPMethod? {
        guard end > 0 else {
            throw .malformedMethod
        }
        for index in 0..<end where bytes[index] < 0x41 || bytes[index] > 0x5A {
            throw .malformedMethod
        }
        let name = ByteRange(0, end)
        let candidates = HTTPMethod.byFrequency
        for index in candidates.indices where bytes.equals(name, candidates[index].name) {
            return candidates[index]
        }
        return nil
    }

    private mutating func parseTarget(_ bytes: Span<UInt8>, start: Int, end: Int) throws(MessageError) {
        let pathEnd = try FirstLine.checkTarget(bytes, start: start, end: end)
        path = ByteRange(start, pathEnd)
        query = pathEnd < end ? ByteRange(pathEnd + 1, end) : nil
    }
}
