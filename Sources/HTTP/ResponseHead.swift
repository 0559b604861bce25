/// The head of a response.
package struct ResponseHead: Sendable {
    /// The status.
    package internal(set) var status = HTTPStatus.badGateway
    /// All header fields in their order.
    package internal(set) var fields = FieldTable()
    /// The declared length of the body; nil if none was declared.
    package internal(set) var contentLength: Int?
    /// Whether the body comes in chunks.
    package internal(set) var isChunked = false
    /// Whether the server closes the connection after this response.
    package internal(set) var closesConnection = false
    /// The number of bytes of the head.
    package internal(set) var byteCount = 0

    init() {}

    mutating func parse(
        _ bytes: Span<UInt8>,
        firstLineEnd: Int,
        end: Int,
        bodyBytesMax: Int
    ) throws(MessageError) {
        fields.removeAll()
        byteCount = end
        try parseStatusLine(bytes, end: firstLineEnd - 2)
        let framing = try FieldParser.parse(bytes, start: firstLineEnd, end: end, into: &fields)
        contentLength = framing.contentLength
        isChunked = framing.isChunked
        closesConnection = framing.closes
        // We never ask for an interim response, so one is out of step with our requests.
        if status.code < 200 {
            throw .unexpectedInterimResponse
        }
        if let length = framing.contentLength, length > bodyBytesMax {
            throw .bodyTooLarge
        }
    }

    private mutating func parseStatusLine(_ bytes: Span<UInt8>, end: Int) throws(MessageError) {
        guard end >= 13, bytes[8] == CharacterClass.space, bytes[12] == CharacterClass.space else {
            throw .malformedStatusLine
        }
        try FirstLine.checkVersion(bytes, start: 0, end: 8, malformed: .malformedStatusLine)
        var code: UInt16 = 0
        for index in 9..<12 {
            guard CharacterClass.isDigit(bytes[index]) else {
                throw .malformedStatusLine
            }
            code = code * 10 + UInt16(bytes[index] - CharacterClass.zero)
        }
        for index in 13..<end where !CharacterClass.isFieldValue(bytes[index]) {
            throw .malformedStatusLine
        }
        guard let known = HTTPStatus(code: code) else {
            throw .malformedStatusLine
        }
        status = known
    }
}
