// `writ decide`: one request, and whether this invocation may act.

import Authorization
import Bundles
import Bytes
import EnforcementPoint
import Runtime
import Service
import StrictPolicy

/// Asks a running gate, or shows a ruling without one.
enum DecideCommand {
    static let command = Command(
        specification: CommandSpecification(
            "decide",
            "ask for one decision; exit status 0 only if this invocation may act",
            operands: "FILE|-",
            operandCount: 1...1,
            flags: [
                FlagSpecification("--no-redeem", says: "only ask; never exit status 0"),
                FlagSpecification("--receipt", "FILE", says: "write the receipt to this new file"),
                FlagSpecification("--opening", "FILE", says: "write the opening to this new file"),
                FlagSpecification(
                    "--attempt-file",
                    "FILE",
                    says: "write the attempt to this new file, for its owner alone"
                ),
                FlagSpecification(
                    "--offline",
                    says: "rule without a gate, by --bundle; no receipt, never exit status 0"
                ),
                FlagSpecification("--bundle", "DIR", says: "the policy directory of --offline"),
                FlagSpecification("--now", "TIME", says: "the clock of --offline, as 2026-11-20T12:31:04.113Z"),
            ] + GateClient.flags,
            details: """
                With the credential of an enforcement point the PERMIT is redeemed at once for a fresh attempt, so
                that `writ decide request.json && act` is safe by itself. Exit status: 0 act now, 1 a PERMIT that is
                not yours to use or no answer, 2 DENY, 3 SILENCE, 4 HOLD.

                A request (all members in docs/reference/http-api.md):
                  {"actor": {"type": "Agent", "id": "ops-bot"}, "surface": "platform", "action": "delete_variable",
                   "target": {"type": "Project", "id": "shop-staging"},
                   "context": {"project": "shop-staging", "name": "DEBUG"}, "idempotency_key": "job-7"}

                The attempt proves later that it was you who redeemed: `writ receipt verify` takes it, and so does
                the report of what came of the action. Its file stays only if the attempt redeemed, or may have.
                """,
            examples: [
                "writ decide request.json --token-file gateway.token && ./delete-variable.sh",
                "writ decide request.json --token-file gateway.token --receipt r --opening o --attempt-file a",
                "writ decide request.json --offline --bundle policies",
            ]
        )
    ) { invocation in
        try invocation.arguments.has("--offline") ? offline(invocation) : ask(invocation)
    }

    // MARK: Without a gate

    private static func offline(_ invocation: Invocation) throws -> ExitStatus {
        let arguments = invocation.arguments
        guard let directory = arguments.value("--bundle") else {
            throw ArgumentError.conflict("`--offline` needs `--bundle DIR`")
        }
        let online = ["--no-redeem", "--receipt", "--opening", "--attempt-file", "--gate", "--token-file"]
        for flag in online where arguments.has(flag) {
            throw ArgumentError.conflict("`\(flag)` does not go with `--offline`")
        }
        let bundle = try DirectoryBundle.load(directory).bundle
        let request = try RequestFile.read(arguments.operands[0])
        let facts = Facts.undisturbed(request, at: try RequestFile.instant(arguments))
        let ruling = rule(request, facts, bundle)
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(PolicyOutput.json(ruling) + [UInt8(ascii: "\n")])
        } else {
            terminal.say("offline: by the policies alone, without a receipt; nothing may act on it")
            for line in PolicyOutput.lines(ruling, terminal) { terminal.line(line) }
        }
        return status(ruling.outcome)
    }

    // MARK: With a gate

    private static func ask(_ invocation: Invocation) throws -> ExitStatus {
        let arguments = invocation.arguments
        for flag in ["--bundle", "--now"] where arguments.has(flag) {
            throw ArgumentError.conflict("`\(flag)` goes with `--offline` only")
        }
        guard !arguments.has("--no-redeem") || !arguments.has("--attempt-file") else {
            throw ArgumentError.conflict("`--attempt-file` does not go with `--no-redeem`: there is no attempt")
        }
        let files = ["--receipt", "--opening", "--attempt-file"].compactMap(arguments.value)
        for path in files where try Files.exists(path) {
            throw CommandFailure("`\(path)` exists; nothing was asked")
        }
        let question = try DecisionQuestion(invocation)
        let answer = try ask(question, arguments.value("--attempt-file"))
        guard answer.reply.problem == nil else { throw CommandFailure(GateClient.words(answer.reply)) }
        try keep(answer.reply, arguments)
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(answer.reply.body + [UInt8(ascii: "\n")])
        } else {
            for line in lines(answer.reply.value, terminal) { terminal.line(line) }
        }
        if answer.mayAct { return .done }
        guard let outcome = answer.reply.value["outcome"]?.string.flatMap({ Outcome(rawValue: $0.string) }) else {
            return .failed
        }
        if outcome == .permit { terminal.say("the PERMIT is not this invocation's to use\(why(answer, arguments))") }
        return status(outcome)
    }

    /// Asks, with the attempt on disk before the gate hears of it: an answer that is lost may have redeemed.
    private static func ask(_ question: DecisionQuestion, _ attemptPath: String?) throws -> DecisionQuestion.Answer {
        guard let path = attemptPath, let attempt = question.attempt else { return try question.ask() }
        try Files.create(path, with: Array("\(attempt.base64URL)\n".utf8), permissions: 0o600)
        let answer = try question.ask()
        if answer.reply.value["dispatch"]?.boolean != true { try Files.remove(path) }
        return answer
    }

    /// Why a PERMIT is of no use here, where the gate's answer does not say it.
    private static func why(_ answer: DecisionQuestion.Answer, _ arguments: ParsedArguments) -> String {
        if arguments.has("--no-redeem") { return ": it was asked for without redemption" }
        if answer.mayNotRedeem { return ": this credential may ask, but only an enforcement point redeems" }
        if answer.reply.value["dispatch"]?.boolean == true { return ": the time to start the action is over" }
        return ""
    }

    /// The status of a ruling that lets nobody act now.
    private static func status(_ outcome: Outcome) -> ExitStatus {
        switch outcome {
        case .permit: .failed
        case .deny: .deny
        case .silence: .silence
        case .hold: .hold
        }
    }

    private static func keep(_ reply: GateClient.Reply, _ arguments: ParsedArguments) throws {
        if let path = arguments.value("--receipt"), let receipt = reply.value["receipt"]?.string {
            try Files.create(path, with: Array(receipt.utf8), permissions: 0o644)
        }
        if let path = arguments.value("--opening"), let nonce = reply.value["opening"]?["nonce"]?.string {
            try Files.create(path, with: Array("{\"nonce\":\"\(nonce)\"}\n".utf8), permissions: 0o600)
        }
    }

    private static func lines(_ value: JSONValue, _ terminal: Terminal) -> [String] {
        func text(_ name: Text) -> String? { value[name]?.string.map { Terminal.plain($0.string) } }
        let outcome = text("outcome").flatMap(Outcome.init(rawValue:))
        var lines = [
            "\(outcome.map { PolicyOutput.styled($0, terminal) } ?? "?") \(text("cause") ?? "?") \(text("id") ?? "")"
        ]
        for reason in value["reasons"].map({ Array($0.elements) }) ?? [] {
            let policy = reason["policy"]?.string.map { Terminal.plain($0.string) } ?? "?"
            let sentence = reason["reason"]?.string.map { ": \(Terminal.plain($0.string))" } ?? ""
            lines.append("by        \(policy)\(sentence)")
        }
        if let detail = text("detail") { lines.append("because   \(detail)") }
        if let state = text("state") { lines.append("state     \(state)") }
        if let actBy = text("act_by") { lines.append("act by    \(actBy)") }
        if let index = value["index"] { lines.append("statement \(index.token)") }
        return lines
    }
}

