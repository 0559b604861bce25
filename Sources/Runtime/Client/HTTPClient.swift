internal import CSystem
internal import Glibc
package import HTTP

/// Where an ``HTTPClient`` connects to; names are not resolved.
package enum HTTPEndpoint: Hashable, Sendable {
    /// A Unix socket.
    case unix(path: String)
    /// A numeric IPv4 or IPv6 address and a port.
    case tcp(address: String, port: UInt16)
}

/// Why there is no response.
///
/// Each means: nothing is known of an answer, so do not act.
package enum HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The request cannot be written; nothing was sent.
    case request(RequestWriteError)
    /// There is no connection; nothing was sent.
    case connect(SystemError)
    /// The deadline came first.
    case deadline(wasSent: Bool)
    /// The connection broke; the server may have taken the request.
    case broken(SystemError)
    /// The server ended the connection before its answer was complete.
    case endedEarly
    /// The answer is no HTTP/1.1 response, or exceeds a limit.
    case malformed(MessageError)
    /// More bytes came than the answer has.
    case unsolicitedBytes

    /// Whether the server may have acted on the request.
    package var mayHaveArrived: Bool {
        switch self {
        case .request, .connect: false
        case .deadline(let wasSent): wasSent
        case .broken, .endedEarly, .malformed, .unsolicitedBytes: true
        }
    }

    /// One line for a person.
    package var description: String {
        switch self {
        case .request(let error): "the request cannot be sent: \(error)"
        case .connect(let error): error.description
        case .deadline: "no answer within the time allowed"
        case .broken(let error): error.description
        case .endedEarly: "the server ended the connection before its answer was complete"
        case .malformed(let error): "the answer is irregular: \(error.message)"
        case .unsolicitedBytes: "the answer is irregular: more bytes than it declares"
        }
    }
}

