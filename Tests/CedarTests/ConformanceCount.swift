import Foundation

/// Counts for `scripts/conformance`, which sums them up by name and compares the table with the one that is checked in.
enum ConformanceCount {
    /// Says how many cases of a part agreed with the reference; a test that finds a difference fails by itself.
    static func report(_ part: String, _ count: Int) {
        // One write, so that no other output comes between.
        FileHandle.standardOutput.write(Data("conformance: \(part): \(count)\n".utf8))
    }
}
