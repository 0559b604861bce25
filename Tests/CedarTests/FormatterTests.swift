import Bytes
import Cedar
import Foundation
import Testing

/// The formatter, byte for byte as the reference formatter.
@Suite struct FormatterTests {
    private static let shardCount = 8
    private static let corpus = Result { try Fixtures.lines(Fixtures.decompressed("corpus.jsonl.gz")) }

    private func formatted(_ text: String, width: Int = 80, indent: Int = 2) throws -> String {
        try PolicyFormatter(width: width, indent: indent).format(Text(text)).string
    }

    @Test(arguments: 0..<shardCount) func theCorpusIsFormattedAsByTheReference(shard: Int) throws {
        let lines = try Self.corpus.get()
        #expect(lines.count == 4667)
        let formatter = PolicyFormatter()
        for index in stride(from: shard, to: lines.count, by: Self.shardCount) {
            let test = try JSONValue(parsing: lines[index], limits: .file)
            let policy = try #require(test["policy"]?.string)
            let expected = try #require(test["formatted"]?.string)
            let found = try formatter.format(policy)
            #expect(found == expected)
            #expect(try formatter.format(found) == found)
        }
        let count = Array(stride(from: shard, to: lines.count, by: Self.shardCount)).count
        ConformanceCount.report("corpus, formatting of a policy", count)
    }

    // MARK: Snapshots

    /// A snapshot of before records got spaces; a newer one of the same file, without `cli_`, has them.
    private static let stale = [
        "cedar_policy_formatter__pprint__fmt__tests__cli_sample_data_format@tiny_sandboxes__sample7__policy.cedar.snap"
    ]

