// The words of the command line.

internal import Bytes

/// What was asked on the command line, as text.
struct VerifyArguments {
    /// The texts of verifier keys given with `--key`.
    var keys: [String] = []
    /// The files of verifier keys.
    var keyFiles: [String] = []
    /// The receipt's path, `-` for standard input.
    var receipt: String?
    /// The path of the request.
    var request: String?
    /// The nonce, or the path of the opening.
    var opening: String?
    /// The enforcement point.
    var audience: String?
    /// The attempt.
    var attempt: String?
    /// The time.
    var time: String?
    /// The path of the redemption's receipt.
    var redemption: String?
    /// Whether the answer is JSON.
    var isJSON = false
    /// Whether only the help is wanted.
    var isHelp = false
    /// Whether only the release is wanted.
    var isVersion = false

    /// The most words that a command line has.
    static let wordsMax = 128

    /// Reads the words behind the program's name.
    ///
    /// - Throws: ``UsageError``.
    init(_ words: [String]) throws(UsageError) {
        guard words.count <= Self.wordsMax else { throw UsageError("too many arguments") }
        var rest = words[...]
        var endsOptions = false
        while let word = rest.popFirst() {
            if endsOptions || !word.hasPrefix("-") || word == "-" {
                try set(&receipt, word, "RECEIPT")
                continue
            }
            switch word {
            case "--": endsOptions = true
            case "--help", "-h": isHelp = true
            case "--version": isVersion = true
            case "--json": isJSON = true
            default: try take(word, rest.popFirst())
            }
        }
        guard !isHelp, !isVersion else { return }
        try check()
    }

    private mutating func take(_ name: String, _ value: String?) throws(UsageError) {
        guard
            ["--key", "--key-file", "--request", "--opening", "--audience", "--attempt", "--at", "--redemption"]
                .contains(name)
        else { throw UsageError("unknown option `\(name)`") }
        guard let value else { throw UsageError("option `\(name)` needs a value") }
        switch name {
        case "--key": keys.append(value)
        case "--key-file": keyFiles.append(value)
        case "--request": try set(&request, value, name)
        case "--opening": try set(&opening, value, name)
        case "--audience": try set(&audience, value, name)
        case "--attempt": try set(&attempt, value, name)
        case "--at": try set(&time, value, name)
        default: try set(&redemption, value, name)
        }
    }

    private func set(_ member: inout String?, _ value: String, _ name: String) throws(UsageError) {
        guard member == nil else { throw UsageError("`\(name)` is given twice") }
        member = value
    }

    /// Half a question is refused: an answer to none of it must not look like an answer to all of it.
    private func check() throws(UsageError) {
        guard receipt != nil else { throw UsageError("which RECEIPT?") }
        guard !keys.isEmpty || !keyFiles.isEmpty else {
            throw UsageError("give the log's key with `--key` or `--key-file`")
        }
        guard asksForAuthorization else { return }
        guard request != nil else { throw UsageError("`--request` is missing: the action at hand") }
        guard opening != nil else { throw UsageError("`--opening` is missing: the nonce that came with the receipt") }
        guard audience != nil else { throw UsageError("`--audience` is missing: the enforcement point") }
        guard (attempt == nil) != (time == nil) else { throw UsageError("give either `--attempt` or `--at`") }
        guard redemption == nil || attempt != nil else { throw UsageError("`--redemption` needs `--attempt`") }
    }

    /// Whether any option of the question *authorizes this* was given.
    var asksForAuthorization: Bool {
        [request, opening, audience, attempt, time, redemption].contains { $0 != nil }
    }
}

/// What is wrong with the command line, or with a value on it: exit status 64.
struct UsageError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// The help text.
enum VerifyHelp {
    static let text = """
        usage: writ-verify --key VKEY | --key-file FILE  RECEIPT  [options]

        Checks a receipt offline, with nothing but the public key of its log.
        RECEIPT is a file, or - for standard input.

          --key VKEY           the log's verifier key, <name>+<id>+<base64>; may be repeated
          --key-file FILE      a file with such keys, one on each line
          --json               answer in JSON
          --version            say which release this is

        To ask whether the receipt authorizes an action, give the action as you see it yourself:

          --request FILE       the request as JSON, with session and idempotency_key if they were given
          --opening NONCE      the nonce of the opening (32 hexadecimal digits), or a file {"nonce":"..."}
          --audience NAME      the enforcement point that runs the action
          --attempt ATTEMPT    the attempt for which it was redeemed (22 characters of base64url), or
          --at TIME            a time at which it must still be redeemable, as 2026-11-20T12:31:04.113Z
          --redemption FILE    the receipt of the redemption, if it was not redeemed with the decision

        Exit status: 0 every claim that was asked for holds, 5 one does not, 1 a file cannot be read, 64 wrong usage.

        examples:
          writ-verify --key-file log.vkey decision.receipt
          writ-verify --key-file log.vkey decision.receipt --request request.json \\
              --opening 000102030405060708090a0b0c0d0e0f --audience mcp-gateway --attempt AAECAwQFBgcICQoLDA0ODw

        """
}
