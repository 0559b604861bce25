internal import CSystem
internal import Glibc

/// Why a whole file could not be read.
package enum FileReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operating system refused.
    case system(SystemError)
    /// The path does not name a regular file.
    case notAFile(path: String)
    /// The file is larger than the caller's limit.
    case tooLarge(path: String, bytesMax: Int)

    /// One line for a person.
    package var description: String {
        switch self {
        case .system(let error): error.description
        case .notAFile(let path): "`\(path)` is not a regular file"
        case .tooLarge(let path, let bytesMax): "`\(path)` is larger than \(bytesMax) bytes"
        }
    }
}

/// Whole files and directories.
package enum Files {
    /// Reads a whole regular file of at most `bytesMax` bytes.
    ///
    /// What counts is the size at the moment of opening: bytes that another process appends meanwhile are not read.
    package static func read(_ path: String, bytesMax: Int) throws(FileReadError) -> [UInt8] {
        // The kind is looked at before opening, because opening a pipe waits for its other end.
        guard try system({ () throws(SystemError) in try Files.status(of: path) }).kind == .file else {
            throw .notAFile(path: path)
        }
        let opened = try open(path)
        let status = try system { () throws(SystemError) in try opened.status() }
        guard status.kind == .file else {
            throw .notAFile(path: path)
        }
        guard status.size <= Int64(bytesMax) else {
            throw .tooLarge(path: path, bytesMax: bytesMax)
        }
        return try system { () throws(SystemError) in try opened.read(count: Int(status.size), at: 0) }
    }

    /// Replaces a file durably: when this returns, the new content survives a crash; until then the old one does.
    ///
    /// Written to a new file beside it, synced, renamed over it, and the directory synced. A failure leaves the old
    /// file as it was.
    package static func replace(
        _ path: String,
        with bytes: [UInt8],
        permissions: UInt32 = 0o600
    ) throws(SystemError) {
        let temporary = "\(path).\(try RandomSource.hexadecimal(bytes: 8)).tmp"
        do throws(SystemError) {
            let file = try FileDescriptor(opening: temporary, .create(permissions: permissions))
            // The mask of the process must not decide about the permissions of keys.
            try file.setPermissions(permissions)
            try file.writeAll(bytes)
            try file.fullSync()
            guard unsafe rename(temporary, path) == 0 else {
                throw SystemError.last("rename to", path)
            }
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try syncDirectory(parent(of: path))
    }

    /// Writes a file that must not exist yet, durably; `EEXIST` if it does.
    package static func create(
        _ path: String,
        with bytes: [UInt8],
        permissions: UInt32 = 0o600
    ) throws(SystemError) {
        let file = try FileDescriptor(opening: path, .create(permissions: permissions))
        do throws(SystemError) {
            try file.setPermissions(permissions)
            try file.writeAll(bytes)
            try file.fullSync()
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
        try syncDirectory(parent(of: path))
    }

    /// Makes the names in a directory durable.
    package static func syncDirectory(_ path: String) throws(SystemError) {
        let directory = try FileDescriptor(opening: path, .directory)
        try directory.fullSync()
    }

    /// Makes a directory if it does not exist, with its missing parents; new ones get these permissions.
    package static func createDirectory(_ path: String, permissions: UInt32 = 0o700) throws(SystemError) {
        if unsafe mkdir(path, mode_t(permissions)) == 0 {
            return
        }
        let error = SystemError.last("make the directory", path)
        if error.number == EEXIST {
            guard try status(of: path).kind == .directory else {
                throw SystemError("make the directory", subject: path, number: ENOTDIR)
            }
            return
        }
        let above = parent(of: path)
        guard error.number == ENOENT, above != path else {
            throw error
        }
        // Each step takes one component away, so the recursion ends at the root.
        try createDirectory(above, permissions: permissions)
        if unsafe mkdir(path, mode_t(permissions)) != 0, writ_errno() != EEXIST {
            throw .last("make the directory", path)
        }
    }

    /// What the file system says about a path; symbolic links are followed unless told otherwise.
    package static func status(of path: String, followingLinks: Bool = true) throws(SystemError) -> FileStatus {
        var raw = writ_file_status()
        guard unsafe writ_path_status(path, followingLinks ? 1 : 0, &raw) == 0 else {
            throw .last("read the status of", path)
        }
        return FileStatus(raw)
    }

    /// Whether something has this path; false only if it certainly does not exist.
    package static func exists(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try status(of: path, followingLinks: false)
            return true
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else {
                throw error
            }
            return false
        }
    }

    /// Removes a file.
    package static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 else {
            throw .last("remove", path)
        }
    }

    /// The most names that ``list(_:)`` answers.
    package static let directoryEntriesMax = 1_000_000

    /// The names in a directory without `.` and `..`, sorted by their bytes; names that are not UTF-8 are an error.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(path) else {
            throw .last("list", path)
        }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while true {
            // readdir tells its end from a failure only by errno.
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                let number = errno
                guard number == 0 else {
                    throw SystemError("list", subject: path, number: number)
                }
                break
            }
            guard let name = unsafe name(of: entry) else {
                throw SystemError("list", subject: path, number: EILSEQ)
            }
            if name == "." || name == ".." {
                continue
            }
            guard names.count < directoryEntriesMax else {
                throw SystemError("list", subject: path, number: EOVERFLOW)
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The path of the directory that a path is in.
    package static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == 0x2F {
            bytes.removeLast()
        }
        guard let slash = bytes.lastIndex(of: 0x2F) else {
            return "."
        }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            let end = unsafe bytes.firstIndex(of: 0) ?? bytes.endIndex
            return unsafe String(validating: bytes[..<end], as: UTF8.self)
        }
    }

    private static func open(_ path: String) throws(FileReadError) -> FileDescriptor {
        do throws(SystemError) {
            return try FileDescriptor(opening: path, .read)
        } catch {
            throw .system(error)
        }
    }

    private static func system<Value>(_ body: () throws(SystemError) -> Value) throws(FileReadError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .system(error)
        }
    }
}

/// An exclusive claim of one process on a directory, by a lock on a file in it; it ends with this value.
///
/// The kernel releases the lock when the process ends, however it ends. The lock file stays: removing it would let two
/// processes lock two files of the same name.
package struct DirectoryLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// The name of the file that is locked.
    package static let fileName = ".lock"

    /// Claims an existing directory.
    ///
    /// - Throws: `EWOULDBLOCK` if another process (or another claim in this one) has it.
    package init(claiming directory: String) throws(SystemError) {
        let file = try FileDescriptor(
            opening: "\(directory)/\(Self.fileName)",
            .openOrCreate(permissions: 0o600)
        )
        guard try file.tryLock() else {
            throw SystemError("lock", subject: directory, number: EWOULDBLOCK)
        }
        self.file = file
    }
}
