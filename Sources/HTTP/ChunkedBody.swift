/// Takes the framing out of a chunked body, in place.
///
/// Decoded bytes move down to where the body begins; what is not decoded yet follows them directly. Extensions and
/// trailers are refused (they carry nothing that we need, and peers disagree about them), and a size has one spelling.
struct ChunkedBody {
    private enum Stage {
        case size
        case data(remaining: Int)
        case dataEnd
        case lastEnd
    }

    private var stage = Stage.size
    /// Where the next decoded byte goes, which is also the end of the body so far.
    private(set) var bodyEnd: Int
    private let bodyStart: Int

    init(bodyStart: Int) {
        self.bodyStart = bodyStart
        bodyEnd = bodyStart
    }

    /// Decodes what has arrived between ``bodyEnd`` and `count`, and lowers `count` by the framing that it removed.
    ///
    /// Returns whether the body is complete; then `bytes[bodyEnd..<count]` belongs to the next message.
    mutating func decode(
        _ bytes: inout MutableSpan<UInt8>,
        count: inout Int,
        bodyBytesMax: Int
    ) throws(MessageError) -> Bool {
        var read = bodyEnd
        var isComplete = false
        var isStarved = false
        while !isComplete, !isStarved {
            switch stage {
            case .size:
                guard let size = try parseSize(bytes.span, at: &read, count: count) else {
                    isStarved = true
                    continue
                }
                if size > bodyBytesMax - (bodyEnd - bodyStart) {
                    throw .bodyTooLarge
                }
                stage = size == 0 ? .lastEnd : .data(remaining: size)
            case .data(let remaining):
                let available = min(remaining, count - read)
                Self.move(&bytes, from: read, to: bodyEnd, count: available)
                read += available
                bodyEnd += available
                stage = available == remaining ? .dataEnd : .data(remaining: remaining - available)
                isStarved = available < remaining
            case .dataEnd:
                isStarved = try !parseLineEnd(bytes.span, at: &read, count: count, otherwise: .invalidChunkEnd)
                if !isStarved {
                    stage = .size
                }
            case .lastEnd:
                isComplete = try parseLineEnd(bytes.span, at: &read, count: count, otherwise: .trailerFields)
                isStarved = !isComplete
            }
        }
        Self.move(&bytes, from: read, to: bodyEnd, count: count - read)
        count -= read - bodyEnd
        return isComplete
    }

    /// Reads `size CR LF`, or nothing at all if the line has not wholly arrived.
    private func parseSize(_ bytes: Span<UInt8>, at read: inout Int, count: Int) throws(MessageError) -> Int? {
        var index = read
        var size = 0
        while index < count, let digit = CharacterClass.hexadecimal(bytes[index]) {
            if index - read == HTTPLimits.chunkSizeDigitsMax || (index > read && size == 0) {
                throw .invalidChunkSize
            }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index < count else {
            return nil
        }
        guard index > read, bytes[index] == CharacterClass.carriageReturn else {
            throw .invalidChunkSize
        }
        guard index + 1 < count else {
            return nil
        }
        guard bytes[index + 1] == CharacterClass.lineFeed else {
            throw .invalidChunkSize
        }
        read = index + 2
        return size
    }

    private func parseLineEnd(
        _ bytes: Span<UInt8>,
        at read: inout Int,
        count: Int,
        otherwise error: MessageError
    ) throws(MessageError) -> Bool {
        if read < count, bytes[read] != CharacterClass.carriageReturn {
            throw error
        }
        guard read + 1 < count else {
            return false
        }
        guard bytes[read + 1] == CharacterClass.lineFeed else {
            throw error
        }
        read += 2
        return true
    }

    private static func move(_ bytes: inout MutableSpan<UInt8>, from source: Int, to target: Int, count: Int) {
        guard count > 0, source != target else {
            return
        }
        for offset in 0..<count {
            bytes[target + offset] = bytes[source + offset]
        }
    }
}
