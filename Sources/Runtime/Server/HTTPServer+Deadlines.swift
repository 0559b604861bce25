internal import CUV
internal import HTTP

/// Time: clients that are too slow, and the end of the server.
extension HTTPServer {
    /// Looks at every connection's deadline; a few thousand comparisons, a few times a second.
    func sweepDeadlines() {
        let now = loop.nowMilliseconds
        for index in 0..<slab.touched {
            let slot = unsafe slab.slots + index
            switch unsafe slot.pointee.phase {
            case .free, .closing, .handling:
                continue
            case .idle, .lingering:
                if unsafe now >= slot.pointee.deadline {
                    unsafe close(slot)
                }
            case .head:
                if unsafe now >= slot.pointee.deadline {
                    unsafe refuse(slot, .requestTimeout, "the request took too long")
                }
            case .body:
                if unsafe now >= slot.pointee.deadline || isTooSlow(slot, now) {
                    unsafe refuse(slot, .requestTimeout, "the body took too long")
                }
            case .writing:
                unsafe checkProgress(slot, now)
            }
        }
    }

    private func isTooSlow(_ slot: UnsafeMutablePointer<Connection>, _ now: UInt64) -> Bool {
        let elapsed = unsafe now - slot.pointee.bodyStart
        guard elapsed >= limits.bodyGraceMilliseconds else {
            return false
        }
        let expected = Int(elapsed) * limits.bodyBytesPerSecondMin / 1_000
        return unsafe slot.pointee.parser.body.count < expected
    }

    private func checkProgress(_ slot: UnsafeMutablePointer<Connection>, _ now: UInt64) {
        let left = unsafe Int(uv_stream_get_write_queue_size(slab.stream(slot)))
        if unsafe left < slot.pointee.writeQueueBytes {
            unsafe slot.pointee.writeQueueBytes = left
            unsafe slot.pointee.deadline = now + limits.writeStallMilliseconds
        } else if unsafe now >= slot.pointee.deadline {
            unsafe close(slot)
        }
    }

    /// Ends the server: no new connections, idle ones are closed, and each request in flight still gets its reply.
    ///
    /// `done` is called on the loop's thread when the last connection has ended, or when the deadline has passed and
    /// those that were left have been cut off. On the loop's thread.
    package func shutDown(deadlineMilliseconds: UInt64, done: @escaping () -> Void) throws(SystemError) {
        precondition(loop.isCurrent, "a server is shut down on its loop's thread")
        guard !isDraining else {
            return
        }
        isDraining = true
        drained = done
        for listener in listeners {
            listener.close()
        }
        listeners = []
        for index in 0..<slab.touched {
            let slot = unsafe slab.slots + index
            switch unsafe slot.pointee.phase {
            case .idle:
                unsafe close(slot)
            case .handling, .writing, .head, .body:
                unsafe slot.pointee.closesAfterReply = true
            case .free, .lingering, .closing:
                continue
            }
        }
        try loop.schedule(afterMilliseconds: deadlineMilliseconds) { [weak self] in
            self?.closeHandles()
        }
        noteDrained()
    }

    func noteDrained() {
        if isDraining, slab.live == 0, let done = drained {
            drained = nil
            sweep?.cancel()
            done()
        }
    }
}
