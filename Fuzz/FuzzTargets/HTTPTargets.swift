import Bytes
import HTTP

extension FuzzTarget {
    static let http: [FuzzTarget] = [
        FuzzTarget("http-request") { input in try checkRequest(input) },
        FuzzTarget("http-response") { input in
            for answersHead in [false, true] {
                let whole = readResponse(input, step: max(1, input.count), answersHead)
                try demand(readResponse(input, step: 1, answersHead) == whole, "pieces are another response")
                try demand(readResponse(input, step: 7, answersHead) == whole, "pieces are another response")
            }
        },
        FuzzTarget("path", bytesMax: 4096) { input in
            let parts = try PathSegments.parse(input)
            try demand(parts.allSatisfy { $0.string != "." && $0.string != ".." }, "a path goes up")
            try demand(parts.allSatisfy { !$0.utf8.contains(UInt8(ascii: "/")) }, "a part has a slash")
        },
    ]

    /// How a parser ended: what it made of how many bytes.
    private enum End: Equatable {
        case incomplete
        case complete(head: Int, body: [UInt8])
        case refused(MessageError)
    }

    /// Whatever the pieces in which bytes come, they are the same request.
    private static func checkRequest(_ input: [UInt8]) throws(FuzzFailure) {
        let whole = readRequest(input, step: max(1, input.count))
        try demand(readRequest(input, step: 1) == whole, "pieces are another request")
        try demand(readRequest(input, step: 7) == whole, "pieces are another request")
    }

    private static func readRequest(_ input: [UInt8], step: Int) -> End {
        var parser = RequestParser(bodyBytesMax: 1 << 12)
        return read(input, step) { (bytes, count) throws(MessageError) in
            guard case .complete = try parser.advance(&bytes, count: &count) else { return nil }
            return (parser.head.byteCount, parser.body)
        }
    }

    private static func readResponse(_ input: [UInt8], step: Int, _ answersHead: Bool) -> End {
        var parser = ResponseParser(bodyBytesMax: 1 << 12, answersHead: answersHead)
        return read(input, step) { (bytes, count) throws(MessageError) in
            guard case .complete = try parser.advance(&bytes, count: &count) else { return nil }
            return (parser.head.byteCount, parser.body)
        }
    }

    private static func read(
        _ input: [UInt8],
        _ step: Int,
        _ advance: (inout MutableSpan<UInt8>, inout Int) throws(MessageError) -> (head: Int, body: Range<Int>)?
    ) -> End {
        var buffer: [UInt8] = []
        var next = 0
        do throws(MessageError) {
            while next < input.count {
                let end = min(input.count, next + step)
                buffer += input[next..<end]
                next = end
                var count = buffer.count
                var span = buffer.mutableSpan
                let found = try advance(&span, &count)
                buffer.removeLast(buffer.count - count)
                if let found { return .complete(head: found.head, body: Array(buffer[found.body])) }
            }
            return .incomplete
        } catch {
            return .refused(error)
        }
    }
}
