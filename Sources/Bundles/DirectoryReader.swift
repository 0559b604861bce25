// Reading a directory tree: no links, nothing but files and folders, every bound kept.

import Bytes
private import Glibc
import StrictPolicy

/// Reads all files of a tree below one directory.
///
/// Every file and folder is opened relative to its folder's descriptor and never through a link, so that nothing
/// outside of the tree can be read, whatever is changed while it is being read.
struct DirectoryReader {
    /// The deepest folder that a layout has: `surfaces/<surface>/tests`.
    static let depthMax = 3
    /// The most bytes of a name; what Linux file systems allow.
    private static let nameBytesMax = 255

    /// The files, ascending by path once ``read(_:)`` is done.
    private(set) var files: [SourceFile] = []
    private(set) var problems: [PolicyProblem] = []
    /// The folders that were found below the root.
    private(set) var folders: [Text] = []
    private var bytesLeft = BundleLimits.bytesMax
    private var isFull = false

    /// Reads the tree below a directory; the path itself may lead through links, nothing below it may be one.
    mutating func read(_ path: String) {
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            let message = "cannot open the policy directory: \(Self.reason(errno))"
            problems.append(PolicyProblem(.unreadable, file: path.isEmpty ? "." : Text(path), message))
            return
        }
        readFolder(descriptor, path: "", depth: 0)
        files.sort { $0.path < $1.path }
        folders.sort()
    }

    /// Reads one folder and closes its descriptor.
    private mutating func readFolder(_ descriptor: Int32, path: Text, depth: Int) {
        guard let names = names(in: descriptor, path) else { return }
        defer { close(descriptor) }
        for name in names where !isFull {
            guard let text = Text(utf8: name) else {
                fail(.unknownFile, path, "a name in this folder is not UTF-8")
                continue
            }
            readEntry(text, in: descriptor, Text(path.isEmpty ? text.string : "\(path)/\(text)"), depth: depth)
        }
    }

    /// The names in a folder, sorted by bytes; nil, with a problem and the descriptor closed, if it cannot be listed.
    private mutating func names(in descriptor: Int32, _ path: Text) -> [[UInt8]]? {
        let copy = retrying { dup(descriptor) }
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            let reason = Self.reason(errno)
            if copy >= 0 { close(copy) }
            close(descriptor)
            fail(.unreadable, path, "cannot list the folder: \(reason)")
            return nil
        }
        defer { unsafe closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe Self.name(of: entry)
            if name == [UInt8(ascii: ".")] || name == Array("..".utf8) { continue }
            names.append(name)
            guard names.count <= BundleLimits.filesMax else {
                failFull("more than \(BundleLimits.filesMax) files")
                break
            }
            errno = 0
        }
        if errno != 0, !isFull {
            fail(.unreadable, path, "cannot list the folder: \(Self.reason(errno))")
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
            unsafe Array(buffer.prefix { $0 != 0 })
        }
    }

    private mutating func readEntry(_ name: Text, in folder: Int32, _ path: Text, depth: Int) {
        // O_NONBLOCK: opening a pipe must not wait for its other end.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = retrying { unsafe openat(folder, name.string, flags) }
        guard descriptor >= 0 else {
            if errno == ELOOP {
                fail(.notRegular, path, "links are not allowed in a policy directory")
            } else {
                fail(.unreadable, path, "cannot open it: \(Self.reason(errno))")
            }
            return
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            fail(.unreadable, path, "cannot look at it: \(Self.reason(errno))")
            close(descriptor)
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            guard depth < Self.depthMax else {
                fail(.unknownFile, path, "folders are not nested so deep")
                close(descriptor)
                return
            }
            folders.append(path)
            readFolder(descriptor, path: path, depth: depth + 1)
        case S_IFREG:
            defer { close(descriptor) }
            readFile(descriptor, path)
        default:
            fail(.notRegular, path, "neither a file nor a folder")
            close(descriptor)
        }
    }

    private mutating func readFile(_ descriptor: Int32, _ path: Text) {
        guard files.count < BundleLimits.filesMax else {
            failFull("more than \(BundleLimits.filesMax) files")
            return
        }
        switch FileReading.read(descriptor, bytesMax: bytesLeft) {
        case .bytes(let bytes):
            bytesLeft -= bytes.count
            files.append(SourceFile(path: path, bytes: bytes))
        case .tooLarge:
            failFull("the files are longer than \(BundleLimits.bytesMax) bytes together")
        case .failed(let error):
            fail(.unreadable, path, "cannot read it: \(Self.reason(error))")
        }
    }

    private mutating func fail(_ code: PolicyProblem.Code, _ path: Text, _ message: String) {
        problems.append(PolicyProblem(code, file: path.isEmpty ? "." : path, message))
    }

    /// A limit of the whole tree: reading ends here.
    private mutating func failFull(_ message: String) {
        guard !isFull else { return }
        isFull = true
        fail(.limit, "", message)
    }

    private static func reason(_ error: Int32) -> String {
        unsafe String(cString: strerror(error)).lowercased()
    }
}

/// Repeats a system call while a signal interrupts it.
private func retrying(_ call: () -> Int32) -> Int32 {
    var result = call()
    while result < 0, errno == EINTR { result = call() }
    return result
}

/// Reading one open file whole.
enum FileReading {
    /// What came of it.
    enum Result {
        case bytes([UInt8])
        case tooLarge
        case failed(Int32)
    }

    private static let chunkBytes = 64 << 10

    /// Reads to the end, but not more than a limit.
    static func read(_ descriptor: Int32, bytesMax: Int) -> Result {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failed(errno) }
            if count == 0 { return .bytes(bytes) }
            guard bytes.count + count <= bytesMax else { return .tooLarge }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
