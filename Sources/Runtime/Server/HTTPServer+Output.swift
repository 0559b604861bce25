internal import CUV
internal import Glibc
internal import HTTP

/// Writing, refusing and closing.
extension HTTPServer {
    /// What a client did not take at once, on its way.
    @safe
    private struct PendingWrite {
        var request = unsafe uv_write_t()
        var buffer = unsafe uv_buf_t()
        let bytes: UnsafeMutablePointer<UInt8>
        let slot: UnsafeMutablePointer<Connection>
    }

    /// Sends the outbox, which belongs to this connection; what does not fit follows when the client has taken more.
    func flush(_ slot: UnsafeMutablePointer<Connection>) {
        defer { emptyOutbox() }
        switch unsafe slot.pointee.phase {
        case .free, .closing:
            return
        case .idle, .head, .body, .handling, .writing, .lingering:
            break
        }
        let stream = unsafe slab.stream(slot)
        let total = outbox.count
        let sent = unsafe outbox.withUnsafeMutableBytes { bytes in
            var buffer = unsafe uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
            return unsafe Int(uv_try_write(stream, &buffer, 1))
        }
        if sent < 0, sent != Int(UV_EAGAIN.rawValue) {
            unsafe close(slot)
            return
        }
        if sent == total {
            unsafe finishReply(slot)
            return
        }
        unsafe sendLater(slot, from: max(sent, 0))
    }

    /// Sends what the work on a connection has produced, if anything, and ends the connection if that was its last.
    func settle(_ slot: UnsafeMutablePointer<Connection>) {
        if outbox.isEmpty {
            unsafe finishReply(slot)
        } else {
            unsafe flush(slot)
        }
    }

    private func emptyOutbox() {
        if outbox.capacity > Self.scratchBytes {
            outbox = []
            outbox.reserveCapacity(4_096)
        } else {
            outbox.removeAll(keepingCapacity: true)
        }
    }

    private func sendLater(_ slot: UnsafeMutablePointer<Connection>, from start: Int) {
        let count = outbox.count - start
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        unsafe outbox.withUnsafeBufferPointer { all in
            if let base = all.baseAddress {
                unsafe bytes.update(from: base + start, count: count)
            }
        }
        let write = UnsafeMutablePointer<PendingWrite>.allocate(capacity: 1)
        unsafe write.initialize(to: PendingWrite(bytes: bytes, slot: slot))
        unsafe write.pointee.buffer = unsafe UnsafeMutableRawPointer(bytes).withMemoryRebound(
            to: CChar.self,
            capacity: count
        ) { unsafe uv_buf_init($0, UInt32(count)) }
        unsafe write.pointee.request.data = UnsafeMutableRawPointer(write)
        let result = unsafe uv_write(&write.pointee.request, slab.stream(slot), &write.pointee.buffer, 1) {
            request,
            status in
            guard let data = unsafe request?.pointee.data else {
                return
            }
            let write = unsafe data.assumingMemoryBound(to: PendingWrite.self)
            let slot = unsafe write.pointee.slot
            unsafe write.pointee.bytes.deallocate()
            unsafe write.deallocate()
            unsafe slot.pointee.server._withUnsafeGuaranteedRef { unsafe $0.wrote(slot, status: status) }
        }
        guard result == 0 else {
            unsafe bytes.deallocate()
            unsafe write.deallocate()
            unsafe close(slot)
            return
        }
        // No further request is read before this was taken, so that what waits here is at most one round of replies.
        if unsafe slot.pointee.phase != .handling {
            unsafe slot.pointee.phase = .writing
        }
        unsafe slot.pointee.writeQueueBytes = count
        unsafe slot.pointee.deadline = loop.nowMilliseconds + limits.writeStallMilliseconds
    }

    private func wrote(_ slot: UnsafeMutablePointer<Connection>, status: Int32) {
        switch unsafe slot.pointee.phase {
        case .free, .closing:
            return
        case .idle, .head, .body, .handling, .writing, .lingering:
            break
        }
        guard status == 0 else {
            unsafe close(slot)
            return
        }
        if unsafe slot.pointee.phase == .writing && uv_stream_get_write_queue_size(slab.stream(slot)) == 0 {
            unsafe slot.pointee.phase = .idle
            unsafe finishReply(slot)
            if unsafe slot.pointee.phase == .idle {
                unsafe proceed(slot)
            }
        }
    }

    /// After the last byte of a response has left: close, or linger, if it was the last response.
    private func finishReply(_ slot: UnsafeMutablePointer<Connection>) {
        guard unsafe slot.pointee.phase == .idle, unsafe slot.pointee.closesAfterReply else {
            return
        }
        if unsafe slot.pointee.lingersAfterReply && !slot.pointee.isInputEnded {
            unsafe linger(slot)
        } else {
            unsafe close(slot)
        }
    }

    /// Answers bytes that are no request, and ends the connection.
    func refuse(_ slot: UnsafeMutablePointer<Connection>, _ status: HTTPStatus, _ message: StaticString) {
        var body: [UInt8] = []
        body.append(contentsOf: Array("{\"status\":\(status.code),\"title\":\"".utf8))
        body.append(contentsOf: Array(message.description.utf8))
        body.append(contentsOf: Array("\"}".utf8))
        let options = ResponseOptions(status: status, contentType: "application/problem+json", closesConnection: true)
        unsafe body.withUnsafeBytes { unsafe ResponseWriter.append(options, body: $0, to: &outbox) }
        unsafe slot.pointee.releaseBuffer()
        unsafe slot.pointee.generation &+= 1
        unsafe slot.pointee.phase = .idle
        unsafe slot.pointee.closesAfterReply = true
        unsafe slot.pointee.lingersAfterReply = true
        unsafe flush(slot)
    }

    /// Ends our side and reads on for a moment: closing with unread bytes would take the refusal away from the client.
    private func linger(_ slot: UnsafeMutablePointer<Connection>) {
        var descriptor: Int32 = -1
        let handle = unsafe UnsafeMutableRawPointer(slab.stream(slot)).assumingMemoryBound(to: uv_handle_t.self)
        guard unsafe uv_fileno(handle, &descriptor) == 0, shutdown(descriptor, Int32(SHUT_WR)) == 0 else {
            unsafe close(slot)
            return
        }
        unsafe slot.pointee.phase = .lingering
        unsafe slot.pointee.deadline = loop.nowMilliseconds + limits.lingerMilliseconds
        unsafe startReading(slot)
    }

    /// Ends a connection; its slot is free once libuv has closed the handle.
    func close(_ slot: UnsafeMutablePointer<Connection>) {
        if unsafe slot.pointee.phase == .closing || slot.pointee.phase == .free {
            return
        }
        unsafe slot.pointee.phase = .closing
        unsafe slot.pointee.generation &+= 1
        let handle = unsafe UnsafeMutableRawPointer(slab.stream(slot)).assumingMemoryBound(to: uv_handle_t.self)
        unsafe uv_close(handle) { handle in
            guard let slot = unsafe HTTPServer.slot(of: handle) else {
                return
            }
            unsafe slot.pointee.server._withUnsafeGuaranteedRef { unsafe $0.closed(slot) }
        }
    }

    private func closed(_ slot: UnsafeMutablePointer<Connection>) {
        unsafe slab.give(slot)
        noteDrained()
    }
}
