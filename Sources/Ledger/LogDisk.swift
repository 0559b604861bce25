// The four things that the writer asks of the disk on the way of a commit.

internal import CSystem
private import Glibc

/// What the writer asks of the disk; a protocol, so that tests can make each call fail.
///
/// A negative answer is the error number with its sign turned. Nothing is retried: whatever is not complete success
/// stops the log.
package protocol LogDisk: Sendable {
    /// Writes bytes at an offset with one call; answers how many were written.
    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64) -> Int
    /// Makes the data of a file durable; answers 0.
    func sync(_ descriptor: Int32) -> Int
    /// Answers how many names the file has.
    func linkCount(of descriptor: Int32) -> Int
    /// Answers how many bytes are free on the file's file system.
    func freeBytes(of descriptor: Int32) -> Int
}

/// The disk itself.
package struct SystemDisk: LogDisk {
    /// Makes a disk; all are alike.
    package init() {}

    /// One `pwrite`.
    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int64) -> Int {
        let count = unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
        return count < 0 ? -Int(writ_errno()) : count
    }

    /// One `fdatasync`.
    package func sync(_ descriptor: Int32) -> Int {
        writ_data_sync(descriptor) == 0 ? 0 : -Int(writ_errno())
    }

    /// One `statx` for the link count alone: asking for more makes each sync write the inode, too.
    package func linkCount(of descriptor: Int32) -> Int {
        let links = writ_link_count(descriptor)
        return links < 0 ? -Int(writ_errno()) : Int(clamping: links)
    }

    /// One `fstatvfs`.
    package func freeBytes(of descriptor: Int32) -> Int {
        let bytes = writ_free_bytes(descriptor)
        return bytes < 0 ? -Int(writ_errno()) : Int(bytes)
    }
}
