// What the gate says, and the one place at which a call goes to the server.

import Authorization
import Bytes

extension MCPSession {
    /// Types that no schema has: a call that cannot be forwarded is asked about them, so that the refusal is written
    /// down.
    static let unmappedType: Text = "writ::UnmappedTool"
    static let unresolvedType: Text = "writ::UnresolvedTarget"

    // MARK: - Map of tools

    mutating func tools(_ number: Int, _ result: Result<ToolMap, GateFailure>) {
        switch result {
        case .success(let fetched):
            map = fetched
            isMapStale = false
        case .failure: break
        }
        guard let request = open[number] else { return }
        guard !request.isCancelled else {
            close(number)
            return
        }
        switch (request.kind, result) {
        case (.list(let params), .success): list(number, request, params)
        case (.call, .success(let map)): ask(number, map)
        case (.list, .failure(let failure)):
            refuse(RPCFault(.internalError, Words.line("\(failure)", bytesMax: 300)), id: request.id)
            close(number)
        case (.call, .failure(let failure)):
            answer(request.id, result: CallResult.doubt("\(failure)", request.form))
            close(number)
        case (.initialize, _), (.discover, _), (.ping, _): return
        }
    }

    private mutating func list(_ number: Int, _ request: OpenRequest, _ params: JSONValue?) {
        guard !cannotForward else {
            refuse(RPCFault(.internalError, "the server ended"), id: request.id)
            close(number)
            return
        }
        let program = identity.version
        let line = ServerLines.request(number, "tools/list") { writer in
            if let cursor = params?["cursor"]?.string { writer.member("cursor", cursor) }
            if request.isStateless { StatelessMeta.write(program, nil, to: &writer) }
        }
        forward(number, line)
    }

    // MARK: - Questions

    /// Asks about a call; one that the map cannot place is asked about without redeeming, and never forwarded.
    ///
    /// One that lacks a part of its key is refused here: a client must not be able to leave it out and act again.
    mutating func ask(_ number: Int, _ map: ToolMap) {
        guard var request = open[number], case .call(var open) = request.kind else { return }
        let (actor, surface) = (identity.actor, identity.surface)
        let tool = map.tools[open.call.name]
        open.isIrreversible = map.isIrreversible
        let intent: Intent
        if let tool {
            do throws(CallFault) {
                intent = try open.call.intent(tool, actor: actor, surface: surface)
                open.isMapped = true
                open.key = intent.key
            } catch {
                guard error.isOfTarget else {
                    answer(request.id, result: CallResult.invalid("\(error)", request.form))
                    close(number)
                    return
                }
                open.fault = "\(error)"
                intent = open.call.unplacedIntent(tool, actor: actor, surface: surface, type: Self.unresolvedType)
            }
        } else {
            open.fault = "the tool has no mapping on this surface"
            intent = open.call.unplacedIntent(nil, actor: actor, surface: surface, type: Self.unmappedType)
        }
        request.kind = .call(open)
        self.open[number] = request
        actions.append(.ask(number: number, intent, redeeming: open.isMapped))
    }

    mutating func asked(_ number: Int, _ asked: Asked) {
        guard let request = open[number], case .call(let open) = request.kind else { return }
        switch asked {
        case .granted(let redeemed):
            note(redeemed.dispatch.bundleDigest)
            granted(number, redeemed)
        case .refused(let refusal):
            note(refusal.bundleDigest)
            if !request.isCancelled { answer(request.id, result: refused(refusal, open, request.form)) }
            close(number)
        case .doubt(let failure):
            if !request.isCancelled { answer(request.id, result: CallResult.doubt("\(failure)", request.form)) }
            close(number)
        }
    }

    /// Sends the judged call to the server, if it may still begin and somebody still wants it.
    private mutating func granted(_ number: Int, _ redeemed: Redeemed) {
        guard var request = open[number], case .call(var open) = request.kind else { return }
        guard open.isMapped, !request.isCancelled, !cannotForward, redeemed.dispatch.mayBegin(at: now) else {
            if !request.isCancelled {
                let why = open.fault ?? "the time to act was over; the call was not made"
                answer(request.id, result: CallResult.doubt(why, request.form))
            }
            reporting[number] = Reporting(id: redeemed.dispatch.id)
            actions.append(.report(number: number, redeemed, Effect(.notStarted)))
            close(number)
            return
        }
        open.redeemed = redeemed
        open.begun = now.steadyNanoseconds
        request.kind = .call(open)
        self.open[number] = request
        let (call, program) = (open.call, identity.version)
        let token = call.progressToken == nil ? nil : number
        let line = ServerLines.request(number, "tools/call") { writer in
            writer.member("name", call.name)
            writer.name("arguments")
            writer.raw(call.arguments)
            if request.isStateless {
                StatelessMeta.write(program, token, to: &writer)
            } else if let token {
                writer.name("_meta")
                writer.beginObject()
                writer.member("progressToken", token)
                writer.endObject()
            }
        }
        forward(number, line)
    }

    /// The result for a call that the gate does not let act; one that acted before gets what came of it then.
    private func refused(_ refusal: Refusal, _ open: OpenCall, _ form: CallResult.Form) -> [UInt8] {
        guard refusal.cause == .permitRedeemed, let key = open.key else {
            guard let fault = open.fault else { return CallResult.refusal(refusal, form) }
            // The gate was asked about a type that stands for the fault; its words about that type help nobody.
            var refusal = refusal
            refusal.detail = Text(fault)
            return CallResult.refusal(refusal, form)
        }
        if let kept = replays.result(key: key, call: open.call.digest) { return kept }
        let note: String
        switch refusal.effect?.string {
        case "executed": note = "already executed, result not kept"
        case "failed", "not_started": note = "this key was used up without an effect; use a new one"
        case nil: note = "already let through; what came of it is not known yet"
        case .some: note = "already let through"
        }
        return CallResult.refusal(refusal, form, note: note)
    }

    /// A ruling of another bundle makes the map stale: it is fetched again before the next call.
    private mutating func note(_ digest: Text?) {
        if let digest, let map, map.bundleDigest != digest { isMapStale = true }
    }

    // MARK: - Reports

    mutating func reported(_ number: Int, _ answer: ReportAnswer) {
        guard let reporting = reporting.removeValue(forKey: number) else { return }
        let why: String
        switch answer {
        case .recorded:
            if let held = reporting.held { self.answer(held.client, result: held.line) }
            return
        case .contradicted: why = "another effect stands already"
        case .refused(let words): why = words
        case .unknown(let failure): why = "\(failure)"
        }
        actions.append(.say("writ: the effect of \(reporting.id) was not recorded: \(why)"))
        if let held = reporting.held {
            let words = "executed, but the effect could not be recorded; the result is withheld; do not repeat the call"
            self.answer(held.client, result: CallResult.lost(words, id: reporting.id, held.form))
        }
    }
}
