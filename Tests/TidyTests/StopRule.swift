// Files, functions and lines stop where STYLE.md says, and names say what is inside.

/// The stops of STYLE.md.
enum StopRule {
    /// Lines of a source file.
    static let sourceLinesMax = 500
    /// Lines of a test file.
    static let testLinesMax = 800
    /// Lines of a function, from its keyword to its closing brace.
    static let functionLinesMax = 70
    /// Characters of a line.
    static let lineCharactersMax = 120

    /// Checks one source in Swift, C or shell.
    static func findings(in file: SourceFile) -> [Finding] {
        let linesMax = file.parts.first == "Tests" ? testLinesMax : sourceLinesMax
        var findings: [Finding] = []
        if file.lines.count > linesMax {
            findings.append(finding(file, 0, "\(file.lines.count) lines, stop at \(linesMax)"))
        }
        for (index, line) in file.lines.enumerated() where line.count > lineCharactersMax {
            let count = line.count - literalCharacters(of: line, at: index, in: file.swift)
            guard count > lineCharactersMax else { continue }
            findings.append(finding(file, index + 1, "\(count) characters, stop at \(lineCharactersMax)"))
        }
        for (line, count) in functions(of: file.swift.tokens) where count > functionLinesMax {
            findings.append(finding(file, line, "a function of \(count) lines, stop at \(functionLinesMax)"))
        }
        return findings
    }

    /// The characters of a line that stand in string literals: words for people and data are not broken to fit.
    private static func literalCharacters(of line: String, at index: Int, in swift: SwiftText) -> Int {
        guard index < swift.code.count, index < swift.comments.count else { return 0 }
        func printed(_ text: String) -> Int { text.count { $0 != " " } }
        return max(0, printed(line) - printed(swift.code[index]) - printed(swift.comments[index]))
    }

    /// The functions of a source: first line, and number of lines.
    static func functions(of tokens: [Token]) -> [(line: Int, count: Int)] {
        tokens.indices.compactMap { index in
            let isCall = index > 0 && tokens[index - 1].text == "."
            guard beginnings.contains(tokens[index].text), !isCall, let body = body(in: tokens, from: index) else {
                return nil
            }
            let end = closing(of: body, in: tokens)
            return (tokens[index].line, tokens[end].line - tokens[index].line + 1)
        }
    }

    /// The token that closes the brace at a token.
    static func closing(of brace: Int, in tokens: [Token]) -> Int {
        var depth = 0
        for index in brace..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return tokens.count - 1
    }

    private static let beginnings: Set<String> = ["func", "init", "deinit", "subscript", "var"]

    /// What cannot stand between a declaration and its body: here the declaration has none.
    private static let ends: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "class", "actor", "protocol",
        "extension", "typealias", "static", "private", "package", "public", "mutating", "=", "}", ";",
    ]

    /// The opening brace of the body of the declaration at a token.
    private static func body(in tokens: [Token], from start: Int) -> Int? {
        var depth = 0
        for index in (start + 1)..<max(tokens.count, start + 1) {
            let text = tokens[index].text
            if text == "(" || text == "[" { depth += 1 }
            if text == ")" || text == "]" { depth -= 1 }
            if depth < 0 { return nil }
            guard depth == 0 else { continue }
            if text == "{" { return index }
            // The name of an operator function may contain an equals sign.
            if ends.contains(text), !(text == "=" && tokens[start].text == "func") { return nil }
        }
        return nil
    }

    private static func finding(_ file: SourceFile, _ line: Int, _ message: String) -> Finding {
        Finding(rule: .stops, path: file.path, line: line, message: message)
    }
}

/// Names of files and folders.
enum NameRule {
    /// Checks one path.
    static func findings(in path: String) -> [Finding] {
        var messages: [String] = []
        if path.contains(where: { $0.isWhitespace || !$0.isASCII }) {
            messages.append("white space or non-ASCII in a path")
        }
        if path.hasSuffix(".swift"), let word = empty.matches(in: path).first?[1] {
            messages.append("`\(word)` says nothing about what is inside")
        }
        return messages.map { Finding(rule: .names, path: path, line: 0, message: $0) }
    }

    private static let empty = Pattern(#"(Utils?|Utilities|Helpers?|Legacy|Placeholder|Misc|Common)(?=[./+])"#)
}

/// Every public and package declaration has a summary.
enum SummaryRule {
    /// Checks one source of the product.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.parts.first == "Sources" else { return [] }
        return file.swift.code.indices.compactMap { index in
            let code = file.swift.code[index]
            guard code.contains("package ") || code.contains("public ") else { return nil }
            guard declaration.occurs(in: code), !hasSummary(above: index, in: file) else {
                return nil
            }
            let message = "a public or package declaration without a summary"
            return Finding(rule: .summaries, path: file.path, line: index + 1, message: message)
        }
    }

    private static func hasSummary(above index: Int, in file: SourceFile) -> Bool {
        for line in file.lines[..<index].reversed() {
            let text = line.drop(while: \.isWhitespace)
            if text.hasPrefix("///") { return true }
            if !text.hasPrefix("@") && !text.hasPrefix("#if") { return false }
        }
        return false
    }

    private static let declaration = Pattern(
        #"^\s*(?:(?:@\w+(?:\([^)]*\))?|final|static|nonisolated(?:\(\w+\))?|mutating|override|indirect|required"#
            + #"|convenience)\s+)*"#
            + #"(?:package|public)\s+(?!import\b|extension\b|protocol\s*\{).*\b"#
            + #"(?:func|var|let|init|struct|enum|class|actor|protocol|typealias|subscript)\b"#
    )
}
