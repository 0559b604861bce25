/// The rules for Cedar identifiers and for paths of them.
enum Identifier {
    /// Words that cannot be identifiers anywhere but as annotation keys.
    static let reserved: Set<String> = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"]

    /// Whether an identifier may begin with this byte.
    static func isStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Whether an identifier may continue with this byte.
    static func isPart(_ byte: UInt8) -> Bool { isStart(byte) || isDigit(byte) }

    /// Whether the byte is a decimal digit.
    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Whether the bytes are one identifier, which may be reserved.
    static func isIdentifier(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        return isStart(first) && bytes.allSatisfy(isPart)
    }

    /// Whether the bytes are one identifier that is not reserved.
    static func isUsable(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, isStart(first), bytes.allSatisfy(isPart) else { return false }
        return !reserved.contains(String(decoding: bytes, as: UTF8.self))
    }

    /// Whether the bytes are usable identifiers joined by `::`, without white space (RFC 9).
    static func isPath(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        let colon = UInt8(ascii: ":")
        while true {
            let part = rest.prefix { $0 != colon }
            guard isUsable(part) else { return false }
            rest = rest.dropFirst(part.count)
            if rest.isEmpty { return true }
            guard rest.starts(with: [colon, colon]) else { return false }
            rest = rest.dropFirst(2)
        }
    }
}
