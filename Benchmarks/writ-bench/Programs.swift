// Running other programs.

import Glibc
import Runtime

/// Programs that run to their end.
enum Programs {
    /// How long one may take.
    private static let nanosecondsMax: UInt64 = 60_000_000_000

    /// Runs a program; what it says is shown if it fails.
    static func run(_ path: String, _ arguments: [String]) throws {
        var command = ChildCommand(.path(path), arguments: [path] + arguments)
        command.environment = ["PATH=/usr/bin:/bin"]
        command.output = .pipe
        command.error = .pipe
        let child = try ChildProcess(starting: command)
        let words = try text(child.takeOutput()) + text(child.takeError())
        let exit = try child.wait(deadlineMonotonicNanoseconds: Clock.now() + nanosecondsMax)
        guard exit == .exited(code: 0) else { throw BenchError("`\(path)` failed: \(words)") }
    }

    /// All that comes out of a pipe until it is closed.
    static func text(_ file: consuming FileDescriptor?) throws -> String {
        guard let file else { return "" }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = try unsafe room.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += room[..<count]
        }
    }

    /// The absolute path of a file or folder, which must be there.
    static func absolute(_ path: String) throws -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw BenchError("there is no `\(path)`") }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// How many processes have lately wanted a processor on average, and how many processors there are.
    static func machineLoad() throws -> (wanting: Double, processors: Int) {
        let text = try text(FileDescriptor(opening: "/proc/loadavg", .read))
        guard let load = text.split(separator: " ").first.flatMap({ Double($0) }) else {
            throw BenchError("the load of the machine cannot be read")
        }
        return (load, max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1))
    }

    /// The path of this program.
    static func own() throws -> String { try absolute("/proc/self/exe") }
}
