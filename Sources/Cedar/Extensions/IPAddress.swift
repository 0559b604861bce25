public import Bytes

/// An IP address, version 4 or 6, with the length of a prefix: a single address or a range (cedar-spec
/// `Ext/IPAddr.lean`).
///
/// Two values are equal only if address and prefix are: `10.0.0.1/8` and `10.0.0.2/8` differ.
public struct IPAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Whether this is a version 4 address.
    public let isIPv4: Bool

    /// The address; of a version 4 address the lowest 32 bits.
    public let bits: UInt128

    /// The length of the prefix in bits, at most 32 or 128.
    public let prefixLength: UInt8

    /// Reads an address in the usual notation, with an optional prefix length after `/`.
    ///
    /// Refused are leading zeros in version 4 parts and prefix lengths, version 4 notation inside version 6, and zones.
    public init?(_ text: Text) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.textBytesMax else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let address = parts.first, parts.count <= 2 else { return nil }
        if let bits = Self.readIPv4(address) {
            self.init(isIPv4: true, bits: bits, prefix: parts.count == 2 ? parts[1] : nil)
        } else if let bits = Self.readIPv6(address) {
            self.init(isIPv4: false, bits: bits, prefix: parts.count == 2 ? parts[1] : nil)
        } else {
            return nil
        }
    }

    private init?(isIPv4: Bool, bits: UInt128, prefix: ArraySlice<UInt8>?) {
        let width = isIPv4 ? 32 : 128
        var length = width
        if let prefix {
            guard prefix.count <= (isIPv4 ? 2 : 3), let value = Self.decimal(prefix), value <= width else { return nil }
            length = value
        }
        self.isIPv4 = isIPv4
        self.bits = bits
        self.prefixLength = UInt8(length)
    }

    /// Whether every address of this range is in the other one.
    public func isInRange(of other: IPAddress) -> Bool {
        guard isIPv4 == other.isIPv4, prefixLength >= other.prefixLength else { return false }
        return network(other.prefixLength) == other.network(other.prefixLength)
    }

    /// Whether every address of this range is a loopback address: `127.0.0.0/8` or `::1`.
    public var isLoopback: Bool {
        isIPv4 ? prefixLength >= 8 && bits >> 24 == 127 : prefixLength == 128 && bits == 1
    }

    /// Whether every address of this range is a multicast address: `224.0.0.0/4` or `ff00::/8`.
    public var isMulticast: Bool {
        isIPv4 ? prefixLength >= 4 && bits >> 28 == 0xE : prefixLength >= 8 && bits >> 120 == 0xFF
    }

    /// The address with its prefix length, in the notation it can be read from.
    public var description: String {
        let width = isIPv4 ? 8 : 16
        let parts = stride(from: isIPv4 ? 24 : 112, through: 0, by: -width).map { shift in
            String(
                UInt64(truncatingIfNeeded: (bits >> UInt128(shift)) & (isIPv4 ? 0xFF : 0xFFFF)),
                radix: isIPv4 ? 10 : 16
            )
        }
        return "\(parts.joined(separator: isIPv4 ? "." : ":"))/\(prefixLength)"
    }

    /// Orders version 4 before version 6, then by address, then by prefix.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        if left.isIPv4 != right.isIPv4 { return left.isIPv4 }
        return left.bits == right.bits ? left.prefixLength < right.prefixLength : left.bits < right.bits
    }

    /// The longest notation: eight groups of four digits, seven colons, a slash and three digits.
    private static let textBytesMax = 43

    private func network(_ length: UInt8) -> UInt128 {
        let free = UInt128((isIPv4 ? 32 : 128) - length)
        return free == 128 ? 0 : bits >> free
    }

    private static func decimal(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 3, bytes.count == 1 || bytes.first != UInt8(ascii: "0") else { return nil }
        var reader = ByteReader(bytes)
        return reader.digits(bytes.count)
    }

    private static func readIPv4(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt128 = 0
        for part in parts {
            guard let value = decimal(part), value <= 0xFF else { return nil }
            bits = bits << 8 | UInt128(value)
        }
        return bits
    }

    private static func readIPv6(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
        guard let gap else {
            guard let groups = groups(bytes), groups.count == 8 else { return nil }
            return groups.reduce(0) { $0 << 16 | UInt128($1) }
        }
        guard let high = groups(bytes[..<gap]), let low = groups(bytes[(gap + 2)...]), high.count + low.count < 8 else {
            return nil
        }
        let zeros = [UInt16](repeating: 0, count: 8 - high.count - low.count)
        return (high + zeros + low).reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        var groups: [UInt16] = []
        for part in bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.count <= 4 else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = HexDigit.value(byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups
    }
}

/// Hexadecimal digits of either case.
enum HexDigit {
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
