// The independent reader of log and receipts, `verifiers/go-reader`, as a part of the tests.

import Foundation

/// Runs the reader that is built on Go's own transparency-log packages.
struct GoReader {
    /// What the reader found.
    struct Report: Decodable, Equatable {
        let ok: Bool
        let origin: String
        let size: Int
        let root: String
        let entries: Int
        let tiles: Int
        let proofs: Int
        let receipts: Int
    }

    /// What came of one run: the report, or what the reader had to object to.
    enum Finding: Equatable {
        case accepted(Report)
        case refused(String)
    }

    /// Why the reader cannot run here; nil if it can.
    static let absence: String? = {
        let needed = [go: "golang-go", libraries + "/src/golang.org/x/mod/sumdb/tlog": "golang-golang-x-mod-dev"]
        let missing = needed.filter { !FileManager.default.fileExists(atPath: $0.key) }.values.sorted()
        return missing.isEmpty ? nil : "not installed: \(missing.joined(separator: ", ")); run scripts/bootstrap"
    }()

    private static let go = "/usr/bin/go"
    private static let libraries = "/usr/share/gocode"

    private let program: URL

    /// Compiles the reader into a folder.
    init(in folder: URL) throws {
        program = folder.appending(path: "reader")
        let source = FinishedProcess.repository.appending(path: "verifiers/go-reader/main.go").path
        // GOPATH mode takes the packages from Debian; nothing is fetched. The build cache needs a place of its own
        // where there is no home.
        let environment = [
            "GO111MODULE": "off", "GOPATH": Self.libraries, "GOFLAGS": "", "GOPROXY": "off",
            "GOCACHE": folder.appending(path: "cache").path, "PATH": "/usr/bin:/bin",
        ]
        let arguments = ["build", "-o", program.path, source]
        let run = try FinishedProcess(URL(fileURLWithPath: Self.go), arguments, environment: environment)
        guard run.status == 0 else { throw CompilationError(output: run.words) }
    }

    /// Reads a log, receipts, or receipts against a log.
    ///
    /// - Parameters:
    ///   - key: The log's verifier key.
    ///   - log: The folder with `checkpoint` and `tile`, if the log is to be read.
    ///   - receipts: The files of the receipts.
    ///   - areDetached: Whether each statement is in a file next to its receipt that ends in `.rec`.
    /// - Returns: What the reader found, or what it objected to.
    /// - Throws: When the reader did not start, or printed what is no report.
    func read(key: String, log: URL?, receipts: [URL] = [], areDetached: Bool = false) throws -> Finding {
        var arguments = ["-key", key]
        if let log { arguments += ["-log", log.path] }
        if areDetached { arguments.append("-detached") }
        let run = try FinishedProcess(program, arguments + receipts.map(\.path), environment: [:])
        guard run.status == 0 else { return .refused(run.words) }
        return .accepted(try JSONDecoder().decode(Report.self, from: run.data))
    }

    /// The reader did not compile.
    struct CompilationError: Error {
        let output: String
    }
}
