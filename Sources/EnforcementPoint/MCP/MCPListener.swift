// The strong form: the server runs under the gateway's user, and agents come through a Unix socket.

import Bytes
import CSystem
import Glibc
import Runtime

/// Accepts agents on a Unix socket and gives each its own session and its own server.
///
/// The kernel says who connects (`SO_PEERCRED`); a user that is not allowed gets nothing, not even a server.
package final class MCPListener: Sendable {
    private let path: String
    private let allowed: Set<UInt32>
    private let setup: MCPDriver.Setup
    private let say: @Sendable (_ line: String) -> Void
    private let clients = Monitor(Clients())
    private let descriptor: Int32

    /// Who is connected.
    private struct Clients {
        var connections: Set<Int32> = []
        var isEnding = false
    }

    /// Listens; a socket file that nobody listens on is replaced, anything else in its place is left alone.
    ///
    /// - Throws: When the socket cannot be made, or when no user is allowed.
    package init(
        path: String,
        allowed: Set<UInt32>,
        setup: MCPDriver.Setup,
        say: @escaping @Sendable (_ line: String) -> Void = Console.say
    ) throws {
        guard !allowed.isEmpty else { throw UsageError("no user is allowed to connect") }
        self.path = path
        self.allowed = allowed
        self.setup = setup
        self.say = say
        try Self.removeStale(path)
        let socket = FileDescriptor(owning: writ_socket_unix(), name: path)
        guard socket.number >= 0, unsafe writ_unix_bind(socket.number, path, path.utf8.count) == 0 else {
            throw SystemError("bind", subject: path, number: writ_errno())
        }
        guard listen(socket.number, Int32(MCPLimits.clientsMax)) == 0, unsafe chmod(path, 0o666) == 0 else {
            throw SystemError("listen on", subject: path, number: writ_errno())
        }
        descriptor = socket.release()
        ProcessHardening.ignoreBrokenPipes()
    }

    /// Accepts until ``stop()``.
    package func run() {
        while true {
            let connection = writ_accept(descriptor)
            guard connection >= 0 else {
                guard writ_errno() == EINTR || writ_errno() == ECONNABORTED else { return }
                continue
            }
            accept(connection)
        }
    }

    /// Ends listening; sessions go on until their clients end.
    package func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        _ = unsafe unlink(path)
    }

    /// Ends listening and every session, and waits until the servers have ended, as long as they may take.
    package func end() {
        stop()
        clients.withLock { clients in
            clients.isEnding = true
            // The gateway reads the end of each client, which ends its session in the usual way.
            for connection in clients.connections { shutdown(connection, Int32(SHUT_RD)) }
        }
        let milliseconds =
            MCPLimits.endMilliseconds + MCPLimits.terminateMilliseconds + EnforcementLimits.askMilliseconds
            + EnforcementLimits.reportMilliseconds
        let deadline = SystemTime().monotonicNanoseconds() &+ UInt64(milliseconds) * 1_000_000
        _ = clients.wait(untilMonotonicNanoseconds: deadline, until: { $0.connections.isEmpty }, { _ in })
    }

    /// Lets SIGTERM and SIGINT end ``run()``; a second signal ends the process.
    func stopOnSignals() -> StopSignals { StopSignals(stopping: descriptor) }

    deinit {
        close(descriptor)
    }

    private func accept(_ connection: Int32) {
        var (pid, uid, gid): (Int32, UInt32, UInt32) = (0, 0, 0)
        guard unsafe writ_peer_credentials(connection, &pid, &uid, &gid) == 0, allowed.contains(uid) else {
            say("writ: user \(uid) (process \(pid)) is not allowed to connect")
            close(connection)
            return
        }
        let isTaken = clients.withLock { clients in
            guard clients.connections.count < MCPLimits.clientsMax, !clients.isEnding else { return false }
            clients.connections.insert(connection)
            return true
        }
        guard isTaken else {
            say("writ: more than \(MCPLimits.clientsMax) clients; one was turned away")
            close(connection)
            return
        }
        do throws(SystemError) {
            _ = try Thread.start(name: "mcp") { [self] in
                serve(connection)
                release(connection)
            }
        } catch {
            say("writ: \(error)")
            release(connection)
        }
    }

    /// Forgets a connection before its number can be another one's.
    private func release(_ connection: Int32) {
        clients.changeForAll { clients in
            clients.connections.remove(connection)
            close(connection)
        }
    }

    private func serve(_ connection: Int32) {
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        let streams = MCPClientStreams(input: connection, output: connection, isShared: false)
        do {
            _ = try MCPDriver(setup, streams: streams, say: say).run()
        } catch {
            say("writ: \(error)")
        }
    }

    private static func removeStale(_ path: String) throws(SystemError) {
        guard try Files.exists(path) else { return }
        let inUse = SystemError("bind", subject: path, number: EADDRINUSE)
        guard try Files.status(of: path, followingLinks: false).kind == .socket else { throw inUse }
        let probe = FileDescriptor(owning: writ_socket_unix(), name: path)
        guard probe.number >= 0, writ_socket_nonblocking(probe.number) == 0 else { throw inUse }
        // Only a refused connection says that nobody listens.
        guard unsafe writ_unix_connect(probe.number, path, path.utf8.count) != 0, writ_errno() == ECONNREFUSED else {
            throw inUse
        }
        guard unsafe unlink(path) == 0 else { throw SystemError("remove", subject: path, number: writ_errno()) }
    }
}
