internal import CSystem
internal import Glibc

/// What the file system says about an open file or a path.
package struct FileStatus: Hashable, Sendable {
    /// What kind of thing it is.
    package enum Kind: Hashable, Sendable {
        /// A regular file.
        case file
        /// A directory.
        case directory
        /// A socket.
        case socket
        /// A symbolic link, when links are not followed.
        case link
        /// Anything else.
        case other
    }

    /// The number of the device and of the file on it: together the identity of the file.
    package let device: UInt64
    /// The number of the file on its device.
    package let inode: UInt64
    /// How many names the file has; 0 if it was deleted while it is open.
    package let linkCount: UInt64
    /// The permission bits.
    package let permissions: UInt32
    /// The kind.
    package let kind: Kind
    /// The owner.
    package let uid: UInt32
    /// The group.
    package let gid: UInt32
    /// The size in bytes.
    package let size: Int64

    init(_ raw: writ_file_status) {
        device = raw.device
        inode = raw.inode
        linkCount = raw.link_count
        permissions = raw.mode & 0o7777
        kind =
            switch raw.mode & 0o170000 {
            case 0o100000: .file
            case 0o040000: .directory
            case 0o140000: .socket
            case 0o120000: .link
            default: .other
            }
        uid = raw.uid
        gid = raw.gid
        size = raw.size
    }
}

/// An open file, closed when it goes out of scope.
///
/// Calls that a signal interrupts are made again, and short reads and writes go on where they stopped.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number; borrowed, never to be closed by the caller.
    package private(set) var number: Int32
    /// The path or name for messages.
    package let name: String

    /// Takes over an open descriptor.
    package init(owning number: Int32, name: String) {
        self.number = number
        self.name = name
    }

    /// How a file is opened.
    package enum Access: Sendable {
        /// For reading; symbolic links are followed.
        case read
        /// For reading; a symbolic link as the last component is refused with `ELOOP`.
        case readNoFollow
        /// For reading and writing an existing file.
        case readWrite
        /// For reading and writing a file that must not exist yet, with these permissions.
        case create(permissions: UInt32)
        /// For reading and writing a file that is made with these permissions if it does not exist.
        case openOrCreate(permissions: UInt32)
        /// For appending to a file that is made with these permissions if it does not exist.
        case append(permissions: UInt32)
        /// A directory, for syncing and for opening what is in it.
        case directory
    }

    /// Opens a file; it is closed on exec.
    package init(opening path: String, _ access: Access) throws(SystemError) {
        let (flags, permissions): (Int32, UInt32) =
            switch access {
            case .read: (O_RDONLY, 0)
            case .readNoFollow: (O_RDONLY | writ_o_nofollow, 0)
            case .readWrite: (O_RDWR, 0)
            case .create(let permissions): (O_RDWR | O_CREAT | O_EXCL | writ_o_nofollow, permissions)
            case .openOrCreate(let permissions): (O_RDWR | O_CREAT | writ_o_nofollow, permissions)
            case .append(let permissions): (O_WRONLY | O_APPEND | O_CREAT | writ_o_nofollow, permissions)
            case .directory: (O_RDONLY | writ_o_directory, 0)
            }
        guard path.utf8.allSatisfy({ $0 != 0 }) else {
            throw SystemError("open", subject: "path with NUL", number: EINVAL)
        }
        let opened = try retrying("open", path) { unsafe writ_open(path, flags, mode_t(permissions)) }
        self.init(owning: Int32(opened), name: path)
    }

    deinit {
        // The result says nothing that the owner could act on: what must be durable was synced before.
        if number >= 0 {
            _ = close(number)
        }
    }

    /// Gives the number away; the caller closes it.
    package consuming func release() -> Int32 {
        let given = number
        number = -1
        return given
    }

    /// What the file system says about the file.
    package func status() throws(SystemError) -> FileStatus {
        var raw = writ_file_status()
        guard unsafe writ_status(number, &raw) == 0 else {
            throw .last("read the status of", name)
        }
        return FileStatus(raw)
    }

    /// The number of names of the file: 0 once it was deleted.
    package func linkCount() throws(SystemError) -> UInt64 {
        try status().linkCount
    }

    /// The bytes that can still be written to its file system by a process without privileges.
    package func freeBytes() throws(SystemError) -> Int64 {
        let bytes = writ_free_bytes(number)
        guard bytes >= 0 else {
            throw .last("read the free space of", name)
        }
        return bytes
    }

    /// Makes the data durable, and of the metadata what is needed to read it (`fdatasync`).
    ///
    /// A failure MUST NOT be retried: the kernel may have dropped the pages and would then report success.
    package func dataSync() throws(SystemError) {
        guard writ_data_sync(number) == 0 else {
            throw .last("sync", name)
        }
    }

    /// Makes data and metadata durable (`fsync`); the same warning as for ``dataSync()``.
    package func fullSync() throws(SystemError) {
        guard fsync(number) == 0 else {
            throw .last("sync", name)
        }
    }

    /// Sets the size.
    package func truncate(to size: Int64) throws(SystemError) {
        _ = try retrying("truncate", name) { ftruncate(number, off_t(size)) }
    }

    /// Sets the permissions.
    package func setPermissions(_ permissions: UInt32) throws(SystemError) {
        _ = try retrying("change the permissions of", name) { fchmod(number, mode_t(permissions)) }
    }

    /// Reserves room for a range of bytes, so that writing it cannot fail for lack of space.
    package func reserve(offset: Int64, count: Int64) throws(SystemError) {
        _ = try retrying("reserve room in", name) { writ_reserve(number, offset, count) }
    }

    /// Frees the content of a range of bytes, which reads as zeros from then on.
    package func punchHole(offset: Int64, count: Int64) throws(SystemError) {
        _ = try retrying("punch a hole into", name) { writ_punch_hole(number, offset, count) }
    }

    /// Takes an exclusive advisory lock on the file, without waiting.
    ///
    /// - Returns: Whether it was free; the lock ends with the descriptor.
    package func tryLock() throws(SystemError) -> Bool {
        while writ_try_lock(number) != 0 {
            let error = SystemError.last("lock", name)
            if error.number == EWOULDBLOCK {
                return false
            }
            guard error.number == EINTR else {
                throw error
            }
        }
        return true
    }
}

/// Makes a call again for as long as a signal interrupts it; answers its result, which is not negative.
func retrying(
    _ operation: String,
    _ subject: String,
    _ call: () -> Int32
) throws(SystemError) -> Int {
    while true {
        let result = call()
        if result >= 0 {
            return Int(result)
        }
        let error = SystemError.last(operation, subject)
        guard error.number == EINTR else {
            throw error
        }
    }
}
