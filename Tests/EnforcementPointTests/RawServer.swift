// A server on a Unix socket that sends whatever bytes a test wants.

import Foundation
import Runtime
import Synchronization

/// What the server does with one request.
enum RawReply: Sendable {
    /// Sends these bytes and keeps the connection.
    case bytes(String)
    /// Sends these bytes and ends the connection.
    case bytesAndEnd(String)
    /// Says nothing for that long, then ends the connection.
    case silence(milliseconds: Int)

    /// A whole answer with JSON.
    static func json(_ status: String, _ body: String, type: String = "application/json") -> RawReply {
        .bytes("HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}

/// Answers requests in the order of a script, or by a function of them.
final class RawServer: Sendable {
    let path: String
    private let listener: Int32
    private let requests = Guarded<[String]>([])
    private let connections = Guarded(0)
    private let reply: @Sendable (_ request: String) -> RawReply

    var received: [String] { requests.withLock { $0 } }
    var connectionCount: Int { connections.withLock { $0 } }

    convenience init(_ path: String, script: [RawReply]) throws {
        let left = Guarded(script)
        try self.init(path) { _ in
            left.withLock { $0.isEmpty ? .bytesAndEnd("") : $0.removeFirst() }
        }
    }

    init(_ path: String, reply: @escaping @Sendable (_ request: String) -> RawReply) throws {
        self.path = path
        self.reply = reply
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(listener, $0, size) }
        }
        guard result == 0, listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
        let thread = Foundation.Thread { [listener, self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                connections.withLock { $0 += 1 }
                Foundation.Thread { [self] in serve(connection) }.start()
            }
        }
        thread.start()
    }

    /// Ends the listener, as a gate that is killed does.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unsafe unlink(path)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = Self.request(connection) {
            requests.withLock { $0.append(request) }
            switch reply(request) {
            case .bytes(let text): Self.send(connection, text)
            case .bytesAndEnd(let text):
                Self.send(connection, text)
                return
            case .silence(let milliseconds):
                usleep(UInt32(milliseconds) * 1_000)
                return
            }
        }
    }

    private static func send(_ connection: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Reads one request with its body; nil at the end.
    private static func request(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap { line -> Int? in
                    line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
                }
                if text[end.upperBound...].utf8.count >= length.first ?? 0 { return text }
            }
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(connection, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return nil }
            bytes += piece.prefix(count)
        }
    }
}
