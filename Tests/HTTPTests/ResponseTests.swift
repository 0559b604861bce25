import HTTP
import Testing

private func parse(_ text: String, answersHead: Bool = false) throws(MessageError) -> (HTTPResponse, rest: Int)? {
    var bytes = Array(text.utf8)
    var count = bytes.count
    var parser = ResponseParser(bodyBytesMax: 100, answersHead: answersHead)
    var span = bytes.mutableSpan
    guard case .complete(let byteCount) = try parser.advance(&span, count: &count) else {
        return nil
    }
    return (HTTPResponse(bytes: Array(bytes[..<byteCount]), parser: parser), count - byteCount)
}

private func write(_ options: ResponseOptions, _ body: String) -> String {
    var output: [UInt8] = []
    var bytes = Array(body.utf8)
    unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe ResponseWriter.append(options, body: UnsafeRawBufferPointer(buffer), to: &output)
    }
    return String(decoding: output, as: UTF8.self)
}

@Suite("Responses")
struct ResponseTests {
    @Test func writtenResponseIsReadBack() throws {
        var fields = FieldBlock()
        try fields.append("X-Request-ID", "a b")
        let options = ResponseOptions(status: .ok, contentType: "application/json", fields: fields)
        let text = write(options, "{}")
        #expect(
            text == "HTTP/1.1 200 OK\r\nX-Request-ID: a b\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}"
        )
        let (response, rest) = try #require(try parse(text + "x"))
        #expect(response.status == .ok)
        #expect(Array(response.body) == Array("{}".utf8))
        #expect(response.field("x-request-id") == "a b")
        #expect(response.field(at: 1).value == "application/json")
        #expect(!response.closesConnection)
        #expect(rest == 1)
    }

    @Test func closingIsAnnounced() throws {
        let (response, _) = try #require(
            try parse(write(ResponseOptions(status: .notFound, closesConnection: true), ""))
        )
        #expect(response.closesConnection)
        #expect(response.status.code == 404)
    }

    @Test func statusWithoutBodyIsWrittenWithoutOne() {
        #expect(
            write(ResponseOptions(status: .noContent, contentType: "a/b"), "x") == "HTTP/1.1 204 No Content\r\n\r\n"
        )
    }

    @Test func answerToHeadHasLengthButNoBody() throws {
        let text = write(ResponseOptions(status: .ok, omitsBody: true), "12345")
        #expect(text == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        #expect(try parse(text) == nil)
        #expect(try parse(text, answersHead: true) != nil)
    }

    @Test func chunkedResponseIsReadBack() throws {
        var output: [UInt8] = []
        ResponseWriter.appendChunkedHead(ResponseOptions(status: .ok), to: &output)
        for text in ["", "a", String(repeating: "b", count: 26)] {
            unsafe Array(text.utf8).withUnsafeBytes { bytes in
                unsafe ResponseWriter.appendChunk(bytes, to: &output)
            }
        }
        ResponseWriter.appendLastChunk(to: &output)
        let (response, rest) = try #require(try parse(String(decoding: output, as: UTF8.self)))
        #expect(response.body.count == 27)
        #expect(rest == 0)
    }

    @Test(
        "is refused",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", MessageError.unframedBody),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 200 \0\r\nContent-Length: 0\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 100 Continue\r\n\r\n", .unexpectedInterimResponse),
            ("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", .unexpectedInterimResponse),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\nx", .forbiddenBody),
            ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .forbiddenBody),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", .repeatedField),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", .contentEncoding),
            ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .bodyTooLarge),
            ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", .bareLineFeed),
            ("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .emptyFirstLine),
        ]
    )
    func irregularResponseIsRefused(text: String, error: MessageError) {
        #expect(throws: error) { try parse(text) }
    }
}

@Suite("Fields and requests that are sent")
struct WriterTests {
    @Test(
        "is not sent",
        arguments: [
            ("", "a", FieldError.invalidName), ("a b", "a", .invalidName), ("a:", "a", .invalidName),
            ("é", "a", .invalidName), ("a", "b\r\nc: d", .invalidValue), ("a", "b\n", .invalidValue),
            ("a", "\0", .invalidValue), ("a", "é", .invalidValue), ("a", " b", .invalidValue),
            ("a", "b ", .invalidValue), ("Content-Length", "1", .reservedName), ("HOST", "a", .reservedName),
            ("Transfer-Encoding", "chunked", .reservedName), ("Connection", "x", .reservedName),
        ]
    )
    func injectedFieldIsNotSent(name: String, value: String, error: FieldError) {
        #expect(throws: error) {
            var block = FieldBlock()
            try block.append(name, value)
        }
    }

    @Test func blockIsBounded() throws {
        var block = FieldBlock()
        for _ in 0..<(HTTPLimits.fieldCountMax - 5) {
            try block.append("a", "b")
        }
        #expect(throws: FieldError.tooLarge) { try block.append("a", "b") }
        let room = HTTPLimits.fieldBlockBytesMax - 1_024 - "a: \r\n".utf8.count
        var wide = FieldBlock()
        #expect(throws: FieldError.tooLarge) { try wide.append("a", String(repeating: "b", count: room + 1)) }
        try wide.append("a", String(repeating: "b", count: room))
    }

    @Test func writtenRequestIsReadBack() throws {
        var fields = FieldBlock()
        try fields.append("Authorization", "Bearer x")
        let options = RequestOptions(
            method: .post,
            target: "/v1/decisions?a=1",
            host: "localhost",
            contentType: "application/json",
            fields: fields
        )
        var output: [UInt8] = []
        try RequestWriter.append(options, body: Array("{}".utf8), to: &output)
        let request = try #require(try HTTPRequest(parsing: output, bodyBytesMax: 10))
        request.withView { view in
            #expect(view.method == .post)
            #expect(view.query == "a=1")
            let authorization = view.field("authorization")
            #expect(authorization == "Bearer x")
            #expect(view.bodyBytes == Array("{}".utf8))
        }
    }

    @Test(
        "is not sent",
        arguments: [
            ("", "a"), ("a", "a"), ("/ HTTP/1.1\r\nX: y", "a"), ("/é", "a"), ("/%", "a"), ("http://a/", "a"),
            ("*", "a"), ("/", ""), ("/", "a b"), ("/", "a\r\nX: y"), ("/", "a@b"),
            ("/" + String(repeating: "a", count: 9_000), "a"), ("/", String(repeating: "a", count: 70_000)),
        ]
    )
    func requestThatOurParserWouldRefuseIsNotSent(target: String, host: String) {
        var output: [UInt8] = []
        #expect(throws: RequestWriteError.self) {
            try RequestWriter.append(RequestOptions(method: .get, target: target, host: host), body: [], to: &output)
        }
        #expect(output.isEmpty)
    }
}
