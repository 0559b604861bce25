internal import CUV
internal import Glibc
package import HTTP

/// An HTTP/1.1 server on an ``EventLoop``: over TCP and Unix sockets, for one ``HTTPHandler``.
///
/// Requests of one connection are handled one after the other, in their order; connections do not wait for one
/// another. While a request is handled at most one buffer's worth of further bytes is read from its connection.
/// A connection that is idle costs a slot and no buffer.
@safe
package final class HTTPServer: LoopMember, @unchecked Sendable {
    /// The loop that the server lives on.
    package let loop: EventLoop
    /// The bounds.
    package let limits: HTTPServerLimits

    let handler: any HTTPHandler
    var slab: ConnectionSlab
    var listeners: [Listener] = []
    /// Where bytes of all connections arrive at first; a whole request in one read is never copied.
    let scratch: UnsafeMutablePointer<UInt8>
    /// What is to be sent on the connection that is worked upon; emptied at the end of that work.
    var outbox: [UInt8] = []
    /// The connection whose bytes are being processed, so that its replies wait for each other in the outbox.
    var current: UnsafeMutablePointer<Connection>?
    var sweep: LoopWatch?
    var isDraining = false
    var drained: (() -> Void)?
    let inbox = Guarded<[HTTPReply]>([])
    private var spareInbox: [HTTPReply] = []

    /// The size of ``scratch`` in bytes: the most that one read takes.
    static let scratchBytes = 65_536

    /// Makes a server that listens nowhere yet; on the loop's thread.
    ///
    /// It raises the process' limit of open files, and has the process ignore SIGPIPE.
    package init(on loop: EventLoop, limits: HTTPServerLimits, handler: any HTTPHandler) throws(SystemError) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
        slab = ConnectionSlab(capacity: limits.connectionsMax)
        unsafe scratch = .allocate(capacity: Self.scratchBytes)
        unsafe current = nil
        outbox.reserveCapacity(4_096)
        try ProcessHardening.raiseFileLimit()
        ProcessHardening.ignoreBrokenPipes()
        loop.add(self)
        sweep = try loop.schedule(
            afterMilliseconds: limits.sweepMilliseconds,
            everyMilliseconds: limits.sweepMilliseconds
        ) { [weak self] in
            self?.sweepDeadlines()
        }
    }

    deinit {
        slab.deallocate()
        unsafe scratch.deallocate()
    }

    /// The number of open connections; on the loop's thread.
    package var connectionCount: Int { slab.live }

    /// Answers a request, from any thread.
    ///
    /// If the client has gone, or the request was answered already, nothing happens.
    package func reply(to exchange: HTTPExchange, _ options: ResponseOptions, body: [UInt8]) {
        if loop.isCurrent {
            unsafe body.withUnsafeBytes { buffer in
                unsafe send(exchange, options, buffer)
            }
        } else {
            reply(batch: [HTTPReply(to: exchange, options, body: body)])
        }
    }

    /// Answers a request with bytes that are only borrowed.
    ///
    /// On the loop's thread, as in ``HTTPHandler/handle(_:_:on:)``.
    package func reply(to exchange: HTTPExchange, _ options: ResponseOptions, bytes: UnsafeRawBufferPointer) {
        precondition(loop.isCurrent, "borrowed bytes are sent on the loop's thread")
        unsafe send(exchange, options, bytes)
    }

    /// Answers many requests, from any thread, with one wake of the loop.
    package func reply(batch: [HTTPReply]) {
        let wasEmpty = inbox.withLock { inbox in
            let wasEmpty = inbox.isEmpty
            inbox.append(contentsOf: batch)
            return wasEmpty
        }
        if wasEmpty, !loop.wake() {
            // The server has ended, and its clients with it.
            inbox.withLock { $0 = [] }
        }
    }

    /// Who sent a request; nil if the exchange is over.
    ///
    /// On the loop's thread.
    package func peer(of exchange: HTTPExchange) -> HTTPPeer? {
        guard let slot = unsafe find(exchange) else {
            return nil
        }
        if unsafe slot.pointee.isTCP {
            return .tcp
        }
        return unsafe .unix(pid: slot.pointee.pid, uid: slot.pointee.uid, gid: slot.pointee.gid)
    }

    /// The handler's word for the connection of a request: 0 at first, nil if the exchange is over.
    ///
    /// On the loop's thread.
    package func tag(of exchange: HTTPExchange) -> UInt64? {
        unsafe find(exchange)?.pointee.tag
    }

    /// Sets the handler's word for the connection of a request, such as an authentication that was checked.
    ///
    /// It lasts as long as the connection. On the loop's thread.
    package func setTag(_ tag: UInt64, of exchange: HTTPExchange) {
        if let slot = unsafe find(exchange) {
            unsafe slot.pointee.tag = tag
        }
    }

    /// Closes the connection of a request without a reply.
    ///
    /// On the loop's thread.
    package func abandon(_ exchange: HTTPExchange) {
        if let slot = unsafe find(exchange) {
            unsafe close(slot)
        }
    }

    // MARK: Loop member

    func drain() {
        var batch = spareInbox
        spareInbox = []
        inbox.withLock { swap(&$0, &batch) }
        for reply in batch {
            unsafe reply.body.withUnsafeBytes { buffer in
                unsafe send(reply.exchange, reply.options, buffer)
            }
        }
        // The memory is kept for the next batch, unless this one was unusually large.
        if batch.capacity <= 4_096 {
            batch.removeAll(keepingCapacity: true)
            spareInbox = batch
        }
    }

    func closeHandles() {
        for listener in listeners {
            listener.close()
        }
        listeners = []
        sweep?.cancel()
        for index in 0..<slab.touched {
            let slot = unsafe slab.slots + index
            if unsafe slot.pointee.phase != .free {
                unsafe close(slot)
            }
        }
    }

    // MARK: Exchanges

    /// The slot of an exchange that is still waiting for its reply.
    func find(_ exchange: HTTPExchange) -> UnsafeMutablePointer<Connection>? {
        guard Int(exchange.slot) < slab.touched else {
            return nil
        }
        let slot = unsafe slab.slots + Int(exchange.slot)
        guard unsafe slot.pointee.generation == exchange.generation, unsafe slot.pointee.phase == .handling else {
            return nil
        }
        return unsafe slot
    }

    private func send(_ exchange: HTTPExchange, _ options: ResponseOptions, _ body: UnsafeRawBufferPointer) {
        guard let slot = unsafe find(exchange) else {
            return
        }
        if let current = unsafe current, unsafe current != slot {
            // The outbox holds bytes of another connection: this reply waits for its own turn.
            reply(batch: [unsafe HTTPReply(to: exchange, options, body: [UInt8](body))])
            return
        }
        var options = options
        if isDraining || options.closesConnection {
            unsafe slot.pointee.closesAfterReply = true
        }
        options.closesConnection = unsafe slot.pointee.closesAfterReply
        options.omitsBody = unsafe slot.pointee.answersHead
        if body.count > limits.responseBytesMax {
            options = ResponseOptions(status: .internalServerError, closesConnection: true)
            unsafe slot.pointee.closesAfterReply = true
            unsafe ResponseWriter.append(options, body: UnsafeRawBufferPointer(start: nil, count: 0), to: &outbox)
        } else {
            unsafe ResponseWriter.append(options, body: body, to: &outbox)
        }
        unsafe slot.pointee.generation &+= 1
        unsafe slot.pointee.phase = .idle
        // Inside the handler's call the bytes wait for those of further requests that have arrived already.
        if unsafe current == nil {
            unsafe finishWork(slot)
        }
    }

    /// Sends the outbox of a connection whose reply came later, and goes on with what has arrived meanwhile.
    private func finishWork(_ slot: UnsafeMutablePointer<Connection>) {
        unsafe flush(slot)
        if unsafe slot.pointee.phase == .idle {
            unsafe proceed(slot)
        }
    }
}
