internal import CSystem
internal import CUV
internal import Glibc

/// A socket that waits for connections.
@safe
final class Listener {
    private let handle: UnsafeMutablePointer<uv_stream_t>
    private let unixPath: String?
    private let identity: FileStatus?
    private var isClosed = false

    /// Takes over a handle that was allocated for a TCP or a pipe handle, and is initialised.
    init(_ handle: UnsafeMutableRawPointer, unixPath: String?, identity: FileStatus?) {
        unsafe self.handle = unsafe handle.assumingMemoryBound(to: uv_stream_t.self)
        self.unixPath = unixPath
        self.identity = identity
    }

    func listen(_ server: HTTPServer) throws(SystemError) {
        unsafe handle.pointee.data = unsafe Unmanaged.passUnretained(server).toOpaque()
        let result = unsafe uv_listen(handle, server.limits.backlog) { stream, status in
            guard status == 0, let stream = unsafe stream, let data = unsafe stream.pointee.data else {
                return
            }
            unsafe Unmanaged<HTTPServer>.fromOpaque(data)._withUnsafeGuaranteedRef { unsafe $0.accept(stream) }
        }
        guard result == 0 else {
            throw SystemError("listen on", subject: unixPath ?? "tcp", number: -result)
        }
    }

    /// Stops listening; the file of a Unix socket is removed, if it is still the one that was made.
    func close() {
        guard !isClosed else {
            return
        }
        isClosed = true
        if let unixPath, let identity, let found = try? Files.status(of: unixPath, followingLinks: false),
            found.inode == identity.inode, found.device == identity.device
        {
            _ = unsafe unlink(unixPath)
        }
        unsafe uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe UnsafeMutableRawPointer(handle)?.deallocate()
        }
    }
}

extension HTTPServer {
    /// The longest path of a Unix socket in bytes, which Linux sets.
    package static let unixPathBytesMax = 107

