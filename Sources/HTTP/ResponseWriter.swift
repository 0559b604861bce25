/// What a response says before its body.
package struct ResponseOptions: Sendable {
    /// The status.
    package var status: HTTPStatus
    /// The media type of the body; nil where there is no body.
    package var contentType: StaticString?
    /// Further fields; nil for none.
    package var fields: FieldBlock?
    /// Whether to announce that the connection ends with this response.
    package var closesConnection: Bool
    /// Whether the body stays out because the request was `HEAD`; its length is announced all the same.
    package var omitsBody: Bool

    /// Makes options; only the status is always needed.
    package init(
        status: HTTPStatus,
        contentType: StaticString? = nil,
        fields: FieldBlock? = nil,
        closesConnection: Bool = false,
        omitsBody: Bool = false
    ) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.closesConnection = closesConnection
        self.omitsBody = omitsBody
    }
}

/// Writes responses behind one another into a buffer.
package enum ResponseWriter {
    /// The interim response to a client that waits before it sends its body.
    package static let continueResponse: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Appends a whole response with its length.
    ///
    /// A status that forbids a body (204, 304) is written without one, whatever `body` holds.
    package static func append(
        _ options: ResponseOptions,
        body: UnsafeRawBufferPointer,
        to output: inout [UInt8]
    ) {
        appendHead(options, to: &output)
        if options.status.forbidsBody {
            output.append(ascii: "\r\n")
            return
        }
        output.append(ascii: "Content-Length: ")
        output.append(decimal: body.count)
        output.append(ascii: "\r\n\r\n")
        if !options.omitsBody {
            unsafe output.append(contentsOf: body)
        }
    }

    /// Appends the head of a response whose body follows in chunks, each made by ``appendChunk(_:to:)``.
    package static func appendChunkedHead(_ options: ResponseOptions, to output: inout [UInt8]) {
        appendHead(options, to: &output)
        output.append(ascii: "Transfer-Encoding: chunked\r\n\r\n")
    }

    /// Appends one chunk; an empty one is left out, because it would end the body.
    package static func appendChunk(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard bytes.count > 0 else {
            return
        }
        var shift = 60
        let count = bytes.count
        while shift > 0, count >> shift == 0 {
            shift -= 4
        }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: (count >> shift) & 15)
            output.append(digit < 10 ? digit + 0x30 : digit - 10 + 0x61)
            shift -= 4
        }
        output.append(ascii: "\r\n")
        unsafe output.append(contentsOf: bytes)
        output.append(ascii: "\r\n")
    }

    /// Appends the end of a body in chunks.
    package static func appendLastChunk(to output: inout [UInt8]) {
        output.append(ascii: "0\r\n\r\n")
    }

    private static func appendHead(_ options: ResponseOptions, to output: inout [UInt8]) {
        output.append(ascii: "HTTP/1.1 ")
        output.append(decimal: Int(options.status.code))
        output.append(CharacterClass.space)
        output.append(ascii: options.status.reason)
        output.append(ascii: "\r\n")
        if let fields = options.fields {
            output += fields.bytes
        }
        if let contentType = options.contentType, !options.status.forbidsBody {
            output.append(ascii: "Content-Type: ")
            output.append(ascii: contentType)
            output.append(ascii: "\r\n")
        }
        if options.closesConnection {
            output.append(ascii: "Connection: close\r\n")
        }
    }
}
