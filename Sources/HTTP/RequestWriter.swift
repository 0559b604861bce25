/// Why a request cannot be written.
package enum RequestWriteError: Error, Hashable, CaseIterable, Sendable {
    /// The target is not an absolute path with an optional query, rightly encoded, or it is too long.
    case invalidTarget
    /// The host is not a host with an optional port.
    case invalidHost
    /// The media type is not a valid field value.
    case invalidContentType
}

/// What a request says before its body.
package struct RequestOptions: Sendable {
    /// The method.
    package var method: HTTPMethod
    /// The path and query, percent-encoded.
    package var target: String
    /// The host and optional port.
    package var host: String
    /// The media type of the body; nil where there is no body.
    package var contentType: String?
    /// Further fields; nil for none.
    package var fields: FieldBlock?

    /// Makes options; a request without a body needs no media type.
    package init(
        method: HTTPMethod,
        target: String,
        host: String,
        contentType: String? = nil,
        fields: FieldBlock? = nil
    ) {
        self.method = method
        self.target = target
        self.host = host
        self.contentType = contentType
        self.fields = fields
    }
}

/// Writes requests that the strict parser accepts, or none at all.
package enum RequestWriter {
    /// Appends a whole request; a body is announced by its length, and its absence by nothing for GET, HEAD and DELETE.
    package static func append(
        _ options: RequestOptions,
        body: [UInt8],
        to output: inout [UInt8]
    ) throws(RequestWriteError) {
        let target = Array(options.target.utf8)
        let host = Array(options.host.utf8)
        let contentType = options.contentType.map { Array($0.utf8) }
        guard FirstLine.isTarget(target) else {
            throw .invalidTarget
        }
        // Longer hosts are refused before a range is made of them, which could not hold their length.
        guard host.count <= HTTPLimits.hostBytesMax, isHost(host) else {
            throw .invalidHost
        }
        if let contentType, !FieldValue.isSendable(contentType) || contentType.isEmpty || contentType.count > 256 {
            throw .invalidContentType
        }
        output.append(ascii: options.method.name)
        output.append(CharacterClass.space)
        output += target
        output.append(ascii: " HTTP/1.1\r\nHost: ")
        output += host
        output.append(ascii: "\r\n")
        if let fields = options.fields {
            output += fields.bytes
        }
        if let contentType {
            output.append(ascii: "Content-Type: ")
            output += contentType
            output.append(ascii: "\r\n")
        }
        if !body.isEmpty || options.method.expectsBody {
            output.append(ascii: "Content-Length: ")
            output.append(decimal: body.count)
            output.append(ascii: "\r\n")
        }
        output.append(ascii: "\r\n")
        output += body
    }

    private static func isHost(_ host: [UInt8]) -> Bool {
        do throws(MessageError) {
            try HostParser.check(ByteRange(0, host.count), in: host.span)
            return true
        } catch {
            return false
        }
    }
}

extension HTTPMethod {
    /// Whether a length is announced even for an empty body (RFC 9110 section 8.6).
    fileprivate var expectsBody: Bool {
        switch self {
        case .post, .put, .patch: true
        case .get, .head, .delete, .options: false
        }
    }
}
