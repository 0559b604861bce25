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
    ///   - disk: What writes the zeros.
    ///   - beginning: Writes the first bytes; answers how many.
    /// - Throws: ``SystemError``; then the unfinished file is gone, and takes no room.
    static func make(
        _ unfinished: String,
        as path: String,
        bytes: UInt64,
        on disk: any LogDisk = SystemDisk(),
        beginning: (borrowing FileDescriptor) throws(SystemError) -> UInt64
    ) throws(SystemError) {
        try removingOnFailure(unfinished) { () throws(SystemError) in
            let file = try FileDescriptor(opening: unfinished, .create(permissions: permissions))
            try writeZeros(to: file, unfinished, from: try beginning(file), until: bytes, on: disk)
            try file.fullSync()
            try rename(unfinished, to: path)
        }
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

    private static func writeZeros(
        to file: borrowing FileDescriptor,
        _ path: String,
        from start: UInt64,
        until end: UInt64,
        on disk: any LogDisk
    ) throws(SystemError) {
        let zeros = [UInt8](repeating: 0, count: chunkBytes)
        let number = file.number
        var offset = start
        while offset < end {
            let count = Int(min(UInt64(chunkBytes), end - offset))
            let written = unsafe zeros.withUnsafeBytes { zeros in
                unsafe disk.write(UnsafeRawBufferPointer(rebasing: zeros[..<count]), to: number, at: Int64(offset))
            }
            // A part is written where the room ends; the next call says why.
            guard written > 0 else {
                throw SystemError("write", subject: path, number: written == 0 ? EIO : Int32(clamping: -written))
            }
            offset += UInt64(written)
        }
    }

    /// Makes a file anew; a failure must not leave a part of it that takes the room which is lacking.
    private static func removingOnFailure(_ path: String, _ body: () throws(SystemError) -> Void) throws(SystemError) {
        if try Files.exists(path) { try Files.remove(path) }
        do throws(SystemError) {
            try body()
        } catch {
            try? Files.remove(path)
            throw error
        }
    }

    /// Refuses at once what the file system has no room for; a `next` that nobody counts on is given up for it.
    ///
    /// - Parameters:
    ///   - bytes: The length of the file to come.
    ///   - layout: Where it is to be.
    ///   - disk: What knows the free space.
    ///   - floor: Free bytes that have to be left.
    /// - Throws: ``SystemError``, with `ENOSPC` where there is no room.
    static func demandRoom(
        for bytes: UInt64,
        in layout: LogLayout,
        on disk: any LogDisk,
        leaving floor: Int64 = 0
    ) throws(SystemError) {
        // A floor is never negative, so the difference cannot overflow.
        func hasRoom() throws(SystemError) -> Bool {
            Int64(try freeBytes(of: layout.segments, on: disk)) - max(0, floor) >= Int64(clamping: bytes)
        }
        if try hasRoom() { return }
        if try Files.exists(layout.next) {
            try Files.remove(layout.next)
            if try hasRoom() { return }
        }
        throw SystemError("find room in", subject: layout.segments, number: ENOSPC)
    }

    private static func freeBytes(of directory: String, on disk: any LogDisk) throws(SystemError) -> Int {
        let folder = try FileDescriptor(opening: directory, .directory)
        let free = disk.freeBytes(of: folder.number)
        guard free >= 0 else {
            throw SystemError("read the free space of", subject: directory, number: Int32(clamping: -free))
        }
        return free
    }

    /// Whether a call failed because the file system, or the share of it that the user may have, is full.
    static func isLackOfRoom(_ error: SystemError) -> Bool { error.number == ENOSPC || error.number == EDQUOT }

    /// Makes a file of reserved, not written, zeros: quick, for when no zeroed file is ready.
    static func makeQuickly(_ path: String, bytes: UInt64) throws(SystemError) {
        try removingOnFailure(path) { () throws(SystemError) in
            let file = try FileDescriptor(opening: path, .create(permissions: permissions))
            do throws(SystemError) {
                try file.reserve(offset: 0, count: Int64(bytes))
            } catch {
                // A file system that cannot reserve gives the blocks at each write; the floor of free space still
                // holds.
                guard error.number == EOPNOTSUPP else { throw error }
            }
            try file.truncate(to: Int64(bytes))
            try file.fullSync()
        }
    }

    /// Gives a file another name; the caller syncs the folder.
    static func rename(_ from: String, to path: String) throws(SystemError) {
        guard unsafe Glibc.rename(from, path) == 0 else {
            throw SystemError("rename", subject: from, number: writ_errno())
        }
    }
}