    /// Listens on a TCP address, `127.0.0.1` or `::1` unless the operator wants more; port 0 takes a free one.
    ///
    /// - Returns: The port.
    package func listenTCP(address: String, port: UInt16) throws(SystemError) -> UInt16 {
        precondition(loop.isCurrent, "a server listens on its loop's thread")
        var storage = sockaddr_storage()
        let parsed = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else {
                return Int32(UV_EINVAL.rawValue)
            }
            let four = unsafe uv_ip4_addr(address, Int32(port), base.assumingMemoryBound(to: sockaddr_in.self))
            return unsafe four == 0
                ? 0 : uv_ip6_addr(address, Int32(port), base.assumingMemoryBound(to: sockaddr_in6.self))
        }
        guard parsed == 0 else {
            throw SystemError("listen on", subject: address, number: -parsed)
        }
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        unsafe uv_tcp_init(loop.raw, handle)
        let listener = unsafe Listener(UnsafeMutableRawPointer(handle), unixPath: nil, identity: nil)
        do throws(SystemError) {
            let bound = unsafe withUnsafeBytes(of: &storage) { bytes in
                unsafe uv_tcp_bind(handle, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), 0)
            }
            guard bound == 0 else {
                throw SystemError("bind", subject: "\(address):\(port)", number: -bound)
            }
            try listener.listen(self)
            var descriptor: Int32 = -1
            unsafe uv_fileno(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), &descriptor)
            let found = writ_socket_port(descriptor)
            guard found >= 0 else {
                throw SystemError.last("read the port of", address)
            }
            listeners.append(listener)
            return UInt16(truncatingIfNeeded: found)
        } catch {
            listener.close()
            throw error
        }
    }

    /// Listens on a Unix socket whose file gets these permissions, as 0660 or 0666.
    ///
    /// A file that a crashed process left is replaced. A socket on which somebody still listens, and anything that is
    /// no socket, is left alone: `EADDRINUSE`.
    package func listenUnix(path: String, permissions: UInt32) throws(SystemError) {
        precondition(loop.isCurrent, "a server listens on its loop's thread")
        guard path.utf8.count <= Self.unixPathBytesMax, !path.utf8.contains(0) else {
            throw SystemError("bind", subject: path, number: ENAMETOOLONG)
        }
        try Self.removeStaleSocket(path)
        let socket = FileDescriptor(owning: writ_socket_unix(), name: path)
        guard socket.number >= 0, unsafe writ_unix_bind(socket.number, path, path.utf8.count) == 0 else {
            throw .last("bind", path)
        }
        let identity = try Files.status(of: path, followingLinks: false)
        let handle = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
        unsafe uv_pipe_init(loop.raw, handle, 0)
        let listener = unsafe Listener(UnsafeMutableRawPointer(handle), unixPath: path, identity: identity)
        do throws(SystemError) {
            let number = socket.release()
            let opened = unsafe uv_pipe_open(handle, number)
            guard opened == 0 else {
                _ = Glibc.close(number)
                throw SystemError("listen on", subject: path, number: -opened)
            }
            try listener.listen(self)
            // Only now may others connect; until here the file belonged to its owner alone.
            guard unsafe chmod(path, mode_t(permissions)) == 0 else {
                throw SystemError.last("change the permissions of", path)
            }
            listeners.append(listener)
        } catch {
            listener.close()
            throw error
        }
    }

    private static func removeStaleSocket(_ path: String) throws(SystemError) {
        guard try Files.exists(path) else {
            return
        }
        guard try Files.status(of: path, followingLinks: false).kind == .socket else {
            throw SystemError("bind", subject: path, number: EADDRINUSE)
        }
        let probe = FileDescriptor(owning: writ_socket_unix(), name: path)
        guard probe.number >= 0, writ_socket_nonblocking(probe.number) == 0 else {
            throw .last("look at", path)
        }
        if unsafe writ_unix_connect(probe.number, path, path.utf8.count) == 0 {
            throw SystemError("bind", subject: path, number: EADDRINUSE)
        }
        // Only a refused connection says that nobody listens; a full queue (EAGAIN) says that somebody does.
        guard writ_errno() == ECONNREFUSED else {
            throw SystemError("bind", subject: path, number: EADDRINUSE)
        }
        try Files.remove(path)
    }

    /// Takes a connection that waits, or tells it that there is no room.
    func accept(_ listener: UnsafeMutablePointer<uv_stream_t>) {
        let isTCP = unsafe listener.pointee.type == UV_TCP
        let reference = unsafe Unmanaged.passUnretained(self)
        guard let slot = unsafe slab.take(bodyBytesMax: limits.bodyBytesMax, server: reference) else {
            unsafe turnAway(listener, isTCP: isTCP)
            return
        }
        let stream = unsafe slab.stream(slot)
        unsafe initialise(UnsafeMutableRawPointer(stream), isTCP: isTCP)
        unsafe stream.pointee.data = UnsafeMutableRawPointer(slot)
        unsafe slot.pointee.phase = .idle
        unsafe slot.pointee.isTCP = isTCP
        unsafe slot.pointee.deadline = loop.nowMilliseconds + limits.headTimeoutMilliseconds
        guard unsafe uv_accept(listener, stream) == 0, unsafe learnPeer(slot, stream) else {
            unsafe close(slot)
            return
        }
        unsafe startReading(slot)
    }

    private func initialise(_ handle: UnsafeMutableRawPointer, isTCP: Bool) {
        if isTCP {
            unsafe uv_tcp_init(loop.raw, handle.assumingMemoryBound(to: uv_tcp_t.self))
        } else {
            unsafe uv_pipe_init(loop.raw, handle.assumingMemoryBound(to: uv_pipe_t.self), 0)
        }
    }

    /// Asks the kernel who has connected; a Unix peer that it does not name is not served.
    private func learnPeer(
        _ slot: UnsafeMutablePointer<Connection>,
        _ stream: UnsafeMutablePointer<uv_stream_t>
    ) -> Bool {
        if unsafe slot.pointee.isTCP {
            unsafe uv_tcp_nodelay(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self), 1)
            return true
        }
        var descriptor: Int32 = -1
        let handle = unsafe UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)
        guard unsafe uv_fileno(handle, &descriptor) == 0 else {
            return false
        }
        return unsafe writ_peer_credentials(descriptor, &slot.pointee.pid, &slot.pointee.uid, &slot.pointee.gid) == 0
    }

    /// Accepts a connection only to say that there is no room for it.
    private func turnAway(_ listener: UnsafeMutablePointer<uv_stream_t>, isTCP: Bool) {
        let size = unsafe max(MemoryLayout<uv_tcp_t>.size, MemoryLayout<uv_pipe_t>.size)
        let handle = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe initialise(handle, isTCP: isTCP)
        let stream = unsafe handle.assumingMemoryBound(to: uv_stream_t.self)
        if unsafe uv_accept(listener, stream) == 0 {
            var answer = Array(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8
            )
            unsafe answer.withUnsafeMutableBytes { bytes in
                let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                var buffer = unsafe uv_buf_init(base, UInt32(bytes.count))
                // A client that does not take it learns the same from the end of the connection.
                unsafe uv_try_write(stream, &buffer, 1)
            }
        }
        unsafe uv_close(handle.assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe UnsafeMutableRawPointer(handle)?.deallocate()
        }
    }
}
