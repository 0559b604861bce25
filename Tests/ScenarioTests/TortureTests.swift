import Foundation
import Testing

/// The programs that were built together with these tests.
enum BuiltPrograms {
    /// The folder of `writ` and `writ-verify`: that of the tests' own program.
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Runs a script of the repository against these programs.
    ///
    /// It waits on a thread of its own: the threads of the tests are few, and a script takes its time.
    static func run(_ script: String, _ arguments: [String]) async throws -> FinishedProcess {
        let file = FinishedProcess.repository.appending(path: "scripts/\(script)")
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try FinishedProcess(file, arguments + ["--bin", folder.path]) })
            }
        }
    }
}

/// Runs the scripts that torture a real gate; each says itself what it looks for.
///
/// One after the other: they want to know what happens under load, not what two loads do to each other.
@Suite("A gate under torture", .serialized, .timeLimit(.minutes(15)))
struct TortureTests {
    private func expectHolds(_ script: String, _ arguments: [String] = []) async throws {
        let run = try await BuiltPrograms.run(script, arguments)
        let output = String(decoding: run.data, as: UTF8.self)
        print(output, terminator: "")
        #expect(run.status == 0, "\(output)\(run.words)")
    }

    @Test func killsLoseNoReceiptAndRepeatNoEffect() async throws {
        try await expectHolds("crash-test", ["20"])
    }

    @Test func killsThatDropWhatIsNotSyncedLoseNoReceiptAndRepeatNoEffect() async throws {
        try await expectHolds("crash-test", ["8", "--drop-unsynced"])
    }

    @Test func aGateThatDoesNotSyncItsLogIsFound() async throws {
        let run = try await BuiltPrograms.run("crash-test", ["2", "--drop-unsynced", "--without-sync"])
        let signs = ["went back in time", "does not begin with what it had", "a client has a receipt"]
        #expect(run.status == 1)
        #expect(signs.contains { run.words.contains($0) }, "\(run.words)")
    }

    @Test func aKeyHasOneEffectWhereverItsEnforcementPointOrItsGateDies() async throws {
        try await expectHolds("replay-trap")
    }

    @Test func badClientsAreRefusedAndDelayNobody() async throws {
        try await expectHolds("http-abuse")
    }
}

/// The log of a gate that was killed, and the receipts of its clients, in the eyes of a reader that is not ours.
@Suite("The independent reader of a real log", .enabled(if: GoReader.absence == nil, "\(GoReader.absence ?? "")"))
struct RealLogTests {
    @Test(.timeLimit(.minutes(10))) func acceptsWhatTheGateWroteAndNothingElse() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "writ-real-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let kept = folder.appending(path: "kept")
        let run = try await BuiltPrograms.run("crash-test", ["2", "--keep", kept.path])
        try #require(run.status == 0, "\(run.words)")

        let log = kept.appending(path: "home/log")
        let key = try String(contentsOf: kept.appending(path: "home/log.vkey"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let receipts = try FileManager.default
            .contentsOfDirectory(at: kept.appending(path: "receipts"), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "receipt" }
        let reader = try GoReader(in: folder)
        guard case .accepted(let report) = try reader.read(key: key, log: log, receipts: receipts) else {
            Issue.record("the log of a real gate, or a receipt of it, was refused")
            return
        }
        #expect(report.receipts == receipts.count)
        #expect(receipts.count > 20)
        #expect(report.entries == report.size)
        #expect(report.proofs == report.size)

        for file in [log.appending(path: "checkpoint"), log.appending(path: "tile/0/000"), receipts[0]]
        where FileManager.default.fileExists(atPath: file.path) {
            let bytes = try Data(contentsOf: file)
            var altered = bytes
            altered[altered.count / 2] ^= 1
            try altered.write(to: file)
            guard case .refused = try reader.read(key: key, log: log, receipts: [receipts[0]]) else {
                Issue.record("accepted with an altered byte: \(file.lastPathComponent)")
                continue
            }
            try bytes.write(to: file)
        }
    }
}
