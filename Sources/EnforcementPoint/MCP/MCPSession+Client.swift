// What the client sends.

import Authorization
import Bytes

extension MCPSession {
    mutating func clientLine(_ line: [UInt8]) {
        do throws(RPCFault) {
            switch try RPCMessage(line) {
            case .request(let id, let method, let params): try request(id, method, params)
            case .notification(let method, let params): notification(method, params)
            // Requests of the server are refused to the server, so the client has nothing to answer.
            case .result, .failure: return
            }
        } catch {
            refuse(error, id: nil)
        }
    }

    /// The methods that pass; every other one is refused.
    private mutating func request(_ id: RPCID, _ method: Text, _ params: JSONValue?) throws(RPCFault) {
        guard numbers[id] == nil, !reporting.values.contains(where: { $0.held?.client == id }) else {
            throw RPCFault(.invalidRequest, "this id is in use", id: id)
        }
        guard open.count < MCPLimits.requestsMax else {
            throw RPCFault(.internalError, "more than \(MCPLimits.requestsMax) requests are open", id: id)
        }
        do throws(RPCFault) {
            let isStateless = try isStateless(params)
            switch method.string {
            case "initialize" where !isStateless: try initialize(id, params)
            case "ping" where !isStateless: forwardPing(id)
            case "server/discover" where isStateless: forwardDiscover(id)
            case "tools/list":
                try demandAgreement(isStateless)
                begin(id, .list(params: try listParams(params)), isStateless)
            case "tools/call":
                try demandAgreement(isStateless)
                let call = try ToolCall(params)
                begin(id, .call(OpenCall(call: call)), isStateless, tool: call.name)
            default:
                throw RPCFault(
                    .methodNotFound,
                    "`\(Words.line(method.string, bytesMax: 80))` does not pass this gateway"
                )
            }
        } catch {
            throw RPCFault(error.code, error.message, id: id, requested: error.requested)
        }
    }

    /// Whether a request names a stateless revision; refuses one that is not spoken here.
    private func isStateless(_ params: JSONValue?) throws(RPCFault) -> Bool {
        guard let meta = params?["_meta"] else { return false }
        guard meta.kind == .object else { throw RPCFault(.invalidParams, "`_meta` is not an object") }
        guard let version = meta[StatelessMeta.version] else { return false }
        guard let version = version.string else {
            throw RPCFault(.invalidParams, "`_meta.\(StatelessMeta.version)` is not a string")
        }
        guard MCPRevision.stateless.contains(version) else {
            throw RPCFault(.unsupportedVersion, "unsupported protocol version", requested: version)
        }
        guard meta[StatelessMeta.capabilities]?.kind == .object else {
            throw RPCFault(.invalidParams, "`_meta.\(StatelessMeta.capabilities)` is missing")
        }
        return true
    }

    private func demandAgreement(_ isStateless: Bool) throws(RPCFault) {
        guard isStateless || agreed != nil else { throw RPCFault(.invalidRequest, "not initialized") }
    }

    // MARK: - Requests

    private mutating func initialize(_ id: RPCID, _ params: JSONValue?) throws(RPCFault) {
        guard agreed == nil else { throw RPCFault(.invalidRequest, "initialized already") }
        guard let asked = params?["protocolVersion"]?.string else {
            throw RPCFault(.invalidParams, "`params.protocolVersion` is not a string")
        }
        let version = MCPRevision.handshake.contains(asked) ? asked : MCPRevision.handshake[0]
        let program = identity.version
        send(id, .initialize, false) { number in
            ServerLines.request(number, "initialize") { writer in
                writer.member("protocolVersion", version)
                writer.name("capabilities")
                writer.beginObject()
                writer.endObject()
                StatelessMeta.writeProgram("clientInfo", program, to: &writer)
            }
        }
    }

    private mutating func forwardPing(_ id: RPCID) {
        send(id, .ping, false) { number in ServerLines.request(number, "ping") { _ in } }
    }

    private mutating func forwardDiscover(_ id: RPCID) {
        let program = identity.version
        send(id, .discover, true) { number in
            ServerLines.request(number, "server/discover") { StatelessMeta.write(program, nil, to: &$0) }
        }
    }

