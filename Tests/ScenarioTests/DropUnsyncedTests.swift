import Foundation
import Testing

/// The layer that makes a SIGKILL lose what was not synced is itself held against a model.
@Suite("The crash layer")
struct DropUnsyncedTests {
    @Test func losesExactlyWhatWasNotSynced() throws {
        let script = FinishedProcess.repository.appending(path: "scripts/crash/test-drop-unsynced")
        let run = try FinishedProcess(script, ["12"])
        let output = String(decoding: run.data, as: UTF8.self)
        #expect(run.status == 0, "\(output)\(run.words)")
    }
}
