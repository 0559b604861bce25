import Testing

@Suite("Code and comments apart")
struct SwiftTextTests {
    private func code(_ source: String) -> String {
        SwiftText(source).code.joined(separator: "\n").split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: [
        ("a // b\nc", "a \nc"),
        ("a /* b /* c */ d */ e", "a e"),
        (#"a = "b // c" + d"#, #"a = " " + d"#),
        (#"a = "b \" c" + d"#, #"a = " " + d"#),
        (##"a = #"b " \(c)"# + d"##, ##"a = #" "# + d"##),
        (#"a = "b \(c("d")) e" + f"#, #"a = " (c(" ")) " + f"#),
        ("a = \"\"\"\n  b \"c\"\n  \"\"\" + d", "a = \"\"\"\n \n \"\"\" + d"),
        ("a = #/b\"/c/# + d", "a = + d"),
        ("a = \"b\nc", "a = \" \nc"),
    ])
    func codeKeepsNeitherCommentsNorStrings(source: String, expected: String) {
        #expect(code(source) == expected)
    }

    @Test func commentsKeepOnlyComments() {
        let text = SwiftText("let a = \"// x\" // y\n/* z */ b")
        #expect(text.comments.map { $0.split(separator: " ").joined(separator: " ") } == ["// y", "/* z */"])
    }

    @Test func linesKeepTheirNumbers() {
        let text = SwiftText("\"\"\"\na\n\"\"\"\n/*\n*/\nb")
        #expect(text.tokens.last == Token(text: "b", line: 6))
    }

    @Test(arguments: ["", "\"", "#", "/*", "\"\"\"", "\"\\", "#/", "\"\\("])
    func everyTruncatedSourceEnds(source: String) {
        #expect(SwiftText(source).code.count == 1)
    }
}