    private func listParams(_ params: JSONValue?) throws(RPCFault) -> JSONValue? {
        guard let params else { return nil }
        for member in params.members {
            switch member.name.string {
            case "_meta": continue
            case "cursor":
                guard let cursor = member.value.string, cursor.byteCount <= MCPLimits.cursorBytesMax else {
                    throw RPCFault(.invalidParams, "`params.cursor` is not a cursor")
                }
            default: throw RPCFault(.invalidParams, "`params.\(member.name)` does not pass this gateway")
            }
        }
        return params
    }

    /// Opens a request that needs the map of tools before anything is sent.
    private mutating func begin(_ id: RPCID, _ kind: OpenRequest.Kind, _ isStateless: Bool, tool: Text? = nil) {
        let number = nextNumber()
        let hasSchema = tool.map { toolsWithOutputSchema.contains($0) } ?? false
        let form = CallResult.Form(isStateless: isStateless, hasOutputSchema: hasSchema)
        numbers[id] = number
        open[number] = OpenRequest(id: id, kind: kind, isStateless: isStateless, form: form)
        if case .call = kind, let map, !isMapStale {
            ask(number, map)
        } else {
            actions.append(.fetchTools(number: number))
        }
    }

    /// Opens a request and sends it at once.
    private mutating func send(
        _ id: RPCID,
        _ kind: OpenRequest.Kind,
        _ isStateless: Bool,
        _ line: (_ number: Int) -> [UInt8]
    ) {
        let number = nextNumber()
        let form = CallResult.Form(isStateless: isStateless, hasOutputSchema: false)
        numbers[id] = number
        open[number] = OpenRequest(id: id, kind: kind, isStateless: isStateless, form: form)
        forward(number, line(number))
    }

    /// Sends the line of an open request to the server.
    mutating func forward(_ number: Int, _ line: [UInt8]) {
        open[number]?.isAtServer = true
        open[number]?.deadline = now.steady(after: MCPLimits.callMilliseconds)
        actions.append(.toServer(line))
    }

    // MARK: - Notifications

    private mutating func notification(_ method: Text, _ params: JSONValue?) {
        switch method.string {
        case "notifications/initialized":
            if agreed != nil { actions.append(.toServer(ServerLines.notification(method))) }
        case "notifications/cancelled":
            guard let id = params?["requestId"].flatMap(RPCID.init), let number = numbers[id] else { return }
            cancel(number)
        default:
            // What cannot be judged and wants no answer is dropped: progress of requests that the server cannot make.
            return
        }
    }

    private mutating func cancel(_ number: Int) {
        guard let request = open[number] else { return }
        switch request.kind {
        // The specification forbids to cancel the handshake.
        case .initialize: return
        case .call, .discover, .ping, .list:
            open[number]?.isCancelled = true
            if request.isAtServer { actions.append(.toServer(ServerLines.cancelled(number))) }
        }
    }
}

/// The members of `_meta` of the stateless revisions.
enum StatelessMeta {
    static let version: Text = "io.modelcontextprotocol/protocolVersion"
    static let capabilities: Text = "io.modelcontextprotocol/clientCapabilities"
    static let client: Text = "io.modelcontextprotocol/clientInfo"

    /// Writes the gateway's own `_meta`: no capabilities, because requests of the server do not pass.
    static func write(_ program: Text, _ progressToken: Int?, to writer: inout JSONWriter) {
        writer.name("_meta")
        writer.beginObject()
        writer.member(version, MCPRevision.stateless[0])
        writer.name(capabilities)
        writer.beginObject()
        writer.endObject()
        writeProgram(client, program, to: &writer)
        if let progressToken { writer.member("progressToken", progressToken) }
        writer.endObject()
    }

    /// Writes what the gateway calls itself.
    static func writeProgram(_ name: Text, _ program: Text, to writer: inout JSONWriter) {
        writer.name(name)
        writer.beginObject()
        writer.member("name", "writ")
        writer.member("version", program)
        writer.endObject()
    }
}
