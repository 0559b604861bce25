import Bytes
import Cedar
import Testing

/// How diagnostics look, for texts of every kind.
@Suite struct DiagnosticRendererTests {
    /// A range of bytes in a source, with lines and columns counted as the parser does.
    private func range(_ source: [UInt8], _ bytes: Range<Int>) -> SourceRange {
        func position(_ offset: Int) -> SourcePosition {
            let before = source[..<offset]
            let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
            return SourcePosition(
                line: before.count { $0 == 10 } + 1,
                column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1,
                byteOffset: offset
            )
        }
        return SourceRange(start: position(bytes.lowerBound), end: position(bytes.upperBound))
    }

    /// The rendered diagnostic for the first occurrence of a text.
    private func rendered(_ source: String, at text: String, _ advice: Diagnostic.Advice = .init()) throws -> String {
        let bytes = Array(source.utf8)
        let needle = Array(text.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
        let diagnostic = Diagnostic(
            .unknownVariable,
            "a message",
            range(bytes, start..<start + needle.count),
            advice: advice
        )
        return DiagnosticRenderer(file: "a.cedar", source: bytes).render(diagnostic)
    }

    @Test func lineCaretAndHelpAreShown() throws {
        let advice = Diagnostic.Advice(help: "read the manual", replacement: "principal")
        #expect(
            try rendered("one\ntwo principle three\nfour", at: "principle", advice) == """
                error[unknown_variable]: a message
                 --> a.cedar:2:5
                  |
                2 | two principle three
                  |     ^^^^^^^^^
                  |
                  = help: did you mean `principal`?
                  = help: read the manual
                """
        )
    }

    @Test func labelsStandUnderTheirLines() throws {
        let source = Array("a b c\nd\ne\nf\ng\nh\ni\nj\nk\nlast".utf8)
        let advice = Diagnostic.Advice(labels: [
            .init(range(source, 0..<1), "first is here"), .init(range(source, 22..<26), "and here"),
        ])
        let diagnostic = Diagnostic(.duplicate, "twice", range(source, 4..<5), severity: .warning, advice: advice)
        #expect(
            DiagnosticRenderer(file: "f", source: source).render([diagnostic]) == """
                warning[duplicate]: twice
                  --> f:1:5
                   |
                 1 | a b c
                   |     ^
                   | - first is here
                ...
                10 | last
                   | ---- and here
                """
        )
    }

    @Test(arguments: [
        // Wide letters take two columns, combining marks none, tabs four.
        ("日本 x", "x", "日本 x", 5, 1),
        ("👍👍x", "x", "👍👍x", 4, 1),
        ("e\u{301}x", "x", "e\u{301}x", 1, 1),
        ("\t\tx", "x", "        x", 8, 1),
        ("é日é x", "日é", "é日é x", 1, 3),
        // What acts on a terminal shows as an escape.
        ("\u{1B}[31mx", "x", "\\u{1b}[31mx", 10, 1),
        ("\u{202E}abc", "abc", "\\u{202e}abc", 8, 3),
        ("a\u{200B}b", "b", "a\\u{200b}b", 9, 1),
        ("a\u{FE0F}b", "b", "a\\u{fe0f}b", 9, 1),
        ("a\u{2028}b", "b", "a\\u{2028}b", 9, 1),
        ("x\r", "x", "x", 0, 1),
    ])
    func caretsStandUnderWhatIsShown(
        source: String,
        at text: String,
        shown: String,
        column: Int,
        width: Int
    ) throws {
        let lines = try rendered(source, at: text).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[3] == "1 | \(shown)")
        #expect(lines[4] == "  | \(String(repeating: " ", count: column))\(String(repeating: "^", count: width))")
    }

    @Test func bytesThatAreNotTextAreShown() {
        let source: [UInt8] = [0x61, 0xFF, 0xC3, 0x62]
        let diagnostic = Diagnostic(.invalidToken, "bad", range(source, 1..<2))
        let lines = DiagnosticRenderer(file: "f", source: source).render(diagnostic).split(separator: "\n")
        #expect(lines[3] == "1 | a\\xff\\xc3b")
        #expect(lines[4] == "  |  ^^^^")
    }

    @Test func messagesAndFileNamesCannotActOnTheTerminal() {
        let diagnostic = Diagnostic(.duplicate, "a\nb\u{1B}[2J\u{202E}\t", .unknown)
        let shown = DiagnosticRenderer(file: "x\n\u{7}", source: []).render(diagnostic)
        #expect(shown == "error[duplicate]: a\\u{a}b\\u{1b}[2J\\u{202e}\\t\n --> x\\u{a}\\u{7}")
    }

    @Test(arguments: [0, 1, 79, 80, 119, 120, 121, 5000, 1 << 20])
    func longLinesAreCutAroundThePlace(before: Int) throws {
        let source = String(repeating: "é", count: before) + "here" + String(repeating: "日", count: 1 << 20)
        let lines = try rendered(source, at: "here").split(separator: "\n")
        let line = lines[3].dropFirst(4)
        #expect(line.unicodeScalars.count <= DiagnosticRenderer.lineColumnsMax + 2)
        let caret = try #require(lines[4].firstIndex(of: "^"))
        let column = lines[4].distance(from: lines[4].startIndex, to: caret)
        #expect(lines[3].dropFirst(column).hasPrefix("here"))
        #expect(lines[4].hasSuffix("^^^^"))
        #expect(line.hasSuffix("…"))
        #expect(line.hasPrefix("…") == (before > 40))
    }

    @Test func theEndOfTheTextHasAPlace() throws {
        let source = Array("permit(".utf8)
        let diagnostic = Diagnostic(.unexpectedEnd, "end", range(source, 7..<7))
        let lines = DiagnosticRenderer(file: "f", source: source).render(diagnostic).split(separator: "\n")
        #expect(lines[4] == "  |        ^")
    }

    @Test func placesOutsideOfTheSourceDoNoHarm() {
        let far = SourcePosition(line: 9, column: 9, byteOffset: 1 << 40)
        let near = SourcePosition(line: 1, column: 1, byteOffset: -5)
        for range in [SourceRange(start: far, end: near), SourceRange(start: near, end: far)] {
            let shown = DiagnosticRenderer(file: "f", source: [0x61]).render(Diagnostic(.cycle, "m", range))
            #expect(shown.hasPrefix("error[cycle]: m\n"))
        }
    }

    @Test func coloursAreOnlyWhereTheyAreWanted() {
        let diagnostic = Diagnostic(.cycle, "m", .unknown)
        #expect(!DiagnosticRenderer(file: "f", source: []).render(diagnostic).contains("\u{1B}"))
        let colored = DiagnosticRenderer(file: "f", source: [], isColored: true).render(diagnostic)
        #expect(colored.hasPrefix("\u{1B}[1;31merror[cycle]\u{1B}[0m: "))
    }
}

