import Foundation
import Testing

/// Three verifiers that share no line, `writ-verify`, the Python one and the page, held against the vectors and against
/// each other; `scripts/test-verifiers` without `--short` flips more.
@Suite("Three verifiers", .serialized, .timeLimit(.minutes(20)))
struct VerifierTests {
    @Test func agreeOnEveryVectorAndOnEveryFlippedByte() async throws {
        let run = try await BuiltPrograms.run("test-verifiers", ["--short"])
        let output = String(decoding: run.data, as: UTF8.self)
        print(output, terminator: "")
        #expect(run.status == 0, "\(output)\(run.words)")
        #expect(output.contains("three verifiers, no disagreement"))
    }

    @Test(arguments: [
        (#"s/"result":"fails"/"result":"holds"/"#, "the verifiers disagree"),
        (#"s/"size":[0-9]*/"size":7/"#, "the verifiers disagree"), ("d", "docs/verify.md says otherwise"),
    ])
    func aVerifierThatSaysSomethingElseIsFound(edit: String, told: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "writ-liar-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let liar = folder.appending(path: "writ-verify")
        let script = """
            #!/bin/bash
            set -o pipefail
            '\(BuiltPrograms.folder.path)/writ-verify' "$@" | sed '\(edit)'
            exit "${PIPESTATUS[0]}"
            """
        try Data((script + "\n").utf8).write(to: liar)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: liar.path)
        let program = FinishedProcess.repository.appending(path: "scripts/test-verifiers")
        let run = try FinishedProcess(program, ["--without-flips", "--bin", folder.path])
        #expect(run.status == 1)
        #expect(run.words.contains(told), "\(run.words)")
    }

    @Test func aRealGatesReceiptsAreDecidedAgainByTheReferenceEngine() async throws {
        let run = try await BuiltPrograms.run("test-replay", [])
        let output = String(decoding: run.data, as: UTF8.self)
        print(output, terminator: "")
        #expect(run.status == 0, "\(output)\(run.words)")
        #expect(output.contains("all the same; a forged one differs"))
    }

    @Test func aMissingVerifierIsFound() throws {
        let program = FinishedProcess.repository.appending(path: "scripts/test-verifiers")
        let run = try FinishedProcess(program, ["--bin", "/nonexistent"])
        #expect(run.status == 1 && run.words.contains("build first"))
    }
}
