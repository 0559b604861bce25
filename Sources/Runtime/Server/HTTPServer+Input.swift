internal import CUV
internal import Glibc
internal import HTTP

/// Reading: from bytes to handled requests.
extension HTTPServer {
    /// The first buffer of a connection whose request did not come whole.
    private static let bufferBytesMin = 4_096
    /// What a connection may send ahead while its request is handled; reading stops beyond it.
    private static let aheadBytesMax = HTTPLimits.headBytesMax

    /// The most bytes that a connection's buffer can have: a request, and room for what follows or frames it.
    private var bufferBytesMax: Int { HTTPLimits.headBytesMax + limits.bodyBytesMax + Self.scratchBytes }

    func startReading(_ slot: UnsafeMutablePointer<Connection>) {
        if unsafe slot.pointee.isReading || slot.pointee.isInputEnded {
            return
        }
        unsafe slot.pointee.isReading = true
        let result = unsafe uv_read_start(
            slab.stream(slot),
            { handle, _, buffer in
                guard let slot = unsafe HTTPServer.slot(of: handle), let buffer = unsafe buffer else {
                    return
                }
                unsafe slot.pointee.server._withUnsafeGuaranteedRef { server in
                    unsafe buffer.pointee = unsafe server.room(slot)
                }
            },
            { stream, count, buffer in
                guard
                    let slot = unsafe stream.flatMap({
                        unsafe HTTPServer.slot(
                            of: UnsafeMutableRawPointer($0).assumingMemoryBound(to: uv_handle_t.self)
                        )
                    })
                else {
                    return
                }
                unsafe slot.pointee.server._withUnsafeGuaranteedRef { server in
                    unsafe server.received(slot, count: count)
                }
            }
        )
        if result != 0 {
            unsafe close(slot)
        }
    }

    private func stopReading(_ slot: UnsafeMutablePointer<Connection>) {
        if unsafe slot.pointee.isReading {
            unsafe slot.pointee.isReading = false
            unsafe uv_read_stop(slab.stream(slot))
        }
    }

    static func slot(of handle: UnsafeMutablePointer<uv_handle_t>?) -> UnsafeMutablePointer<Connection>? {
        unsafe handle?.pointee.data?.assumingMemoryBound(to: Connection.self)
    }

    /// Where the next bytes go: behind those that wait, or into the scratch memory if none do.
    private func room(_ slot: UnsafeMutablePointer<Connection>) -> uv_buf_t {
        let base: UnsafeMutablePointer<UInt8>
        let count: Int
        let isDiscarding = unsafe slot.pointee.phase == .lingering
        let arrivesAhead = unsafe slot.pointee.phase == .handling || slot.pointee.phase == .writing
        if unsafe !isDiscarding && (slot.pointee.count > 0 || arrivesAhead) {
            if unsafe slot.pointee.count == slot.pointee.capacity {
                unsafe grow(slot)
            }
            guard let buffer = unsafe slot.pointee.buffer else {
                return unsafe uv_buf_init(nil, 0)
            }
            unsafe base = buffer + slot.pointee.count
            count = unsafe slot.pointee.capacity - slot.pointee.count
        } else {
            unsafe base = scratch
            count = Self.scratchBytes
        }
        return unsafe base.withMemoryRebound(to: CChar.self, capacity: count) { unsafe uv_buf_init($0, UInt32(count)) }
    }

    /// Doubles a connection's buffer, or makes it as large as its request is known to be, whichever is less.
    private func grow(_ slot: UnsafeMutablePointer<Connection>) {
        let capacity = unsafe slot.pointee.capacity
        let doubled = min(max(Self.bufferBytesMin, capacity * 2), bufferBytesMax)
        let expected =
            unsafe slot.pointee.phase == .body
            ? slot.pointee.parser.byteCountExpected ?? bufferBytesMax : bufferBytesMax
        unsafe slot.pointee.reserve(max(min(doubled, expected), capacity))
    }

    private func received(_ slot: UnsafeMutablePointer<Connection>, count: Int) {
        if count == 0 {
            return
        }
        if count < 0 {
            unsafe inputEnded(slot, isOrderly: count == Int(UV_EOF.rawValue))
            return
        }
        switch unsafe slot.pointee.phase {
        case .free, .closing, .lingering:
            return
        case .handling, .writing:
            unsafe slot.pointee.count += count
            if unsafe slot.pointee.count >= min(Self.aheadBytesMax, bufferBytesMax) {
                unsafe stopReading(slot)
            }
        case .idle, .head, .body:
            if let buffer = unsafe slot.pointee.buffer, unsafe slot.pointee.count > 0 {
                unsafe process(slot, buffer, count: slot.pointee.count + count)
            } else {
                unsafe process(slot, scratch, count: count)
            }
        }
    }

    private func inputEnded(_ slot: UnsafeMutablePointer<Connection>, isOrderly: Bool) {
        switch unsafe slot.pointee.phase {
        case .handling where isOrderly, .writing where isOrderly:
            // A client may end its side once it has asked (RFC 9112 section 9.6); it still gets its reply.
            unsafe slot.pointee.isInputEnded = true
            unsafe stopReading(slot)
        case .free, .idle, .head, .body, .handling, .writing, .lingering, .closing:
            unsafe close(slot)
        }
    }

