import Foundation
import Glibc

/// Runs one script in a folder of its own, and ends everything that it started.
final class ScriptRunner {
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    private struct Background {
        let process: Process
        let error: URL
    }

    private let folder: URL
    private let binaries: URL
    private var running: [String: Background] = [:]

    /// How long a command, a start or an end may take: long, because the machine may be busy with other builds.
    private static let patienceSeconds = 60.0

    init() throws {
        // The tests run from the folder that the binaries were built into.
        binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        folder = URL(fileURLWithPath: "/tmp").appendingPathComponent("writ-scenario-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        guard FileManager.default.isExecutableFile(atPath: binaries.appendingPathComponent("writ").path) else {
            throw Difference(description: "there is no `writ` in \(binaries.path)")
        }
    }

    deinit {
        for background in running.values where background.process.isRunning {
            Glibc.kill(background.process.processIdentifier, SIGKILL)
            background.process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    func run(_ script: Script) throws {
        for (line, step) in script.steps {
            do {
                try perform(step)
            } catch {
                throw Difference(description: "line \(line): \(error)")
            }
        }
    }

    private func perform(_ step: Script.Step) throws {
        switch step {
        case .file(let name, let text):
            try text.write(to: folder.appendingPathComponent(name), atomically: false, encoding: .utf8)
        case .run(let command, let output, let error, let code):
            try perform(command, output, error, code)
        case .start(let name, let command): try start(name, command)
        case .kill(let name, let signal, let code): try end(name, signal, code)
        case .hangUp(let name, let pattern):
            let background = try known(name)
            let before = try lines(background.error).count
            Glibc.kill(background.process.processIdentifier, SIGHUP)
            try wait("`\(pattern)`") {
                try lines(background.error).dropFirst(before).contains { Pattern.isLike($0, pattern) }
            }
        }
    }

    private func perform(_ command: String, _ output: [String], _ error: [String], _ code: Int32) throws {
        let outputFile = folder.appendingPathComponent(".output")
        let errorFile = folder.appendingPathComponent(".error")
        let process = try launch(command, outputFile, errorFile)
        try wait("the end of `\(command)`") { !process.isRunning }
        let printed = try String(contentsOf: outputFile, encoding: .utf8)
        let said = try String(contentsOf: errorFile, encoding: .utf8)
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        guard status == code else {
            throw Difference(description: "`\(command)` ended with \(status), not \(code)\n\(printed)\(said)")
        }
        if let difference = Pattern.difference(printed, output, "standard output") {
            throw Difference(description: "`\(command)`: \(difference)")
        }
        if let difference = Pattern.difference(said, error, "standard error") {
            throw Difference(description: "`\(command)`: \(difference)")
        }
    }

    private func start(_ name: String, _ command: String) throws {
        let errorFile = folder.appendingPathComponent(".\(name).error")
        // `exec`, so that the process that gets our signals is the program itself.
        let process = try launch("exec \(command)", folder.appendingPathComponent(".\(name).output"), errorFile)
        running[name] = Background(process: process, error: errorFile)
        try wait("`\(command)` to be ready") {
            let said = try lines(errorFile)
            guard process.isRunning else {
                throw Difference(description: "`\(command)` ended:\n\(said.joined(separator: "\n"))")
            }
            return said.contains("writ: ready")
        }
    }

    private func end(_ name: String, _ signal: String, _ code: Int32?) throws {
        let numbers = ["TERM": SIGTERM, "INT": SIGINT, "KILL": SIGKILL]
        guard let number = numbers[signal] else { throw Difference(description: "unknown signal \(signal)") }
        let background = try known(name)
        Glibc.kill(background.process.processIdentifier, number)
        try wait("the end of \(name)") { !background.process.isRunning }
        running[name] = nil
        let process = background.process
        if let code {
            guard process.terminationReason == .exit, process.terminationStatus == code else {
                let said = try lines(background.error).joined(separator: "\n")
                throw Difference(description: "\(name) ended with \(process.terminationStatus), not \(code)\n\(said)")
            }
        } else if process.terminationReason != .uncaughtSignal {
            throw Difference(description: "\(name) was not ended by the signal")
        }
    }

    private func known(_ name: String) throws -> Background {
        guard let background = running[name] else { throw Difference(description: "\(name) does not run") }
        return background
    }

    private func launch(_ command: String, _ output: URL, _ error: URL) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": "\(binaries.path):/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8",
            "WRIT_HOME": folder.appendingPathComponent("home").path,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try file(output)
        process.standardError = try file(error)
        try process.run()
        return process
    }

    private func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func lines(_ url: URL) throws -> [String] {
        try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
    }

    private func wait(_ what: String, _ isDone: () throws -> Bool) throws {
        let deadline = Date().addingTimeInterval(Self.patienceSeconds)
        while try !isDone() {
            guard Date() < deadline else { throw Difference(description: "waited in vain for \(what)") }
            usleep(5_000)
        }
    }
}
