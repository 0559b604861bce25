/// What request lines and status lines have in common.
enum FirstLine {
    /// Checks that the bytes are exactly `HTTP/1.1`; any other version of the same form is a case of its own.
    static func checkVersion(
        _ bytes: Span<UInt8>,
        start: Int,
        end: Int,
        malformed: MessageError
    ) throws(MessageError) {
        let version = ByteRange(start, end)
        if bytes.equals(version, "HTTP/1.1") {
            return
        }
        guard version.count == 8, bytes.equals(ByteRange(start, start + 5), "HTTP/"),
            CharacterClass.isDigit(bytes[start + 5]), bytes[start + 6] == 0x2E, CharacterClass.isDigit(bytes[start + 7])
        else {
            throw malformed
        }
        throw .unsupportedVersion
    }

    /// Checks a target in origin form (RFC 9112 section 3.2.1) and returns where its path ends.
    static func checkTarget(_ bytes: Span<UInt8>, start: Int, end: Int) throws(MessageError) -> Int {
        guard start < end, bytes[start] == CharacterClass.slash else {
            throw .targetNotOriginForm
        }
        var pathEnd = end
        var index = start
        while index < end {
            let byte = bytes[index]
            if byte == CharacterClass.percent {
                guard index + 2 < end, CharacterClass.hexadecimal(bytes[index + 1]) != nil,
                    CharacterClass.hexadecimal(bytes[index + 2]) != nil
                else {
                    throw .malformedPercentEncoding
                }
                index += 2
            } else if byte == CharacterClass.question {
                pathEnd = min(pathEnd, index)
            } else if !CharacterClass.path.contains(byte) {
                throw .invalidTargetByte
            }
            index += 1
        }
        return pathEnd
    }

    /// Whether a target can be sent: in origin form, and short enough for the longest method and the version.
    static func isTarget(_ target: [UInt8]) -> Bool {
        do throws(MessageError) {
            _ = try checkTarget(target.span, start: 0, end: target.count)
            return target.count <= HTTPLimits.firstLineBytesMax - 32
        } catch {
            return false
        }
    }
}

/// The host of a `Host` field: a name, an IPv4 address or a bracketed IPv6 address, and an optional port.
enum HostParser {
    static func check(_ range: ByteRange, in bytes: Span<UInt8>) throws(MessageError) {
        guard range.count > 0, range.count <= HTTPLimits.hostBytesMax else {
            throw .invalidHost
        }
        var index = range.lower
        if bytes[index] == 0x5B {
            index += 1
            let start = index
            while index < range.upper, isAddressByte(bytes[index]) {
                index += 1
            }
            guard index > start, index < range.upper, bytes[index] == 0x5D else {
                throw .invalidHost
            }
            index += 1
        } else {
            while index < range.upper, CharacterClass.host.contains(bytes[index]) {
                index += 1
            }
            guard index > range.lower else {
                throw .invalidHost
            }
        }
        guard index < range.upper else {
            return
        }
        guard bytes[index] == CharacterClass.colon else {
            throw .invalidHost
        }
        try checkPort(bytes, start: index + 1, end: range.upper)
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        CharacterClass.hexadecimal(byte) != nil || byte == CharacterClass.colon || byte == 0x2E
    }

    private static func checkPort(_ bytes: Span<UInt8>, start: Int, end: Int) throws(MessageError) {
        guard end > start, end - start <= 5 else {
            throw .invalidHost
        }
        var port = 0
        for index in start..<end {
            guard CharacterClass.isDigit(bytes[index]) else {
                throw .invalidHost
            }
            port = port * 10 + Int(bytes[index] - CharacterClass.zero)
        }
        guard port > 0, port <= 65_535 else {
            throw .invalidHost
        }
    }
}
