// RFC 6901: naming one place in a JSON value.

package import Bytes

/// A pointer to one place in a JSON value.
package struct JSONPointer: Hashable, Sendable {
    /// The most steps of a pointer: deeper than any request is.
    package static let stepsMax = 32

    /// The pointer as it was written.
    package let text: Text
    private let steps: [Text]

    /// Reads a pointer; nil for one that does not begin with a slash, has a wrong escape or too many steps.
    package init?(_ text: Text) {
        self.text = text
        guard !text.isEmpty else {
            steps = []
            return
        }
        let parts = text.string.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first?.isEmpty == true, parts.count - 1 <= Self.stepsMax else { return nil }
        var steps: [Text] = []
        for part in parts.dropFirst() {
            guard let step = Self.unescape(part) else { return nil }
            steps.append(step)
        }
        self.steps = steps
    }

    /// The value at this place; nil if there is none.
    ///
    /// An array is entered by a decimal index without leading zeros; `-` names no element (RFC 6901 section 4).
    package func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for step in steps {
            switch value.kind {
            case .object:
                guard let next = value[step] else { return nil }
                value = next
            case .array:
                guard let index = Self.index(step),
                    let next = value.elements.dropFirst(index).first(where: { _ in true })
                else { return nil }
                value = next
            case .null, .true, .false, .integer, .fraction, .string:
                return nil
            }
        }
        return value
    }

    private static func index(_ step: Text) -> Int? {
        let digits = Array(step.utf8)
        guard !digits.isEmpty, digits.count <= 9, digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
            return nil
        }
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(step.string)
    }

    private static func unescape(_ part: Substring.UTF8View) -> Text? {
        var bytes: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return Text(utf8: bytes)
    }
}
