// Finding the place of a member in the text of a JSON file.

package import Bytes

/// One step from a value to a part of it.
package enum JSONStep: Hashable, Sendable {
    /// To the member of that name.
    case member(Text)
    /// To the element at that index.
    case element(Int)
}

/// Walks through the text of a JSON file to the value at a path.
///
/// Only for texts that passed the strict reader, and only to say where something is: the reader's values carry no
/// positions.
package struct JSONLocator {
    private let bytes: [UInt8]
    private var position = 0

    /// The stretch of the member (its name) or element at the path, or of the deepest part of the path that exists.
    package static func range(of path: [JSONStep], in bytes: [UInt8]) -> Range<Int> {
        var locator = JSONLocator(bytes: bytes)
        locator.skipSpace()
        var found = locator.position..<locator.position + 1
        for step in path {
            guard let next = locator.enter(step) else { return found }
            found = next
        }
        return found
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Goes to the value of a member or element; says where the member's name or the element stands.
    private mutating func enter(_ step: JSONStep) -> Range<Int>? {
        let isObject = byte == UInt8(ascii: "{")
        guard isObject || byte == UInt8(ascii: "[") else { return nil }
        position += 1
        var index = 0
        while true {
            skipSpace()
            guard let byte, byte != UInt8(ascii: "}"), byte != UInt8(ascii: "]") else { return nil }
            let start = position
            var isMatch = step == .element(index)
            var end = start + 1
            if isObject {
                skipValue()
                end = position
                isMatch = step == .member(name(start..<end))
                skipSpace()
                position += 1
                skipSpace()
            }
            if isMatch { return start..<end }
            skipValue()
            skipSpace()
            if self.byte == UInt8(ascii: ",") { position += 1 }
            index += 1
        }
    }

    /// The member name that is written there, escapes resolved.
    private func name(_ range: Range<Int>) -> Text {
        let value = try? JSONValue(parsing: Array(bytes[range]))
        return value?.string ?? ""
    }

    private mutating func skipSpace() {
        while let byte, byte <= 0x20 { position += 1 }
    }

    /// Skips one value; brackets are counted, strings are skipped whole.
    private mutating func skipValue() {
        var depth = 0
        repeat {
            switch byte {
            case nil: return
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: "\""):
                skipString()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                position += 1
            default:
                skipScalar()
            }
            if depth > 0 { skipSpace() }
        } while depth > 0
    }

    private mutating func skipString() {
        position += 1
        while let byte, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        position += 1
    }

    private mutating func skipScalar() {
        position += 1
        while let byte, byte > 0x20, !",:]}".utf8.contains(byte) { position += 1 }
    }
}
