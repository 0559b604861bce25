import Bytes
import Foundation
import State
import WritTesting

/// A folder that lives as long as the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/writ-state-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The file of the view.
    var view: String { path + "/state.sqlite" }

    /// Copies the view with its write-ahead log as they are now, as a crash would leave them.
    func copyView(to other: TemporaryFolder) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: view + suffix) {
            try Data(contentsOf: URL(fileURLWithPath: view + suffix))
                .write(to: URL(fileURLWithPath: other.view + suffix))
        }
    }
}

let origin: Text = "gate-1.example/2026"

/// Opens the view of a folder; claims move into their table after few decisions, so that a small test sees it often.
func open(_ folder: TemporaryFolder, logSize: UInt64, origin: Text = origin) throws -> Opening {
    var options = EmbeddedStateOptions(path: folder.view, origin: origin)
    options.claimsGatheredMax = 300
    return try EmbeddedState.open(options, logSize: logSize)
}

/// Waits until the view has everything; false after ten seconds.
func waitUntilApplied(_ state: some StateStore) -> Bool {
    for _ in 0..<10_000 {
        if state.lag == 0 { return true }
        usleep(1_000)
    }
    return false
}

/// Waits until something holds; false after ten seconds.
func wait(until holds: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
        if holds() { return true }
        usleep(1_000)
    }
    return false
}
