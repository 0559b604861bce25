// Programs that the scenarios run to their end.

import Foundation

/// A program that has run, with everything that it said.
struct FinishedProcess {
    /// Its exit status, or the signal that ended it.
    let status: Int32
    /// What it wrote on its standard output.
    let data: Data
    /// What it wrote on its standard error.
    let words: String

    /// The root of the repository.
    static let repository = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized

    /// Runs a program and waits for its end.
    ///
    /// - Parameters:
    ///   - program: The program's file.
    ///   - arguments: Its arguments, without its name.
    ///   - environment: Its whole environment; nil for that of the tests.
    /// - Throws: When the program could not be started.
    init(_ program: URL, _ arguments: [String], environment: [String: String]? = nil) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        if let environment { process.environment = environment }
        // Two pipes, read one after the other, could block each other: what is said on stderr goes to a file.
        let file = FileManager.default.temporaryDirectory.appending(path: "writ-words-\(UUID().uuidString)")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: file)
        try process.run()
        data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        status = process.terminationStatus
        words = try String(contentsOf: file, encoding: .utf8)
    }
}
