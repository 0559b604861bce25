// What is wrong with a policy source, and where.

package import Bytes

/// One thing for which a bundle is refused.
package struct PolicyProblem: Hashable, Sendable {
    /// What kind of thing is wrong; stable, for programs.
    package enum Code: String, CaseIterable, Sendable {
        /// A policy or a schema is not well-formed Cedar.
        case syntax
        /// A JSON file is not strict JSON.
        case json
        /// A member that the file's format does not have.
        case unknownMember = "unknown_member"
        /// A member or value of the design that this release does not enforce.
        case unsupported
        /// A member is missing, of the wrong type or out of its bounds.
        case invalidMember = "invalid_member"
        /// An annotation that is not of the closed set.
        case unknownAnnotation = "unknown_annotation"
        /// An annotation of the design that this release does not enforce.
        case unsupportedAnnotation = "unsupported_annotation"
        /// An annotation's value does not parse.
        case invalidAnnotation = "invalid_annotation"
        /// An annotation stands on the wrong effect.
        case misplacedAnnotation = "misplaced_annotation"
        /// A policy has no `@id`.
        case missingID = "missing_id"
        /// Two policies of one surface have the same `@id`.
        case duplicateID = "duplicate_id"
        /// A template stands where only policies may.
        case template
        /// A scope names a type or an action that the schema does not declare.
        case undeclared
        /// The schemas do not fit together, or claim what is the gate's.
        case schema
        /// The entities are malformed, or do not conform to the schema.
        case entities
        /// A file or folder that the layout does not have.
        case unknownFile = "unknown_file"
        /// A file that must be there is not.
        case missingFile = "missing_file"
        /// A link, a device, or something else that is neither file nor folder.
        case notRegular = "not_regular"
        /// A file or folder could not be read.
        case unreadable
        /// A named limit is exceeded.
        case limit
    }

    /// The path below the policy directory.
    package let file: Text
    /// The line, counted from one; zero for a problem of the whole file.
    package let line: Int
    /// The column in Unicode scalars, counted from one; zero for a problem of the whole file.
    package let column: Int
    /// What kind of thing is wrong.
    package let code: Code
    /// What is wrong and what was expected, in one line.
    package let message: String
    /// The line of the source, and how many of its characters the problem covers.
    private let excerpt: Excerpt?

    private struct Excerpt: Hashable, Sendable {
        let text: Text
        let length: Int
    }

    /// A problem of a whole file or folder.
    package init(_ code: Code, file: Text, _ message: String) {
        self.file = file
        self.code = code
        self.message = message
        line = 0
        column = 0
        excerpt = nil
    }

    /// A problem at a stretch of bytes of a file.
    package init(_ code: Code, in file: SourceFile, at range: Range<Int>, _ message: String) {
        let bytes = file.bytes
        let newline = UInt8(ascii: "\n")
        let start = min(max(range.lowerBound, 0), bytes.count)
        let before = bytes[..<start]
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex(of: newline) ?? bytes.count
        self.file = file.path
        self.code = code
        self.message = message
        line = before.count { $0 == newline } + 1
        column = Self.scalars(bytes[lineStart..<start]) + 1
        excerpt = Excerpt(
            text: Text(String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self)),
            length: max(1, Self.scalars(bytes[start..<max(start, min(lineEnd, range.upperBound))]))
        )
    }

    /// The number of Unicode scalars: all bytes but the continuation bytes of UTF-8.
    private static func scalars(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

    /// The most characters of a source line that are shown.
    package static let excerptCharactersMax = 160

    /// `file:line:column: error: message [code]`, and below it the line with carets under the problem, if it has a
    /// place.
    ///
    /// Control characters, of the source and of file names, are shown as spaces; lines that are too long are cut.
    package var rendered: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : "\(file)"
        let head = Self.plain("\(place): error: \(message) [\(code.rawValue)]".unicodeScalars)
        guard let excerpt, column <= Self.excerptCharactersMax else { return head }
        let number = String(line)
        let shown = Self.plain(excerpt.text.string.unicodeScalars.prefix(Self.excerptCharactersMax))
        let carets = min(excerpt.length, max(1, shown.unicodeScalars.count - column + 1))
        let gutter = String(repeating: " ", count: number.count)
        return """
            \(head)
             \(number) | \(shown)
             \(gutter) | \(String(repeating: " ", count: column - 1))\(String(repeating: "^", count: carets))
            """
    }

    /// The text with spaces for what does not show as itself, and none at its end.
    private static func plain(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in scalars { shown.append(isPlain(scalar) ? scalar : " ") }
        while shown.last == " " { shown.removeLast() }
        return String(shown)
    }

    /// Whether a scalar shows as itself: no controls and nothing that turns the direction of the line.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: false
        default: true
        }
    }
}

extension PolicyProblem: Comparable {
    /// Orders by file, then by place, then by message.
    package static func < (left: PolicyProblem, right: PolicyProblem) -> Bool {
        guard left.file == right.file else { return left.file < right.file }
        guard left.line == right.line else { return left.line < right.line }
        guard left.column == right.column else { return left.column < right.column }
        return Text(left.message) < Text(right.message)
    }
}

/// Everything for which a bundle is refused: at least one problem, in the order of files and places, each once.
package struct PolicyProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problems.
    package let problems: [PolicyProblem]

    /// Sorts the problems and drops repetitions; nil if there are none.
    package init?(_ problems: some Sequence<PolicyProblem>) {
        let sorted = problems.sorted()
        guard let first = sorted.first else { return nil }
        var unique = [first]
        for problem in sorted where problem != unique.last { unique.append(problem) }
        self.problems = unique
    }

    /// One problem alone.
    package init(_ problem: PolicyProblem) {
        problems = [problem]
    }

    /// All problems, rendered, one below the other.
    package var description: String { problems.map(\.rendered).joined(separator: "\n") }
}
