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
            let range =
                diagnostic.range.start
                .byteOffset..<max(
                    diagnostic.range.start.byteOffset,
                    diagnostic.range.end.byteOffset
                )
            let index = max(0, (starts.firstIndex { $0 > range.lowerBound } ?? starts.count) - 1)
            guard index < files.count else { return PolicyProblem(.syntax, file: "", diagnostic.message) }
            let local = range.lowerBound - starts[index]..<range.upperBound - starts[index]
            return PolicyProblem(.syntax, in: files[index], at: local, diagnostic.message)
        }
    }
}
