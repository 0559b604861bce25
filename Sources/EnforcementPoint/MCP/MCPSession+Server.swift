// What the server sends.

import Authorization
import Bytes
import Cryptography

extension MCPSession {
    mutating func serverLine(_ line: [UInt8]) {
        let message: RPCMessage
        do throws(RPCFault) {
            message = try RPCMessage(line)
        } catch {
            complain("a line of the server was dropped: \(error.message)")
            return
        }
        switch message {
        case .request(let id, let method, _): serverRequest(id, method)
        case .notification(let method, let params): serverNotification(method, params)
        case .result(let id, let result): response(id, line.count) { $0.result(result) }
        case .failure(let id?, let error): response(id, line.count) { $0.failure(error) }
        case .failure(nil, let error):
            complain("the server could not read a message: \(error["message"]?.string ?? "")")
        }
    }

    /// A line beyond the limit answers the only open request, if there is only one; else nobody knows whose it was.
    mutating func serverLineTooLong() {
        complain("a line of the server was dropped: longer than \(MCPLimits.lineBytesMax) bytes")
        let waiting = open.filter { $0.value.isAtServer && !$0.value.isAbandoned }
        guard waiting.count == 1, let (number, request) = waiting.first else { return }
        let why = "the server's answer is longer than \(MCPLimits.lineBytesMax) bytes"
        switch request.kind {
        case .call(let call):
            if !request.isCancelled {
                let words = "\(why); whether it acted is not known"
                answer(request.id, result: CallResult.lost(words, id: call.decisionID, request.form))
            }
        case .initialize, .discover, .ping, .list:
            refuse(RPCFault(.internalError, why), id: request.id)
        }
        close(number)
    }

    // MARK: - Requests and notifications

    /// Sampling, elicitation and roots would let a server act through the client; none of them passes.
    private mutating func serverRequest(_ id: RPCID, _ method: Text) {
        guard method == "ping" else {
            let words = Words.line(method.string, bytesMax: 80)
            complain("`\(words)` of the server was refused")
            actions.append(.toServer(RPCFault(.methodNotFound, "`\(words)` does not pass this gateway").line(id: id)))
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.name("id")
        id.write(to: &writer)
        writer.name("result")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        actions.append(.toServer(writer.bytes))
    }

    private mutating func serverNotification(_ method: Text, _ params: JSONValue?) {
        switch method.string {
        case "notifications/progress": progress(params)
        case "notifications/tools/list_changed":
            if agreed != nil { toClient(ServerLines.notification(method)) }
        default: return
        }
    }

    /// Progress of an open call goes to the client under the token that the client chose.
    private mutating func progress(_ params: JSONValue?) {
        guard let params, let number = params["progressToken"]?.integer.flatMap({ Int(exactly: $0) }),
            let request = open[number], !request.isCancelled, !request.isAbandoned, case .call(let open) = request.kind,
            let token = open.call.progressToken, let progress = params["progress"], progress.isNumber
        else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.member("method", "notifications/progress")
        writer.name("params")
        writer.beginObject()
        writer.name("progressToken")
        token.write(to: &writer)
        writer.name("progress")
        writer.tree(progress)
        if let total = params["total"], total.isNumber {
            writer.name("total")
            writer.tree(total)
        }
        if let message = params["message"]?.string { writer.member("message", message) }
        writer.endObject()
        writer.endObject()
        toClient(writer.bytes)
    }

    // MARK: - Responses

    /// What the server answered.
    private enum Response {
        case result(JSONValue)
        case failure(JSONValue)
    }

    /// One answer of the server, on its way to the request that it answers.
    private struct Answered {
        var response: Response?

        mutating func result(_ value: JSONValue) { response = .result(value) }
        mutating func failure(_ value: JSONValue) { response = .failure(value) }
    }

    private mutating func response(_ id: RPCID, _ byteCount: Int, _ take: (inout Answered) -> Void) {
        var answered = Answered()
        take(&answered)
        guard case .integer(let integer) = id, let number = Int(exactly: integer), let request = open[number],
            request.isAtServer, let response = answered.response
        else {
            complain("an answer of the server was dropped: nobody asked for it")
            return
        }
        if case .call(let call) = request.kind {
            self.call(number, request, call, response)
            return
        }
        close(number)
        guard !request.isCancelled else { return }
        switch response {
        case .failure(let error): pass(error, to: request.id)
        case .result(let result): pass(result, to: request)
        }
    }

    private mutating func pass(_ result: JSONValue, to request: OpenRequest) {
        do throws(RPCFault) {
            guard result.kind == .object else { throw RPCFault(.internalError, "the server's result is not an object") }
            switch request.kind {
            case .initialize:
                let (version, body) = try ServerResults.initialize(result)
                agreed = version
                answer(request.id, result: body)
            case .discover: answer(request.id, result: try ServerResults.discover(result))
            case .ping: answer(request.id, result: Array("{}".utf8))
            case .list:
                guard let map else { throw RPCFault(.internalError, "there is no map of tools") }
                let list = try ServerResults.list(result, map, isStateless: request.isStateless)
                remember(list)
                answer(request.id, result: list.body)
            case .call: return
            }
        } catch {
            refuse(error, id: request.id)
        }
    }

    private mutating func remember(_ list: ServerResults.Listed) {
        for (name, hasSchema) in list.tools {
            if !hasSchema {
                toolsWithOutputSchema.remove(name)
            } else if toolsWithOutputSchema.count < MCPLimits.outputSchemasMax {
                toolsWithOutputSchema.insert(name)
            }
        }
    }

    /// Passes an error of the server on.
    private mutating func pass(_ error: JSONValue, to id: RPCID) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.name("id")
        id.write(to: &writer)
        writer.name("error")
        writer.tree(error)
        writer.endObject()
        toClient(writer.bytes)
    }

    // MARK: - Calls

    /// Reports what came of a call, and gives the client the result: at once, or on irreversible surfaces after the
    /// report.
    private mutating func call(_ number: Int, _ request: OpenRequest, _ call: OpenCall, _ response: Response) {
        guard let redeemed = call.redeemed else { return }
        let id = redeemed.dispatch.id
        let duration = Int(clamping: (now.steadyNanoseconds &- call.begun) / 1_000_000)
        close(number)
        let isWanted = !request.isCancelled && !request.isAbandoned
        let outcome: CallOutcome
        switch response {
        case .result(let result): outcome = CallOutcome(result: result, id: id, durationMilliseconds: duration)
        case .failure(let error): outcome = CallOutcome(error: error, durationMilliseconds: duration)
        }
        guard let effect = outcome.effect else {
            complain("the effect of \(id) is not known: \(outcome.doubt)")
            if isWanted { answer(request.id, result: CallResult.lost(outcome.doubt, id: id, request.form)) }
            return
        }
        if let key = call.key, effect.kind == .executed, let replay = outcome.replay {
            replays.keep(replay, key: key, call: call.call.digest)
        }
        actions.append(.report(number: number, redeemed, effect))
        reporting[number] = Reporting(id: id)
        guard isWanted else { return }
        switch response {
        // An error object is no result: it tells nothing that must wait.
        case .failure(let error): pass(error, to: request.id)
        case .result where call.isIrreversible:
            reporting[number]?.held = (outcome.body, request.id, request.form)
        case .result: answer(request.id, result: outcome.body)
        }
    }
}

extension JSONValue {
    /// Whether this is a number.
    var isNumber: Bool { kind == .integer || kind == .fraction }
}
