// What somebody probably meant.

/// Finds the known word that an unknown one is a misspelling of.
package enum NearMiss {
    /// The longest word, in bytes, that is compared.
    static let wordBytesMax = 64

    /// The nearest word, if it is near enough to be meant; of equally near ones the first.
    package static func of(_ word: String, among words: [String]) -> String? {
        var best: (word: String, distance: Int)?
        for candidate in words {
            let found = distance(Array(word.utf8), Array(candidate.utf8))
            let isPrefix = word.utf8.count >= 4 && candidate.utf8.starts(with: word.utf8)
            let limit = max(1, min(word.utf8.count, candidate.utf8.count) / 3)
            guard found <= limit || isPrefix else { continue }
            if let best, best.distance <= found { continue }
            best = (candidate, found)
        }
        return best?.word
    }

    /// The number of bytes to insert, remove, replace or swap with a neighbour to make one word the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard left.count <= wordBytesMax, right.count <= wordBytesMax else { return .max }
        var before: [Int] = []
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var next = [line + 1]
            for (column, other) in right.enumerated() {
                var cost = min(row[column + 1] + 1, next[column] + 1, row[column] + (byte == other ? 0 : 1))
                if line > 0, column > 0, byte == right[column - 1], left[line - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                next.append(cost)
            }
            before = row
            row = next
        }
        return row[right.count]
    }
}
