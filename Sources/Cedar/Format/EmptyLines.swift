/// Removes the lines that comments and breaks left empty, but none inside of strings.
enum EmptyLines {
    /// The text without empty lines, and without white space at its beginning and end.
    static func removed(from text: [UInt8]) -> ArraySlice<UInt8> {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var gapStart = 0
        var position = 0
        while position < text.count {
            let end = protectedEnd(text, position)
            guard let end else {
                position += 1
                continue
            }
            appendLines(text[gapStart..<position], to: &output)
            output += text[position..<end]
            (gapStart, position) = (end, end)
        }
        appendLines(text[gapStart...], to: &output)
        return WhiteSpace.trimmed(output[...])
    }

    /// Where the string or comment ends that begins at a place, if one does.
    private static func protectedEnd(_ text: [UInt8], _ start: Int) -> Int? {
        if text[start] == UInt8(ascii: "\"") {
            var position = start + 1
            while position < text.count, text[position] != UInt8(ascii: "\"") {
                position += text[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(position + 1, text.count)
        }
        guard text[start] == UInt8(ascii: "/"), start + 1 < text.count, text[start + 1] == UInt8(ascii: "/") else {
            return nil
        }
        return text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
    }

    /// Adds the lines of a stretch between strings and comments that have something in them, and what stands behind the
    /// last line feed; as in the reference formatter a line feed at the very beginning stays.
    private static func appendLines(_ gap: ArraySlice<UInt8>, to output: inout [UInt8]) {
        if gap.first == UInt8(ascii: "\n") { output.append(UInt8(ascii: "\n")) }
        var rest = gap
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[...end]
            if !WhiteSpace.trimmed(line).isEmpty { output += line }
            rest = rest[(end + 1)...]
        }
        output += rest
    }
}
