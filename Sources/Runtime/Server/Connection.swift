internal import CUV
internal import HTTP

/// The state of one connection: plain memory in the server's slab, so that the hot path counts no references.
@safe
struct Connection {
    /// What a connection is waiting for.
    enum Phase: UInt8 {
        /// Nothing: the slot is free.
        case free
        /// The first byte of a request.
        case idle
        /// The rest of a head.
        case head
        /// The rest of a body.
        case body
        /// The handler's reply.
        case handling
        /// The client, to take the response.
        case writing
        /// The client, to read the refusal and to stop sending.
        case lingering
        /// libuv, to close the handle.
        case closing
    }

    /// Changes with every request that is answered and every connection that ends; see ``HTTPExchange``.
    var generation: UInt64 = 0
    let index: UInt32
    var phase = Phase.free
    var isTCP = false
    var isReading = false
    /// The client has ended its side: answer what is in flight, then close.
    var isInputEnded = false
    var closesAfterReply = false
    var lingersAfterReply = false
    var answersHead = false
    var hasSentContinue = false
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    /// The handler's own word for this connection, 0 at first.
    var tag: UInt64 = 0
    /// When to stop waiting, in the loop's milliseconds.
    var deadline: UInt64 = 0
    /// When the body began, and when it is looked at; or what a stalled write still had to send.
    var bodyStart: UInt64 = 0
    var writeQueueBytes = 0
    /// What has arrived and is not handled yet; nil if that is nothing.
    var buffer: UnsafeMutablePointer<UInt8>?
    var capacity = 0
    var count = 0
    var parser: RequestParser
    let server: Unmanaged<HTTPServer>

    init(index: UInt32, bodyBytesMax: Int, server: Unmanaged<HTTPServer>) {
        self.index = index
        unsafe self.server = server
        unsafe buffer = nil
        parser = RequestParser(bodyBytesMax: bodyBytesMax)
    }

    /// Makes the buffer large enough for `needed` bytes, keeping what is in it.
    mutating func reserve(_ needed: Int) {
        if needed <= capacity {
            return
        }
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: needed)
        if let old = unsafe buffer {
            unsafe grown.update(from: old, count: count)
            unsafe old.deallocate()
        }
        unsafe buffer = grown
        capacity = needed
    }

    /// Gives the buffer back: a connection that waits for a request holds no memory beside its slot.
    mutating func releaseBuffer() {
        if let old = unsafe buffer {
            unsafe old.deallocate()
        }
        unsafe buffer = nil
        capacity = 0
        count = 0
    }
}

/// The memory of all connections of a server: slots that never move, so that libuv and the handler can name them.
///
/// Pages that no connection has touched cost nothing.
@safe
struct ConnectionSlab {
    let slots: UnsafeMutablePointer<Connection>
    private let handles: UnsafeMutableRawPointer
    private let handleStride: Int
    private var free: [UInt32] = []
    /// Slots below this were used at some time.
    private(set) var touched = 0
    let capacity: Int

    init(capacity: Int) {
        let size = unsafe max(MemoryLayout<uv_tcp_t>.size, MemoryLayout<uv_pipe_t>.size)
        self.capacity = capacity
        handleStride = (size + 15) & ~15
        unsafe slots = .allocate(capacity: capacity)
        unsafe handles = .allocate(byteCount: capacity * handleStride, alignment: 16)
    }

    func deallocate() {
        unsafe slots.deallocate()
        unsafe handles.deallocate()
    }

    var live: Int { touched - free.count }

    func stream(_ slot: UnsafeMutablePointer<Connection>) -> UnsafeMutablePointer<uv_stream_t> {
        unsafe (handles + Int(slot.pointee.index) * handleStride).assumingMemoryBound(to: uv_stream_t.self)
    }

    /// Takes a free slot; nil if all are in use.
    mutating func take(
        bodyBytesMax: Int,
        server: Unmanaged<HTTPServer>
    ) -> UnsafeMutablePointer<Connection>? {
        if let index = free.popLast() {
            return unsafe slots + Int(index)
        }
        guard touched < capacity else {
            return nil
        }
        let slot = unsafe slots + touched
        unsafe slot.initialize(
            to: Connection(index: UInt32(touched), bodyBytesMax: bodyBytesMax, server: server)
        )
        touched += 1
        return unsafe slot
    }

    /// Gives a slot back, ready for the next connection; the generation goes on.
    mutating func give(_ slot: UnsafeMutablePointer<Connection>) {
        unsafe slot.pointee.releaseBuffer()
        let generation = unsafe slot.pointee.generation
        let index = unsafe slot.pointee.index
        unsafe slot.pointee = unsafe Connection(
            index: index,
            bodyBytesMax: slot.pointee.parser.bodyBytesMax,
            server: slot.pointee.server
        )
        unsafe slot.pointee.generation = generation
        free.append(index)
    }
}
