// The command: read, check, print.

internal import Authorization
internal import Bytes
internal import Cryptography
internal import Receipts

/// The program.
enum VerifyCommand {
    /// The release, the same as that of `writ`.
    static let version = "0.1.0"

    /// The exit statuses.
    enum Status: Int32 {
        /// Every claim that was asked for holds.
        case verified = 0
        /// A file cannot be read.
        case failed = 1
        /// A claim does not hold.
        case notVerified = 5
        /// The command line is wrong.
        case usage = 64
    }

    /// Runs the program and ends the process.
    static func main() {
        Terminal.exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Runs the command line of these words.
    static func run(_ words: [String]) -> Status {
        do throws(UsageError) {
            let arguments = try VerifyArguments(words)
            if arguments.isHelp {
                Terminal.print(VerifyHelp.text)
                return .verified
            }
            if arguments.isVersion {
                Terminal.print("writ-verify \(version)\n")
                return .verified
            }
            return try verify(arguments)
        } catch {
            Terminal.printError("writ-verify: \(error.message)\nwrit-verify: try `writ-verify --help`\n")
            return .usage
        }
    }

    private static func verify(_ arguments: VerifyArguments) throws(UsageError) -> Status {
        do throws(FileError) {
            let keys = try keys(arguments)
            let receipt = try Terminal.read(arguments.receipt ?? "-", bytesMax: Receipt.bytesMax)
            let question = try question(arguments)
            let report = ReceiptVerifier(keys: keys).report(on: receipt, question: question)
            Terminal.print(arguments.isJSON ? VerifyOutput.json(report) : VerifyOutput.text(report))
            return report.isVerified ? .verified : .notVerified
        } catch {
            switch error {
            case .unreadable(let message):
                Terminal.printError("writ-verify: \(message)\n")
                return .failed
            case .malformed(let message):
                throw UsageError(message)
            }
        }
    }

    private static func keys(_ arguments: VerifyArguments) throws(FileError) -> [NoteVerifierKey] {
        var texts = arguments.keys
        for file in arguments.keyFiles {
            let bytes = try Terminal.read(file, bytesMax: NoteVerifierKey.textByteCountMax * ReceiptVerifier.keysMax)
            guard let text = Text(utf8: bytes) else { throw .malformed("`\(file)` is not UTF-8") }
            texts += text.string.split(separator: "\n").map(String.init)
        }
        guard !texts.isEmpty else { throw .malformed("the key file has no key") }
        guard texts.count <= ReceiptVerifier.keysMax else {
            throw .malformed("more than \(ReceiptVerifier.keysMax) keys")
        }
        var keys: [NoteVerifierKey] = []
        for text in texts {
            do throws(KeyError) {
                let key = try NoteVerifierKey(text: Array(text.utf8))
                guard key.algorithm == .ed25519 else { throw KeyError.algorithm }
                keys.append(key)
            } catch {
                throw .malformed("`\(text)`: \(error)")
            }
        }
        return keys
    }

    private static func question(_ arguments: VerifyArguments) throws(FileError) -> AuthorizationQuestion? {
        guard arguments.asksForAuthorization, let requestPath = arguments.request, let opening = arguments.opening,
            let audience = arguments.audience
        else { return nil }
        let body = try Terminal.read(requestPath, bytesMax: RequestLimits.bytesMax)
        let request: Request
        do throws(RequestError) {
            request = try Request(parsing: body)
        } catch {
            throw .malformed("`\(requestPath)` is not a request: \(error)")
        }
        return AuthorizationQuestion(
            request: request,
            opening: try nonce(opening),
            audience: Text(audience),
            moment: try moment(arguments),
            redemption: try redemption(arguments)
        )
    }

    private static func moment(_ arguments: VerifyArguments) throws(FileError) -> AuthorizationQuestion.Moment {
        if let text = arguments.attempt {
            guard let attempt = Nonce(base64URL: Text(text)) else {
                throw .malformed("`--attempt` must be 16 bytes as 22 characters of base64url")
            }
            return .attempt(attempt)
        }
        guard let time = StatementTime.milliseconds(Text(arguments.time ?? "")) else {
            throw .malformed("`--at` must be a time like 2026-11-20T12:31:04.113Z")
        }
        return .time(time)
    }

    /// A nonce of 32 digits, or the file of an opening.
    private static func nonce(_ text: String) throws(FileError) -> Nonce {
        if let nonce = Hex.decode(text).flatMap({ Nonce(bytes: $0) }) { return nonce }
        let bytes = try Terminal.read(text, bytesMax: openingBytesMax)
        guard let value = try? JSONValue(parsing: bytes), value.kind == .object, value.count == 1,
            let member = value["nonce"]?.string, let decoded = Hex.decode(member.string),
            let nonce = Nonce(bytes: decoded)
        else { throw .malformed("`\(text)` is not an opening: {\"nonce\":\"<32 hexadecimal digits>\"}") }
        return nonce
    }

    private static let openingBytesMax = 1_024

    private static func redemption(_ arguments: VerifyArguments) throws(FileError) -> Receipt? {
        guard let path = arguments.redemption else { return nil }
        let bytes = try Terminal.read(path, bytesMax: Receipt.bytesMax)
        do throws(ReceiptError) {
            return try Receipt(parsing: bytes)
        } catch {
            throw .malformed("`\(path)` is not a receipt: \(error)")
        }
    }
}
