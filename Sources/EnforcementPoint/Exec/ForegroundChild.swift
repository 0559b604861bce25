// The command itself: started from the descriptor that was digested, with our terminal and our signals.

import Bytes
import CSystem
import Glibc
import Runtime

/// Why a command was not started: nothing of it ran.
struct StartError: Error {
    /// What the operating system said.
    let cause: SystemError
}

/// A command in the foreground: standard streams inherited, signals to the gateway passed on.
///
/// A script with `#!` is executed through the same descriptor: the kernel hands `/proc/self/fd/3` to the interpreter,
/// which reads the digested file through it; so its `$0` is that name. The interpreter itself is named by the
/// script's first line.
struct ForegroundChild {
    private let pid: pid_t
    private let relay: SignalRelay

    init(
        program: borrowing ProgramFile,
        arguments: [String],
        environment: [String]
    ) throws {
        // Before the start, so that no signal to us can be lost between the two.
        relay = try SignalRelay()
        var pid: pid_t = 0
        // The child gets its program as descriptor 3, so it must not be one of the first three here.
        let program = writ_duplicate(program.file.number, Int32(writ_spawn_lowest))
        guard program >= 0 else {
            let cause = SystemError("duplicate", number: writ_errno())
            relay.end()
            throw StartError(cause: cause)
        }
        defer { close(program) }
        let error = unsafe CStrings.with(arguments) { arguments in
            unsafe CStrings.with(environment) { environment in
                var request = unsafe writ_spawn()
                unsafe request.path = nil
                unsafe request.program = program
                unsafe request.arguments = arguments
                unsafe request.environment = environment
                unsafe request.directory = nil
                unsafe request.standard = (-1, -1, -1)
                unsafe request.new_group = 0
                return unsafe writ_spawn_process(&request, &pid)
            }
        }
        guard error == 0 else {
            relay.end()
            throw StartError(cause: SystemError("execute", number: error))
        }
        self.pid = pid
    }

    /// Waits for the end; answers the exit code, or 128 + the signal that ended it.
    func wait() throws -> Int32 {
        defer { relay.end() }
        let handle = writ_pidfd_open(pid)
        guard handle >= 0 else { throw SystemError("watch the command", number: writ_errno()) }
        defer { close(handle) }
        while true {
            var polls = [
                pollfd(fd: handle, events: Int16(POLLIN), revents: 0),
                pollfd(fd: relay.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&polls, 2, -1)
            guard count >= 0 || errno == EINTR else { throw SystemError("wait for the command", number: errno) }
            if count > 0, polls[1].revents != 0 {
                // Through the handle: the number could belong to another process once this one is gone.
                for signal in relay.received() { _ = writ_pidfd_send_signal(handle, signal) }
            }
            if count > 0, polls[0].revents != 0 { return try reap() }
        }
    }

    private func reap() throws -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw SystemError("wait for the command", number: errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }
}

/// Arrays of C strings.
enum CStrings {
    /// Calls `body` with a null-terminated array of C strings that live as long as the call.
    static func with<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            // The buffer has at least the terminator, so it has an address.
            guard let base = buffer.baseAddress else { preconditionFailure("an empty array of C strings") }
            return unsafe body(base)
        }
    }
}
