// Files and the terminal.

private import Glibc

/// Why a file is of no use.
enum FileError: Error {
    /// It cannot be read.
    case unreadable(String)
    /// It is not what it should be.
    case malformed(String)
}

/// Reading files whole and writing lines.
enum Terminal {
    /// Reads a file, or standard input for `-`.
    ///
    /// One byte more than the limit is read, so that a longer file is seen to be longer; the parser then refuses it.
    static func read(_ path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
        let descriptor = path == "-" ? 0 : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable("cannot open `\(path)`: \(reason(errno))") }
        defer { if descriptor != 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= bytesMax {
            let count = unsafe Glibc.read(descriptor, &chunk, min(chunk.count, bytesMax + 1 - bytes.count))
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw .unreadable("cannot read `\(path)`: \(reason(errno))") }
                continue
            }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private static func reason(_ number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// Writes to standard output.
    static func print(_ text: String) {
        write(text, to: 1)
    }

    /// Writes to standard error.
    static func printError(_ text: String) {
        write(text, to: 2)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                guard errno == EINTR else { return }
                continue
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Ends the process.
    static func exit(_ status: Int32) -> Never {
        Glibc.exit(status)
    }
}
