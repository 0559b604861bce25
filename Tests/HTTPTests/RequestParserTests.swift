import HTTP
import Testing

private func parsed(_ text: String, bodyBytesMax: Int = 1_024) throws -> HTTPRequest {
    try #require(try HTTPRequest(parsing: Array(text.utf8), bodyBytesMax: bodyBytesMax))
}

@Suite("Well-formed requests")
struct RequestParserTests {
    @Test func partsOfARequestAreFound() throws {
        let request = try parsed(
            "POST /v1/decisions?a=b%20c&d HTTP/1.1\r\nHost: gate.example:8443\r\n"
                + "Content-Type: application/json\r\nX-Empty:\r\nx-padded: \t a b \t\r\nContent-Length: 2\r\n\r\n{}"
        )
        request.withView { view in
            #expect(view.method == .post)
            #expect(view.path == "/v1/decisions")
            let paths = [view.pathIs("/v1/decisions"), view.pathIs("/v1/decision")]
            #expect(paths == [true, false])
            let prefixes = [
                view.pathBegins(with: "/v1/"), view.pathBegins(with: "/v2/"),
                view.pathBegins(with: "/v1/decisions/more"),
            ]
            #expect(prefixes == [true, false, false])
            #expect(view.query == "a=b%20c&d")
            #expect(view.host == "gate.example:8443")
            let values = [
                view.field("content-type"), view.field("x-empty"), view.field("x-padded"), view.field("x-absent"),
            ]
            #expect(values == ["application/json", "", "a b", nil])
            #expect(view.bodyBytes == Array("{}".utf8))
            #expect(view.fieldCount == 5)
            let last = view.field(at: 4)
            #expect(last.name == "Content-Length")
        }
    }

    @Test("is accepted", arguments: ["a", "a.example:1", "127.0.0.1:65535", "[::1]", "[fe80::1]:80", "A_b-c"])
    func wellFormedHostIsAccepted(host: String) throws {
        try parsed("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").withView { view in
            #expect(view.host == host)
        }
    }

    @Test("is known", arguments: HTTPMethod.allCases)
    func everyMethodIsKnown(method: HTTPMethod) throws {
        try parsed("\(method.name) / HTTP/1.1\r\nHost: a\r\n\r\n").withView { view in
            #expect(view.method == method)
        }
    }

    @Test func repeatedFieldIsNeverTakenForAnAbsentOrSingleOne() throws {
        try parsed("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\n\r\n").withView { view in
            guard case .repeated = view.lookUp("x") else {
                Issue.record("the look-up chose one of two values")
                return
            }
            let value = view.field("x")
            #expect(value == nil)
        }
    }

    @Test func chunksAreJoined() throws {
        let request = try parsed(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
        )
        request.withView { view in
            #expect(view.bodyBytes == Array("abc0123456789".utf8))
        }
    }

    @Test func pipelinedRequestsAreTakenApart() {
        let first = "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        let second = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        guard case .complete(_, let body, let rest) = judge(Array((first + second).utf8)) else {
            Issue.record("the first request was not complete")
            return
        }
        #expect(body == Array("x".utf8))
        #expect(rest == Array(second.utf8))
    }

    @Test func connectionOptionCloseIsSeen() throws {
        let options: [(String, Bool)] = [
            ("close", true), ("keep-alive", false), ("keep-alive, Close", true), (" ,close", true), ("closed", false),
            ("upgrade", false), ("", false), ("a,b ,\tCLOSE\t,c", true),
        ]
        for (option, closes) in options {
            var parser = RequestParser(bodyBytesMax: 0)
            var bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(option)\r\n\r\n".utf8)
            var count = bytes.count
            var span = bytes.mutableSpan
            _ = try parser.advance(&span, count: &count)
            #expect(parser.head.closesConnection == closes, "\(option)")
        }
    }

    @Test func expectationIsKnownAsSoonAsTheHeadIs() throws {
        var parser = RequestParser(bodyBytesMax: 10)
        var bytes = Array("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n".utf8)
        var count = bytes.count
        var span = bytes.mutableSpan
        #expect(try parser.advance(&span, count: &count) == .incomplete)
        #expect(parser.hasHead)
        #expect(parser.head.expectsContinue)
    }

    @Test func requestWithSomethingBehindItIsNotARequestAlone() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\nG".utf8)
        #expect(try HTTPRequest(parsing: bytes, bodyBytesMax: 10) == nil)
        #expect(try HTTPRequest(parsing: Array(bytes.dropLast(2)), bodyBytesMax: 10) == nil)
        #expect(try HTTPRequest(parsing: Array(bytes.dropLast()), bodyBytesMax: 10) != nil)
    }
}

