// Bytes of a stream as lines, and lines as bytes of a stream.

import Bytes
import CSystem
import Glibc

/// Cuts a stream into lines of at most ``MCPLimits/lineBytesMax`` bytes.
struct LineBuffer {
    /// One line.
    enum Line: Equatable {
        /// A line without its end.
        case line([UInt8])
        /// A line that is longer than the limit; its bytes are gone.
        case tooLong
    }

    private var partial: [UInt8] = []
    private var isSkipping = false
    private let bytesMax: Int

    init(bytesMax: Int = MCPLimits.lineBytesMax) {
        self.bytesMax = bytesMax
    }

    /// Takes what arrived; answers the lines that are complete now.
    ///
    /// Empty lines are nothing.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(part: rest[..<end], &lines)
            if isSkipping {
                isSkipping = false
            } else if !partial.isEmpty {
                lines.append(.line(partial))
                partial = []
            }
            rest = rest[(end + 1)...]
        }
        take(part: rest, &lines)
        return lines
    }

    private mutating func take(part: ArraySlice<UInt8>, _ lines: inout [Line]) {
        guard !isSkipping else { return }
        guard partial.count + part.count <= bytesMax else {
            partial = []
            isSkipping = true
            lines.append(.tooLong)
            return
        }
        partial += part
    }
}

/// Bytes that wait to be written to one side.
struct OutputBuffer {
    /// What writing came to.
    enum Progress {
        /// Nothing waits any more.
        case empty
        /// The other side takes no more for now.
        case blocked
        /// There is no other side any more.
        case broken
    }

    private var bytes: [UInt8] = []
    private var written = 0
    /// A descriptor that is shared with other processes stays blocking: PIPE_BUF bytes at a time never block after
    /// `poll`.
    private let isShared: Bool

    init(isShared: Bool) {
        self.isShared = isShared
    }

    /// The number of bytes that wait.
    var count: Int { bytes.count - written }

    /// Adds a line.
    mutating func append(line: [UInt8]) {
        if written > 1 << 20 || written == bytes.count {
            bytes.removeFirst(written)
            written = 0
        }
        bytes += line
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes as much as the other side takes.
    mutating func write(to descriptor: Int32) -> Progress {
        while count > 0 {
            if isShared, !isReady(descriptor) { return .blocked }
            let length = isShared ? min(count, Int(PIPE_BUF)) : count
            let done = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, length)
            }
            if done >= 0 {
                written += done
                continue
            }
            switch writ_errno() {
            case EINTR: continue
            case EAGAIN: return .blocked
            default: return .broken
            }
        }
        return .empty
    }

    private func isReady(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&request, 1, 0) > 0
    }
}
