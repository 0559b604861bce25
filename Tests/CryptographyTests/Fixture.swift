import Bytes
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

    static func json(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes(path)))
    }

    /// The object, which must have exactly the keys.
    static func object(_ value: Any?, keys: Set<String>) throws -> [String: Any] {
        guard let object = value as? [String: Any], Set(object.keys) == keys else {
            throw Problem(words: "not an object with the keys \(keys.sorted())")
        }
        return object
    }

    static func hex(_ value: Any?) throws -> [UInt8] {
        guard let text = value as? String, let bytes = Hex.decode(text) else { throw Problem(words: "not hexadecimal") }
        return bytes
    }
}
