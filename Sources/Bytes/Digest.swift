// A SHA-256 digest as a value; the hashing itself is in Cryptography.

/// Exactly 32 bytes: a SHA-256 digest, a Merkle node or a key of that size.
///
/// A trivial value of four machine words, so that arrays of digests need no reference counting.
public struct Digest: Hashable, Comparable, Sendable {
    /// The length of every digest, in bytes.
    public static let byteCount = 32

    /// The 32 bytes as four words, the first byte being the most significant one of the first word.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 zero bytes.
    public static let zero = Digest(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Reads exactly 32 bytes; nil for any other number of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        var words: [4 of UInt64] = [0, 0, 0, 0]
        var position = 0
        for byte in bytes {
            words[position >> 3] = words[position >> 3] << 8 | UInt64(byte)
            position += 1
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Reads exactly 32 bytes; nil for any other number of them.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for an array.
    public init?(bytes: [UInt8]) {
        self.init(bytes: bytes[...])
    }

    /// Reads exactly 32 bytes; nil for any other number of them.
    ///
    /// Generic code of another module is not specialised: this one is many times as fast for a slice.
    public init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        self = unsafe bytes.withUnsafeBytes { unsafe Digest(unaligned: $0) }
    }

    /// Reads the 32 bytes that a caller has made sure of.
    private init(unaligned bytes: UnsafeRawBufferPointer) {
        words = unsafe (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        )
    }

    /// Fills a digest by writing its 32 bytes in place, for hash functions that write to a pointer.
    ///
    /// - Parameter fill: MUST write all 32 bytes.
    public init(unsafeFilling fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        var storage: [32 of UInt8] = .init(repeating: 0)
        var span = storage.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { unsafe fill(base) }
        }
        self = unsafe span.withUnsafeBytes { unsafe Digest(unaligned: $0) }
    }

    /// Reads 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// The 32 bytes as an array.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        append(to: &result)
        return result
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        var digits: [UInt8] = []
        Hex.append(self, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// Appends the 32 bytes to a buffer.
    public func append(to output: inout [UInt8]) {
        Digest.append(words.0, to: &output)
        Digest.append(words.1, to: &output)
        Digest.append(words.2, to: &output)
        Digest.append(words.3, to: &output)
    }

    /// Lends the 32 bytes, for functions of C libraries.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var bigEndian = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return unsafe Swift.withUnsafeBytes(of: &bigEndian) { unsafe body($0) }
    }

    private static func append(_ word: UInt64, to output: inout [UInt8]) {
        var bigEndian = word.bigEndian
        unsafe Swift.withUnsafeBytes(of: &bigEndian) { bytes in
            unsafe output.append(contentsOf: bytes)
        }
    }

    /// The first 16 bytes as two words, the first byte being the most significant one of the first.
    public var leadingWords: (UInt64, UInt64) { (words.0, words.1) }

    /// The byte at a position from 0 to 31.
    public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < Digest.byteCount)
        let word: UInt64 =
            switch position >> 3 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(position & 7)))
    }

    /// Whether all bytes are equal.
    ///
    /// Not constant in time: never for secrets.
    public static func == (left: Digest, right: Digest) -> Bool {
        left.words == right.words
    }

    /// Orders digests by their bytes.
    public static func < (left: Digest, right: Digest) -> Bool {
        left.words < right.words
    }

    /// Feeds one word to a hasher: the bits of a digest are uniform already, and the hasher's seed is secret.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}
