// Where the files of a log are.

internal import Runtime

/// The names in the folder of a log.
struct LogLayout: Sendable {
    /// The folder.
    let directory: String

    /// The folder of the segments.
    var segments: String { "\(directory)/segments" }
    /// A zeroed file that waits to become a segment.
    var next: String { "\(segments)/next" }
    /// A file that is being made: never read.
    var unfinished: String { "\(segments)/unfinished" }
    /// A segment that is being rewritten: never read.
    var rewritten: String { "\(segments)/rewritten" }
    /// The published checkpoint.
    var checkpoint: String { "\(directory)/checkpoint" }

    private static let suffix = ".segment"
    private static let digitCount = 16

    /// The path of the segment that begins with an index.
    func segment(_ first: UInt64) -> String {
        let digits = String(first)
        return "\(segments)/" + String(repeating: "0", count: max(0, Self.digitCount - digits.utf8.count)) + digits
            + Self.suffix
    }

    /// Removes what an earlier run left unfinished: it is never read, and takes room that a start may need.
    func removeUnfinished() throws(SystemError) {
        for path in [unfinished, rewritten] where try Files.exists(path) { try Files.remove(path) }
    }

    /// The first indices of all segments, ascending.
    ///
    /// - Throws: ``LogError/notALog(path:)`` when there is none, ``LogError/foreignFile(path:)`` for any other name.
    func segmentList() throws(LogError) -> [UInt64] {
        let names: [String]
        do throws(SystemError) {
            names = try Files.list(segments)
        } catch {
            throw error.name == "ENOENT" ? .notALog(path: directory) : .system(error)
        }
        var firsts: [UInt64] = []
        for name in names {
            if ["next", "unfinished", "rewritten"].contains(name) { continue }
            let digits = name.dropLast(Self.suffix.count)
            guard name.hasSuffix(Self.suffix), let first = UInt64(digits), "\(segments)/\(name)" == segment(first)
            else {
                throw .foreignFile(path: "\(segments)/\(name)")
            }
            firsts.append(first)
        }
        guard !firsts.isEmpty else { throw .notALog(path: directory) }
        guard firsts.count <= LogLimits.segmentsMax else { throw .foreignFile(path: segments) }
        return firsts.sorted()
    }
}

/// Calls the operating system and wraps its error.
func system<Value: ~Copyable>(_ body: () throws(SystemError) -> Value) throws(LogError) -> Value {
    do throws(SystemError) {
        return try body()
    } catch {
        throw .system(error)
    }
}
