internal import CSystem
internal import Glibc

/// A process that we started.
///
/// It is waited for by exactly one of ``wait(deadlineMonotonicNanoseconds:)``, ``terminate(graceMilliseconds:)`` and
/// ``onExit(_:_:)``. Signals never reach a process that is not ours: until it was waited for its number is not used
/// again.
package final class ChildProcess: Sendable {
    /// The process number.
    package let pid: Int32

    private struct State {
        var exit: ChildExit?
        var input: FileDescriptorBox?
        var output: FileDescriptorBox?
        var error: FileDescriptorBox?
    }

    private let handle: FileDescriptorBox
    private let leadsGroup: Bool
    private let state: Guarded<State>

    /// Starts a process.
    ///
    /// - Throws: Why it was not started; also when the program could not be executed.
    package init(starting command: ChildCommand) throws(SystemError) {
        var streams = ChildStreams()
        let input = try streams.open(command.input, target: 0)
        let output = try streams.open(command.output, target: 1)
        let error = try streams.open(command.error, target: 2)
        let started = try Self.spawn(command, streams)
        let descriptor = writ_pidfd_open(started)
        guard descriptor >= 0 else {
            let failure = SystemError.last("watch the process", "\(started)")
            _ = kill(started, SIGKILL)
            _ = waitpid(started, nil, 0)
            throw failure
        }
        pid = started
        handle = FileDescriptorBox(FileDescriptor(owning: descriptor, name: "process \(started)"))
        leadsGroup = command.leadsGroup
        state = Guarded(State(exit: nil, input: input, output: output, error: error))
    }

    /// Our end of the pipe to standard input, once; nil if there is none or it was taken.
    package func takeInput() -> FileDescriptor? {
        state.withLock { $0.input.take() }?.take()
    }

    /// Our end of the pipe from standard output, once; nil if there is none or it was taken.
    package func takeOutput() -> FileDescriptor? {
        state.withLock { $0.output.take() }?.take()
    }

    /// Our end of the pipe from standard error, once; nil if there is none or it was taken.
    package func takeError() -> FileDescriptor? {
        state.withLock { $0.error.take() }?.take()
    }

    /// Sends a signal to the process, or to its group if it leads one; nothing happens once it was waited for.
    package func signal(_ number: Int32) {
        state.withLock { state in
            if state.exit == nil {
                _ = kill(leadsGroup ? -pid : pid, number)
            }
        }
    }

    /// Waits for the end of the process, or until the monotonic clock reaches the deadline: then nil.
    package func wait(deadlineMonotonicNanoseconds deadline: UInt64) throws(SystemError) -> ChildExit? {
        while true {
            if let exit = try reap() {
                return exit
            }
            let now = SystemTime().monotonicNanoseconds()
            guard deadline > now else {
                return nil
            }
            let left = min((deadline - now + 999_999) / 1_000_000, UInt64(Int32.max))
            var request = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&request, 1, Int32(left)) < 0 {
                let failure = SystemError.last("wait for the process", "\(pid)")
                guard failure.number == EINTR else {
                    throw failure
                }
            }
        }
    }

    /// Waits for the end of the process, however long it takes.
    package func wait() throws(SystemError) -> ChildExit {
        while true {
            if let exit = try wait(deadlineMonotonicNanoseconds: .max) {
                return exit
            }
        }
    }

    /// Asks the process to end (SIGTERM), and ends it (SIGKILL) if it has not within the grace time.
    package func terminate(graceMilliseconds: UInt64) throws(SystemError) -> ChildExit {
        signal(SIGTERM)
        let deadline = SystemTime().monotonicNanoseconds() + graceMilliseconds * 1_000_000
        if let exit = try wait(deadlineMonotonicNanoseconds: deadline) {
            return exit
        }
        signal(SIGKILL)
        return try wait()
    }

    /// Calls a body on a loop's thread when the process has ended; made on the loop's thread.
    package func onExit(_ loop: EventLoop, _ body: @escaping (ChildExit) -> Void) throws(SystemError) -> LoopWatch {
        try loop.onReadable(handle.number, once: true) { [self] in
            // A descriptor that is readable says that the process has ended, so this finds its end.
            do throws(SystemError) {
                if let exit = try reap() {
                    body(exit)
                }
            } catch {
                body(.exited(code: 127))
            }
        }
    }

    /// Takes the end of the process if it has come.
    private func reap() throws(SystemError) -> ChildExit? {
        try state.withLock { state throws(SystemError) in
            if let exit = state.exit {
                return exit
            }
            var status: Int32 = 0
            let result = unsafe waitpid(pid, &status, WNOHANG)
            guard result >= 0 else {
                throw .last("wait for the process", "\(pid)")
            }
            guard result == pid else {
                return nil
            }
            let low = status & 0x7F
            let exit = low == 0 ? ChildExit.exited(code: (status >> 8) & 0xFF) : .signalled(number: low)
            state.exit = exit
            return exit
        }
    }

    private static func spawn(_ command: ChildCommand, _ streams: ChildStreams) throws(SystemError) -> pid_t {
        let arguments = try CStrings(command.arguments)
        let environment = try CStrings(command.environment)
        let path: String
        var program: FileDescriptorBox?
        switch command.program {
        case .path(let given):
            path = given
        case .descriptor(let number):
            path = "descriptor \(number)"
            program = try FileDescriptorBox.duplicate(number)
        }
        guard !path.utf8.contains(0), command.directory?.utf8.contains(0) != true, !command.arguments.isEmpty else {
            throw SystemError("start", subject: path, number: EINVAL)
        }
        var pid: pid_t = 0
        let result = unsafe path.withCString { path in
            unsafe withOptionalCString(command.directory) { directory in
                var request = unsafe writ_spawn()
                unsafe request.path = path
                unsafe request.program = program?.number ?? -1
                unsafe request.arguments = unsafe UnsafePointer(arguments.pointers)
                unsafe request.environment = unsafe UnsafePointer(environment.pointers)
                unsafe request.directory = directory
                unsafe request.standard = (streams.number(0), streams.number(1), streams.number(2))
                unsafe request.new_group = command.leadsGroup ? 1 : 0
                return unsafe writ_spawn_process(&request, &pid)
            }
        }
        // The strings and descriptors are used by number and address above, so nothing may end their lives earlier.
        withExtendedLifetime((arguments, environment, program, streams)) {}
        guard result == 0 else {
            throw SystemError("start", subject: path, number: result)
        }
        return pid
    }

    private static func withOptionalCString(
        _ text: String?,
        _ body: (UnsafePointer<CChar>?) -> Int32
    ) -> Int32 {
        guard let text else {
            return body(nil)
        }
        return unsafe text.withCString { unsafe body($0) }
    }
}