@Suite("Limits of requests")
struct RequestLimitTests {
    private func get(targetBytes: Int) -> [UInt8] {
        Array("GET /\(String(repeating: "a", count: targetBytes - 1)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    @Test func firstLineIsBounded() {
        let frame = "GET  HTTP/1.1\r\n".utf8.count
        for (bytes, fits) in [(-1, true), (0, true), (1, false)] {
            let request = get(targetBytes: HTTPLimits.firstLineBytesMax - frame + bytes)
            for step in [request.count, 1, 1_000] {
                let verdict = judge(request, cut: { _ in step })
                #expect((verdict == .refused(.firstLineTooLong)) == !fits)
            }
        }
    }

    @Test func firstLineWithoutEndIsRefusedAtTheLimit() {
        let endless = Array(("GET /" + String(repeating: "a", count: HTTPLimits.firstLineBytesMax)).utf8)
        let max = HTTPLimits.firstLineBytesMax
        #expect(judge(Array(endless[..<(max - 1)])) == .incomplete)
        #expect(judge(Array(endless[..<max])) == .refused(.firstLineTooLong))
    }

    @Test func fieldBlockIsBounded() {
        let fixed = "Host: a\r\nX: \r\n\r\n".utf8.count
        for (bytes, fits) in [(-1, true), (0, true), (1, false)] {
            let value = String(repeating: "v", count: HTTPLimits.fieldBlockBytesMax - fixed + bytes)
            let request = Array("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n".utf8)
            for step in [request.count, 1, 1_000] {
                let verdict = judge(request, cut: { _ in step })
                #expect((verdict == .refused(.fieldBlockTooLong)) == !fits)
            }
        }
    }

    @Test func fieldsAreCounted() {
        for (more, fits) in [(62, true), (63, true), (64, false)] {
            let fields = String(repeating: "X: y\r\n", count: more)
            let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
            #expect((judge(request) == .refused(.tooManyFields)) == !fits)
            #expect((judge(request, cut: { _ in 1 }) == .refused(.tooManyFields)) == !fits)
        }
    }

    @Test func bodyIsBounded() {
        for (length, fits) in [(9, true), (10, true), (11, false)] {
            let body = String(repeating: "b", count: length)
            let sized = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(body)".utf8)
            #expect((judge(sized, bodyBytesMax: 10) == .refused(.bodyTooLarge)) == !fits)
            let size = String(length, radix: 16)
            let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunked = Array((head + "\(size)\r\n\(body)\r\n0\r\n\r\n").utf8)
            #expect((judge(chunked, bodyBytesMax: 10) == .refused(.bodyTooLarge)) == !fits)
        }
    }

    @Test func declaredBodyAboveTheLimitIsRefusedBeforeItArrives() {
        let request = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n".utf8)
        #expect(judge(request, bodyBytesMax: 10) == .refused(.bodyTooLarge))
    }

    @Test func hostIsBounded() {
        for (length, fits) in [(261, true), (262, true), (263, false)] {
            let host = String(repeating: "h", count: length)
            let verdict = judge(Array("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8))
            #expect((verdict == .refused(.invalidHost)) == !fits)
        }
    }
}
