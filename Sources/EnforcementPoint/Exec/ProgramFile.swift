// The program that is to run: found once, opened once, digested through the descriptor that is executed.

package import Bytes
import Cryptography
import Glibc
package import Runtime

/// Why there is no program to ask about; nothing was asked, so this is a usage error.
package enum ProgramError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No file of that name is on the path.
    case notFound(String)
    /// The name cannot be a program's: it is empty or contains NUL.
    case invalidName
    /// It is a directory, a device or the like.
    case notAFile(String)
    /// The file may not be executed by this user.
    case notExecutable(String)
    /// The file is larger than ``EnforcementLimits/programBytesMax``.
    case tooLarge(String)
    /// The file changed while it was read.
    case changed(String)
    /// The path or the working directory is not UTF-8.
    case notText(String)
    /// The operating system refused.
    case system(SystemError)

    /// One line for a person.
    package var description: String {
        switch self {
        case .notFound(let name): "`\(name)` is not found"
        case .invalidName: "the name of the command is empty or contains NUL"
        case .notAFile(let path): "`\(path)` is not a regular file"
        case .notExecutable(let path): "`\(path)` is not executable"
        case .tooLarge(let path): "`\(path)` is larger than \(EnforcementLimits.programBytesMax) bytes"
        case .changed(let path): "`\(path)` changed while it was read"
        case .notText(let what): "\(what) is not UTF-8"
        case .system(let error): error.description
        }
    }
}

/// An open program with its digest.
///
/// The descriptor fixes which file runs, whatever its path names later. Its content can still be written in place by
/// whoever may write the file: ``isUnchanged()`` compares size and times with those of the digest, and is asked again
/// before the start.
package struct ProgramFile: ~Copyable {
    /// The path that the program gets as its name: the real path of its directory, and the name in it.
    package let path: Text
    /// The SHA-256 of its content.
    package let digest: Digest
    /// The open file.
    package let file: FileDescriptor
    private let mark: Mark

    /// What tells whether a file was written to.
    private struct Mark: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: [Int]
        let changed: [Int]
    }

    /// Finds, opens and digests a program.
    ///
    /// - Parameters:
    ///   - name: A name without a slash is looked for on the path, any other is a path.
    ///   - searchPath: Directories between colons; empty entries are skipped instead of meaning the working directory.
    /// - Throws: Why there is no such program, before anything was asked.
    package init(finding name: String, searchPath: String) throws(ProgramError) {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 != 0 }) else { throw .invalidName }
        let found = try Self.resolve(name, searchPath)
        let opened = try Self.open(found.string)
        let before = try Self.mark(opened.number, found.string)
        let content = try Self.digest(opened, size: before.size)
        guard try Self.mark(opened.number, found.string) == before else { throw .changed(found.string) }
        self.init(path: found, digest: content, file: opened, mark: before)
    }

    private init(path: Text, digest: Digest, file: consuming FileDescriptor, mark: Mark) {
        self.path = path
        self.digest = digest
        self.file = file
        self.mark = mark
    }

    /// Whether the file looks as it did when it was digested.
    package func isUnchanged() -> Bool {
        (try? Self.mark(file.number, path.string)) == mark
    }

    // MARK: - Finding

    static func resolve(_ name: String, _ searchPath: String) throws(ProgramError) -> Text {
        if name.utf8.contains(UInt8(ascii: "/")) { return try canonical(name) }
        for directory in searchPath.split(separator: ":") {
            let candidate = "\(directory)/\(name)"
            if isExecutableFile(candidate) { return try canonical(candidate) }
        }
        throw .notFound(name)
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        guard let status = try? Files.status(of: path), status.kind == .file else { return false }
        return unsafe access(path, X_OK) == 0
    }

    /// The real directory and the name in it, after checking that an executable file is there.
    private static func canonical(_ path: String) throws(ProgramError) -> Text {
        let status: FileStatus
        do throws(SystemError) {
            // Before opening, which would wait forever on a pipe.
            status = try Files.status(of: path)
        } catch {
            throw error.number == ENOENT || error.number == ENOTDIR ? .notFound(path) : .system(error)
        }
        guard status.kind == .file else { throw .notAFile(path) }
        guard status.size <= EnforcementLimits.programBytesMax else { throw .tooLarge(path) }
        guard unsafe access(path, X_OK) == 0 else { throw .notExecutable(path) }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let real = unsafe realpath(directory, nil) else {
            throw .system(SystemError("resolve", subject: directory, number: errno))
        }
        defer { unsafe free(real) }
        guard let text = unsafe String(validatingCString: real) else { throw .notText("the program's directory") }
        return Text(text == "/" ? "/\(name)" : "\(text)/\(name)")
    }

    // MARK: - Reading

    private static func open(_ path: String) throws(ProgramError) -> FileDescriptor {
        do throws(SystemError) {
            return try FileDescriptor(opening: path, .read)
        } catch {
            throw .system(error)
        }
    }

    private static func mark(_ descriptor: Int32, _ path: String) throws(ProgramError) -> Mark {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(SystemError("read the status of", subject: path, number: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard Int64(status.st_size) <= EnforcementLimits.programBytesMax else { throw .tooLarge(path) }
        return Mark(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec],
            changed: [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
        )
    }

    private static func digest(_ file: borrowing FileDescriptor, size: Int64) throws(ProgramError) -> Digest {
        let pieceBytes = 256 << 10
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        do throws(SystemError) {
            while offset < size {
                let piece = try file.read(count: pieceBytes, at: offset)
                guard !piece.isEmpty else { break }
                hasher.update(piece)
                offset += Int64(piece.count)
            }
        } catch {
            throw .system(error)
        }
        guard offset == size else { throw .changed(file.name) }
        return hasher.finalize()
    }
}