/// A client that blocks its thread: one server, one request at a time, one connection that is kept alive.
///
/// It never repeats a request, never follows a redirect and never guesses: an answer that is irregular in any way is an
/// error. Not safe to use from two threads at once.
package final class HTTPClient {
    private let endpoint: HTTPEndpoint
    private let responseBytesMax: Int
    private let time: any TimeSource
    private var connection: FileDescriptor?

    /// Room for one read.
    private static let readBytes = 16_384

    /// Makes a client that connects when it is first used.
    ///
    /// `responseBytesMax` is the largest body that is accepted.
    package init(endpoint: HTTPEndpoint, responseBytesMax: Int, time: any TimeSource = SystemTime()) {
        self.endpoint = endpoint
        self.responseBytesMax = responseBytesMax
        self.time = time
        connection = nil
    }

    /// Ends the connection; the next request makes a new one.
    package func close() {
        connection = nil
    }

    /// Sends a request and waits for its response.
    ///
    /// - Parameters:
    ///   - options: What is asked.
    ///   - body: The body.
    ///   - deadline: When to give up, in nanoseconds of the monotonic clock.
    /// - Returns: The whole response.
    /// - Throws: Why there is none; the connection is closed then.
    package func perform(
        _ options: RequestOptions,
        body: [UInt8] = [],
        deadlineMonotonicNanoseconds deadline: UInt64
    ) throws(HTTPClientError) -> HTTPResponse {
        var message: [UInt8] = []
        do throws(RequestWriteError) {
            try RequestWriter.append(options, body: body, to: &message)
        } catch {
            throw .request(error)
        }
        do throws(HTTPClientError) {
            try connect(deadline)
            try send(message, deadline)
            let response = try receive(answersHead: options.method == .head, deadline)
            if response.closesConnection {
                connection = nil
            }
            return response
        } catch {
            connection = nil
            throw error
        }
    }

    private var name: String {
        switch endpoint {
        case .unix(let path): path
        case .tcp(let address, let port): "\(address):\(port)"
        }
    }

    /// Connects, unless a kept connection is still silent: one that has something to say was ended by the server.
    private func connect(_ deadline: UInt64) throws(HTTPClientError) {
        if let number = connection?.number {
            if try !wait(number, for: POLLIN, until: 0, wasSent: false) {
                return
            }
            connection = nil
        }
        let made =
            switch endpoint {
            case .unix: writ_socket_unix()
            case .tcp(let address, _): unsafe writ_socket_tcp(address)
            }
        let socket = FileDescriptor(owning: made, name: name)
        guard socket.number >= 0, writ_socket_nonblocking(socket.number) == 0 else {
            throw .connect(.last("connect to", name))
        }
        let result =
            switch endpoint {
            case .unix(let path): unsafe writ_unix_connect(socket.number, path, path.utf8.count)
            case .tcp(let address, let port): unsafe writ_tcp_connect(socket.number, address, port)
            }
        if result != 0 {
            let error = SystemError.last("connect to", name)
            guard error.number == EINPROGRESS else {
                throw .connect(error)
            }
            guard try wait(socket.number, for: POLLOUT, until: deadline, wasSent: false) else {
                throw .deadline(wasSent: false)
            }
            let outcome = writ_socket_error(socket.number)
            guard outcome == 0 else {
                throw .connect(SystemError("connect to", subject: name, number: outcome))
            }
        }
        connection = consume socket
    }

    private func send(_ message: [UInt8], _ deadline: UInt64) throws(HTTPClientError) {
        guard let number = connection?.number else {
            throw .endedEarly
        }
        var done = 0
        while done < message.count {
            let count = unsafe message.withUnsafeBytes { bytes in
                unsafe writ_send(number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count >= 0 {
                done += count
                continue
            }
            let error = SystemError.last("send to", name)
            if error.number == EAGAIN {
                guard try wait(number, for: POLLOUT, until: deadline, wasSent: done > 0) else {
                    throw .deadline(wasSent: done > 0)
                }
            } else if error.number != EINTR {
                throw .broken(error)
            }
        }
    }

    private func receive(answersHead: Bool, _ deadline: UInt64) throws(HTTPClientError) -> HTTPResponse {
        guard let number = connection?.number else {
            throw .endedEarly
        }
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        var count = 0
        var parser = ResponseParser(bodyBytesMax: responseBytesMax, answersHead: answersHead)
        while true {
            guard try wait(number, for: POLLIN, until: deadline, wasSent: true) else {
                throw .deadline(wasSent: true)
            }
            if count == buffer.count {
                buffer += [UInt8](repeating: 0, count: buffer.count)
            }
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(number, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count, 0)
            }
            if got < 0 {
                let error = SystemError.last("receive from", name)
                guard error.number == EINTR || error.number == EAGAIN else {
                    throw .broken(error)
                }
                continue
            }
            if got == 0 {
                throw .endedEarly
            }
            count += got
            let progress: RequestParser.Progress
            do throws(MessageError) {
                var span = buffer.mutableSpan
                progress = try parser.advance(&span, count: &count)
            } catch {
                throw .malformed(error)
            }
            if case .complete(let byteCount) = progress {
                guard byteCount == count else {
                    throw .unsolicitedBytes
                }
                buffer.removeLast(buffer.count - count)
                return HTTPResponse(bytes: buffer, parser: parser)
            }
        }
    }

    /// Waits until a socket is ready; false if the deadline came first.
    ///
    /// A deadline of 0 only looks.
    private func wait(
        _ number: Int32,
        for events: Int32,
        until deadline: UInt64,
        wasSent: Bool
    ) throws(HTTPClientError) -> Bool {
        while true {
            let now = time.monotonicNanoseconds()
            let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
            if left == 0, deadline != 0 {
                return false
            }
            var request = pollfd(fd: number, events: Int16(events), revents: 0)
            let result = unsafe poll(&request, 1, Int32(clamping: left))
            if result > 0 {
                return true
            }
            if result == 0, deadline == 0 {
                return false
            }
            let error = SystemError.last("wait for", name)
            if result < 0, error.number != EINTR {
                throw wasSent ? .broken(error) : .connect(error)
            }
        }
    }
}
