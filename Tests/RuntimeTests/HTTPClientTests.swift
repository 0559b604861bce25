import Foundation
import HTTP
import Runtime
import Testing

/// A TCP server that says the same to everybody, whatever they ask.
private final class Parrot {
    let port: UInt16
    private let number: Int32
    private let thread: Runtime.Thread

    init(_ answers: [String], delayMicroseconds: UInt32 = 0) throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.number = number
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            unsafe bind(number, base, length)
            listen(number, 8)
            unsafe getsockname(number, base, &length)
        }
        port = UInt16(bigEndian: address.sin_port)
        thread = try Runtime.Thread.start(name: "parrot") {
            for answer in answers {
                let accepted = accept(number, nil, nil)
                guard accepted >= 0 else {
                    return
                }
                var buffer = [UInt8](repeating: 0, count: 4_096)
                _ = unsafe recv(accepted, &buffer, buffer.count, 0)
                usleep(delayMicroseconds)
                let bytes = Array(answer.utf8)
                _ = unsafe send(accepted, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(accepted)
            }
        }
    }

    deinit {
        shutdown(number, Int32(SHUT_RDWR))
        thread.join()
        close(number)
    }

    var client: HTTPClient {
        HTTPClient(endpoint: .tcp(address: "127.0.0.1", port: port), responseBytesMax: 100)
    }
}

@Suite("HTTP client")
struct HTTPClientTests {
    @Test(
        "is an error",
        arguments: [
            ("", HTTPClientError.endedEarly),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", .endedEarly),
            ("HTTP/1.1 200 OK\r\n\r\n{\"dispatch\":true}", .malformed(.unframedBody)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n", .unsolicitedBytes),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", .malformed(.unsupportedVersion)),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                .malformed(.unexpectedInterimResponse)
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .malformed(.bodyTooLarge)),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", .malformed(.contentEncoding)),
            ("<html>", .endedEarly),
            ("<html>\n", .malformed(.bareLineFeed)),
        ]
    )
    func irregularAnswerIsAnError(answer: String, error: HTTPClientError) throws {
        let parrot = try Parrot([answer])
        #expect(throws: error) { try parrot.client.ask("/") }
        #expect(error.mayHaveArrived)
    }

    @Test func regularAnswerIsReturned() throws {
        let parrot = try Parrot(["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])
        #expect(try parrot.client.ask("/") == (200, "{}"))
    }

    @Test func deadlineEndsTheWait() throws {
        let parrot = try Parrot(["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"], delayMicroseconds: 300_000)
        let start = SystemTime().monotonicNanoseconds()
        #expect(throws: HTTPClientError.deadline(wasSent: true)) {
            try parrot.client.perform(
                RequestOptions(method: .get, target: "/", host: "a"),
                deadlineMonotonicNanoseconds: deadline(50)
            )
        }
        #expect(SystemTime().monotonicNanoseconds() - start < 250_000_000)
    }

    @Test func keptConnectionThatTheServerEndedIsReplaced() throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        let parrot = try Parrot([answer, answer])
        let client = parrot.client
        #expect(try client.ask("/") == (200, "{}"))
        usleep(50_000)
        #expect(try client.ask("/") == (200, "{}"))
    }

    @Test func absentServerIsAnErrorBeforeAnythingIsSent() throws {
        let directory = try TemporaryDirectory()
        let endpoints: [HTTPEndpoint] = [
            .unix(path: directory.path + "/none"), .unix(path: String(repeating: "a", count: 200)), .unix(path: ""),
            .tcp(address: "127.0.0.1", port: 1), .tcp(address: "localhost", port: 80),
        ]
        for endpoint in endpoints {
            let client = HTTPClient(endpoint: endpoint, responseBytesMax: 100)
            let error = #expect(throws: HTTPClientError.self) { try client.ask("/") }
            #expect(error?.mayHaveArrived == false)
        }
    }

    @Test func requestThatCannotBeSentIsAnError() throws {
        let harness = try ServerHarness()
        #expect(throws: HTTPClientError.request(.invalidTarget)) { try harness.unix.ask("/a b") }
    }

    @Test func answerInPiecesIsReadWhole() throws {
        let harness = try ServerHarness()
        #expect(try harness.unix.ask("/large").1.utf8.count == 8 << 20)
    }
}
