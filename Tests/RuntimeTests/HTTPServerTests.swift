import Foundation
import HTTP
import Runtime
import Testing

@Suite("HTTP server")
struct HTTPServerTests {
    @Test func requestIsAnsweredOverBothTransports() throws {
        let harness = try ServerHarness()
        for client in [harness.unix, harness.tcp] {
            for round in 0..<3 {
                #expect(try client.ask("/echo", "hello \(round)") == (200, "hello \(round)"))
            }
            #expect(try client.ask("/nowhere") == (404, "/nowhere"))
        }
    }

    @Test func replyMayComeLaterFromAnotherThread() throws {
        let harness = try ServerHarness()
        let client = harness.unix
        #expect(try client.ask("/later", "a") == (200, "a"))
        #expect(try client.ask("/later", "b") == (200, "b"))
    }

    @Test func largeBodiesPassInBothDirections() throws {
        var limits = HTTPServerLimits()
        limits.bodyBytesMax = 4 << 20
        let harness = try ServerHarness(limits)
        let text = String(repeating: "0123456789abcdef", count: 4 << 16)
        let client = harness.tcp
        #expect(try client.ask("/echo", text).1 == text)
        #expect(try client.ask("/large").1.utf8.count == 8 << 20)
        #expect(try client.ask("/echo", text + "x").0 == 413)
    }

    @Test func bodyIsBounded() throws {
        var limits = HTTPServerLimits()
        limits.bodyBytesMax = 1_000
        let harness = try ServerHarness(limits)
        for (count, status) in [(999, 200), (1_000, 200), (1_001, 413)] {
            #expect(try harness.tcp.ask("/echo", String(repeating: "a", count: count)).0 == UInt16(status))
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let harness = try ServerHarness()
        let socket = try RawSocket(port: harness.port)
        var requests = ""
        for index in 0..<50 {
            let path = index % 5 == 0 ? "/later" : "/echo"
            let body = "n\(index);"
            requests += "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        socket.write(requests + "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let answers = socket.read()
        let numbers = answers.split(separator: "\r\n\r\n").compactMap { part in
            part.hasPrefix("n") ? part.prefix { $0 != ";" }.dropFirst() : nil
        }
        #expect(numbers.map(String.init) == (0..<50).map(String.init))
        #expect(answers.hasSuffix("Connection: close\r\nContent-Length: 4\r\n\r\n/end"))
    }

    @Test func requestInSingleBytesIsAnswered() throws {
        let harness = try ServerHarness()
        let socket = try RawSocket(port: harness.port)
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        for character in (head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").utf8 {
            socket.write(String(UnicodeScalar(character)))
            usleep(200)
        }
        #expect(socket.read().hasSuffix("\r\n\r\nabcde"))
    }

    @Test(
        "is refused and the connection closed",
        arguments: ["GET / HTTP/1.1\n", "\r\n", "GET / HTTP/1.0\r\n\r\n", "\u{16}\u{3}\n"]
    )
    func malformedRequestEndsTheConnection(text: String) throws {
        let harness = try ServerHarness()
        let socket = try RawSocket(port: harness.port)
        socket.write(text + "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = socket.read()
        #expect(answer.hasPrefix("HTTP/1.1 400") || answer.hasPrefix("HTTP/1.1 505"))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.components(separatedBy: "\r\n\r\n").count == 2)
        #expect(harness.handler.seen.withLock { $0.isEmpty })
    }

    @Test func clientThatWaitsForItsTurnIsToldToGoOn() throws {
        let harness = try ServerHarness()
        let socket = try RawSocket(port: harness.port)
        socket.write(
            "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        )
        #expect(socket.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        socket.write("ok")
        #expect(socket.read().hasSuffix("\r\n\r\nok"))
    }

    @Test func clientThatEndsItsSideStillGetsItsReply() throws {
        let harness = try ServerHarness()
        for path in ["/later", "/echo"] {
            let socket = try RawSocket(port: harness.port)
            socket.write("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")
            socket.endInput()
            #expect(socket.read().hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func secondReplyIsDropped() throws {
        let harness = try ServerHarness()
        let client = harness.tcp
        #expect(try client.ask("/twice") == (200, "1"))
        #expect(try client.ask("/echo", "x") == (200, "x"))
    }

    @Test func replyToAClientThatHasGoneIsDropped() throws {
        let harness = try ServerHarness()
        do {
            let socket = try RawSocket(port: harness.port)
            socket.write("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { harness.handler.held.withLock { $0.count == 1 } })
        }
        let client = harness.tcp
        #expect(try client.ask("/echo", "1") == (200, "1"))
        let exchange = try #require(harness.handler.held.withLock { $0.first })
        for _ in 0..<3 {
            harness.server.reply(to: exchange, ResponseOptions(status: .ok), body: [0x31])
        }
        #expect(try client.ask("/echo", "2") == (200, "2"))
    }

    @Test func abandonedRequestEndsTheConnection() throws {
        let harness = try ServerHarness()
        #expect(throws: HTTPClientError.endedEarly) { try harness.tcp.ask("/abandon") }
        #expect(try harness.tcp.ask("/echo", "x") == (200, "x"))
    }

    @Test func peerIsNamedByTheKernel() throws {
        let harness = try ServerHarness()
        let (_, peer) = try harness.unix.ask("/peer")
        #expect(peer == "unix(pid: \(getpid()), uid: \(getuid()), gid: \(getgid()))")
        #expect(try harness.tcp.ask("/peer").1 == "tcp")
    }

    @Test func tagLastsAsLongAsTheConnection() throws {
        let harness = try ServerHarness()
        let client = harness.tcp
        #expect(try client.ask("/tag").1 == "0")
        #expect(try client.ask("/tag").1 == "1")
        client.close()
        #expect(try client.ask("/tag").1 == "0")
    }

    @Test func answerToHeadHasNoBody() throws {
        let harness = try ServerHarness()
        let client = harness.tcp
        #expect(try client.ask("/abc", method: .head) == (404, ""))
        #expect(try client.ask("/echo", "x") == (200, "x"))
    }

    @Test func manyConnectionsAreServedAtOnce() throws {
        let harness = try ServerHarness()
        let threads = try (0..<16).map { number in
            let client = UncheckedClient(client: number % 2 == 0 ? harness.unix : harness.tcp)
            return try Runtime.Thread.start(name: "client") {
                for round in 0..<100 {
                    let text = "\(number) \(round)"
                    let path = round % 10 == 0 ? "/later" : "/echo"
                    if (try? client.client.ask(path, text))?.1 != text {
                        Issue.record("connection \(number) got another answer in round \(round)")
                    }
                }
            }
        }
        for thread in threads {
            thread.join()
        }
    }
}

/// A client that is handed to one other thread.
private struct UncheckedClient: @unchecked Sendable {
    let client: HTTPClient
}
