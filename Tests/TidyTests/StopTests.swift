import Testing

@Suite("Files, functions and lines stop")
struct StopTests {
    private func messages(_ path: String, _ text: String) -> [String] {
        StopRule.findings(in: SourceFile(path: path, text: text)).map(\.message)
    }

    @Test(arguments: [("Sources/A/A.swift", 500), ("Tests/A/A.swift", 800), ("Libraries/C/c.c", 500)])
    func filesStopAtTheirLimit(path: String, limit: Int) {
        for (count, findings) in [(limit - 1, 0), (limit, 0), (limit + 1, 1)] {
            #expect(messages(path, String(repeating: "a\n", count: count)).count == findings, "\(count)")
        }
    }

    @Test func linesStopAtTheirLimit() {
        for (count, findings) in [(119, 0), (120, 0), (121, 1)] {
            #expect(messages("Sources/A/A.swift", String(repeating: "é", count: count)).count == findings)
        }
    }

    @Test func literalsAreNotBrokenToFitButCodeAndCommentsAre() {
        let long = String(repeating: "x", count: 121)
        #expect(messages("Sources/A/A.swift", "let a = \"\(long)\"").isEmpty)
        #expect(messages("Sources/A/A.swift", "let \(long) = 1").count == 1)
        #expect(messages("Sources/A/A.swift", "// \(long)").count == 1)
    }

    @Test(arguments: [
        "func a() {", "init(b: Int) throws {", "deinit {", "subscript(b: Int) -> Int {", "var a: Int {",
        "static func == (a: A, b: A) -> Bool {", "func a(b: () -> Void = {}) async throws(E) -> [Int] where B: C {",
    ])
    func functionsStopAtTheirLimit(head: String) {
        for (count, findings) in [(69, 0), (70, 0), (71, 1)] {
            let text = head + "\n" + String(repeating: "if a { b() }\n", count: count - 2) + "}"
            #expect(messages("Sources/A/A.swift", text).count == findings, "\(count)")
        }
    }

    @Test func declarationsWithoutABodyAreNotFunctions() {
        let requirements =
            "protocol A {\n" + String(repeating: "func b() -> Int\nvar c: Int { get }\n", count: 40) + "}"
        #expect(messages("Sources/A/A.swift", requirements) == [])
        let calls = "let a = A.init(b)\n" + String(repeating: "extension B {}\n", count: 80)
        #expect(messages("Sources/A/A.swift", calls) == [])
    }

    @Test(arguments: [
        "Sources/A/Utils.swift", "Sources/A/StringHelpers.swift", "Tests/A/a b.swift", "Sources/A/Placeholder.swift",
    ])
    func emptyNamesAreFound(path: String) {
        #expect(NameRule.findings(in: path).count == 1)
    }

    @Test(arguments: ["Sources/A/Text.swift", "docs/utilities.md", "Sources/A/Commons+Text.swift"])
    func namesThatSaySomethingHold(path: String) {
        #expect(NameRule.findings(in: path).isEmpty)
    }

    @Test(arguments: [
        "package func a() {}", "  public static let b = 1", "@inlinable\npublic init() {}", "package final class A {}",
        "/// The a.\n\npackage struct A {}", "// The a.\npackage var a: Int",
        "public nonisolated(unsafe) static var a = 1",
    ])
    func declarationsWithoutASummaryAreFound(text: String) {
        #expect(SummaryRule.findings(in: SourceFile(path: "Sources/A/A.swift", text: text)).count == 1)
    }

    @Test(arguments: [
        "/// The a.\npackage func a() {}", "/// The b.\n@inlinable\npublic func b() {}", "package import Bytes",
        "func c() {}",
        "let package = Package()", "// package func d() {}",
    ])
    func declarationsWithASummaryHold(text: String) {
        #expect(SummaryRule.findings(in: SourceFile(path: "Sources/A/A.swift", text: text)).isEmpty)
    }
}
