/// White space as Unicode has it, in UTF-8.
enum WhiteSpace {
    /// The text without white space at its end.
    static func trimmedAtEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while let last = rest.last {
            if isSpace(last) {
                rest.removeLast()
            } else if last >= 0x80, let space = wide.first(where: { rest.suffix($0.count).elementsEqual($0) }) {
                rest.removeLast(space.count)
            } else {
                return rest
            }
        }
        return rest
    }

    /// The text without white space at its beginning and end.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = trimmedAtEnd(bytes)
        while let first = rest.first {
            if isSpace(first) {
                rest.removeFirst()
            } else if first >= 0x80, let space = wide.first(where: { rest.starts(with: $0) }) {
                rest.removeFirst(space.count)
            } else {
                return rest
            }
        }
        return rest
    }

    private static func isSpace(_ byte: UInt8) -> Bool { (0x09...0x0D).contains(byte) || byte == 0x20 }

    private static let wide = Lexer.spaces
}
