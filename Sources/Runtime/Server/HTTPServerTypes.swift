package import HTTP

/// The named bounds of an ``HTTPServer``; each has a default that suits the gate's own interface.
package struct HTTPServerLimits: Sendable {
    /// The most open connections; further ones get 503 and are closed.
    package var connectionsMax = 4_096
    /// The largest request body in bytes.
    package var bodyBytesMax = 262_144
    /// How long a client may take from its first byte, or from connecting, until the head is complete.
    package var headTimeoutMilliseconds: UInt64 = 10_000
    /// How long a client may take for a body, however large.
    package var bodyTimeoutMilliseconds: UInt64 = 30_000
    /// The slowest rate of a body in bytes per second, once ``bodyGraceMilliseconds`` have passed.
    package var bodyBytesPerSecondMin = 1_024
    /// How long the rate of a body is not looked at.
    package var bodyGraceMilliseconds: UInt64 = 5_000
    /// How long a connection may wait between two requests.
    package var idleTimeoutMilliseconds: UInt64 = 60_000
    /// How long a client may take nothing of a response.
    package var writeStallMilliseconds: UInt64 = 30_000
    /// How long a refused client may go on sending, so that it can read why it was refused.
    package var lingerMilliseconds: UInt64 = 1_000
    /// How often the times above are looked at: they are exact to this much.
    package var sweepMilliseconds: UInt64 = 250
    /// The largest response body in bytes; a larger one is a bug of the handler, and answered with 500.
    package var responseBytesMax = 64 << 20
    /// The length of the queue of connections that are not accepted yet.
    package var backlog: Int32 = 1_024

    /// Makes limits with their defaults.
    package init() {}
}

/// One request that waits for its reply: where it came from, and which of that connection's requests it is.
///
/// It is a value, so it can go anywhere. After the reply, or when the client has gone, it names nothing, and a reply
/// to it is dropped.
package struct HTTPExchange: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt64
}

/// Who is at the other end of a connection, as the kernel says.
package enum HTTPPeer: Hashable, Sendable {
    /// Somebody over TCP.
    case tcp
    /// A process of this machine, over a Unix socket, as it was when it connected.
    case unix(pid: Int32, uid: UInt32, gid: UInt32)
}

/// A reply for a batch: see ``HTTPServer/reply(batch:)``.
package struct HTTPReply: Sendable {
    /// The request that is answered.
    package var exchange: HTTPExchange
    /// What is said before the body.
    package var options: ResponseOptions
    /// The body.
    package var body: [UInt8]

    /// Makes a reply from its parts.
    package init(to exchange: HTTPExchange, _ options: ResponseOptions, body: [UInt8]) {
        self.exchange = exchange
        self.options = options
        self.body = body
    }
}

/// What answers the requests of an ``HTTPServer``.
package protocol HTTPHandler: AnyObject, Sendable {
    /// Takes a request, on the loop's thread, and MUST NOT block.
    ///
    /// The reply may be given before this returns or at any later time, by ``HTTPServer/reply(to:_:body:)``, from any
    /// thread. Until then nothing more is asked on this connection. A request that is never answered holds its
    /// connection for ever, so the handler has a deadline of its own for everything that it waits for.
    func handle(_ request: borrowing RequestView, _ exchange: HTTPExchange, on server: HTTPServer)
}
