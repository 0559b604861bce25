// Byte-exact text: the string type of everything that is compared, hashed, signed or evaluated.

/// A string that is compared, ordered and hashed by its UTF-8 bytes.
///
/// Swift's `String` treats composed and decomposed letters as equal; Cedar, JCS and every digest in this project do
/// not.
public struct Text: Hashable, Comparable, Sendable {
    /// The same characters as a Swift string, for printing and for calls into the standard library.
    public let string: String

    /// Wraps a string.
    public init(_ string: String) {
        self.string = string
    }

    /// Reads UTF-8 bytes; nil if they are not well-formed UTF-8.
    public init?(utf8 bytes: some Collection<UInt8>) {
        guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
        self.string = string
    }

    /// Reads UTF-8 bytes; nil if they are not well-formed UTF-8.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public init?(utf8 bytes: ArraySlice<UInt8>) {
        guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
        self.string = string
    }

    /// The bytes of the text.
    public var utf8: String.UTF8View { string.utf8 }

    /// The length in UTF-8 bytes.
    public var byteCount: Int { string.utf8.count }

    /// Whether there are no bytes at all.
    public var isEmpty: Bool { string.utf8.isEmpty }

    /// Whether the two texts have the same bytes.
    public static func == (left: Text, right: Text) -> Bool {
        let (left, right) = (left.string.utf8, right.string.utf8)
        guard left.count == right.count else { return false }
        // Strings are contiguous unless a foreign one was wrapped; contiguous bytes are compared by words.
        let isEqual = unsafe left.withContiguousStorageIfAvailable { leftBytes in
            unsafe right.withContiguousStorageIfAvailable { rightBytes in
                unsafe haveEqualBytes(UnsafeRawBufferPointer(leftBytes), UnsafeRawBufferPointer(rightBytes))
            } ?? left.elementsEqual(right)
        }
        return isEqual ?? left.elementsEqual(right)
    }

    /// Compares two stretches of the same length, eight bytes at a time.
    private static func haveEqualBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        var position = 0
        while position + 8 <= count {
            let leftWord = unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let rightWord = unsafe right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard leftWord == rightWord else { return false }
            position += 8
        }
        while position < count {
            guard unsafe left[position] == right[position] else { return false }
            position += 1
        }
        return true
    }

    /// Orders texts by their bytes.
    public static func < (left: Text, right: Text) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        hasher.combine(0xFF as UInt8)
    }
}

extension Text: ExpressibleByStringLiteral, CustomStringConvertible {
    /// A literal in source code.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The text itself.
    public var description: String { string }
}