    @Test(arguments: [("snapshots", 21), ("cli-snapshots", 52)])
    func snapshotsAreReproduced(folder: String, count: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixtures.url("formatter/\(folder)").path)
        #expect(names.count == count)
        for name in names.sorted() {
            let snapshot = String(decoding: try Fixtures.bytes("formatter/\(folder)/\(name)"), as: UTF8.self)
            let parts = snapshot.components(separatedBy: "\n---\n")
            let input = try #require(parts[0].components(separatedBy: "input_file: ").last)
            let path = input.replacingOccurrences(of: "cedar-policy-formatter/tests/", with: "formatter/")
                .replacingOccurrences(of: "cedar-policy-cli/sample-data/", with: "cli/")
            let source = String(decoding: try Fixtures.bytes(path), as: UTF8.self)
            // Snapshots do not keep line feeds at the beginning and the end.
            let found = try formatted(source).trimmingCharacters(in: .newlines)
            let expected = parts.dropFirst().joined(separator: "\n---\n").trimmingCharacters(in: .newlines)
            #expect((found == expected) != Self.stale.contains(name), "\(name)")
        }
        ConformanceCount.report("formatter snapshots", names.count - Self.stale.count { names.contains($0) })
    }

    @Test func theSandboxIsFormatted() throws {
        let folder = "cli/tiny_sandboxes/format"
        let unformatted = String(decoding: try Fixtures.bytes("\(folder)/unformatted.cedar"), as: UTF8.self)
        let expected = String(decoding: try Fixtures.bytes("\(folder)/formatted.cedar"), as: UTF8.self)
        #expect(try formatted(unformatted) == expected)
        #expect(try formatted(expected) == expected)
    }

    @Test func randomTextsAreFormattedAsByTheReference() throws {
        let lines = try Fixtures.lines(Fixtures.decompressed("formatter/random.jsonl.gz"))
        #expect(lines.count == 1000)
        for line in lines {
            let test = try JSONValue(parsing: line, limits: .file)
            let text = try #require(test["text"]?.string)
            let expected = try #require(test["formatted"]?.string)
            let width = Int(try #require(test["width"]?.integer))
            let indent = Int(try #require(test["indent"]?.integer))
            let formatter = PolicyFormatter(width: width, indent: indent)
            #expect(try formatter.format(text) == expected)
            // A comment that follows a string on a line of its own may come to stand behind the string, as in the
            // reference formatter; then all is where it stays.
            let again = try formatter.format(expected)
            #expect(try formatter.format(again) == again)
            let hasComments = text.string.contains("//")
            #expect(hasComments || again == expected)
        }
        ConformanceCount.report("formatter, random texts as laid out by the reference", lines.count)
    }

    // MARK: Comments

    @Test(arguments: [
        ("[1, // a\n 2, // b\n]", "  [1, // a\n   2 // b\n  ]"),
        ("[1 // a\n, // b\n]", "  [1 // a\n  // b\n  ]"),
        ("[1 \n// a\n, // b\n]", "  [1\n  // a\n  // b\n  ]"),
        ("{a: 1, // b\n}", "  {\n    a: 1 // b\n  }"),
        ("ip(\"\", // b\n)", "  ip(\n      \"\" // b\n    )"),
    ])
    func commentsOfCommasThatAreNotPrintedStay(condition: String, expected: String) throws {
        let text = "permit(principal,action,resource)when{\(condition) == 1};"
        let found = try formatted(text).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let lines = expected.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(Array(found.dropFirst(3).prefix(lines.count - 1)) == Array(lines.dropLast()), "\(found)")
    }

    @Test func commentsOfTheScopesLastCommaGoToTheParenthesis() throws {
        #expect(
            try formatted("permit(principal,action,resource, // a\n);")
                == "permit (principal, action, resource) // a\n;\n"
        )
        #expect(
            try formatted("permit(principal,action,resource, // a\n) // b\n;")
                == "permit (principal, action, resource // a\n) // b\n;\n"
        )
    }

    @Test func carriageReturnsEndCommentsAndStayInStrings() throws {
        #expect(
            try formatted("// a \r\npermit(principal,action,resource); // b\r// c\r\n")
                == "// a\npermit (principal, action, resource); // b\n// c\n"
        )
    }

    @Test(arguments: [("", "\n"), ("  \n\n", "\n"), ("// a", "\n// a\n"), (" // a  \n\n//b", "\n// a\n//b\n")])
    func textsWithoutPoliciesKeepTheirComments(text: String, expected: String) throws {
        #expect(try formatted(text) == expected)
    }

    // MARK: Bounds

    @Test(arguments: ["permit", "permit(principal, action, resource) when { 1 + };", "permit(principal);"])
    func whatIsNotValidIsNotFormatted(text: String) {
        #expect {
            try PolicyFormatter().format(Text(text))
        } throws: { error in
            guard case FormatError.syntax(let syntax) = error else { return false }
            return !syntax.diagnostics.isEmpty
        }
    }

    @Test func widthAndIndentationAreBounded() {
        let formatter = PolicyFormatter(width: .max, indent: .max)
        #expect(formatter.width == PolicyFormatter.widthMax && formatter.indent == PolicyFormatter.indentMax)
        let narrow = PolicyFormatter(width: .min, indent: .min)
        #expect(narrow.width == 1 && narrow.indent == 0)
    }

    @Test func tokensOfAPolicyAreBounded() throws {
        // What stands around the elements are 15 tokens; each element is two.
        let most = (PolicyFormatter.tokensMax - 15) / 2
        for (elements, isFormatted) in [(most, true), (most + 1, false)] {
            let list = String(repeating: "1,", count: elements)
            let text = Text("permit(principal,action,resource)when{[\(list)1]};")
            let formatted = try? PolicyFormatter().format(text)
            #expect((formatted != nil) == isFormatted)
        }
    }

    @Test(arguments: HostileTextTests.expressions)
    func nestingUpToTheLimitIsFormatted(nesting: HostileTextTests.Nesting) throws {
        let text = Text(HostileTextTests.policy(nesting.text(nesting.limit)))
        try HostileTextTests.onSmallStack {
            for width in [1, 80, 1000] {
                let formatted = try PolicyFormatter(width: width, indent: 16).format(text)
                #expect(try PolicyFormatter(width: width, indent: 16).format(formatted) == formatted)
            }
        }
    }

    @Test func longChainsAreFormatted() throws {
        let count = 5000
        let texts = [
            "context" + String(repeating: ".a", count: count) + " == 1",
            "true" + String(repeating: " && true", count: count),
            "0" + String(repeating: " + 1", count: count) + " == 1",
            "[" + String(repeating: "1,", count: count) + "] == [1]",
        ]
        try HostileTextTests.onSmallStack {
            for text in texts { _ = try PolicyFormatter().format(Text(HostileTextTests.policy(text))) }
        }
    }
}
