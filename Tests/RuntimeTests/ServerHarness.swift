import Bytes
import Foundation
import HTTP
import Runtime
import Testing

/// A directory that is removed at the end of the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/writ-\(try RandomSource.hexadecimal(bytes: 8))"
        try Files.createDirectory(path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Milliseconds from now, on the monotonic clock.
func deadline(_ milliseconds: UInt64) -> UInt64 {
    SystemTime().monotonicNanoseconds() + milliseconds * 1_000_000
}

/// Waits until a condition holds, for at most five seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = deadline(5_000)
    while !condition() {
        if SystemTime().monotonicNanoseconds() > end {
            return false
        }
        usleep(2_000)
    }
    return true
}

/// A handler that does what the path says.
final class PathHandler: HTTPHandler {
    let held = Guarded<[HTTPExchange]>([])
    let seen = Guarded<[String]>([])

    func handle(_ request: borrowing RequestView, _ exchange: HTTPExchange, on server: HTTPServer) {
        let path = request.path
        seen.withLock { $0.append(path) }
        switch path {
        case "/echo":
            unsafe server.reply(to: exchange, ResponseOptions(status: .ok), bytes: request.body)
        case "/hold":
            held.withLock { $0.append(exchange) }
        case "/later":
            let body = request.bodyBytes
            let thread = try? Thread.start(name: "later") {
                usleep(5_000)
                server.reply(to: exchange, ResponseOptions(status: .ok), body: body)
            }
            if thread == nil {
                server.abandon(exchange)
            }
        case "/large":
            let body = [UInt8](repeating: 0x61, count: 8 << 20)
            server.reply(to: exchange, ResponseOptions(status: .ok), body: body)
        case "/tag":
            let tag = server.tag(of: exchange) ?? 0
            server.setTag(tag + 1, of: exchange)
            server.reply(to: exchange, ResponseOptions(status: .ok), body: Array("\(tag)".utf8))
        case "/peer":
            let peer = server.peer(of: exchange).map { "\($0)" } ?? "gone"
            server.reply(to: exchange, ResponseOptions(status: .ok), body: Array(peer.utf8))
        case "/twice":
            server.reply(to: exchange, ResponseOptions(status: .ok), body: [0x31])
            server.reply(to: exchange, ResponseOptions(status: .ok), body: [0x32])
        case "/abandon":
            server.abandon(exchange)
        default:
            server.reply(to: exchange, ResponseOptions(status: .notFound), body: Array(path.utf8))
        }
    }
}

/// A server on a thread of its own, over a Unix socket and TCP.
final class ServerHarness {
    let directory: TemporaryDirectory
    let socketPath: String
    let port: UInt16
    let loop: EventLoop
    let server: HTTPServer
    let handler: PathHandler
    private let thread: Runtime.Thread

    init(_ limits: HTTPServerLimits = HTTPServerLimits()) throws {
        directory = try TemporaryDirectory()
        socketPath = directory.path + "/socket"
        handler = PathHandler()
        let loop = try EventLoop()
        self.loop = loop
        server = try HTTPServer(on: loop, limits: limits, handler: handler)
        try server.listenUnix(path: socketPath, permissions: 0o660)
        port = try server.listenTCP(address: "127.0.0.1", port: 0)
        thread = try Runtime.Thread.start(name: "loop") { loop.run() }
    }

    deinit {
        loop.stop()
        thread.join()
    }

    func stop() {
        loop.stop()
        thread.join()
    }

    var unix: HTTPClient { HTTPClient(endpoint: .unix(path: socketPath), responseBytesMax: 16 << 20) }

    var tcp: HTTPClient {
        HTTPClient(endpoint: .tcp(address: "127.0.0.1", port: port), responseBytesMax: 16 << 20)
    }
}

extension HTTPClient {
    /// Asks and waits for at most five seconds.
    func ask(_ target: String, _ body: String = "", method: HTTPMethod = .post) throws -> (UInt16, String) {
        let response = try perform(
            RequestOptions(method: method, target: target, host: "localhost"),
            body: Array(body.utf8),
            deadlineMonotonicNanoseconds: deadline(5_000)
        )
        return (response.status.code, String(decoding: response.body, as: UTF8.self))
    }
}

/// A plain TCP socket, to say what no client of ours would say.
final class RawSocket {
    private let number: Int32

    init(port: UInt16) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                number,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_in>.size)
            )
        }
        guard result == 0 else {
            throw SystemError("connect", number: errno)
        }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(number)
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func endInput() {
        shutdown(number, Int32(SHUT_WR))
    }

    /// Reads until the text ends with a suffix, the peer ends, or five seconds pass.
    func read(until suffix: String? = nil) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(number, &buffer, buffer.count, 0)
            if count <= 0 {
                return String(decoding: all, as: UTF8.self)
            }
            all += buffer[..<count]
            if let suffix, all.count >= suffix.utf8.count, all.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) {
                return String(decoding: all, as: UTF8.self)
            }
        }
    }
}
