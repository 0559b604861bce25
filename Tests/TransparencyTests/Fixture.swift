import Foundation

/// Reads fixture files; what is missing or not as expected throws and so fails the test.
enum Fixture {
    struct Problem: Error {
        let words: String
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try Array(Data(contentsOf: folder.appending(path: path)))
    }

    /// The objects of a JSON array, each of which must have exactly the keys.
    static func objects(_ path: String, keys: Set<String>) throws -> [[String: Any]] {
        guard let array = try JSONSerialization.jsonObject(with: Data(bytes(path))) as? [[String: Any]],
            array.allSatisfy({ Set($0.keys) == keys })
        else { throw Problem(words: "`\(path)` has not only objects with the keys \(keys.sorted())") }
        return array
    }

    static func unsigned(_ value: Any?) throws -> UInt64 {
        guard let number = value as? NSNumber else { throw Problem(words: "not a number") }
        return number.uint64Value
    }
}
