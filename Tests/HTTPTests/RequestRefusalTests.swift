import HTTP
import Testing

/// One malformed request and what is to be said about it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    let error: MessageError

    init(_ name: String, _ request: String, _ error: MessageError) {
        self.name = name
        self.request = request
        self.error = error
    }

    var testDescription: String { name }
}

private let post = "POST / HTTP/1.1\r\nHost: a\r\n"

private let lineRefusals: [Refusal] = [
    Refusal("bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed),
    Refusal("bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
    Refusal("bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
    Refusal("bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .bareCarriageReturn),
    Refusal("CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n", .bareCarriageReturn),
    Refusal("bare CR in a target", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("leading empty line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .emptyFirstLine),
    Refusal("leading bare LF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
    Refusal("no spaces", "GET\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("HTTP/0.9", "GET /\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("tab between the parts", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedMethod),
    Refusal("small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedMethod),
    Refusal("mixed letters", "Get / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedMethod),
    Refusal("digits in the method", "GET1 / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedMethod),
    Refusal("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    Refusal("TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    Refusal("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .targetNotOriginForm),
    Refusal("HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", .unsupportedVersion),
    Refusal("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
    Refusal("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
    Refusal("small letters in the version", "GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("one-digit version", "GET / HTTP/1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("two-digit minor version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", .malformedRequestLine),
    Refusal("absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetNotOriginForm),
    Refusal("authority form", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", .targetNotOriginForm),
    Refusal("asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .targetNotOriginForm),
    Refusal("fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("UTF-8 in the target", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("backslash in the target", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("quote in the query", "GET /?a=\" HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTargetByte),
    Refusal("percent without digits", "GET /% HTTP/1.1\r\nHost: a\r\n\r\n", .malformedPercentEncoding),
    Refusal("percent with one digit", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", .malformedPercentEncoding),
    Refusal("percent with a wrong digit", "GET /%2g HTTP/1.1\r\nHost: a\r\n\r\n", .malformedPercentEncoding),
    Refusal("percent in the query", "GET /?%zz HTTP/1.1\r\nHost: a\r\n\r\n", .malformedPercentEncoding),
]

private let fieldRefusals: [Refusal] = [
    Refusal("folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", .obsoleteFolding),
    Refusal("folded with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", .obsoleteFolding),
    Refusal("first field indented", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .obsoleteFolding),
    Refusal("no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", .malformedFieldLine),
    Refusal("empty name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .malformedFieldLine),
    Refusal("space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", .invalidFieldName),
    Refusal("tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .invalidFieldName),
    Refusal("parenthesis in a name", "GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", .invalidFieldName),
    Refusal("UTF-8 in a name", "GET / HTTP/1.1\r\nHost: a\r\nXé: b\r\n\r\n", .invalidFieldName),
    Refusal("NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", .invalidFieldName),
    Refusal("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n", .invalidFieldValue),
    Refusal("DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\u{7F}\r\n\r\n", .invalidFieldValue),
    Refusal("vertical tab in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\u{0B}\r\n\r\n", .invalidFieldValue),
    Refusal("UTF-8 in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n", .invalidFieldValue),
    Refusal("no host", "GET / HTTP/1.1\r\n\r\n", .missingHost),
    Refusal("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedField),
    Refusal("empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .invalidHost),
    Refusal("user in the host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .invalidHost),
    Refusal("path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .invalidHost),
    Refusal("list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .invalidHost),
    Refusal("empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", .invalidHost),
    Refusal("port 0", "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", .invalidHost),
    Refusal("port 65536", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .invalidHost),
    Refusal("open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .invalidHost),
    Refusal("empty brackets", "GET / HTTP/1.1\r\nHost: []\r\n\r\n", .invalidHost),
    Refusal(
        "two authorizations",
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nauthorization: Bearer x\r\n\r\n",
        .repeatedField
    ),
    Refusal("two content types", post + "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", .repeatedField),
    Refusal("two origins", post + "Origin: null\r\nOrigin: null\r\n\r\n", .repeatedField),
    Refusal("other expectation", post + "Expect: 200-ok\r\n\r\n", .unsupportedExpectation),
    Refusal("two expectations", post + "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", .repeatedField),
    Refusal("gzip", post + "Content-Encoding: gzip\r\n\r\n", .contentEncoding),
    Refusal("identity", post + "Content-Encoding: identity\r\n\r\n", .contentEncoding),
]

private let framingRefusals: [Refusal] = [
    Refusal(
        "length and chunks",
        post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        .contentLengthWithTransferEncoding
    ),
    Refusal(
        "chunks and length",
        post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        .contentLengthWithTransferEncoding
    ),
    Refusal("equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", .repeatedField),
    Refusal("different lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", .repeatedField),
    Refusal("list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", .invalidContentLength),
    Refusal("signed length", post + "Content-Length: +5\r\n\r\nabcde", .invalidContentLength),
    Refusal("negative length", post + "Content-Length: -1\r\n\r\n", .invalidContentLength),
    Refusal("hexadecimal length", post + "Content-Length: 0x5\r\n\r\nabcde", .invalidContentLength),
    Refusal("length with a fraction", post + "Content-Length: 5.0\r\n\r\nabcde", .invalidContentLength),
    Refusal("empty length", post + "Content-Length:\r\n\r\n", .invalidContentLength),
    Refusal("length with leading zeros", post + "Content-Length: 05\r\n\r\nabcde", .invalidContentLength),
    Refusal("huge length", post + "Content-Length: 99999999999999999999999\r\n\r\n", .bodyTooLarge),
    Refusal("length beyond 64 bits", post + "Content-Length: 18446744073709551617\r\n\r\n", .bodyTooLarge),
    Refusal("length above the limit", post + "Content-Length: 1025\r\n\r\n", .bodyTooLarge),
    Refusal("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferEncoding),
    Refusal("chunked, chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", .unsupportedTransferEncoding),
    Refusal("two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .repeatedField),
    Refusal("identity coding", post + "Transfer-Encoding: identity\r\n\r\n", .unsupportedTransferEncoding),
    Refusal("capital coding", post + "Transfer-Encoding: Chunked\r\n\r\n", .unsupportedTransferEncoding),
    Refusal("xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n", .unsupportedTransferEncoding),
    Refusal("empty coding", post + "Transfer-Encoding:\r\n\r\n", .unsupportedTransferEncoding),
]

private let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

private let chunkRefusals: [Refusal] = [
    Refusal("chunk extension", chunked + "3;a=b\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("space behind a chunk size", chunked + "3 \r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("prefixed chunk size", chunked + "0x3\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("signed chunk size", chunked + "+3\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("negative chunk size", chunked + "-3\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("empty chunk size", chunked + "\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("chunk size with leading zeros", chunked + "03\r\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("several zeros", chunked + "00\r\n\r\n", .invalidChunkSize),
    Refusal("nine digits", chunked + "100000000\r\n", .invalidChunkSize),
    Refusal("bare LF behind a chunk size", chunked + "3\nabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("bare CR behind a chunk size", chunked + "3\rabc\r\n0\r\n\r\n", .invalidChunkSize),
    Refusal("chunk longer than its size", chunked + "3\r\nabcd\r\n0\r\n\r\n", .invalidChunkEnd),
    Refusal("bare LF behind a chunk", chunked + "3\r\nabc\n0\r\n\r\n", .invalidChunkEnd),
    Refusal("trailer", chunked + "3\r\nabc\r\n0\r\nX: y\r\n\r\n", .trailerFields),
    Refusal("bare LF at the end", chunked + "0\r\n\n", .trailerFields),
    Refusal("chunk above the limit", chunked + "401\r\n", .bodyTooLarge),
    Refusal("chunk of eight digits", chunked + "FFFFFFFF\r\n", .bodyTooLarge),
    Refusal(
        "chunks above the limit",
        chunked + "3ff\r\n" + String(repeating: "a", count: 1_023) + "\r\n2\r\naa\r\n0\r\n\r\n",
        .bodyTooLarge
    ),
]

let allRefusals = lineRefusals + fieldRefusals + framingRefusals + chunkRefusals

/// What a parser says about a request, shown to it in pieces.
enum Verdict: Equatable {
    case refused(MessageError)
    case incomplete
    case complete(message: [UInt8], body: [UInt8], rest: [UInt8])
}

/// Shows a request piece by piece: `cut` says how many more bytes arrive at each step.
func judge(_ request: [UInt8], bodyBytesMax: Int = 1_024, cut: (Int) -> Int = { $0 }) -> Verdict {
    var buffer = [UInt8](repeating: 0, count: request.count)
    var parser = RequestParser(bodyBytesMax: bodyBytesMax)
    var count = 0
    var arrived = 0
    do throws(MessageError) {
        repeat {
            let more = max(1, min(cut(request.count - arrived), request.count - arrived))
            for byte in request[arrived..<min(request.count, arrived + more)] {
                buffer[count] = byte
                count += 1
            }
            arrived += more
            var span = buffer.mutableSpan
            if case .complete(let byteCount) = try parser.advance(&span, count: &count) {
                return .complete(
                    message: Array(buffer[..<byteCount]),
                    body: Array(buffer[parser.body]),
                    rest: Array(buffer[byteCount..<count]) + request.dropFirst(arrived)
                )
            }
        } while arrived < request.count
    } catch {
        return .refused(error)
    }
    return .incomplete
}

@Suite("Malformed requests")
struct RequestRefusalTests {
    @Test("is refused with its error, whole and byte by byte", arguments: allRefusals)
    func malformedRequestIsRefused(refusal: Refusal) {
        let bytes = Array(refusal.request.utf8)
        #expect(judge(bytes) == .refused(refusal.error))
        #expect(judge(bytes, cut: { _ in 1 }) == .refused(refusal.error))
    }

    @Test func everyErrorOfARequestHasARequestThatMeetsIt() {
        let met = Set(allRefusals.map(\.error))
        let elsewhere: Set<MessageError> = [
            .firstLineTooLong, .fieldBlockTooLong, .tooManyFields, .malformedStatusLine, .unexpectedInterimResponse,
            .unframedBody, .forbiddenBody,
        ]
        #expect(met.union(elsewhere) == Set(MessageError.allCases))
    }

    @Test func everyErrorHasAStatusThatSaysWhoIsToBlame() {
        for error in MessageError.allCases {
            #expect(error.status.code >= 400)
        }
        #expect(MessageError.bodyTooLarge.status == .contentTooLarge)
        #expect(MessageError.firstLineTooLong.status == .targetTooLong)
        #expect(MessageError.fieldBlockTooLong.status == .fieldsTooLarge)
        #expect(MessageError.unsupportedTransferEncoding.status == .notImplemented)
        #expect(MessageError.unsupportedVersion.status == .versionNotSupported)
        #expect(MessageError.contentEncoding.status == .unsupportedMediaType)
        #expect(MessageError.unsupportedExpectation.status == .expectationFailed)
        #expect(MessageError.bareLineFeed.status == .badRequest)
    }
}
