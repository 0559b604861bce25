/// Why a header field cannot be written.
package enum FieldError: Error, Hashable, CaseIterable, Sendable {
    /// The name is empty or has a byte that is not a token character.
    case invalidName
    /// The value has a control character, a byte outside ASCII, or white space at an end.
    case invalidValue
    /// The name is one that only the writer sets, because it decides where the message ends.
    case reservedName
    /// The block would have more than ``HTTPLimits/fieldCountMax`` fields or ``HTTPLimits/fieldBlockBytesMax`` bytes.
    case tooLarge
}

/// Header fields ready to be sent; what is in one cannot end a field early, whatever the values were made from.
package struct FieldBlock: Hashable, Sendable {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    /// The names that frame a message.
    private static let reserved: [StaticString] = [
        "connection", "content-length", "transfer-encoding", "host", "content-type", "trailer", "upgrade", "expect",
        "te", "keep-alive",
    ]

    /// Room that is left for the fields that the writer adds by itself.
    private static let reservedFields = 5
    private static let reservedBytes = 1_024

    /// Makes a block without fields.
    package init() {}

    /// Whether there are no fields.
    package var isEmpty: Bool { bytes.isEmpty }

    /// Adds a field behind the others.
    package mutating func append(_ name: String, _ value: String) throws(FieldError) {
        let nameBytes = Array(name.utf8)
        guard !nameBytes.isEmpty, nameBytes.allSatisfy({ CharacterClass.token.contains($0) }) else {
            throw .invalidName
        }
        let range = ByteRange(0, nameBytes.count)
        for reserved in Self.reserved where nameBytes.span.equalsIgnoringCase(range, reserved) {
            throw .reservedName
        }
        let valueBytes = Array(value.utf8)
        guard FieldValue.isSendable(valueBytes) else {
            throw .invalidValue
        }
        let added = nameBytes.count + valueBytes.count + 4
        guard count < HTTPLimits.fieldCountMax - Self.reservedFields,
            bytes.count + added <= HTTPLimits.fieldBlockBytesMax - Self.reservedBytes
        else {
            throw .tooLarge
        }
        bytes += nameBytes
        bytes.append(ascii: ": ")
        bytes += valueBytes
        bytes.append(ascii: "\r\n")
        count += 1
    }
}

/// The rule for values that we send.
enum FieldValue {
    /// Whether a value arrives as it was sent: visible ASCII, with space and tab only inside.
    static func isSendable(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last else {
            return true
        }
        return bytes.allSatisfy { CharacterClass.isFieldValue($0) } && first > CharacterClass.space
            && last > CharacterClass.space
    }
}

extension [UInt8] {
    /// Appends a constant text.
    mutating func append(ascii text: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number that is not negative in decimal digits, without a `String` in between.
    mutating func append(decimal number: Int) {
        var digits: [20 of UInt8] = .init(repeating: 0)
        var index = 20
        var rest = number.magnitude
        repeat {
            index -= 1
            digits[index] = UInt8(truncatingIfNeeded: rest % 10) + CharacterClass.zero
            rest /= 10
        } while rest > 0
        while index < 20 {
            append(digits[index])
            index += 1
        }
    }
}
