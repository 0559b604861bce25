// Documents stop where STYLE.md says, and their links resolve.

import Foundation

/// The rule that holds the documents.
enum DocumentRule {
    /// Lines of the documents that a newcomer reads first.
    static let linesMax = ["README.md": 200, "ARCHITECTURE.md": 300]

    /// The documents that have to be there.
    static let required = [
        "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "STYLE.md",
        "docs/dependencies.md", "docs/formats/receipt.md", "docs/formats/segment.md", "docs/formats/statement.md",
        "docs/glossary.md", "docs/threat-model.md",
    ]

    /// What is missing.
    static func missing(from paths: [String]) -> [Finding] {
        let present = Set(paths)
        return required.filter { !present.contains($0) }
            .map { Finding(rule: .documents, path: $0, line: 0, message: "the document is missing") }
    }

    /// Checks one document against the paths that are there and the headings of the other documents.
    static func findings(in file: SourceFile, paths: Set<String>, headings: (String) -> Set<String>) -> [Finding] {
        var findings: [Finding] = []
        if let max = linesMax[file.path], file.lines.count > max {
            findings.append(finding(file, 0, "\(file.lines.count) lines, stop at \(max)"))
        }
        for (line, target) in links(in: file) {
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? file.path : resolve(parts[0], from: file.path)
            if !exists(path, in: paths) {
                findings.append(finding(file, line, "`\(target)` leads nowhere"))
            } else if parts.count > 1, path.hasSuffix(".md"), !headings(path).contains(parts[1]) {
                findings.append(finding(file, line, "`\(path)` has no heading `\(parts[1])`"))
            }
        }
        return findings
    }

    /// The anchors of a document's headings, as code hosts make them.
    static func headings(of file: SourceFile) -> Set<String> {
        Set(
            prose(of: file).compactMap { _, line in
                guard line.hasPrefix("#") else { return nil }
                let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
                return String(title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) })
                    .replacingOccurrences(of: " ", with: "-")
            }
        )
    }

    /// The links of a document that do not leave the repository.
    static func links(in file: SourceFile) -> [(line: Int, target: String)] {
        prose(of: file).flatMap { number, line in
            let found = link.matches(in: withoutCode(line)).map { $0[1] }
            return found.filter { !external.occurs(in: $0) }.map { (number, $0) }
        }
    }

    private static let link = Pattern(#"\]\(([^)\s]+)(?:\s+"[^"]*")?\)"#)
    private static let external = Pattern(#"^[a-z]+:"#)

    /// The lines outside of fenced code, with their numbers.
    private static func prose(of file: SourceFile) -> [(number: Int, line: String)] {
        var isFenced = false
        return file.lines.enumerated().compactMap { index, line in
            if line.drop(while: \.isWhitespace).hasPrefix("```") {
                isFenced.toggle()
                return nil
            }
            return isFenced ? nil : (index + 1, line)
        }
    }

    /// Leaves out what stands between backticks: a link in code is an example.
    private static func withoutCode(_ line: String) -> String {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { index, part in index.isMultiple(of: 2) ? String(part) : "" }.joined()
    }

    private static func resolve(_ target: String, from path: String) -> String {
        var parts = target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    private static func exists(_ path: String, in paths: Set<String>) -> Bool {
        paths.contains(path) || paths.contains { $0.hasPrefix(path + "/") }
    }

    private static func finding(_ file: SourceFile, _ line: Int, _ message: String) -> Finding {
        Finding(rule: .documents, path: file.path, line: line, message: message)
    }
}
