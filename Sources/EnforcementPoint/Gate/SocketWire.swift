// The wire of every gateway: HTTP over the gate's Unix socket or loopback port, connections kept.

import Bytes
import HTTP
package import Runtime

/// Calls a gate over a Unix socket or a loopback port.
///
/// Each call uses one connection of a small pool, so that a slow ruling delays no other. A call is never repeated
/// here: whether a repeat is safe is for the caller to know.
package final class SocketWire: GateWire {
    /// The most connections that are kept for later calls.
    package static let idleConnectionsMax = 16

    private let address: GateAddress
    private let token: String?
    private let time: any TimeSource
    private let idle = Guarded<[Kept]>([])

    /// A connection that is used by one thread at a time: the one that took it out of the pool.
    private struct Kept: @unchecked Sendable {
        let client: HTTPClient
    }

    /// Makes a wire; it connects when it is first used.
    ///
    /// - Throws: ``UsageError`` when the token cannot be read.
    package init(
        _ address: GateAddress,
        token: TokenSource = .none,
        time: any TimeSource = SystemTime()
    ) throws(UsageError) {
        self.address = address
        self.token = try token.token()
        self.time = time
    }

    /// Sends one call and waits for its reply.
    package func send(_ call: GateCall, deadline: UInt64) throws(GateFailure) -> GateReply {
        let options = try options(call)
        let kept = idle.withLock { $0.popLast() } ?? Kept(client: connection())
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try kept.client.perform(options, body: call.body, deadlineMonotonicNanoseconds: deadline)
        } catch {
            throw Self.failure(error)
        }
        idle.withLock { if $0.count < Self.idleConnectionsMax { $0.append(kept) } }
        return GateReply(
            status: response.status.code,
            mediaType: response.field("content-type"),
            body: Array(response.body)
        )
    }

    private func connection() -> HTTPClient {
        let endpoint: HTTPEndpoint =
            switch address {
            case .unix(let path): .unix(path: path)
            case .loopback(let host, let port): .tcp(address: host, port: port)
            }
        return HTTPClient(endpoint: endpoint, responseBytesMax: EnforcementLimits.answerBytesMax, time: time)
    }

    private func options(_ call: GateCall) throws(GateFailure) -> RequestOptions {
        let host: String =
            switch address {
            case .unix: "localhost"
            case .loopback(let host, let port): host == "::1" ? "[::1]:\(port)" : "\(host):\(port)"
            }
        var fields = FieldBlock()
        do throws(FieldError) {
            if let token { try fields.append("Authorization", "Bearer \(token)") }
        } catch {
            throw .unreachable("the token cannot be sent")
        }
        switch call.method {
        case .get:
            return RequestOptions(method: .get, target: call.target, host: host, fields: fields)
        case .post:
            return RequestOptions(
                method: .post,
                target: call.target,
                host: host,
                contentType: "application/json",
                fields: fields
            )
        }
    }

    /// What a failure of the client says about the question.
    private static func failure(_ error: HTTPClientError) -> GateFailure {
        switch error {
        case .request, .connect: .unreachable("\(error)")
        case .deadline(let wasSent): wasSent ? .lost("\(error)") : .unreachable("\(error)")
        case .broken, .endedEarly: .lost("\(error)")
        case .malformed, .unsolicitedBytes: .irregular("\(error)")
        }
    }
}
