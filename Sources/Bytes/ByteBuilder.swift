// The buffer that encoders write into.

internal import Glibc

/// Bytes that one owner appends to, then takes away as an array.
///
/// An array asks with every append whether anybody shares it, and encoders append a piece at a time, some hundred times
/// for one decision. This has one owner by its type, so an append is a comparison and a copy.
///
/// INVARIANT (capacity): `count` never exceeds `capacity`, and every write stands behind ``reserve(_:)``.
@safe
public struct ByteBuilder: ~Copyable, @unchecked Sendable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// How many bytes have been written.
    public private(set) var count: Int

    /// An empty buffer with room for some bytes; it grows as it has to.
    public init(capacity: Int = 256) {
        let room = max(capacity, 16)
        unsafe base = .allocate(byteCount: room, alignment: 16)
        self.capacity = room
        count = 0
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Makes room for that many more bytes.
    @inlinable
    public mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @usableFromInline
    @inline(never)
    mutating func grow(_ more: Int) {
        let (needed, overflow) = count.addingReportingOverflow(more)
        precondition(more >= 0 && !overflow && needed <= Int.max / 2)
        let room = max(needed, 2 * capacity)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
        unsafe moved.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = room
    }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends eight bytes as they lie in memory.
    public mutating func append(word: UInt64) {
        reserve(8)
        unsafe base.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    /// Appends bytes that lie side by side.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends bytes of the source.
    public mutating func append(_ literal: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the bytes of an array.
    public mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Appends the bytes of a slice.
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Appends the bytes of a text.
    public mutating func append(_ text: Text) {
        var string = text.string
        string.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends up to a number of bytes that a closure writes; it answers how many it wrote.
    ///
    /// - Precondition: the closure writes no more than it was given room for.
    public mutating func append(upTo most: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) {
        reserve(most)
        let written = unsafe body(UnsafeMutableRawBufferPointer(start: base + count, count: most))
        precondition((0...most).contains(written))
        count += written
    }

    /// Removes everything and keeps the room.
    public mutating func clear() {
        count = 0
    }

    /// Calls a closure with what has been written.
    public borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// What has been written, copied once.
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: base, count: count)
            )
            initialized = count
        }
    }
}

extension ByteBuilder {
    /// Appends bytes with the escapes of RFC 8785 section 3.2.2.2, without quotes: runs that need none at once.
    mutating func append(escaping bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let count = bytes.count
        reserve(count)
        var position = 0
        while position < count {
            let end = unsafe CanonicalJSON.firstEscape(in: start, from: position, to: count)
            unsafe append(UnsafeRawBufferPointer(start: start + position, count: end - position))
            guard end < count else { return }
            append(escape: unsafe start.load(fromByteOffset: end, as: UInt8.self))
            position = end + 1
        }
    }

    private mutating func append(escape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0..<0x20:
            append("u00" as StaticString)
            append(hex: byte)
        default: append(byte)
        }
    }

    /// Appends a text as a JSON string with its quotes: the escapes of RFC 8785 section 3.2.2.2 and no others.
    public mutating func append(string text: Text) {
        var string = text.string
        append(UInt8(ascii: "\""))
        string.withUTF8 { unsafe append(escaping: UnsafeRawBufferPointer($0)) }
        append(UInt8(ascii: "\""))
    }

    /// Appends UTF-8 bytes as a JSON string with its quotes; the caller vouches for their being UTF-8.
    public mutating func append(string bytes: ArraySlice<UInt8>) {
        append(UInt8(ascii: "\""))
        unsafe bytes.withUnsafeBytes { unsafe append(escaping: $0) }
        append(UInt8(ascii: "\""))
    }

    /// Appends two lower-case digits.
    public mutating func append(hex byte: UInt8) {
        append(Hex.digit(byte >> 4))
        append(Hex.digit(byte & 15))
    }

    /// Appends eight lower-case digits, those of the highest byte first.
    public mutating func append(hex value: UInt32) {
        append(word: Hex.digits(value).bigEndian)
    }

    /// Appends 64 lower-case digits.
    public mutating func append(hex digest: Digest) {
        unsafe digest.withUnsafeBytes { input in
            for word in 0..<(Digest.byteCount / 4) {
                append(hex: unsafe UInt32(bigEndian: input.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self)))
            }
        }
    }

    /// Appends the decimal digits of an integer.
    public mutating func append(decimal value: UInt64) {
        unsafe append(upTo: 20) { room in
            var rest = value
            var start = 20
            unsafe withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
                repeat {
                    start -= 1
                    unsafe digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                } while rest > 0
                unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: digits[start...]))
            }
            return 20 - start
        }
    }
}
