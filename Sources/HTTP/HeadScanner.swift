/// Finds the end of a message head in bytes that arrive in pieces.
///
/// It looks at every byte once. What it refuses depends on the bytes alone, never on how they were cut into pieces:
/// a limit is checked before the line end that may lie beyond it.
struct HeadScanner {
    /// The end of the first line, its line end included; 0 until it is known.
    private(set) var firstLineEnd = 0
    private var scanned = 0
    private var lineStart = 0
    private var fieldLines = 0

    /// Returns the number of bytes of the head, the empty line included, or nil if it has not wholly arrived.
    mutating func scan(_ bytes: Span<UInt8>, count: Int) throws(MessageError) -> Int? {
        while scanned < count {
            let index = scanned
            guard bytes[index] == CharacterClass.lineFeed else {
                scanned += 1
                continue
            }
            try checkLimits(end: index + 1)
            guard index > lineStart, bytes[index - 1] == CharacterClass.carriageReturn else {
                throw .bareLineFeed
            }
            let isEmpty = index - 1 == lineStart
            scanned += 1
            lineStart = scanned
            if firstLineEnd == 0 {
                if isEmpty {
                    throw .emptyFirstLine
                }
                firstLineEnd = scanned
            } else if isEmpty {
                return scanned
            } else {
                fieldLines += 1
                if fieldLines > HTTPLimits.fieldCountMax {
                    throw .tooManyFields
                }
            }
        }
        // The line end is still to come, so the line is at least one byte longer than what is here.
        try checkLimits(end: count + 1)
        return nil
    }

    private func checkLimits(end: Int) throws(MessageError) {
        if firstLineEnd == 0 {
            if end > HTTPLimits.firstLineBytesMax {
                throw .firstLineTooLong
            }
        } else if end - firstLineEnd > HTTPLimits.fieldBlockBytesMax {
            throw .fieldBlockTooLong
        }
    }
}
