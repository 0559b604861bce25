import Foundation
import Testing

/// The Cedar library against the reference engine; `make differential` compares many more cases.
@Suite(.serialized) struct DifferentialTests {
    private static let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    private func compare(cases: Int, seed: Int, peer: URL) throws -> FinishedProcess {
        var environment = ProcessInfo.processInfo.environment
        environment["CEDAR_PEER"] = peer.path
        let script = FinishedProcess.repository.appending(path: "scripts/cedar-differential")
        return try FinishedProcess(script, ["\(cases)", "\(seed)"], environment: environment)
    }

    @Test func randomCasesAreDecidedAsByTheReference() throws {
        let peer = Self.binaries.appending(path: "cedar-peer")
        let run = try compare(cases: 2000, seed: 20_261_120, peer: peer)
        let output = String(decoding: run.data, as: UTF8.self)
        #expect(run.status == 0, "\(output)\(run.words)")
        #expect(output.contains("2,000 cases in 200 worlds, seed 20261120"))
        #expect(output.contains(": 0 worlds differ"))
    }

    @Test(arguments: [
        (#"s/"decision":"allow"/"decision":"deny"/"#, "decision"),
        (#"s/"reasons":\["[a-z0-9]*"/"reasons":["other"/"#, "other"),
        (#"s/"errors":{"p/"errors":{"xp/"#, "xpolicy"), ("2d", "the peer ended"),
        (#"s/"op":"All"/"op":"=="/"#, "JSON: we write"),
        (#"s/"faults":\[/"faults":["fault of the index"/"#, "fault of the index"),
        (#"s/"strict":true/"strict":false/"#, "strict validation: we say False"),
    ])
    func aDifferenceFailsTheComparison(edit: String, told: String) throws {
        let peer = FileManager.default.temporaryDirectory.appending(path: "cedar-peer-\(UUID().uuidString)")
        let script = "#!/bin/sh\n'\(Self.binaries.path)/cedar-peer' | sed '\(edit)'\n"
        try Data(script.utf8).write(to: peer)
        defer { try? FileManager.default.removeItem(at: peer) }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: peer.path)
        let run = try compare(cases: 300, seed: 20_261_120, peer: peer)
        #expect(run.status == 1)
        #expect(String(decoding: run.data, as: UTF8.self).contains(told))
    }

    @Test func aMissingPeerFailsTheComparison() throws {
        let run = try compare(cases: 10, seed: 1, peer: URL(fileURLWithPath: "/nonexistent/cedar-peer"))
        #expect(run.status == 1)
    }
}
