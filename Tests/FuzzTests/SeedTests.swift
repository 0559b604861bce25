import Foundation
import FuzzTargets
import Testing

/// The seeds of every fuzz target, and inputs made from them: so that targets do not rot between runs of
/// `make fuzz`.
@Suite struct SeedTests {
    /// How many mutated inputs each target gets.
    private static let mutations = 150

    private static func seeds(_ target: String) throws -> [[UInt8]] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let folder = tests.appendingPathComponent("../../Fuzz/Seeds/\(target)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appendingPathComponent($0))) }
    }

    @Test func everyTargetHasSeedsAndNoSeedIsLost() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: tests.appendingPathComponent("../../Fuzz/Seeds").path
        )
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
    }

    @Test(arguments: FuzzTarget.all.map(\.name)) func seedsAndTheirMutationsHoldTheProperties(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try Self.seeds(name)
        #expect(!seeds.isEmpty)
        for seed in seeds { try target.run(seed) }
        // The name seeds the numbers, so that a failure comes again.
        let seed = name.utf8.reduce(into: UInt64(1)) { $0 = $0 &* 31 &+ UInt64($1) }
        var mutator = Mutator(seeds, seed: seed)
        for number in 0..<Self.mutations {
            let input = mutator.next(bytesMax: 4096)
            do throws(FuzzFailure) {
                try target.run(input)
            } catch {
                Issue.record("mutation \(number): \(error): \(Data(input).base64EncodedString())")
            }
        }
    }

    @Test func aViolatedPropertyIsFound() {
        // The machinery would be worth nothing if it let everything pass.
        #expect(throws: FuzzFailure.self) { throw FuzzFailure("it fails") }
        #expect(FuzzTarget.named("no such target") == nil)
    }

    @Test func mutationsAreTheSameForTheSameSeed() {
        var left = Mutator([[1, 2, 3]], seed: 7)
        var right = Mutator([[1, 2, 3]], seed: 7)
        var other = Mutator([[1, 2, 3]], seed: 8)
        let inputs = (0..<50).map { _ in left.next(bytesMax: 100) }
        #expect(inputs == (0..<50).map { _ in right.next(bytesMax: 100) })
        #expect(inputs != (0..<50).map { _ in other.next(bytesMax: 100) })
        #expect(inputs.allSatisfy { $0.count <= 100 })
    }
}
