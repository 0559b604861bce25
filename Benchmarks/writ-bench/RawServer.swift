// A server of the Model Context Protocol that does nothing, as fast as it can.

import Bytes
import Glibc
import Runtime

/// Answers lines on standard input until it is closed; run by `writ-bench mcp-server`.
enum RawServer {
    private static let limits = JSONLimits(bytesMax: 1 << 20, depthMax: 32, nodesMax: 10_000, integerMax: 1 << 53)

    static func run() throws {
        let input = FileDescriptor(owning: 0, name: "standard input")
        let output = FileDescriptor(owning: 1, name: "standard output")
        var lines = LineReader()
        while let line = try lines.next(input) {
            let message = try JSONValue(parsing: line, limits: limits)
            guard let id = message["id"], let method = message["method"]?.string else { continue }
            try output.writeAll(answer(id, method, message["params"]))
        }
    }

    private static func answer(_ id: JSONValue, _ method: Text, _ params: JSONValue?) -> [UInt8] {
        let result =
            switch method.string {
            case "initialize":
                """
                {"protocolVersion":"\(params?["protocolVersion"]?.string ?? "2025-06-18")","capabilities":{"tools":{}},\
                "serverInfo":{"name":"writ-bench","version":"1"}}
                """
            case "tools/list": #"{"tools":[{"name":"delete_variable","inputSchema":{"type":"object"}}]}"#
            case "tools/call": #"{"content":[{"type":"text","text":"deleted"}],"isError":false}"#
            default: "{}"
            }
        // An identifier of a request is an integer or a string.
        let number = id.integer.map { "\($0)" } ?? "\"\(id.string ?? "")\""
        return Array("{\"jsonrpc\":\"2.0\",\"id\":\(number),\"result\":\(result)}\n".utf8)
    }
}

/// Lines of a pipe.
struct LineReader {
    private var waiting: [UInt8] = []
    private var room = [UInt8](repeating: 0, count: 65_536)

    /// The next line without its end; nil at the end of the input.
    mutating func next(_ file: borrowing FileDescriptor) throws -> [UInt8]? {
        while true {
            if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(waiting[..<end])
                waiting.removeSubrange(...end)
                return line
            }
            let count = try unsafe room.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            guard count > 0 else { return nil }
            waiting += room[..<count]
        }
    }
}
