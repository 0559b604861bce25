// What is wrong with a policy source, and where.

package import Bytes
package import Cedar

/// One thing for which a bundle is refused, or of which its authors are warned.
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
        /// The mapping of a tool names a type or an action that the schema does not declare.
        case undeclared
        /// A policy is not strictly valid; ``PolicyProblem/diagnostic`` says why.
        case validation
        /// A policy is legal and may still let through what it means to stop; ``PolicyProblem/diagnostic`` says why.
        case lint
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
    /// What kind of thing is wrong.
    package let code: Code
    /// What is wrong, with its place in the file and what helps; its code is that of the language for ``Code/syntax``.
    package let diagnostic: Diagnostic
    /// The file that the place is in.
    private let source: SourceFile?

    /// Whether the bundle is refused for it.
    package var isError: Bool { diagnostic.severity == .error }
    /// The name of the kind, finer than ``code`` where Cedar has its own; stable, for programs.
    package var codeName: String { diagnostic.code.description }
    /// The line, counted from one; zero for a problem of the whole file.
    package var line: Int { diagnostic.range.start.line }
    /// The column in Unicode scalars, counted from one; zero for a problem of the whole file.
    package var column: Int { diagnostic.range.start.column }
    /// What is wrong and what was expected, in one line.
    package var message: String { diagnostic.message }

    /// A problem of a whole file or folder.
    package init(_ code: Code, file: Text, _ message: String) {
        self.file = file
        self.code = code
        diagnostic = Diagnostic(Diagnostic.Code(code.rawValue), message, .unknown)
        source = nil
    }

    /// A problem at a stretch of bytes of a file.
    package init(_ code: Code, in file: SourceFile, at range: Range<Int>, _ message: String, help: String? = nil) {
        let advice = Diagnostic.Advice(help: help)
        let place = file.range(range)
        self.init(code, in: file, Diagnostic(Diagnostic.Code(code.rawValue), message, place, advice: advice))
    }

    /// A problem that was diagnosed; the places are those of the file.
    package init(_ code: Code, in file: SourceFile, _ diagnostic: Diagnostic) {
        self.file = file.path
        self.code = code
        self.diagnostic = diagnostic
        source = file
    }

    /// The problem with its line, as ``DiagnosticRenderer`` shows it.
    package var rendered: String { rendered(isColored: false) }

    /// The problem with its line, in a terminal's colours or without.
    package func rendered(isColored: Bool) -> String {
        DiagnosticRenderer(file: file.string, source: source?.bytes ?? [], isColored: isColored).render(diagnostic)
    }
}

extension SourceFile {
    /// The place of a stretch of bytes, or of as much of it as the file has.
    package func range(_ range: Range<Int>) -> SourceRange {
        let start = min(max(range.lowerBound, 0), bytes.count)
        return SourceRange(start: position(start), end: position(min(max(range.upperBound, start), bytes.count)))
    }

    private func position(_ offset: Int) -> SourcePosition {
        let before = bytes[..<offset]
        let newline = UInt8(ascii: "\n")
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        return SourcePosition(
            line: before.count { $0 == newline } + 1,
            // Scalars are counted: all bytes but the continuation bytes of UTF-8.
            column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1,
            byteOffset: offset
        )
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
