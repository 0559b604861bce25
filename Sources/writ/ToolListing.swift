// Asking an MCP server on standard input and output for its tools.

import Bytes
import Glibc
import Runtime
import Service

/// A short conversation with an MCP server: initialize, then `tools/list`, page by page.
enum ToolListing {
    /// How long the whole conversation may take, in milliseconds.
    static let patienceMilliseconds: UInt64 = 30_000
    /// The longest line of a server, in bytes.
    static let lineBytesMax = 16 << 20
    /// The most pages of a list.
    static let pagesMax = 100
    /// The most lines that are not the answer that is waited for.
    static let otherLinesMax = 10_000

    /// Starts the server, asks, and ends it.
    static func ask(_ command: [String]) throws -> [ToolDescription] {
        var child = ChildCommand(.path(try found(command[0])), arguments: command)
        child.environment = environment()
        child.input = .pipe
        child.output = .pipe
        let process = try ChildProcess(starting: child)
        guard let input = process.takeInput(), let output = process.takeOutput() else {
            throw CommandFailure("the server's pipes could not be made")
        }
        var conversation = Conversation(input, output)
        let result = Result { try tools(&conversation) }
        conversation.end()
        _ = try process.terminate(graceMilliseconds: 2_000)
        return try ToolDescription.list(try result.get())
    }

    private static func tools(_ conversation: inout Conversation) throws -> [JSONValue] {
        let version = "\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}"
        let client = "\"clientInfo\":{\"name\":\"writ\",\"version\":\"\(Program.version)\"}"
        _ = try conversation.call("initialize", "{\(version),\(client)}")
        try conversation.tell("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
        var tools: [JSONValue] = []
        var cursor: Text?
        for _ in 0..<pagesMax {
            var writer = JSONWriter()
            writer.beginObject()
            if let cursor { writer.member("cursor", cursor) }
            writer.endObject()
            let page = try conversation.call("tools/list", String(decoding: writer.bytes, as: UTF8.self))
            tools += try ToolDescription.tools(in: page)
            guard tools.count <= ToolDescription.toolsMax else {
                throw ToolListError.tooMany(max: ToolDescription.toolsMax)
            }
            cursor = page["nextCursor"]?.string
            if cursor == nil { return tools }
        }
        throw CommandFailure("the server's list of tools has more than \(pagesMax) pages")
    }

    /// The file of a program: a path, or a name that is searched for in PATH.
    private static func found(_ name: String) throws -> String {
        if name.contains("/") { return name }
        for folder in (Terminal.variable("PATH") ?? "/usr/bin:/bin").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw CommandFailure("there is no program `\(name)`")
    }

    /// What the server gets of our environment: enough to start, and no credential for a gate.
    private static func environment() -> [String] {
        ["PATH", "HOME", "LANG", "USER", "TMPDIR"].compactMap { name in
            Terminal.variable(name).map { "\(name)=\($0)" }
        }
    }
}

/// The lines between us and a server.
private struct Conversation: ~Copyable {
    private let output: FileDescriptor
    private var input: FileDescriptor?
    private var buffer: [UInt8] = []
    private var number = 0
    private let time = SystemTime()
    private let deadline: UInt64

    init(_ input: consuming FileDescriptor, _ output: consuming FileDescriptor) {
        self.input = consume input
        self.output = consume output
        deadline = time.monotonicNanoseconds() + ToolListing.patienceMilliseconds * 1_000_000
    }

    /// Ends the server's input.
    mutating func end() {
        input = nil
    }

    func tell(_ line: String) throws {
        try input?.writeAll(Array("\(line)\n".utf8))
    }

    /// Calls a method and waits for its result.
    mutating func call(_ method: String, _ parameters: String) throws -> JSONValue {
        number += 1
        try tell("{\"jsonrpc\":\"2.0\",\"id\":\(number),\"method\":\"\(method)\",\"params\":\(parameters)}")
        for _ in 0..<ToolListing.otherLinesMax {
            // What is no JSON is the server's chatter.
            guard let message = try? JSONValue(parsing: try line(), limits: ToolDescription.limits) else { continue }
            if let id = message["id"], message["method"] != nil {
                let asked = id.kind == .integer ? id.token : "null"
                let refusal = "\"error\":{\"code\":-32601,\"message\":\"not supported\"}"
                try tell("{\"jsonrpc\":\"2.0\",\"id\":\(asked),\(refusal)}")
            }
            guard message["id"]?.integer == Int64(number), message["method"] == nil else { continue }
            if let result = message["result"] { return result }
            let words = message["error"]?["message"]?.string.map { Terminal.plain($0.string) } ?? "no result"
            throw CommandFailure("the server refuses `\(method)`: \(words)")
        }
        throw CommandFailure("the server does not answer `\(method)`")
    }

    private mutating func line() throws -> [UInt8] {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                return line
            }
            guard buffer.count < ToolListing.lineBytesMax else {
                throw CommandFailure("the server's answer is too long")
            }
            try waitForBytes()
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe output.read(into: $0) }
            guard count > 0 else { throw CommandFailure("the server ended before it answered") }
            buffer += chunk[..<count]
        }
    }

    private func waitForBytes() throws {
        while true {
            let now = time.monotonicNanoseconds()
            guard now < deadline else { throw CommandFailure("the server took too long") }
            var request = pollfd(fd: output.number, events: Int16(POLLIN), revents: 0)
            let result = unsafe poll(&request, 1, Int32(clamping: (deadline - now) / 1_000_000 + 1))
            if result > 0 { return }
            if result < 0, errno != EINTR { throw CommandFailure("the server cannot be read") }
        }
    }
}
