import Foundation
import Testing

/// Runs every script of `Scripts/` against the built binaries.
@Suite(.serialized) struct ScriptTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scripts")

    static let names: [String] = {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return found.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func thereAreScripts() {
        #expect(Self.names.count >= 6)
    }

    @Test(arguments: names)
    func everyLineIsAsTheScriptSays(name: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        let script = try Script(text)
        #expect(!script.steps.isEmpty)
        try ScriptRunner().run(script)
    }

    @Test(arguments: [
        ("abc", "a*c", true), ("abc", "a*d", false), ("abc", "abc", true), ("abc", "ab", false), ("", "*", true),
        ("writ: ready", "writ: *", true), ("aXbYc", "a*b*c", true), ("ab", "a*b*b", false),
    ])
    func starsStandForAnything(line: String, pattern: String, isLike: Bool) {
        #expect(Pattern.isLike(line, pattern) == isLike)
    }

    @Test func whatIsPrintedMustBeExpected() {
        #expect(Pattern.difference("a\nb\n", ["a", "b"], "output") == nil)
        #expect(Pattern.difference("a\nb\n", ["a"], "output") != nil)
        #expect(Pattern.difference("a\n", ["a", "b"], "output") != nil)
        #expect(Pattern.difference("a\nb\nc\n", ["...", "c"], "output") == nil)
        #expect(Pattern.difference("a\nb\n", ["...", "c"], "output") != nil)
    }
}
