import Bytes
import Cryptography
import DecisionPoint
import Foundation
import Ledger
import Testing

/// Everything that could differ between two processes, the seed of hashing above all, must not reach a statement.
@Suite("Two processes")
struct TwoProcessTests {
    /// One digest for each statement of a gate that is asked for every kind of ruling, with fixed facts.
    static func story() throws -> [String] {
        let gate = try RealGate(seed: 23)
        try gate.addIdentities()
        for attempt in 1...5 { _ = try gate.rule(try deletion(key: "k\(attempt)", attempt: UInt64(attempt))) }
        let executed = try gate.rule(try deletion(key: "executed", attempt: 6))
        _ = try gate.report(executed.id, attempt: 6)
        _ = try gate.rule(try deletion(of: "production", count: 22, key: "denied"))
        _ = try gate.rule(try deletion(of: "production", count: 21, key: "denied"))
        _ = try gate.rule(try deletion(key: "k1", attempt: 7))
        _ = try gate.rule(try deletion(of: "elsewhere"))
        let size = gate.assembly.log.size
        return try (0..<size).map { index in
            let statement = try gate.assembly.log.statement(at: try gate.assembly.log.position(of: index))
            return "\(index) \(SHA256.digest(of: statement).hex)"
        }
    }

    @Test func sameRequestsAndFactsGiveTheSameStatementsByteForByte() async throws {
        let first = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) { print("story:" + (try TwoProcessTests.story()).joined(separator: ",")) }
        let second = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) { print("story:" + (try TwoProcessTests.story()).joined(separator: ",")) }
        let told = try Self.story(in: first.standardOutputContent)
        #expect(told == (try Self.story(in: second.standardOutputContent)))
        // And in this process, which is a third.
        #expect(told == (try Self.story()))
        #expect(told.count > 10)
    }

    /// The digests in what a process printed.
    private static func story(in output: [UInt8]) throws -> [String] {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("story:") })
        return line.dropFirst("story:".count).split(separator: ",").map(String.init)
    }
}
