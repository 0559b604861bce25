// `writ receipt show|verify`.

import Authorization
import Bytes
import Cryptography
import Receipts
import Runtime
import Service
import Transparency

/// Looking at receipts, and checking them.
enum ReceiptCommands {
    static let show = Command(
        specification: CommandSpecification(
            "receipt show",
            "show what a receipt says, without checking it",
            operands: "FILE|-",
            operandCount: 1...1,
            flags: [Flags.json],
            examples: ["writ receipt show decision.receipt"]
        )
    ) { invocation in
        // Nothing is verified here, so what is no receipt is a failure like any other.
        let receipt = try receipt(invocation.arguments.operands[0], .failed)
        let statement = try Statement(parsing: receipt.statement)
        let checkpoint = try Checkpoint(text: receipt.proof.checkpoint.text)
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(ReceiptOutput.json(receipt, statement, checkpoint))
        } else {
            terminal.say("shown, not verified")
            for line in ReceiptOutput.lines(receipt, statement, checkpoint) { terminal.line(line) }
        }
        return .done
    }

    static let verify = Command(
        specification: CommandSpecification(
            "receipt verify",
            "check a receipt offline with the log's public key",
            operands: "FILE|-",
            operandCount: 1...1,
            flags: [
                FlagSpecification("--key", "VKEY", repeatable: true, says: "the log's verifier key"),
                FlagSpecification("--key-file", "FILE", repeatable: true, says: "a file with such keys, one a line"),
                FlagSpecification("--request", "FILE", says: "the action at hand, to ask whether this authorizes it"),
                FlagSpecification("--opening", "NONCE", says: "the nonce of the opening, or a file with the opening"),
                FlagSpecification("--audience", "NAME", says: "the enforcement point that runs the action"),
                FlagSpecification("--attempt", "ATTEMPT", says: "the attempt for which it was redeemed, or"),
                FlagSpecification("--at", "TIME", says: "a time at which it must still be redeemable"),
                FlagSpecification("--redemption", "FILE", says: "the receipt of a redemption of its own"),
                Flags.home, Flags.json,
            ],
            details: """
                Without a key the home's own log.vkey is used. `writ-verify` is the same check as a program of its
                own. Exit status: 0 every claim that was asked for holds, 5 one does not.
                """,
            examples: [
                "writ receipt verify decision.receipt --key-file log.vkey",
                "writ receipt verify decision.receipt --request request.json "
                    + "--opening 000102030405060708090a0b0c0d0e0f --audience gateway --attempt AAECAwQFBgcICQoLDA0ODw",
            ]
        )
    ) { invocation in
        let bytes = try Terminal.read(invocation.arguments.operands[0], bytesMax: Receipt.bytesMax)
        let question = try question(invocation.arguments)
        let report = ReceiptVerifier(keys: try keys(invocation)).report(on: bytes, question: question)
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            terminal.put(ReceiptOutput.json(report))
        } else {
            for line in ReceiptOutput.lines(report, terminal) { terminal.line(line) }
        }
        return report.isVerified ? .done : .notVerified
    }

    private static func receipt(_ path: String, _ status: ExitStatus) throws -> Receipt {
        let bytes = try Terminal.read(path, bytesMax: Receipt.bytesMax)
        do throws(ReceiptError) {
            return try Receipt(parsing: bytes)
        } catch {
            throw CommandFailure("`\(path)` is not a receipt: \(error)", status)
        }
    }

    private static func keys(_ invocation: Invocation) throws -> [NoteVerifierKey] {
        let texts = invocation.arguments.values("--key")
        var files = invocation.arguments.values("--key-file")
        if texts.isEmpty, files.isEmpty { files = [try invocation.home().verifierKeyPath] }
        return try VerifierKeys.read(texts: texts, files: files)
    }

    /// The question *authorizes this*; half a question is refused, so that an answer to none never looks like one to
    /// all.
    private static func question(_ arguments: ParsedArguments) throws -> AuthorizationQuestion? {
        let asking = ["--request", "--opening", "--audience", "--attempt", "--at", "--redemption"]
        guard asking.contains(where: arguments.has) else { return nil }
        guard let path = arguments.value("--request"), let opening = arguments.value("--opening"),
            let audience = arguments.value("--audience")
        else { throw ArgumentError.conflict("`--request`, `--opening` and `--audience` belong together") }
        return AuthorizationQuestion(
            request: try RequestFile.read(path),
            opening: try nonce(opening),
            audience: Text(audience),
            moment: try moment(arguments),
            redemption: try arguments.value("--redemption").map { try receipt($0, .notVerified) }
        )
    }

    private static func moment(_ arguments: ParsedArguments) throws(ArgumentError) -> AuthorizationQuestion.Moment {
        switch (arguments.value("--attempt"), arguments.value("--at")) {
        case (let text?, nil):
            guard let attempt = Nonce(base64URL: Text(text)) else {
                throw .invalidValue(flag: "--attempt", value: text, expected: "22 characters of base64url")
            }
            return .attempt(attempt)
        case (nil, let text?):
            guard !arguments.has("--redemption") else { throw .conflict("`--redemption` needs `--attempt`") }
            guard let time = StatementTime.milliseconds(Text(text)) else {
                throw .invalidValue(flag: "--at", value: text, expected: "a time as 2026-11-20T12:31:04.113Z")
            }
            return .time(time)
        case (.some, .some), (nil, nil): throw .conflict("give either `--attempt` or `--at`")
        }
    }

    private static func nonce(_ text: String) throws -> Nonce {
        if let nonce = Hex.decode(text).flatMap({ Nonce(bytes: $0) }) { return nonce }
        let bytes = try Files.read(text, bytesMax: 1_024)
        guard let value = try? JSONValue(parsing: bytes), value.kind == .object, value.count == 1,
            let member = value["nonce"]?.string, let nonce = Hex.decode(member.string).flatMap({ Nonce(bytes: $0) })
        else { throw CommandFailure("`\(text)` is not an opening: {\"nonce\":\"<32 hexadecimal digits>\"}") }
        return nonce
    }
}

/// Public keys of logs, from flags and files.
enum VerifierKeys {
    /// Reads keys that were given as text and those of files, one a line.
    static func read(texts: [String], files: [String]) throws -> [NoteVerifierKey] {
        var texts = texts
        for file in files {
            let bytes = try Files.read(file, bytesMax: NoteVerifierKey.textByteCountMax * ReceiptVerifier.keysMax)
            guard let text = Text(utf8: bytes) else { throw CommandFailure("`\(file)` is not UTF-8") }
            texts += text.string.split(separator: "\n").map(String.init)
        }
        guard (1...ReceiptVerifier.keysMax).contains(texts.count) else {
            throw CommandFailure("give 1 to \(ReceiptVerifier.keysMax) keys")
        }
        return try texts.map { text in
            do throws(KeyError) {
                let key = try NoteVerifierKey(text: Array(text.utf8))
                guard key.algorithm == .ed25519 else { throw KeyError.algorithm }
                return key
            } catch {
                throw CommandFailure("`\(Terminal.plain(text))` is not a key of a log: \(error)", .usage)
            }
        }
    }
}