/// One request on its way to a gate, with the attempt that redeems it.
private struct DecisionQuestion {
    /// What came back, and whether the strict reader of answers found a leave to act in it.
    struct Answer {
        let reply: GateClient.Reply
        let mayAct: Bool
        /// Whether the credential is of a role that only asks.
        var mayNotRedeem = false
    }

    private let client: GateClient
    private let request: Request
    private let plain: [UInt8]
    private let redeeming: [UInt8]?
    /// The attempt that redeems, unless only an answer is wanted.
    let attempt: Nonce?
    private let time = SystemTime()

    init(_ invocation: Invocation) throws {
        client = try GateClient(invocation)
        let bytes = try Terminal.read(invocation.arguments.operands[0], bytesMax: RequestLimits.bytesMax)
        do throws(RequestError) {
            request = try Request(parsing: bytes)
        } catch {
            throw CommandFailure("not a request: \(error)")
        }
        guard request.attempt == nil else {
            throw CommandFailure("leave `redeem` out of the request: every invocation draws its own attempt")
        }
        plain = bytes
        if invocation.arguments.has("--no-redeem") {
            attempt = nil
            redeeming = nil
        } else {
            guard let attempt = Nonce(bytes: try RandomSource.bytes(Nonce.byteCount)) else {
                throw CommandFailure("no attempt could be drawn")
            }
            self.attempt = attempt
            redeeming = try Self.adding(attempt, to: bytes)
        }
    }

    /// Asks, with the same attempt again while the gate cannot say yet; a problem is an answer, too.
    func ask() throws -> Answer {
        if let redeeming {
            let answer = try ask(redeeming)
            // A credential that may not redeem can still ask.
            guard answer.reply.problem == "forbidden_role" else { return answer }
        }
        return Answer(reply: try ask(plain).reply, mayAct: false, mayNotRedeem: redeeming != nil)
    }

    private func ask(_ body: [UInt8]) throws -> Answer {
        let deadline = time.moment.steady(after: EnforcementLimits.askMilliseconds)
        while true {
            let asked = time.moment
            let reply = try client.post("/v1/decisions", body)
            let answered = time.moment
            let raw = GateReply(status: reply.status, mediaType: reply.mediaType, body: reply.body)
            switch AnswerReader(.decision(surface: request.surface), asked: asked, answered: answered).read(raw) {
            case .dispatch(let dispatch): return Answer(reply: reply, mayAct: dispatch.mayBegin(at: time.moment))
            case .refusal: return Answer(reply: reply, mayAct: false)
            case .pending:
                guard answered.steadyNanoseconds < deadline else {
                    throw CommandFailure("the gate cannot say yet; nothing may act")
                }
                Pause.milliseconds(EnforcementLimits.retryPauseMilliseconds)
            case .doubt(let failure):
                guard reply.problem == nil else { return Answer(reply: reply, mayAct: false) }
                throw CommandFailure("\(failure)")
            }
        }
    }

    /// The request with a member more; it is an object with members, as it was read before.
    private static func adding(_ attempt: Nonce, to bytes: [UInt8]) throws -> [UInt8] {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "}")) else { throw CommandFailure("not a request") }
        return Array(bytes[..<end]) + Array(",\"redeem\":{\"attempt\":\"\(attempt.base64URL)\"}}".utf8)
    }
}
