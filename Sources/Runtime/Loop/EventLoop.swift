internal import CUV
internal import Glibc
internal import Synchronization

/// What an ``EventLoop`` tells the parts that live on it; always called on the loop's thread.
protocol LoopMember: AnyObject {
    /// Work was announced by ``EventLoop/wake()``.
    func drain()
    /// The loop ends: close every handle now.
    func closeHandles()
}

/// One thread that waits for sockets, timers, signals and the work that other threads hand to it.
///
/// Make it, add listeners and timers, then call ``run()``, which returns after ``stop()``. Until ``run()`` the thread
/// that sets it up counts as the loop's thread. It runs once.
@safe
package final class EventLoop: @unchecked Sendable {
    /// The loop of libuv; only for the loop's thread.
    let raw: UnsafeMutablePointer<uv_loop_t>

    private struct Mailbox {
        var jobs: [@Sendable () -> Void] = []
        var isWakePending = false
        var isStopping = false
        var isClosed = false
    }

    private let async: UnsafeMutablePointer<uv_async_t>
    private let mailbox = Guarded(Mailbox())
    private let threadNumber = Atomic<UInt>(0)
    private var members: [any LoopMember] = []
    private var isClosed = false

    /// The most jobs that may wait; ``post(_:)`` refuses beyond it.
    package static let jobsWaitingMax = 65_536

    /// Makes a loop.
    package init() throws(SystemError) {
        unsafe raw = .allocate(capacity: 1)
        unsafe async = .allocate(capacity: 1)
        let made = unsafe uv_loop_init(raw)
        guard made == 0 else {
            unsafe raw.deallocate()
            unsafe async.deallocate()
            throw SystemError("make an event loop", number: -made)
        }
        let started = unsafe uv_async_init(raw, async) { handle in
            guard let data = unsafe handle?.pointee.data else {
                return
            }
            unsafe Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().drainMailbox()
        }
        guard started == 0 else {
            unsafe uv_loop_close(raw)
            unsafe raw.deallocate()
            unsafe async.deallocate()
            throw SystemError("make an event loop", number: -started)
        }
        // Unretained: the handle is closed before this object goes.
        unsafe async.pointee.data = unsafe Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        closeAll()
        unsafe async.deallocate()
        unsafe raw.deallocate()
    }

    /// Runs until ``stop()``, then closes everything that lives on the loop.
    package func run() {
        precondition(!isClosed, "an event loop runs once")
        threadNumber.store(UInt(pthread_self()), ordering: .releasing)
        unsafe uv_run(raw, UV_RUN_DEFAULT)
        closeAll()
    }

    /// Ends ``run()`` soon; safe to call from every thread, and more than once.
    package func stop() {
        // Not a job: jobs can be refused, and the end cannot.
        mailbox.withLock { mailbox in
            mailbox.isStopping = true
            if !mailbox.isClosed {
                sendWake(&mailbox)
            }
        }
    }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool {
        let number = threadNumber.load(ordering: .relaxed)
        return number == 0 || number == UInt(pthread_self())
    }

    /// The loop's own milliseconds, read once per turn; they only say how much time passes.
    package var nowMilliseconds: UInt64 { unsafe uv_now(raw) }

    /// Has a job done on the loop's thread, in the order of the calls; safe to call from every thread.
    ///
    /// - Returns: false, and the job is not done, if the loop has ended or ``jobsWaitingMax`` jobs wait.
    package func post(_ job: @escaping @Sendable () -> Void) -> Bool {
        mailbox.withLock { mailbox in
            guard !mailbox.isClosed, mailbox.jobs.count < Self.jobsWaitingMax else {
                return false
            }
            mailbox.jobs.append(job)
            sendWake(&mailbox)
            return true
        }
    }

    /// Has every member drain its inbox soon; one wake serves all calls until then.
    ///
    /// Answers false if the loop has ended, so that nobody will.
    func wake() -> Bool {
        mailbox.withLock { mailbox in
            if !mailbox.isClosed {
                sendWake(&mailbox)
            }
            return !mailbox.isClosed
        }
    }

    /// Adds a member, which lives as long as the loop runs.
    func add(_ member: any LoopMember) {
        members.append(member)
    }

    private func sendWake(_ mailbox: inout Mailbox) {
        if !mailbox.isWakePending {
            mailbox.isWakePending = true
            unsafe uv_async_send(async)
        }
    }

    private func drainMailbox() {
        let (jobs, isStopping) = mailbox.withLock { mailbox in
            mailbox.isWakePending = false
            let jobs = mailbox.jobs
            mailbox.jobs = []
            return (jobs, mailbox.isStopping)
        }
        for job in jobs {
            job()
        }
        if isStopping {
            unsafe uv_stop(raw)
        }
        for member in members {
            member.drain()
        }
    }

    private func closeAll() {
        if isClosed {
            return
        }
        isClosed = true
        mailbox.withLock { mailbox in
            mailbox.isClosed = true
            mailbox.jobs = []
        }
        for member in members {
            member.closeHandles()
        }
        unsafe uv_walk(
            raw,
            { handle, _ in
                // Members have closed theirs; what is left are watches and the loop's own handle.
                guard let handle = unsafe handle, unsafe uv_is_closing(handle) == 0 else {
                    return
                }
                if unsafe handle.pointee.type == UV_ASYNC {
                    unsafe uv_close(handle, nil)
                } else {
                    unsafe LoopWatch.close(handle)
                }
            },
            nil
        )
        unsafe uv_run(raw, UV_RUN_DEFAULT)
        let result = unsafe uv_loop_close(raw)
        precondition(result == 0, "a handle of the event loop was left open")
        members = []
    }
}
