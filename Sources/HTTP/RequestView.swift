/// A complete request as it lies in a server's buffer.
///
/// It is valid only during the call that received it, which is why it cannot be copied; ``copy()`` makes a request
/// that stays. Nothing here allocates but what returns a `String`, an array or a copy.
@safe
package struct RequestView: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private let head: UnsafePointer<RequestHead>
    private let bodyRange: Range<Int>

    /// Makes a view of a request that a ``RequestParser`` has read.
    ///
    /// The caller guarantees that both pointers outlive the view and that `bytes` holds the whole request.
    package init(bytes: UnsafeRawBufferPointer, head: UnsafePointer<RequestHead>, body: Range<Int>) {
        unsafe self.bytes = bytes
        unsafe self.head = head
        bodyRange = body
    }

    /// The method.
    package var method: HTTPMethod { unsafe head.pointee.method }

    /// The path of the target as it was sent, not decoded.
    package var path: String { unsafe string(head.pointee.path) }

    /// The query of the target as it was sent, without its `?`; nil if there was no `?`.
    package var query: String? { unsafe head.pointee.query.map { string($0) } }

    /// The host and optional port of the `Host` field.
    package var host: String { unsafe string(head.pointee.host) }

    /// Whether the path is exactly this text.
    package func pathIs(_ text: StaticString) -> Bool {
        unsafe Span(_unsafeBytes: bytes).equals(head.pointee.path, text)
    }

    /// Whether the path begins with this text.
    package func pathBegins(with prefix: StaticString) -> Bool {
        let path = unsafe head.pointee.path
        guard path.count >= prefix.utf8CodeUnitCount else {
            return false
        }
        let range = ByteRange(path.lower, path.lower + prefix.utf8CodeUnitCount)
        return unsafe Span(_unsafeBytes: bytes).equals(range, prefix)
    }

    /// The number of header fields.
    package var fieldCount: Int { unsafe head.pointee.fields.count }

    /// Looks a field up by its lower-case name.
    package func lookUp(_ name: StaticString) -> FieldLookup {
        unsafe head.pointee.fields.find(name, in: Span(_unsafeBytes: bytes))
    }

    /// The value of the field of a lower-case name that occurs exactly once; nil if it is absent **or repeated**.
    ///
    /// Where the absence of a field grants anything, use ``lookUp(_:)`` and refuse `repeated`.
    package func field(_ name: StaticString) -> String? {
        switch lookUp(name) {
        case .one(let range): string(range)
        case .absent, .repeated: nil
        }
    }

    /// The bytes of a range of the head, such as a value that ``lookUp(_:)`` found.
    package func bytes(of range: ByteRange) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[range.lower..<range.upper])
    }

    /// The text of a range of the head, all of which is ASCII.
    package func string(_ range: ByteRange) -> String {
        unsafe String(decoding: bytes(of: range), as: UTF8.self)
    }

    /// The name and value of the field at an index below ``fieldCount``.
    package func field(at index: Int) -> (name: String, value: String) {
        let range = unsafe head.pointee.fields[index]
        return (string(range.name), string(range.value))
    }

    /// The bytes of the body, chunk framing taken out; valid as long as the view.
    package var body: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[bodyRange])
    }

    /// A copy of the body.
    package var bodyBytes: [UInt8] { unsafe [UInt8](body) }

    /// A copy of the whole request that may be kept and handed to another thread.
    package func copy() -> HTTPRequest {
        unsafe HTTPRequest(bytes: [UInt8](bytes), head: head.pointee, body: bodyRange)
    }
}

/// A request that owns its bytes.
package struct HTTPRequest: Sendable {
    private let bytes: [UInt8]
    private let head: RequestHead
    private let body: Range<Int>

    init(bytes: [UInt8], head: RequestHead, body: Range<Int>) {
        self.bytes = bytes
        self.head = head
        self.body = body
    }

    /// Reads a request that is wholly here and alone.
    ///
    /// - Returns: nil if the request is incomplete or something follows it.
    package init?(parsing bytes: [UInt8], bodyBytesMax: Int) throws(MessageError) {
        var buffer = bytes
        var count = buffer.count
        var parser = RequestParser(bodyBytesMax: bodyBytesMax)
        var span = buffer.mutableSpan
        guard case .complete(let byteCount) = try parser.advance(&span, count: &count), byteCount == count else {
            return nil
        }
        buffer.removeLast(buffer.count - count)
        self.init(bytes: buffer, head: parser.head, body: parser.body)
    }

    /// Calls `use` with a view of the request.
    package func withView<Result, Failure: Error>(
        _ use: (borrowing RequestView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe bytes.span.withUnsafeBytes { buffer throws(Failure) -> Result in
            try unsafe withUnsafePointer(to: head) { head throws(Failure) -> Result in
                try use(unsafe RequestView(bytes: buffer, head: head, body: body))
            }
        }
    }
}

extension RequestParser {
    /// Calls `use` with a view of the complete request, which `bytes` holds from its first byte on.
    package func withView(of bytes: UnsafeRawBufferPointer, _ use: (borrowing RequestView) -> Void) {
        unsafe withUnsafePointer(to: head) { head in
            use(unsafe RequestView(bytes: bytes, head: head, body: body))
        }
    }
}
