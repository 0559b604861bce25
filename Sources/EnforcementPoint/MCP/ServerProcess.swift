// The MCP server as a child of the gateway.

import Bytes
import CSystem
import Glibc
import Runtime

/// A running server: its input, its output, and the handle by which it is ended.
///
/// It leads a process group of its own, so that ending it ends what it started.
final class ServerProcess {
    /// Where requests are written; -1 once it is closed.
    private(set) var input: Int32
    /// Where answers come from; -1 once it is closed.
    private(set) var output: Int32
    /// Becomes readable when the process has ended.
    let handle: Int32
    private let pid: pid_t
    private var isReaped = false

    /// Starts a command, its standard error being ours.
    init(command: [String], environment: [String]) throws {
        guard let name = command.first else { throw UsageError("there is no server command") }
        let path = try ProgramFile.resolve(name, Variables.value("PATH") ?? Variables.searchPathDefault)
        let toChild = try Pipe()
        let fromChild = try Pipe()
        var pid: pid_t = 0
        let lowest = Int32(writ_spawn_lowest)
        let standard = (writ_duplicate(toChild.readEnd, lowest), writ_duplicate(fromChild.writeEnd, lowest))
        defer {
            for descriptor in [toChild.readEnd, fromChild.writeEnd, standard.0, standard.1] { close(descriptor) }
        }
        let arguments = [path.string] + command.dropFirst()
        let error = unsafe CStrings.with([path.string]) { path in
            unsafe CStrings.with(arguments) { arguments in
                unsafe CStrings.with(environment) { environment in
                    var request = unsafe writ_spawn()
                    unsafe request.path = UnsafePointer(path[0])
                    unsafe request.program = -1
                    unsafe request.arguments = arguments
                    unsafe request.environment = environment
                    unsafe request.directory = nil
                    unsafe request.standard = (standard.0, standard.1, -1)
                    unsafe request.new_group = 1
                    return unsafe writ_spawn_process(&request, &pid)
                }
            }
        }
        guard error == 0 else {
            close(toChild.writeEnd)
            close(fromChild.readEnd)
            throw SystemError("start the server", subject: name, number: error)
        }
        self.pid = pid
        input = toChild.writeEnd
        output = fromChild.readEnd
        handle = writ_pidfd_open(pid)
        for end in [input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        closeInput()
        closeOutput()
        end()
        if handle >= 0 { close(handle) }
    }

    /// Closes the server's input, which asks it to end.
    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Closes the server's output.
    func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    /// Sends a signal to the server and what it started.
    func signal(_ number: Int32) {
        // The group exists at least until its leader is reaped.
        if !isReaped { _ = kill(-pid, number) }
    }

    /// Waits for the end until the deadlines, then ends it; the process is reaped in any case.
    func end() {
        guard !isReaped else { return }
        if !waitForEnd(0) {
            signal(SIGTERM)
            if !waitForEnd(MCPLimits.terminateMilliseconds) { signal(SIGKILL) }
        }
        // What it left behind must not go on with its credentials.
        signal(SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isReaped = true
    }

    private func waitForEnd(_ milliseconds: Int) -> Bool {
        guard handle >= 0 else { return false }
        var request = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, Int32(clamping: milliseconds)) > 0
    }

    /// Both ends of a pipe.
    private struct Pipe {
        let readEnd: Int32
        let writeEnd: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard unsafe writ_pipe(&ends) == 0 else { throw SystemError("make a pipe", number: writ_errno()) }
            readEnd = ends[0]
            writeEnd = ends[1]
        }
    }
}
