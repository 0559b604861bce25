// JSON-RPC 2.0 as MCP narrows it: one object per line, ids that are strings or integers, no batches.

package import Bytes

/// The id of a request: a string or an integer, never null, a fraction or a truth value.
package enum RPCID: Hashable, Sendable {
    /// A string.
    case text(Text)
    /// An integer.
    case integer(Int64)

    init?(_ value: JSONValue) {
        if let text = value.string {
            self = .text(text)
        } else if let integer = value.integer {
            self = .integer(integer)
        } else {
            return nil
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.string(text)
        case .integer(let integer): writer.integer(integer)
        }
    }
}

/// One message, read strictly.
enum RPCMessage {
    /// A request that wants an answer.
    case request(id: RPCID, method: Text, params: JSONValue?)
    /// A message that wants none.
    case notification(method: Text, params: JSONValue?)
    /// A result.
    case result(id: RPCID, JSONValue)
    /// An error; the id is nil where the other side could not read ours.
    case failure(id: RPCID?, JSONValue)

    /// Reads one line.
    init(_ line: [UInt8]) throws(RPCFault) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line, limits: MCPLimits.message)
        } catch {
            throw RPCFault(.parse, "\(error)")
        }
        guard value.kind == .object else {
            throw RPCFault(.invalidRequest, value.kind == .array ? "batches are not accepted" : "not an object")
        }
        guard value["jsonrpc"]?.string == "2.0" else { throw RPCFault(.invalidRequest, "`jsonrpc` must be \"2.0\"") }
        var members: Set<Text> = []
        for member in value.members { members.insert(member.name) }
        let id = value["id"]
        let known = id.flatMap(RPCID.init)
        if let method = value["method"] {
            guard let method = method.string, !method.isEmpty,
                members.isSubset(of: ["jsonrpc", "id", "method", "params"])
            else { throw RPCFault(.invalidRequest, "not a request", id: known) }
            let params = value["params"]
            guard params == nil || params?.kind == .object else {
                throw RPCFault(.invalidParams, "`params` must be an object", id: known)
            }
            guard id != nil else {
                self = .notification(method: method, params: params)
                return
            }
            guard let known else { throw RPCFault(.invalidRequest, "`id` must be a string or an integer") }
            self = .request(id: known, method: method, params: params)
            return
        }
        switch (value["result"], value["error"]) {
        case (let result?, nil):
            guard let known, members.count == 3 else { throw RPCFault(.invalidRequest, "not a response") }
            self = .result(id: known, result)
        case (nil, let error?):
            guard error.kind == .object, error["code"]?.integer != nil, error["message"]?.string != nil,
                id == nil || id?.kind == .null || known != nil, members.isSubset(of: ["jsonrpc", "id", "error"])
            else { throw RPCFault(.invalidRequest, "not an error") }
            self = .failure(id: known, error)
        case (nil, nil), (.some, .some):
            throw RPCFault(.invalidRequest, "neither a request nor a response")
        }
    }
}

/// Why a message is refused, as JSON-RPC says it.
struct RPCFault: Error {
    /// The codes that the gateway sends; its own refusals are results, not errors.
    enum Code: Int {
        /// Not strict JSON.
        case parse = -32700
        /// Not a message.
        case invalidRequest = -32600
        /// A method that does not pass.
        case methodNotFound = -32601
        /// Parameters that do not pass.
        case invalidParams = -32602
        /// The gateway, the gate or the server failed.
        case internalError = -32603
        /// The revision is not spoken here (2026-07-28).
        case unsupportedVersion = -32022
    }

    let code: Code
    let message: String
    /// The request, where its id could be read.
    let id: RPCID?
    /// The version that was asked for, with ``Code/unsupportedVersion``.
    let requested: Text?

    init(_ code: Code, _ message: String, id: RPCID? = nil, requested: Text? = nil) {
        self.code = code
        self.message = message
        self.id = id
        self.requested = requested
    }

    /// The line that says so.
    func line(id: RPCID?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.name("id")
        if let id { id.write(to: &writer) } else { writer.null() }
        writer.name("error")
        writer.beginObject()
        writer.member("code", code.rawValue)
        writer.member("message", Text(message))
        if code == .unsupportedVersion {
            writer.name("data")
            writer.beginObject()
            writer.name("supported")
            writer.beginArray()
            for revision in MCPRevision.stateless { writer.string(revision) }
            writer.endArray()
            writer.member("requested", requested ?? "")
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes a value as it was read: the same members in the same order, numbers by their tokens, strings by their
    /// content.
    mutating func tree(_ value: JSONValue) {
        switch value.kind {
        case .null: null()
        case .true: boolean(true)
        case .false: boolean(false)
        case .integer, .fraction: raw(value.content)
        case .string: string(utf8: value.content)
        case .array:
            beginArray()
            for element in value.elements { tree(element) }
            endArray()
        case .object:
            beginObject()
            for member in value.members { tree(member) }
            endObject()
        }
    }

    /// Writes one member as it was read.
    mutating func tree(_ member: JSONMember) {
        name(member.name)
        tree(member.value)
    }
}
