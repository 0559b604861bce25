package import Bytes

/// What to write instead of a stretch of a source text.
public struct Suggestion: Hashable, Sendable {
    /// The stretch that is to be replaced.
    public let range: SourceRange
    /// What to write there.
    public let replacement: String

    /// Makes a suggestion.
    public init(range: SourceRange, replacement: String) {
        self.range = range
        self.replacement = replacement
    }
}

extension Suggestion {
    /// The most bytes of a name for which near misses are looked for.
    package static let nameBytesMax = 100
    /// The most cells of distance tables that one search fills, so that no text can make it long.
    package static let cellsMax = 2_000_000

    /// The candidate that a misspelt name most probably means.
    ///
    /// A name is near if it differs in case only, or by few insertions, deletions, replacements or swaps of
    /// neighbouring letters: at most a third of its length, at least one. Of equally near candidates the first by bytes
    /// is taken, whatever their order.
    ///
    /// - Parameters:
    ///   - name: What was written.
    ///   - candidates: What could have been meant. Candidates that exceed ``nameBytesMax`` are passed over; those
    ///     behind the ``cellsMax``-th cell are not looked at.
    /// - Returns: The nearest, or `nil` if none is near, and for a name of one letter.
    package static func nearest(to name: Text, among candidates: some Sequence<Text>) -> Text? {
        guard (2...nameBytesMax).contains(name.byteCount) else { return nil }
        let written = Letters(name)
        var best: (distance: Int, name: Text)?
        var cells = 0
        for candidate in candidates where candidate != name && (1...nameBytesMax).contains(candidate.byteCount) {
            let other = Letters(candidate)
            let longest = max(written.folded.count, other.folded.count)
            let bound = min(best?.distance ?? .max, (max(1, longest / 3) + 1) * Letters.editCost - 1)
            guard abs(written.folded.count - other.folded.count) * Letters.editCost <= bound else { continue }
            cells += written.folded.count * other.folded.count
            guard cells <= cellsMax else { break }
            let distance = written.distance(to: other)
            guard distance <= bound else { continue }
            if let best, (best.distance, best.name) < (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.name
    }

    /// The letters of a name, with and without case.
    private struct Letters {
        let exact: [UInt8]
        let folded: [UInt8]

        /// What one edit costs; a letter of the other case costs 1, so that case only breaks ties.
        static let editCost = 1000

        init(_ name: Text) {
            exact = Array(name.utf8)
            folded = exact.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }

        /// The optimal string alignment distance, by three rows of its table.
        func distance(to other: Letters) -> Int {
            var beforePrevious: [Int] = []
            var previous = (0...other.folded.count).map { $0 * Self.editCost }
            for row in folded.indices {
                var current = [(row + 1) * Self.editCost]
                current.reserveCapacity(previous.count)
                for column in other.folded.indices {
                    let isSame = folded[row] == other.folded[column]
                    let sameCost = exact[row] == other.exact[column] ? 0 : 1
                    var best = previous[column] + (isSame ? sameCost : Self.editCost)
                    best = min(best, previous[column + 1] + Self.editCost, current[column] + Self.editCost)
                    if row > 0, column > 0, folded[row] == other.folded[column - 1],
                        folded[row - 1] == other.folded[column]
                    {
                        best = min(best, beforePrevious[column - 1] + Self.editCost)
                    }
                    current.append(best)
                }
                beforePrevious = previous
                previous = current
            }
            return previous[other.folded.count]
        }
    }
}
