/// Reads one request from bytes that arrive in pieces.
///
/// The caller keeps the bytes of the request in one buffer from its first byte on, and shows them again, with more
/// behind them, until the request is complete. Nothing is read twice and nothing is allocated. What the parser answers
/// depends on the bytes alone, not on the pieces in which they came.
///
/// After an error the connection MUST be closed (see ``MessageError``), and the parser must not be used again.
package struct RequestParser: Sendable {
    /// How far the request has come.
    package enum Progress: Hashable, Sendable {
        /// More bytes are needed.
        case incomplete
        /// The request is complete; the buffer holds this many bytes of it, and what follows is the next request.
        case complete(byteCount: Int)
    }

    private enum Stage {
        case head
        case sized(end: Int)
        case chunked(ChunkedBody)
        case complete
    }

    /// The largest body in bytes that is accepted; a larger declared one is refused as soon as the head is read.
    package let bodyBytesMax: Int
    /// The head, once ``hasHead``.
    package private(set) var head = RequestHead()
    /// Where the body lies in the buffer: what has arrived of it, chunk framing taken out.
    package private(set) var body: Range<Int> = 0..<0
    private var scanner = HeadScanner()
    private var stage = Stage.head

    /// Makes a parser for the first byte of a request.
    package init(bodyBytesMax: Int) {
        self.bodyBytesMax = bodyBytesMax
    }

    /// Whether the head has been read and accepted.
    package var hasHead: Bool {
        switch stage {
        case .head: false
        case .sized, .chunked, .complete: true
        }
    }

    /// The number of bytes that the whole request will have in the buffer, if its head has told.
    package var byteCountExpected: Int? {
        switch stage {
        case .sized(let end): end
        case .head, .chunked, .complete: nil
        }
    }

    /// Forgets the request, so that the next one can be read.
    package mutating func reset() {
        scanner = HeadScanner()
        stage = .head
        body = 0..<0
    }

    /// Reads what has arrived.
    ///
    /// - Parameters:
    ///   - bytes: The buffer, whose first byte is the first one of the request.
    ///   - count: How many bytes of it are filled. Chunk framing is removed in place, and `count` lowered by it.
    /// - Returns: Whether the request is complete, and then its bytes in the buffer.
    /// - Throws: Why the bytes are no request: answer with ``MessageError/status`` and close the connection.
    package mutating func advance(
        _ bytes: inout MutableSpan<UInt8>,
        count: inout Int
    ) throws(MessageError) -> Progress {
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
            if head.isChunked {
                stage = .chunked(ChunkedBody(bodyStart: end))
            } else {
                stage = .sized(end: end + (head.contentLength ?? 0))
            }
        }
        return try advanceBody(&bytes, count: &count)
    }

    private mutating func advanceBody(
        _ bytes: inout MutableSpan<UInt8>,
        count: inout Int
    ) throws(MessageError) -> Progress {
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
}
