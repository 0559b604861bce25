// Several files read as one text, and the way back from a place in it to a file.

import Bytes
import Cedar

/// The text of several files, one below the other.
struct JoinedSource {
    private let files: [SourceFile]
    private let starts: [Int]
    /// The whole text.
    let bytes: [UInt8]

    /// Joins the files with line feeds, so that no comment of one swallows the beginning of the next.
    init(_ files: [SourceFile]) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for file in files {
            starts.append(bytes.count)
            bytes += file.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        self.files = files
        self.starts = starts
        self.bytes = bytes
    }

    /// The problems of a Cedar text, each in its file.
    func problems(_ error: SyntaxError) -> [PolicyProblem] {
        error.diagnostics.map { diagnostic in
            guard let index = index(of: diagnostic.range) else {
                return PolicyProblem(.syntax, file: "", diagnostic.message)
            }
            // Labels in other files cannot be shown beside this one.
            let labels = diagnostic.labels.filter { self.index(of: $0.range) == index }.map {
                Diagnostic.Label(local($0.range, index), $0.message)
            }
            let advice = Diagnostic.Advice(
                help: diagnostic.help,
                replacement: diagnostic.suggestion?.replacement,
                labels: labels
            )
            let place = local(diagnostic.range, index)
            let moved = Diagnostic(diagnostic.code, diagnostic.message, place, advice: advice)
            return PolicyProblem(.syntax, in: files[index], moved)
        }
    }

    /// The file that a place of the whole text is in.
    private func index(of range: SourceRange) -> Int? {
        let next = starts.firstIndex { $0 > range.start.byteOffset } ?? starts.count
        return next > 0 ? next - 1 : nil
    }

    /// A place of the whole text as one of that file.
    private func local(_ range: SourceRange, _ index: Int) -> SourceRange {
        let start = range.start.byteOffset - starts[index]
        return files[index].range(start..<max(start, range.end.byteOffset - starts[index]))
    }
}
