// The agent's end of the strong form: bytes in, bytes out, and no say in anything.

import Bytes
import CSystem
import Glibc
package import Runtime

/// Carries bytes between an MCP client and the socket of a gateway that runs under another user.
package enum MCPRelay {
    private static let pieceBytes = 65_536

    /// Connects and carries until the gateway ends.
    ///
    /// - Throws: When the socket cannot be reached.
    package static func run(path: String, streams: MCPClientStreams = .standard) throws(SystemError) {
        ProcessHardening.ignoreBrokenPipes()
        let socket = FileDescriptor(owning: writ_socket_unix(), name: path)
        guard socket.number >= 0, unsafe writ_unix_connect(socket.number, path, path.utf8.count) == 0 else {
            throw SystemError("connect to", subject: path, number: writ_errno())
        }
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        var hasInput = true
        while true {
            var polls = [
                pollfd(fd: hasInput ? streams.input : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&polls, 2, -1) >= 0 else { continue }
            if polls[1].revents != 0, !move(socket.number, streams.output, &piece) { return }
            if polls[0].revents != 0, !move(streams.input, socket.number, &piece) {
                hasInput = false
                // The gateway learns that nothing more comes, and its last answers still arrive.
                shutdown(socket.number, Int32(SHUT_WR))
            }
        }
    }

    /// Carries what is there; false at the end of either side.
    private static func move(_ from: Int32, _ to: Int32, _ piece: inout [UInt8]) -> Bool {
        let count = unsafe piece.withUnsafeMutableBytes { unsafe read(from, $0.baseAddress, $0.count) }
        guard count > 0 else { return count < 0 && writ_errno() == EINTR }
        var done = 0
        while done < count {
            let written = unsafe piece.withUnsafeBytes { buffer in
                unsafe write(to, buffer.baseAddress.map { unsafe $0 + done }, count - done)
            }
            guard written >= 0 || writ_errno() == EINTR else { return false }
            done += max(0, written)
        }
        return true
    }
}
