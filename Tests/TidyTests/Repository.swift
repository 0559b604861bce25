// The files of this repository, as the rules see them.

import Foundation

/// A file of the repository.
struct SourceFile {
    /// Its path, relative to the root.
    let path: String
    /// Its text.
    let text: String
    /// Its lines; a final line break begins no line.
    let lines: [String]
    /// Code and comments apart, for Swift sources.
    let swift: SwiftText

    /// Makes a file, also one that is on no disk.
    init(path: String, text: String) {
        self.path = path
        self.text = text
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        self.lines = lines
        swift = SwiftText(path.hasSuffix(".swift") ? text : "")
    }

    /// The folders above the file and its name.
    var parts: [String] { path.split(separator: "/").map(String.init) }

    /// The target that the file belongs to, if it is a Swift source of one.
    var target: String? {
        parts.count > 2 && ["Sources", "Benchmarks", "Fuzz", "Tests"].contains(parts[0]) ? parts[1] : nil
    }
}

/// The working tree that these tests were compiled from.
struct Repository {
    /// Every path, relative to the root, ascending; build products and version control left out.
    let paths: [String]
    /// The root folder.
    let root: URL

    /// The repository around this file.
    static let current = Repository(root: URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized)

    /// Lists the tree below a folder.
    init(root: URL) {
        self.root = root
        var paths: [String] = []
        let enumerator = FileManager.default.enumerator(atPath: root.path)
        while let path = enumerator?.nextObject() as? String {
            let name = path.split(separator: "/").last ?? ""
            if name.hasPrefix(".build") || name == ".git" || name == "__pycache__" {
                enumerator?.skipDescendants()
            } else if enumerator?.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                paths.append(path)
            }
        }
        self.paths = paths.sorted()
    }

    /// The Swift sources below the given folders.
    func swiftFiles(below folders: String...) -> [SourceFile] {
        files { path in path.hasSuffix(".swift") && folders.contains { path.hasPrefix($0 + "/") } }
    }

    /// The files whose path fits, with their texts; a file that is not UTF-8 is left out.
    func files(where fits: (String) -> Bool) -> [SourceFile] {
        paths.filter(fits).compactMap(file)
    }

    /// One file, if it is there and is UTF-8.
    func file(_ path: String) -> SourceFile? {
        guard let data = FileManager.default.contents(atPath: root.appending(path: path).path) else { return nil }
        return String(data: data, encoding: .utf8).map { SourceFile(path: path, text: $0) }
    }
}

/// A regular expression of Foundation's, with the two questions that the rules ask.
struct Pattern: @unchecked Sendable {
    // NSRegularExpression is immutable and documented as safe to share between threads.
    private let expression: NSRegularExpression

    /// Compiles a pattern; one that does not compile is a bug of these tests.
    init(_ pattern: String) {
        do {
            expression = try NSRegularExpression(pattern: pattern)
        } catch {
            preconditionFailure("\(pattern): \(error)")
        }
    }

    /// Whether the pattern occurs.
    func occurs(in text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// Every occurrence: the whole of it, then its groups; a group that took no part is empty.
    func matches(in text: String) -> [[String]] {
        let whole = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: whole).map { match in
            (0..<match.numberOfRanges).map { group in
                Range(match.range(at: group), in: text).map { String(text[$0]) } ?? ""
            }
        }
    }
}
