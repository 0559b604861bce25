package import Bytes

/// The name of a key of a signed note (C2SP signed-note): what stands before the signature, and whom it names.
///
/// Not empty, UTF-8, without Unicode spaces, control characters and plus signs, at most ``byteCountMax`` bytes.
package struct NoteKeyName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest name in bytes: DNS names and short paths fit.
    package static let byteCountMax = 255

    /// The name.
    package let text: Text

    /// Accepts a name.
    ///
    /// - Throws: ``KeyError/name``.
    package init(_ text: Text) throws(KeyError) {
        guard (1...Self.byteCountMax).contains(text.byteCount) else { throw .name }
        for scalar in text.string.unicodeScalars where !Self.allows(scalar) { throw .name }
        self.text = text
    }

    /// Accepts a name of UTF-8 bytes.
    ///
    /// - Throws: ``KeyError/name``, for bytes that are not UTF-8, too.
    package init(utf8 bytes: ArraySlice<UInt8>) throws(KeyError) {
        guard bytes.count <= Self.byteCountMax, let text = Text(utf8: bytes) else { throw .name }
        try self.init(text)
    }

    /// The name.
    package var description: String { text.string }

    /// Orders names by their bytes.
    package static func < (left: NoteKeyName, right: NoteKeyName) -> Bool { left.text < right.text }

    /// Unicode's White_Space is listed, not asked for: the answer must not change with the version of a library.
    private static func allows(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x20, 0x7f, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: false
        case 0x2b: false
        default: true
        }
    }
}

/// What a key of a signed note is for; the raw value is the algorithm byte (C2SP signed-note).
package enum NoteKeyAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
    /// An Ed25519 signature of the note's text, as logs make it.
    case ed25519 = 0x01
    /// An Ed25519 signature of the note's text and a time, as witnesses make it (C2SP tlog-cosignature, v1).
    case cosignature = 0x04
}

/// The four bytes by which a note points at a key: not a proof of anything, only a way to find the key.
package struct NoteKeyID: Hashable, Comparable, Sendable {
    /// How many bytes an ID has.
    package static let byteCount = 4

    /// The four bytes, most significant first.
    package let value: UInt32

    /// Takes the four bytes as a number.
    package init(_ value: UInt32) {
        self.value = value
    }

    /// Computes the ID: the first four bytes of SHA-256 of name, line feed, algorithm byte and public key.
    package init(name: NoteKeyName, algorithm: NoteKeyAlgorithm, publicKey: Ed25519PublicKey) {
        var bytes = Array(name.text.utf8)
        bytes.append(0x0a)
        bytes.append(algorithm.rawValue)
        bytes += publicKey.bytes
        value = SHA256.digest(of: bytes).bytes.prefix(Self.byteCount).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The four bytes.
    package var bytes: [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
    }

    /// Eight lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }

    /// Orders IDs by their bytes.
    package static func < (left: NoteKeyID, right: NoteKeyID) -> Bool { left.value < right.value }
}
