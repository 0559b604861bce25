internal import CUV

/// A timer, a signal or a descriptor that an ``EventLoop`` watches, until it is cancelled or the loop ends.
///
/// It keeps itself alive; it may be forgotten. Made and cancelled on the loop's thread only.
@safe
package final class LoopWatch {
    private var handle: UnsafeMutablePointer<uv_handle_t>?
    private var body: (() -> Void)?
    private let endsAfterOne: Bool

    fileprivate init(endsAfterOne: Bool, body: @escaping () -> Void) {
        unsafe handle = nil
        self.endsAfterOne = endsAfterOne
        self.body = body
    }

    /// Stops watching; the body is not called any more.
    package func cancel() {
        guard let handle = unsafe handle else {
            return
        }
        unsafe Self.close(handle)
    }

    private func fire() {
        // Taken before the end of a watch of one event lets go of it.
        let body = body
        if endsAfterOne {
            cancel()
        }
        body?()
    }

    /// Ties a handle that libuv has initialised to this object, and keeps the object until the handle is closed.
    fileprivate func adopt(_ handle: UnsafeMutableRawPointer) {
        let typed = unsafe handle.assumingMemoryBound(to: uv_handle_t.self)
        unsafe typed.pointee.data = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe self.handle = typed
    }

    static func fire(_ data: UnsafeMutableRawPointer?) {
        guard let data = unsafe data else {
            return
        }
        unsafe Unmanaged<LoopWatch>.fromOpaque(data).takeUnretainedValue().fire()
    }

    static func close(_ handle: UnsafeMutablePointer<uv_handle_t>) {
        if let data = unsafe handle.pointee.data {
            let watch = unsafe Unmanaged<LoopWatch>.fromOpaque(data).takeUnretainedValue()
            unsafe watch.handle = nil
            // What the body holds may hold this watch.
            watch.body = nil
        }
        unsafe uv_close(handle) { handle in
            guard let handle = unsafe handle else {
                return
            }
            if let data = unsafe handle.pointee.data {
                unsafe Unmanaged<LoopWatch>.fromOpaque(data).release()
            }
            unsafe UnsafeMutableRawPointer(handle).deallocate()
        }
    }
}

extension EventLoop {
    /// Calls a body once after a delay, and then every so often if `everyMilliseconds` is not 0.
    @discardableResult
    package func schedule(
        afterMilliseconds: UInt64,
        everyMilliseconds: UInt64 = 0,
        _ body: @escaping () -> Void
    ) throws(SystemError) -> LoopWatch {
        try unsafe watch(uv_timer_t.self, "start a timer", endsAfterOne: everyMilliseconds == 0, body) { timer in
            let result = unsafe uv_timer_init(raw, timer)
            return unsafe result != 0
                ? result
                : uv_timer_start(
                    timer,
                    { unsafe LoopWatch.fire($0?.pointee.data) },
                    afterMilliseconds,
                    everyMilliseconds
                )
        }
    }

    /// Calls a body on the loop's thread whenever the process gets a signal.
    @discardableResult
    package func onSignal(_ number: Int32, _ body: @escaping () -> Void) throws(SystemError) -> LoopWatch {
        try unsafe watch(uv_signal_t.self, "watch a signal", endsAfterOne: false, body) { signal in
            let result = unsafe uv_signal_init(raw, signal)
            return unsafe result != 0
                ? result
                : uv_signal_start(
                    signal,
                    { handle, _ in unsafe LoopWatch.fire(handle?.pointee.data) },
                    number
                )
        }
    }

    /// Calls a body whenever a descriptor can be read, which stays the caller's and MUST outlive the watch.
    package func onReadable(
        _ descriptor: Int32,
        once: Bool = false,
        _ body: @escaping () -> Void
    ) throws(SystemError) -> LoopWatch {
        try unsafe watch(uv_poll_t.self, "watch a descriptor", endsAfterOne: once, body) { poll in
            let result = unsafe uv_poll_init(raw, poll, descriptor)
            return unsafe result != 0
                ? result
                : uv_poll_start(
                    poll,
                    Int32(UV_READABLE.rawValue),
                    { handle, _, _ in unsafe LoopWatch.fire(handle?.pointee.data) }
                )
        }
    }

    private func watch<Handle>(
        _ type: Handle.Type,
        _ operation: String,
        endsAfterOne: Bool,
        _ body: @escaping () -> Void,
        start: (UnsafeMutablePointer<Handle>) -> Int32
    ) throws(SystemError) -> LoopWatch {
        precondition(isCurrent, "watches are made on the loop's thread")
        let handle = UnsafeMutablePointer<Handle>.allocate(capacity: 1)
        unsafe UnsafeMutableRawPointer(handle).initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: MemoryLayout<Handle>.size
        )
        let watch = LoopWatch(endsAfterOne: endsAfterOne, body: body)
        let result = unsafe start(handle)
        let isInitialised =
            unsafe UnsafeMutableRawPointer(handle)
            .assumingMemoryBound(to: uv_handle_t.self).pointee.loop != nil
        guard isInitialised else {
            unsafe handle.deallocate()
            throw SystemError(operation, number: -result)
        }
        unsafe watch.adopt(UnsafeMutableRawPointer(handle))
        guard result == 0 else {
            watch.cancel()
            throw SystemError(operation, number: -result)
        }
        return watch
    }
}
