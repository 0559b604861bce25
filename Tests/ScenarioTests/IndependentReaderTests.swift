import Foundation
import Testing

/// The independent reader is worth something only if it accepts what is right and refuses what is not.
@Suite("The independent reader", .enabled(if: GoReader.absence == nil, "\(GoReader.absence ?? "")"))
struct IndependentReaderTests {
    private let folder: URL
    private let reader: GoReader
    private let vectors: URL
    private let key: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "writ-reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        reader = try GoReader(in: folder)
        let fixtures = "../../TransparencyTests/Fixtures/own-tlog"
        vectors = URL(fileURLWithPath: #filePath).appending(path: fixtures).standardized
        key = try String(contentsOf: vectors.appending(path: "log.vkey"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func acceptsTheVectorsAndRefusesEveryAlteredFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try expectLog()
        try expectReceipts()
    }

    private func expectLog() throws {
        let log = folder.appending(path: "log")
        try FileManager.default.copyItem(at: vectors.appending(path: "log257"), to: log)
        guard case .accepted(let report) = try reader.read(key: key, log: log) else {
            Issue.record("the untouched log was refused")
            return
        }
        #expect(report.size == 257)
        #expect(report.entries == 257)
        #expect(report.tiles == 3)
        #expect(report.proofs == 257)
        for path in [
            "checkpoint", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1",
        ] {
            let file = log.appending(path: path)
            let bytes = try Data(contentsOf: file)
            var altered = bytes
            altered[altered.count / 2] ^= 1
            try altered.write(to: file)
            #expect(try isRefused(log: log), "altered: \(path)")
            try FileManager.default.removeItem(at: file)
            #expect(try isRefused(log: log), "missing: \(path)")
            try bytes.write(to: file)
        }
        #expect(try !isRefused(log: log))
    }

    private func expectReceipts() throws {
        let names = ["1-0", "7-3", "8-7", "257-128", "1367-683"]
        for name in names {
            for suffix in ["tlog-proof", "rec"] {
                let file = "\(name).\(suffix)"
                let from = vectors.appending(path: file)
                try FileManager.default.copyItem(at: from, to: folder.appending(path: file))
            }
        }
        let receipts = names.map { folder.appending(path: $0 + ".tlog-proof") }
        guard case .accepted(let report) = try reader.read(key: key, log: nil, receipts: receipts, areDetached: true)
        else {
            Issue.record("the untouched receipts were refused")
            return
        }
        #expect(report.receipts == names.count)
        for name in names {
            let statement = folder.appending(path: name + ".rec")
            var altered = try Data(contentsOf: statement)
            altered[0] ^= 1
            try altered.write(to: statement)
            let receipt = folder.appending(path: name + ".tlog-proof")
            guard case .refused = try reader.read(key: key, log: nil, receipts: [receipt], areDetached: true) else {
                Issue.record("an altered statement was accepted: \(name)")
                continue
            }
        }
    }

    private func isRefused(log: URL) throws -> Bool {
        guard case .refused = try reader.read(key: key, log: log) else { return false }
        return true
    }
}