    /// Goes on after a reply: with what has arrived meanwhile, or with reading.
    func proceed(_ slot: UnsafeMutablePointer<Connection>) {
        if let buffer = unsafe slot.pointee.buffer, unsafe slot.pointee.count > 0 {
            unsafe process(slot, buffer, count: slot.pointee.count)
        } else {
            unsafe rest(slot, buffer: scratch, from: 0, to: 0)
            unsafe settle(slot)
        }
    }

    /// Reads requests from bytes and has them handled, until bytes or replies are missing.
    private func process(
        _ slot: UnsafeMutablePointer<Connection>,
        _ bytes: UnsafeMutablePointer<UInt8>,
        count arrived: Int
    ) {
        unsafe current = slot
        var start = 0
        var count = arrived
        var isGoingOn = true
        while isGoingOn, start < count {
            var rest = count - start
            let progress: RequestParser.Progress
            do throws(MessageError) {
                var span = unsafe MutableSpan(_unsafeStart: bytes + start, count: rest)
                progress = try unsafe slot.pointee.parser.advance(&span, count: &rest)
            } catch {
                unsafe current = nil
                unsafe refuse(slot, error.status, error.message)
                return
            }
            count = start + rest
            switch progress {
            case .incomplete:
                unsafe noteWaiting(slot)
                isGoingOn = false
            case .complete(let byteCount):
                unsafe handle(slot, UnsafeRawBufferPointer(start: bytes + start, count: byteCount))
                start += byteCount
                unsafe slot.pointee.parser.reset()
                if unsafe outbox.count >= Self.scratchBytes && slot.pointee.phase == .idle {
                    // Replies of this size wait for the client before the next request is looked at.
                    unsafe flush(slot)
                }
                isGoingOn = unsafe slot.pointee.phase == .idle && !slot.pointee.closesAfterReply
            }
        }
        unsafe current = nil
        unsafe rest(slot, buffer: bytes, from: start, to: count)
        unsafe settle(slot)
    }

    private func handle(_ slot: UnsafeMutablePointer<Connection>, _ bytes: UnsafeRawBufferPointer) {
        unsafe slot.pointee.phase = .handling
        unsafe slot.pointee.closesAfterReply = unsafe isDraining || slot.pointee.parser.head.closesConnection
        unsafe slot.pointee.answersHead = unsafe slot.pointee.parser.head.method == .head
        unsafe slot.pointee.hasSentContinue = false
        let exchange = unsafe HTTPExchange(slot: slot.pointee.index, generation: slot.pointee.generation)
        unsafe slot.pointee.parser.withView(of: bytes) { view in
            handler.handle(view, exchange, on: self)
        }
    }

    /// Sets the deadline of a request that has not wholly arrived, and lets a client that asked send its body.
    private func noteWaiting(_ slot: UnsafeMutablePointer<Connection>) {
        let now = loop.nowMilliseconds
        if unsafe slot.pointee.parser.hasHead {
            if unsafe slot.pointee.phase != .body {
                unsafe slot.pointee.phase = .body
                unsafe slot.pointee.bodyStart = now
                unsafe slot.pointee.deadline = now + limits.bodyTimeoutMilliseconds
            }
            if unsafe slot.pointee.parser.head.expectsContinue, unsafe !slot.pointee.hasSentContinue {
                unsafe slot.pointee.hasSentContinue = true
                unsafe outbox.append(
                    contentsOf: UnsafeBufferPointer(
                        start: ResponseWriter.continueResponse.utf8Start,
                        count: ResponseWriter.continueResponse.utf8CodeUnitCount
                    )
                )
            }
        } else if unsafe slot.pointee.phase != .head {
            unsafe slot.pointee.phase = .head
            unsafe slot.pointee.deadline = now + limits.headTimeoutMilliseconds
        }
    }

    /// Keeps what is left of the bytes, and goes back to waiting.
    private func rest(
        _ slot: UnsafeMutablePointer<Connection>,
        buffer: UnsafeMutablePointer<UInt8>,
        from start: Int,
        to end: Int
    ) {
        if unsafe slot.pointee.phase == .closing || slot.pointee.phase == .free {
            return
        }
        let left = end - start
        let isLast = unsafe slot.pointee.closesAfterReply && slot.pointee.phase == .idle
        if left == 0 || isLast {
            unsafe slot.pointee.releaseBuffer()
        } else if let own = unsafe slot.pointee.buffer, unsafe own == buffer {
            if start > 0 {
                unsafe memmove(own, own + start, left)
            }
            unsafe slot.pointee.count = left
        } else {
            unsafe slot.pointee.count = 0
            unsafe slot.pointee.reserve(max(left, min(Self.bufferBytesMin, bufferBytesMax)))
            if let own = unsafe slot.pointee.buffer {
                unsafe own.update(from: buffer + start, count: left)
                unsafe slot.pointee.count = left
            }
        }
        if unsafe slot.pointee.phase == .idle {
            unsafe slot.pointee.deadline = loop.nowMilliseconds + limits.idleTimeoutMilliseconds
        }
        if unsafe slot.pointee.phase != .handling {
            if unsafe slot.pointee.isInputEnded && slot.pointee.phase != .writing {
                // What is left can never become a request.
                unsafe slot.pointee.phase = .idle
                unsafe slot.pointee.closesAfterReply = true
            } else {
                unsafe startReading(slot)
            }
        }
    }
}