/// Which names are near misses of which.
@Suite struct SuggestionTests {
    private let names: [Text] = ["principal", "action", "resource", "context", "isIpv4", "isIpv6", "when"]

    @Test(arguments: [
        ("principle", "principal"), ("pricnipal", "principal"), ("Principal", "principal"), ("acton", "action"),
        ("resorce", "resource"), ("contxt", "context"), ("wen", "when"), ("isipv6", "isIpv6"), ("isIPv4", "isIpv4"),
        ("RESOURCES", "resource"),
    ])
    func nearMissesAreFound(name: String, expected: String) {
        #expect(Suggestion.nearest(to: Text(name), among: names)?.string == expected)
        #expect(Suggestion.nearest(to: Text(name), among: names.reversed())?.string == expected)
    }

    @Test(arguments: ["user", "x", "", "time", "prnpl", "principal_of_the_request", "é"])
    func farNamesAreNot(name: String) {
        #expect(Suggestion.nearest(to: Text(name), among: names) == nil)
    }

    @Test func equallyNearNamesAreOrderedByBytes() {
        #expect(Suggestion.nearest(to: "isIpv5", among: names) == "isIpv4")
        #expect(Suggestion.nearest(to: "isIpv5", among: names.reversed()) == "isIpv4")
    }

    @Test func theNameItselfIsNoSuggestion() {
        #expect(Suggestion.nearest(to: "when", among: ["when"] as [Text]) == nil)
    }

    @Test func lengthIsBounded() {
        let limit = Suggestion.nameBytesMax
        for (count, isFound) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
            let name = Text(String(repeating: "a", count: count))
            let near = Text("b" + String(repeating: "a", count: count - 1))
            #expect((Suggestion.nearest(to: name, among: [near]) == near) == isFound)
        }
    }

    @Test func workIsBounded() {
        let name = Text(String(repeating: "a", count: 100))
        let near = Text(String(repeating: "a", count: 99) + "b")
        let far = Text(String(repeating: "c", count: 100))
        let most = Suggestion.cellsMax / 10_000
        for (count, isFound) in [(most - 1, true), (most, false), (100_000, false)] {
            let found = Suggestion.nearest(to: name, among: Array(repeating: far, count: count) + [near])
            #expect((found != nil) == isFound)
        }
    }
}
