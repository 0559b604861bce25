package import CSystem
internal import Glibc

extension FileDescriptor {
    /// Reads at most `buffer.count` bytes at the current position; 0 at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            if count >= 0 {
                return count
            }
            let error = SystemError.last("read", name)
            guard error.number == EINTR else {
                throw error
            }
        }
    }

    /// Reads at an offset until the buffer is full or the file ends; answers how many bytes there were.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = unsafe pread(number, rest.baseAddress, rest.count, off_t(offset) + done)
            if count == 0 {
                break
            }
            if count < 0 {
                let error = SystemError.last("read", name)
                guard error.number == EINTR else {
                    throw error
                }
                continue
            }
            done += count
        }
        return done
    }

    /// Reads exactly `count` bytes at an offset, or fewer where the file ends.
    package func read(count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(SystemError) {
                filled = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure {
            throw failure
        }
        return bytes
    }

    /// Writes all bytes at the current position (for pipes and sockets: to the peer).
    package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe Glibc.write(number, rest.baseAddress, rest.count)
            if count < 0 {
                let error = SystemError.last("write", name)
                guard error.number == EINTR else {
                    throw error
                }
                continue
            }
            done += count
        }
    }

    /// Writes all bytes at the current position.
    package func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        try unsafe bytes.span.withUnsafeBytes { (buffer) throws(SystemError) in
            try unsafe writeAll(buffer)
        }
    }

    /// The most vectors of one call of ``writeAll(vectors:at:)`` that reach the kernel together (IOV_MAX of Linux).
    package static let vectorsPerCallMax = 1_024

    /// Writes all vectors behind one another from an offset on, in as few calls as possible.
    ///
    /// The vectors are used up: after a short write they are changed to say what is left. If this throws, any prefix
    /// of the bytes may have been written.
    package func writeAll(
        vectors: UnsafeMutableBufferPointer<iovec>,
        at offset: Int64
    ) throws(SystemError) {
        var next = 0
        var position = offset
        while next < vectors.count {
            if unsafe vectors[next].iov_len == 0 {
                next += 1
                continue
            }
            let call = unsafe UnsafeBufferPointer(
                rebasing: vectors[next..<min(vectors.count, next + Self.vectorsPerCallMax)]
            )
            let count = unsafe writ_pwritev(number, call.baseAddress, Int32(call.count), position)
            if count < 0 {
                let error = SystemError.last("write", name)
                guard error.number == EINTR else {
                    throw error
                }
                continue
            }
            position += Int64(count)
            unsafe Self.skip(count, in: vectors, from: &next)
        }
    }

    /// Writes all bytes from an offset on.
    package func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe pwrite(number, rest.baseAddress, rest.count, off_t(offset) + done)
            if count < 0 {
                let error = SystemError.last("write", name)
                guard error.number == EINTR else {
                    throw error
                }
                continue
            }
            done += count
        }
    }

    /// Writes all bytes from an offset on.
    package func writeAll(_ bytes: [UInt8], at offset: Int64) throws(SystemError) {
        try unsafe bytes.span.withUnsafeBytes { (buffer) throws(SystemError) in
            try unsafe writeAll(buffer, at: offset)
        }
    }

    /// Marks the first `count` bytes of the vectors from `next` on as written.
    private static func skip(_ count: Int, in vectors: UnsafeMutableBufferPointer<iovec>, from next: inout Int) {
        var written = count
        while written > 0, next < vectors.count {
            let length = unsafe vectors[next].iov_len
            if written >= length {
                written -= length
                next += 1
            } else {
                unsafe vectors[next].iov_base = unsafe vectors[next].iov_base.map { unsafe $0 + written }
                unsafe vectors[next].iov_len = length - written
                written = 0
            }
        }
    }
}
