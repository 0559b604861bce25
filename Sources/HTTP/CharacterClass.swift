/// The byte values of the grammar, and the classes that RFC 9110 and RFC 3986 give them.
enum CharacterClass {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let percent: UInt8 = 0x25
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let question: UInt8 = 0x3F
    static let zero: UInt8 = 0x30

    /// One bit for each of the 128 ASCII values; a class is two words, so that a test is a shift and no memory access.
    struct ASCIISet {
        let low: UInt64
        let high: UInt64

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            if byte < 64 {
                return (low >> UInt64(byte)) & 1 == 1
            }
            return byte < 128 && (high >> UInt64(byte - 64)) & 1 == 1
        }
    }

    /// `tchar` (RFC 9110 section 5.6.2): ``!#$%&'*+-.^_`|~``, digits and letters.
    static let token = ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)

    /// `pchar` without `%`, and `/` (RFC 3986 section 3.3): what a path holds beside percent-encodings.
    static let path = ASCIISet(low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)

    /// Letters, digits, `-`, `.` and `_`: the names that a `Host` field may have here.
    static let host = ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE)

    /// What a field value may hold: visible ASCII, space and tab.
    ///
    /// RFC 9110 calls bytes from 0x80 obsolete; they are
    /// refused, because peers disagree about their meaning.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte < 0x7F) || byte == tab
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39
    }

    /// The value of a hexadecimal digit of either case; nil for any other byte.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// The byte, a capital letter made small.
    @inline(__always)
    static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
