import Bytes

/// A hash of bytes that is fast on short texts; two 64-bit multiplications for what fits in sixteen bytes.
///
/// The seed differs in every process and is never shown, so nobody can prepare keys that collide. It has no influence
/// on results: tables of symbols are never iterated.
enum ByteHash {
    /// The seed of this process, taken from the standard library's own.
    static let seed: UInt64 = {
        var hasher = Hasher()
        hasher.combine("symbols")
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }()

    /// Hashes bytes, with a number that tells what the bytes belong to.
    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer, _ salt: UInt64, _ seed: UInt64) -> UInt64 {
        let count = bytes.count
        var state = seed ^ (salt &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(truncatingIfNeeded: count)
        var position = 0
        while count - position > 16 {
            state = unsafe mix(state ^ word(bytes, position), word(bytes, position + 8) ^ first)
            position += 16
        }
        // The last sixteen bytes or fewer; words may overlap.
        let rest = count - position
        if rest >= 8 {
            return unsafe mix(state ^ word(bytes, position), word(bytes, count - 8) ^ second)
        }
        return unsafe mix(state ^ tail(bytes, position, rest), second)
    }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right | 1)
        return (product.high ^ product.low) &* first
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// Fewer than eight bytes as one word.
    @inline(__always)
    private static func tail(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64 {
        if count >= 4 {
            let low = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            let high = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: start + count - 4, as: UInt32.self))
            return low | high << 32
        }
        guard count > 0 else { return 0 }
        let low = UInt64(unsafe bytes[start])
        let middle = UInt64(unsafe bytes[start + count / 2])
        return low | middle << 8 | UInt64(unsafe bytes[start + count - 1]) << 16
    }

    private static let first: UInt64 = 0xA076_1D64_78BD_642F
    private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB
}

/// Numbers for texts that belong to something, found by their bytes: immutable and without references.
struct SymbolTable: Sendable {
    /// Where the bytes of one text are, and what it belongs to.
    struct Entry: BitwiseCopyable, Sendable {
        let offset: Int
        let length: Int32
        let owner: Int32
    }

    /// The hash table: the upper half of a hash, and a number plus one; zero where nothing is.
    struct Slot: BitwiseCopyable, Sendable {
        var hash: UInt32 = 0
        var number: UInt32 = 0
    }

    private let slots: Table<Slot>
    private let entries: Table<Entry>
    private let bytes: Table<UInt8>
    private let mask: Int
    private let seed: UInt64

    /// Numbers texts, which have to differ from each other, in their order.
    init(_ texts: [(text: Text, owner: Int32)], in storage: TableStorage) {
        seed = ByteHash.seed
        // At most half of the slots are taken, so that a search that fails ends soon.
        var capacity = 4
        while capacity < texts.count * 2 { capacity *= 2 }
        mask = capacity - 1
        var slots = [Slot](repeating: Slot(), count: capacity)
        var entries: [Entry] = []
        var bytes: [UInt8] = []
        for (number, (text, owner)) in texts.enumerated() {
            entries.append(Entry(offset: bytes.count, length: Int32(text.byteCount), owner: owner))
            bytes.append(contentsOf: text.utf8)
            let hash = Self.hash(text, owner, seed)
            var place = Int(truncatingIfNeeded: hash) & mask
            while slots[place].number != 0 { place = (place + 1) & mask }
            slots[place] = Slot(hash: UInt32(truncatingIfNeeded: hash >> 32), number: UInt32(number + 1))
        }
        self.slots = storage.table(slots)
        self.entries = storage.table(entries)
        self.bytes = storage.table(bytes)
    }

    /// The number of a text of an owner, or -1.
    func number(_ text: Text, _ owner: Int32) -> Int32 {
        var string = text.string
        return string.withUTF8 { wanted in
            let wanted = UnsafeRawBufferPointer(wanted)
            let hash = unsafe ByteHash.hash(wanted, UInt64(UInt32(bitPattern: owner)), seed)
            let upper = UInt32(truncatingIfNeeded: hash >> 32)
            var place = Int(truncatingIfNeeded: hash) & mask
            while true {
                let slot = slots[place]
                if slot.number == 0 { return -1 }
                if slot.hash == upper {
                    let number = Int32(bitPattern: slot.number) - 1
                    let entry = entries[number]
                    if entry.owner == owner, Int(entry.length) == wanted.count {
                        let own = unsafe UnsafeRawBufferPointer(bytes.stretch(entry.offset, wanted.count))
                        if unsafe Self.haveEqualBytes(own, wanted) { return number }
                    }
                }
                place = (place + 1) & mask
            }
        }
    }

    /// Calls a function with the bytes of a text, which it must not keep.
    @inline(__always)
    func withBytes<Result>(of number: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let entry = entries[number]
        return unsafe body(UnsafeRawBufferPointer(bytes.stretch(entry.offset, Int(entry.length))))
    }

    /// What a text belongs to.
    func owner(of number: Int32) -> Int32 { entries[number].owner }

    private static func hash(_ text: Text, _ owner: Int32, _ seed: UInt64) -> UInt64 {
        var string = text.string
        return string.withUTF8 { bytes in
            unsafe ByteHash.hash(UnsafeRawBufferPointer(bytes), UInt64(UInt32(bitPattern: owner)), seed)
        }
    }

    /// Compares two stretches of the same length, eight bytes at a time.
    static func haveEqualBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 8 <= left.count {
            let leftWord = unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let rightWord = unsafe right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard leftWord == rightWord else { return false }
            position += 8
        }
        while position < left.count {
            guard unsafe left[position] == right[position] else { return false }
            position += 1
        }
        return true
    }
}
