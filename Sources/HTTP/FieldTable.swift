/// Where one header field lies in its head.
package struct FieldRange: Sendable {
    /// The name as it was sent; names are compared without regard to case.
    package let name: ByteRange
    /// The value without the white space around it.
    package let value: ByteRange

    static let empty = FieldRange(name: .empty, value: .empty)
}

/// What a look-up of a field by name finds.
///
/// `repeated` is an answer of its own, so that nobody takes the first of several values by accident.
package enum FieldLookup: Sendable {
    /// No field has this name.
    case absent
    /// Exactly one field has this name; its value.
    case one(ByteRange)
    /// Several fields have this name.
    case repeated
}

/// The header fields of one head in their order, without any allocation.
package struct FieldTable: Sendable {
    private var ranges: [64 of FieldRange]

    /// The number of fields, at most ``HTTPLimits/fieldCountMax``.
    package private(set) var count: Int

    init() {
        ranges = .init(repeating: .empty)
        count = 0
    }

    /// The field at an index below ``count``.
    package subscript(index: Int) -> FieldRange {
        ranges[index]
    }

    mutating func removeAll() {
        count = 0
    }

    mutating func append(_ field: FieldRange) throws(MessageError) {
        guard count < HTTPLimits.fieldCountMax else {
            throw .tooManyFields
        }
        ranges[count] = field
        count += 1
    }

    /// Finds the field of a lower-case name in the head that `bytes` begins with.
    func find(_ name: StaticString, in bytes: Span<UInt8>) -> FieldLookup {
        var found: ByteRange?
        for index in 0..<count where bytes.equalsIgnoringCase(ranges[index].name, name) {
            if found != nil {
                return .repeated
            }
            found = ranges[index].value
        }
        guard let found else {
            return .absent
        }
        return .one(found)
    }
}

extension Span<UInt8> {
    /// Whether the bytes of a range, capital letters made small, are those of a lower-case ASCII name.
    func equalsIgnoringCase(_ range: ByteRange, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else {
            return false
        }
        let start = unsafe name.utf8Start
        for offset in 0..<range.count {
            let expected = unsafe start[offset]
            if CharacterClass.lowered(self[range.lower + offset]) != expected {
                return false
            }
        }
        return true
    }

    /// Whether the bytes of a range are exactly those of an ASCII text.
    func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else {
            return false
        }
        let start = unsafe text.utf8Start
        for offset in 0..<range.count {
            let expected = unsafe start[offset]
            if self[range.lower + offset] != expected {
                return false
            }
        }
        return true
    }
}
