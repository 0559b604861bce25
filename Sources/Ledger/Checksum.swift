// CRC-32C over the parts of segments.

internal import CSystem

/// CRC-32C (Castagnoli): finds torn and rotten bytes; it proves nothing against a person, the tree does.
enum Checksum {
    static func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe writ_crc32c(0, bytes.baseAddress, bytes.count)
    }

    static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe crc($0) }
    }
}

/// Little-endian integers in byte arrays; the caller vouches for the bounds.
enum LittleEndian {
    static func read32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
    }

    static func read64(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    static func write(_ value: UInt32, to bytes: inout [UInt8], at offset: Int) {
        for position in 0..<4 { bytes[offset + position] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(position))) }
    }

    static func write(_ value: UInt64, to bytes: inout [UInt8], at offset: Int) {
        for position in 0..<8 { bytes[offset + position] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(position))) }
    }
}
