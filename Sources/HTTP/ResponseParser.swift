/// Reads one response from bytes that arrive in pieces, by the same rules as ``RequestParser``.
///
/// A response without a declared length is refused instead of being read until the connection ends: a connection that
/// breaks would look like a complete answer.
package struct ResponseParser: Sendable {
    private enum Stage {
        case head
        case sized(end: Int)
        case chunked(ChunkedBody)
        case complete
    }

    /// The largest body in bytes that is accepted.
    package let bodyBytesMax: Int
    /// Whether the request was `HEAD`, so that a declared body does not follow.
    package let answersHead: Bool
    /// The head, once it has been read.
    package private(set) var head = ResponseHead()
    /// Where the body lies in the buffer.
    package private(set) var body: Range<Int> = 0..<0
    private var scanner = HeadScanner()
    private var stage = Stage.head

    /// Makes a parser for the first byte of a response.
    package init(bodyBytesMax: Int, answersHead: Bool = false) {
        self.bodyBytesMax = bodyBytesMax
        self.answersHead = answersHead
    }

    /// Reads what has arrived; see ``RequestParser/advance(_:count:)``.
    package mutating func advance(
        _ bytes: inout MutableSpan<UInt8>,
        count: inout Int
    ) throws(MessageError) -> RequestParser.Progress {
        if case .head = stage {
            guard let end = try scanner.scan(bytes.span, count: count) else {
                return .incomplete
            }
            try head.parse(
                bytes.span,
                firstLineEnd: scanner.firstLineEnd,
                end: end,
                bodyBytesMax: bodyBytesMax
            )
            stage = try bodyStage(after: end)
        }
        switch stage {
        case .head:
            return .incomplete
        case .sized(let end):
            body = head.byteCount..<min(end, count)
            guard count >= end else {
                return .incomplete
            }
            stage = .complete
            return .complete(byteCount: end)
        case .chunked(var chunked):
            let isComplete = try chunked.decode(&bytes, count: &count, bodyBytesMax: bodyBytesMax)
            body = head.byteCount..<chunked.bodyEnd
            stage = isComplete ? .complete : .chunked(chunked)
            return isComplete ? .complete(byteCount: chunked.bodyEnd) : .incomplete
        case .complete:
            return .complete(byteCount: body.upperBound)
        }
    }

    /// Decides where the body ends (RFC 9112 section 6.3).
    private func bodyStage(after end: Int) throws(MessageError) -> Stage {
        if answersHead {
            return .sized(end: end)
        }
        if head.status.forbidsBody {
            // RFC 9110 section 8.6 lets a 304 declare the length of what it does not send.
            if head.isChunked || (head.status != .notModified && (head.contentLength ?? 0) > 0) {
                throw .forbiddenBody
            }
            return .sized(end: end)
        }
        if head.isChunked {
            return .chunked(ChunkedBody(bodyStart: end))
        }
        guard let length = head.contentLength else {
            throw .unframedBody
        }
        return .sized(end: end + length)
    }
}

/// A complete response that owns its bytes.
package struct HTTPResponse: Sendable {
    private let bytes: [UInt8]
    private let head: ResponseHead
    private let bodyRange: Range<Int>

    /// Makes a response from what a parser has read; `bytes` begins with its first byte.
    package init(bytes: [UInt8], parser: ResponseParser) {
        self.bytes = bytes
        head = parser.head
        bodyRange = parser.body
    }

    /// The status.
    package var status: HTTPStatus { head.status }
    /// Whether the server closes the connection after this response.
    package var closesConnection: Bool { head.closesConnection }
    /// The body.
    package var body: ArraySlice<UInt8> { bytes[bodyRange] }
    /// The number of header fields.
    package var fieldCount: Int { head.fields.count }

    /// The value of the field of a lower-case name that occurs exactly once; nil if it is absent or repeated.
    package func field(_ name: StaticString) -> String? {
        switch head.fields.find(name, in: bytes.span) {
        case .one(let range): string(range)
        case .absent, .repeated: nil
        }
    }

    /// The name and value of the field at an index below ``fieldCount``.
    package func field(at index: Int) -> (name: String, value: String) {
        (string(head.fields[index].name), string(head.fields[index].value))
    }

    private func string(_ range: ByteRange) -> String {
        String(decoding: bytes[range.lower..<range.upper], as: UTF8.self)
    }
}
