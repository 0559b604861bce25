import Authorization
import Testing

@Suite("Fixtures and documents")
struct DocumentTests {
    private let source = """
        # Data

        From https://example.com/data, commit 19d51d7f, Apache-2.0.

        ```
        e503b6d71d1afa595b1c74b1016445c944cd89f90418066b23de1aeda7d17563  a.json
        ```
        """

    private func findings(files: [String], source: String?, tests: [String]) -> [String] {
        let folder = FixtureFolder(path: "Tests/ATests/Fixtures/data", files: files, source: source, tests: tests)
        return FixtureRule.findings(in: folder).map(\.message)
    }

    @Test func fixturesWithASourceAndATestHold() {
        #expect(findings(files: ["a.json"], source: source, tests: ["read(\"data/a.json\")"]) == [])
        let patterns = source + "\n`cases/` and `b-*.json` belong to it."
        let files = ["a.json", "cases/1/c.txt", "b-1.json"]
        #expect(findings(files: files, source: patterns, tests: ["\"data\""]) == [])
    }

    @Test func fixturesWithoutASourceAreFound() {
        #expect(findings(files: ["a.json"], source: nil, tests: ["\"data\""]) == ["no SOURCE.md"])
    }

    @Test func deadFixturesAreFound() {
        #expect(findings(files: ["a.json"], source: source, tests: ["other"]) == ["no test of the target names `data`"])
    }

    @Test func unlistedAndMissingFilesAreFound() {
        let messages = findings(files: ["b.json"], source: source, tests: ["data"])
        #expect(
            messages == ["`b.json` is not listed in SOURCE.md", "`a.json` is listed in SOURCE.md and is not there"]
        )
        let other = source + "\n`cases/` and `b-*.json` belong to it."
        let files = ["a.json", "c/1.txt", "b-1.txt"]
        #expect(findings(files: files, source: other, tests: ["data"]).count == 2)
    }

    @Test(arguments: ["https://example.com/data", "19d51d7f", "Apache-2.0"])
    func anIncompleteSourceIsFound(part: String) {
        let incomplete = source.split(separator: part).joined()
        #expect(findings(files: ["a.json"], source: incomplete, tests: ["data"]).count == 1)
    }

    private let paths: Set<String> = ["README.md", "docs/a.md", "docs/formats/b.md", "ARCHITECTURE.md"]

    private func messages(_ path: String, _ text: String) -> [String] {
        DocumentRule.findings(in: SourceFile(path: path, text: text), paths: paths) { path in
            path == "docs/a.md" ? ["the-way-of-1"] : []
        }.map(\.message)
    }

    @Test(arguments: [
        "[a](docs/a.md)", "[a](https://example.com/x)", "[a](docs/formats/)", "[`a`](docs/a.md#the-way-of-1)",
        "`[a](nowhere.md)`", "```\n[a](nowhere.md)\n```", "![a](docs/a.md \"title\")", "[a](mailto:a@example.com)",
    ])
    func linksThatResolveHold(text: String) {
        #expect(messages("README.md", text) == [])
    }

    @Test(arguments: [
        "[a](docs/c.md)", "[`a`](nowhere)", "[a](docs/a.md#elsewhere)", "[a](#nothing)", "see [a](docs/a.m).",
    ])
    func linksThatLeadNowhereAreFound(text: String) {
        #expect(messages("README.md", text).count == 1)
    }

    @Test func linksStartAtTheirDocument() {
        #expect(messages("docs/formats/b.md", "[a](../a.md) [b](b.md) [r](../../README.md)") == [])
        #expect(messages("docs/formats/b.md", "[a](a.md)").count == 1)
    }

    @Test func headingsBecomeAnchors() {
        let file = SourceFile(path: "docs/a.md", text: "# The way of 1!\n## `a`_b, c-d\n```\n# code\n```")
        #expect(DocumentRule.headings(of: file) == ["the-way-of-1", "a_b-c-d"])
    }

    @Test(arguments: [("README.md", 200), ("ARCHITECTURE.md", 300)])
    func firstPagesStopAtTheirLimit(path: String, limit: Int) {
        for (count, findings) in [(limit - 1, 0), (limit, 0), (limit + 1, 1)] {
            #expect(messages(path, String(repeating: "a\n", count: count)).count == findings)
        }
        #expect(messages("docs/a.md", String(repeating: "a\n", count: limit + 1)) == [])
    }

    @Test func theGlossaryNamesEveryCauseInItsOrder() throws {
        let glossary = try #require(Repository.current.file("docs/glossary.md"))
        let row = Pattern(#"^\| `(\w+)` \| ([A-Z]+) \| (\w+) \| "#)
        let rows = glossary.lines.flatMap(row.matches).map { Array($0.dropFirst()) }
        #expect(rows == Cause.allCases.map { [$0.rawValue, $0.outcome.rawValue, $0.causeClass.rawValue] })
    }

    @Test func aMissingDocumentIsFound() {
        #expect(DocumentRule.missing(from: DocumentRule.required).isEmpty)
        #expect(DocumentRule.missing(from: Array(DocumentRule.required.dropFirst())).map(\.path) == ["ARCHITECTURE.md"])
    }
}
