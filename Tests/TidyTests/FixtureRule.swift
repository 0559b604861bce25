// Every fixture has a source that can be named, and a test that reads it.

import Foundation

/// The fixtures of one source: `Tests/<Target>Tests/Fixtures/<source>/`.
struct FixtureFolder {
    /// The folder, relative to the root.
    let path: String
    /// The files in it, relative to it, without `SOURCE.md`.
    let files: [String]
    /// The text of its `SOURCE.md`, if there is one.
    let source: String?
    /// The texts of the Swift files of the test target.
    let tests: [String]

    /// Every folder of fixtures of a repository.
    static func all(in repository: Repository) -> [FixtureFolder] {
        let fixtures = repository.paths.filter { pattern.occurs(in: $0) }
        let folders = Set(fixtures.map { $0.split(separator: "/").prefix(4).joined(separator: "/") })
        return folders.sorted().map { folder in
            let target = folder.split(separator: "/").prefix(2).joined(separator: "/") + "/"
            return FixtureFolder(
                path: folder,
                files: fixtures.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
                    .filter { $0 != "SOURCE.md" },
                source: repository.file(folder + "/SOURCE.md")?.text,
                tests: repository.files { $0.hasPrefix(target) && $0.hasSuffix(".swift") }.map(\.text)
            )
        }
    }

    private static let pattern = Pattern(#"^Tests/\w+/Fixtures/.+"#)
}

/// The rule that holds the fixtures.
enum FixtureRule {
    /// Checks one folder, but for the digests.
    static func findings(in folder: FixtureFolder) -> [Finding] {
        let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
        var messages: [String] = []
        if !folder.tests.contains(where: { $0.contains(name) }) {
            messages.append("no test of the target names `\(name)`")
        }
        guard let source = folder.source else {
            return (messages + ["no SOURCE.md"]).map { finding(folder, $0) }
        }
        messages += demands.filter { !$0.pattern.occurs(in: source) }.map { "SOURCE.md names \($0.what)" }
        messages += folder.files.filter { !isListed($0, in: source) }.map { "`\($0)` is not listed in SOURCE.md" }
        let present = Set(folder.files)
        messages += digests(in: source).filter { !present.contains($0.path) }
            .map { "`\($0.path)` is listed in SOURCE.md and is not there" }
        return messages.map { finding(folder, $0) }
    }

    /// The digests that a SOURCE.md gives, in the form of `sha256sum`.
    static func digests(in source: String) -> [(digest: String, path: String)] {
        digestLine.matches(in: source).map { ($0[1], $0[2]) }
    }

    /// Whether a SOURCE.md speaks of a file: by its path, by a folder above it, or by a pattern with `*`.
    static func isListed(_ path: String, in source: String) -> Bool {
        if source.contains(path) { return true }
        let words = source.split { $0.isWhitespace || "`,;()|".contains($0) }.map(String.init)
        return words.contains { word in
            if word.hasSuffix("/"), word.count > 1 { return path.hasPrefix(word) }
            guard word.contains("*"), word.contains(where: \.isLetter) else { return false }
            let expression = NSRegularExpression.escapedPattern(for: word).replacingOccurrences(
                of: #"\*"#,
                with: "[^/]*"
            )
            return Pattern("^" + expression + "$").occurs(in: path)
        }
    }

    private static let digestLine = Pattern(#"(?m)^([0-9a-f]{64})[ ]{1,2}\*?(\S+)$"#)
    private static let demands: [(pattern: Pattern, what: String)] = [
        (Pattern(#"https?://|\b[\w.-]+/[\w.-]+\b|\b[Oo]ur own\b"#), "no place of origin"),
        (Pattern(#"\b[0-9a-f]{7,40}\b|\bversion\b|\b[Oo]ur own\b"#), "no commit or version"),
        (Pattern(#"(?i)licen[cs]e|apache|\bbsd|\bmit\b|\bcc0\b|\bcc by\b|public domain"#), "no licence"),
        // What is written here is pinned by the repository itself.
        (Pattern(#"\b[0-9a-f]{64}\b|\b[Oo]ur own\b"#), "no SHA-256"),
    ]

    private static func finding(_ folder: FixtureFolder, _ message: String) -> Finding {
        Finding(rule: .fixtures, path: folder.path, line: 0, message: message)
    }
}
