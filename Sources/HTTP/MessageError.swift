/// Why a message is not accepted as HTTP/1.1.
///
/// Each is final: the sender and we may disagree about where the message ends, so the connection MUST be closed after
/// the answer (RFC 9112 section 9.6) and none of its remaining bytes may be read as a further message.
package enum MessageError: Error, Hashable, CaseIterable, Sendable {
    /// A line ends in LF without CR.
    case bareLineFeed
    /// A CR is not followed by LF.
    case bareCarriageReturn
    /// The message begins with an empty line.
    case emptyFirstLine
    /// The first line has more than ``HTTPLimits/firstLineBytesMax`` bytes.
    case firstLineTooLong
    /// The header fields have more than ``HTTPLimits/fieldBlockBytesMax`` bytes.
    case fieldBlockTooLong
    /// There are more than ``HTTPLimits/fieldCountMax`` header fields.
    case tooManyFields
    /// The request line is not `METHOD SP target SP HTTP/1.1`.
    case malformedRequestLine
    /// The method is not made of capital letters.
    case malformedMethod
    /// The method is well-formed, but not one of ``HTTPMethod``.
    case unknownMethod
    /// The target is not in origin form.
    case targetNotOriginForm
    /// The target has a byte that a path or query may not have.
    case invalidTargetByte
    /// A percent sign of the target is not followed by two hexadecimal digits.
    case malformedPercentEncoding
    /// The version is well-formed, but not HTTP/1.1.
    case unsupportedVersion
    /// A field line begins with white space.
    case obsoleteFolding
    /// A field line has no colon or an empty name.
    case malformedFieldLine
    /// A field name has a byte that is not a token character, such as a space before the colon.
    case invalidFieldName
    /// A field value has a control character or a byte outside ASCII.
    case invalidFieldValue
    /// A field that may occur once occurs again.
    case repeatedField
    /// There is no `Host` field.
    case missingHost
    /// The `Host` field is not a host with an optional port.
    case invalidHost
    /// The content length is not a plain decimal number.
    case invalidContentLength
    /// Both a content length and a transfer coding are given.
    case contentLengthWithTransferEncoding
    /// The transfer coding is not exactly `chunked`.
    case unsupportedTransferEncoding
    /// A content coding is given; bodies are never decompressed.
    case contentEncoding
    /// The expectation is not `100-continue`.
    case unsupportedExpectation
    /// The body is larger than the limit of the parser.
    case bodyTooLarge
    /// A chunk size is not 1 to 8 hexadecimal digits without leading zeros and extensions.
    case invalidChunkSize
    /// The data of a chunk is not followed by a line end.
    case invalidChunkEnd
    /// Fields follow the last chunk.
    case trailerFields
    /// The status line is not `HTTP/1.1 SP code SP reason`.
    case malformedStatusLine
    /// An interim response arrived, and none was asked for.
    case unexpectedInterimResponse
    /// A response says neither how long its body is nor that it is chunked.
    case unframedBody
    /// A response that cannot have a body announces one.
    case forbiddenBody

    /// The status with which a server refuses such a request, or with which a gateway reports such a response.
    package var status: HTTPStatus {
        switch self {
        case .bareLineFeed, .bareCarriageReturn, .emptyFirstLine, .malformedRequestLine, .malformedMethod,
            .targetNotOriginForm, .invalidTargetByte, .malformedPercentEncoding, .obsoleteFolding,
            .malformedFieldLine, .invalidFieldName, .invalidFieldValue, .repeatedField, .missingHost, .invalidHost,
            .invalidContentLength, .contentLengthWithTransferEncoding, .invalidChunkSize, .invalidChunkEnd,
            .trailerFields:
            .badRequest
        case .firstLineTooLong: .targetTooLong
        case .fieldBlockTooLong, .tooManyFields: .fieldsTooLarge
        case .unknownMethod, .unsupportedTransferEncoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        case .contentEncoding: .unsupportedMediaType
        case .unsupportedExpectation: .expectationFailed
        case .bodyTooLarge: .contentTooLarge
        case .malformedStatusLine, .unexpectedInterimResponse, .unframedBody, .forbiddenBody: .badGateway
        }
    }

    /// One line for a person: lower case, without the offending bytes, which may be secret.
    package var message: StaticString {
        switch self {
        case .bareLineFeed: "a line ends in a line feed without a carriage return"
        case .bareCarriageReturn: "a carriage return is not followed by a line feed"
        case .emptyFirstLine: "the message begins with an empty line"
        case .firstLineTooLong: "the first line is too long"
        case .fieldBlockTooLong: "the header fields are too long"
        case .tooManyFields: "there are too many header fields"
        case .malformedRequestLine: "the request line is malformed"
        case .malformedMethod: "the method is malformed"
        case .unknownMethod: "the method is not implemented"
        case .targetNotOriginForm: "the target is not an absolute path"
        case .invalidTargetByte: "the target has an invalid character"
        case .malformedPercentEncoding: "the target has a malformed percent-encoding"
        case .unsupportedVersion: "only HTTP/1.1 is spoken here"
        case .obsoleteFolding: "a header field is folded"
        case .malformedFieldLine: "a header field is malformed"
        case .invalidFieldName: "the name of a header field has an invalid character"
        case .invalidFieldValue: "the value of a header field has an invalid character"
        case .repeatedField: "a header field is repeated"
        case .missingHost: "the host is missing"
        case .invalidHost: "the host is invalid"
        case .invalidContentLength: "the content length is not a plain number"
        case .contentLengthWithTransferEncoding: "both a content length and a transfer coding are given"
        case .unsupportedTransferEncoding: "the transfer coding is not `chunked`"
        case .contentEncoding: "content codings are not accepted"
        case .unsupportedExpectation: "the expectation is not `100-continue`"
        case .bodyTooLarge: "the body is too large"
        case .invalidChunkSize: "the size of a chunk is invalid"
        case .invalidChunkEnd: "a chunk does not end where it should"
        case .trailerFields: "trailer fields are not accepted"
        case .malformedStatusLine: "the status line is malformed"
        case .unexpectedInterimResponse: "an interim response was not asked for"
        case .unframedBody: "the length of the body is not given"
        case .forbiddenBody: "a response that cannot have a body announces one"
        }
    }
}
