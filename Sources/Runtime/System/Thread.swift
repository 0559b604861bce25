internal import CSystem
internal import Glibc

/// A thread of the operating system with a name and a body.
@safe
package final class Thread: @unchecked Sendable {
    private var handle: pthread_t = 0
    private let isJoined = Guarded(false)

    /// The size of the stack in bytes, unless told otherwise: enough for the deepest recursion that any limit allows.
    package static let stackBytesDefault = 1 << 20

    /// The most bytes of a name that the kernel keeps.
    package static let nameBytesMax = 15

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private init() {}

    /// Starts a thread; its name is cut to ``nameBytesMax`` bytes.
    package static func start(
        name: String,
        stackBytes: Int = stackBytesDefault,
        body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> Thread {
        let thread = Thread()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var result = unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        if result == 0 {
            result = unsafe pthread_create(
                &thread.handle,
                &attributes,
                { argument in
                    guard let argument = unsafe argument else {
                        return nil
                    }
                    let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    let name = String(decoding: start.name.utf8.prefix(Thread.nameBytesMax), as: UTF8.self)
                    unsafe writ_name_thread(name)
                    start.body()
                    return nil
                },
                start.toOpaque()
            )
        }
        guard result == 0 else {
            unsafe start.release()
            throw SystemError("start the thread", subject: name, number: result)
        }
        return thread
    }

    /// Waits for the end of the thread; every further call returns at once.
    package func join() {
        let isFirst = isJoined.withLock { joined in
            defer { joined = true }
            return !joined
        }
        if isFirst {
            pthread_join(handle, nil)
        }
    }

    deinit {
        if !isJoined.withLock({ $0 }) {
            pthread_detach(handle)
        }
    }

    /// Blocks a signal in the calling thread and in those that it starts from now on.
    package static func block(signal number: Int32) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, number)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
