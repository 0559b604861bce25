// Several files read as one text, and the way back from a place in it to a file.

import Bytes
import Cedar

/// The text of several files, one below the other.
struct JoinedSource: Sendable {
    private let files: [SourceFile]
    /// Where each file begins, and behind the last one.
    private let starts: [Int]
    /// The whole text.
    let bytes: [UInt8]

    /// Joins the files with line feeds, so that no comment of one swallows the beginning of the next.
    init(_ files: [SourceFile]) {
        var bytes: [UInt8] = []
        var starts = [0]
        for file in files {
            bytes += file.bytes
            bytes.append(UInt8(ascii: "\n"))
            starts.append(bytes.count)
        }
        self.files = files
        self.starts = starts
        self.bytes = bytes
    }

    /// The problems of a Cedar text, each in its file.
    func problems(_ error: SyntaxError) -> [PolicyProblem] {
        error.diagnostics.map { problem(.syntax, $0, .error) }
    }

    /// What Cedar has to say about a place of the text, in its file.
    ///
    /// Labels in other files cannot be shown beside this one.
    func problem(
        _ code: PolicyProblem.Code,
        _ diagnostic: Diagnostic,
        _ severity: Diagnostic.Severity
    ) -> PolicyProblem {
        guard let index = index(ofFileAt: diagnostic.range.start.byteOffset) else {
            return PolicyProblem(code, file: "", diagnostic.message)
        }
        let file = files[index]
        func local(_ range: SourceRange) -> SourceRange {
            file.range(range.bytes.lowerBound - starts[index]..<range.bytes.upperBound - starts[index])
        }
        let labels = diagnostic.labels.filter { self.index(ofFileAt: $0.range.start.byteOffset) == index }
        let advice = Diagnostic.Advice(
            help: diagnostic.help,
            replacement: diagnostic.suggestion?.replacement,
            labels: labels.map { Diagnostic.Label(local($0.range), $0.message) }
        )
        let place = local(diagnostic.range)
        let moved = Diagnostic(diagnostic.code, diagnostic.message, place, severity: severity, advice: advice)
        return PolicyProblem(code, in: file, moved)
    }

    /// The file and the line in it of a place of the text.
    func line(of position: SourcePosition) -> (file: Text, line: Int)? {
        guard let index = index(ofFileAt: position.byteOffset) else { return nil }
        let before = bytes[..<starts[index]].count { $0 == UInt8(ascii: "\n") }
        return (files[index].path, position.line - before)
    }

    private func index(ofFileAt offset: Int) -> Int? {
        guard !files.isEmpty else { return nil }
        let next = starts.firstIndex { $0 > offset } ?? starts.count
        return min(max(0, next - 1), files.count - 1)
    }
}
