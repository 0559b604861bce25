// Making segment files: zeroed ones ahead of time, the first one, and one again after an unclean end.

internal import CSystem
private import Glibc
internal import Runtime

/// Makes files that are as long as a segment and durable.
enum SegmentMaker {
    private static let chunkBytes = 1 << 20
    static let permissions: UInt32 = 0o640

    /// Makes a file that begins with some bytes and has zeros behind them, and gives it its name when it is durable.
    ///
    /// The zeros are written and not only reserved: overwriting allocated and written blocks is what makes a commit
    /// one flush of data, without a journal.
    ///
    /// - Parameters:
    ///   - unfinished: The path until then; whatever is there is replaced.
    ///   - path: The name at the end.
    ///   - bytes: The length of the file.
    ///   - beginning: Writes the first bytes; answers how many.
    /// - Throws: ``SystemError``.
    static func make(
        _ unfinished: String,
        as path: String,
        bytes: UInt64,
        beginning: (borrowing FileDescriptor) throws(SystemError) -> UInt64
    ) throws(SystemError) {
        if try Files.exists(unfinished) { try Files.remove(unfinished) }
        let file = try FileDescriptor(opening: unfinished, .create(permissions: permissions))
        var offset = try beginning(file)
        let zeros = [UInt8](repeating: 0, count: chunkBytes)
        while offset < bytes {
            let count = Int(min(UInt64(chunkBytes), bytes - offset))
            try unsafe zeros.span.withUnsafeBytes { (zeros) throws(SystemError) in
                try unsafe file.writeAll(UnsafeRawBufferPointer(rebasing: zeros[..<count]), at: Int64(offset))
            }
            offset += UInt64(count)
        }
        try file.fullSync()
        try rename(unfinished, to: path)
        try Files.syncDirectory(Files.parent(of: path))
    }

    /// Whether a file has zeros up to a length.
    static func isZero(_ file: borrowing FileDescriptor, bytes: UInt64) throws(SystemError) -> Bool {
        var offset: UInt64 = 0
        while offset < bytes {
            let count = Int(min(UInt64(chunkBytes), bytes - offset))
            let chunk = try file.read(count: count, at: Int64(offset))
            guard chunk.count == count, isZero(chunk) else { return false }
            offset += UInt64(count)
        }
        return true
    }

    /// Whether all bytes are zeros; looks at eight at a time.
    static func isZero(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var bits: UInt64 = 0
            let words = buffer.count / 8
            for position in 0..<words {
                bits |= unsafe buffer.loadUnaligned(fromByteOffset: 8 * position, as: UInt64.self)
            }
            for position in (8 * words)..<buffer.count { bits |= unsafe UInt64(buffer[position]) }
            return bits == 0
        }
    }

    /// Makes a file of reserved, not written, zeros: quick, for when no zeroed file is ready.
    static func makeQuickly(_ path: String, bytes: UInt64) throws(SystemError) {
        if try Files.exists(path) { try Files.remove(path) }
        let file = try FileDescriptor(opening: path, .create(permissions: permissions))
        do throws(SystemError) {
            try file.reserve(offset: 0, count: Int64(bytes))
        } catch {
            // A file system that cannot reserve gives the blocks at each write; the floor of free space still holds.
            guard error.number == EOPNOTSUPP else { throw error }
        }
        try file.truncate(to: Int64(bytes))
        try file.fullSync()
    }

    /// Gives a file another name; the caller syncs the folder.
    static func rename(_ from: String, to path: String) throws(SystemError) {
        guard unsafe Glibc.rename(from, path) == 0 else {
            throw SystemError("rename", subject: from, number: writ_errno())
        }
    }
}
