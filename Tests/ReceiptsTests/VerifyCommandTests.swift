import Authorization
import Bytes
import Cryptography
import Foundation
import Receipts
import Testing

/// The program `writ-verify` as people run it.
@Suite struct VerifyCommandTests {
    private struct Outcome {
        let status: Int32
        let output: String
        let words: String
    }

    /// A folder with a receipt, its key, its request and its opening.
    private final class Folder {
        let url: URL
        let key: String

        init(redeemed: Bool = true) throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("writ-verify-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            let log = try SampleLog.with(Sample.decision(redeemed: redeemed).encode())
            key = log.key.verifierKey.text.string
            try write("log.vkey", Array((key + "\n").utf8))
            try write("receipt", log.receipt(6))
            try write("request", Array(Sample.requestText.utf8))
            try write("opening", Array("{\"nonce\":\"\(Sample.nonce.hex)\"}".utf8))
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: url.appendingPathComponent(name))
        }

        func run(_ words: [String]) throws -> Outcome {
            let process = Process()
            // The tests run from the folder that the binaries were built into.
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent().appendingPathComponent("writ-verify")
            process.arguments = words
            process.currentDirectoryURL = url
            let output = Pipe()
            let errors = Pipe()
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            let said = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                output: String(decoding: text, as: UTF8.self),
                words: String(decoding: said, as: UTF8.self)
            )
        }
    }

    private static let question = ["--request", "request", "--opening", "opening", "--audience", "mcp-gateway"]
    private static let attempt = ["--attempt", Sample.attempt.base64URL.string]

    @Test func authenticReceiptIsVerified() throws {
        let folder = try Folder()
        for key in [["--key", folder.key], ["--key-file", "log.vkey"]] {
            let outcome = try folder.run(key + ["receipt"])
            #expect(outcome.status == 0 && outcome.words.isEmpty)
            #expect(outcome.output.hasPrefix("authentic   yes\nwitnessed   not checked"))
            #expect(outcome.output.contains("authorizes  not asked\n"))
        }
    }

    @Test func receiptThatAuthorizesIsVerified() throws {
        let folder = try Folder()
        let nonce = ["--request", "request", "--opening", Sample.nonce.hex.string, "--audience", "mcp-gateway"]
        for question in [Self.question, nonce] {
            let outcome = try folder.run(["--key", folder.key, "receipt"] + question + Self.attempt)
            #expect(outcome.status == 0 && outcome.output.contains("authorizes  yes\n"))
        }
        let live = try Folder(redeemed: false)
        let at = ["--at", "2026-11-20T12:31:30.000Z"]
        #expect(try live.run(["--key", live.key, "receipt"] + Self.question + at).status == 0)
    }

    @Test func claimThatDoesNotHoldIsNotVerified() throws {
        let folder = try Folder()
        let start = ["--key", folder.key, "receipt"]
        let other = ["--attempt", Sample.nonce.base64URL.string]
        let outcome = try folder.run(start + Self.question + other)
        #expect(outcome.status == 5 && outcome.output.hasPrefix("authentic   yes\n"))
        #expect(outcome.output.contains("authorizes  NO   it was redeemed for another attempt\n"))
        let late = try folder.run(start + Self.question + ["--at", "2026-11-20T12:31:30.000Z"])
        #expect(late.status == 5)
        try folder.write("receipt", Array("c2sp.org/tlog-proof@v1\n".utf8))
        let broken = try folder.run(start)
        #expect(broken.status == 5 && broken.output.hasPrefix("authentic   NO   "))
        #expect(!broken.output.contains("statement   "))
    }

    @Test func answerInJSONListsEachClaim() throws {
        let folder = try Folder()
        let outcome = try folder.run(["--json", "--key", folder.key, "receipt"] + Self.question + Self.attempt)
        let value = try JSONValue(parsing: Array(outcome.output.utf8))
        let claims = try #require(value["claims"])
        #expect(claims.members.map(\.name) == ["authentic", "witnessed", "authorizes", "consented", "complete"])
        let results = claims.members.map { $0.value["result"]?.string }
        #expect(results == ["holds", "not_checked", "holds", "not_checked", "not_checked"])
        #expect(value["verified"]?.boolean == true && value["type"]?.string == "decision")
        #expect(value["index"]?.integer == 6 && value["size"]?.integer == 11)
    }

    @Test func wrongUsageIsSaid() throws {
        let folder = try Folder()
        let key = ["--key", folder.key]
        let wrong: [[String]] = [
            [], ["receipt"], key, key + ["receipt", "receipt"], key + ["receipt", "--what"], ["receipt", "--key"],
            ["--key", "x", "receipt"], key + ["receipt", "--request", "request"], key + ["receipt"] + Self.attempt,
            key + ["receipt"] + Self.question,
            key + ["receipt"] + Self.question + Self.attempt + ["--at", "2026-11-20T12:31:30.000Z"],
            key + ["receipt"] + Self.question + ["--at", "2026-11-20T12:31:30Z"],
            key + ["receipt"] + Self.question + ["--attempt", "short"],
            key + ["receipt", "--request", "opening", "--opening", "opening", "--audience", "a"] + Self.attempt,
            key + ["receipt", "--request", "request", "--opening", "request", "--audience", "a"] + Self.attempt,
        ]
        for words in wrong {
            let outcome = try folder.run(words)
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(words)")
            #expect(outcome.words.hasPrefix("writ-verify: "))
        }
        #expect(try folder.run(key + ["nothing"]).status == 1)
        let help = try folder.run(["--help"])
        #expect(help.status == 0 && help.output.hasPrefix("usage: writ-verify") && help.output.contains("examples:"))
    }
}
