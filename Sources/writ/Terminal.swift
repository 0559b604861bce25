// Standard output, standard error, files and variables.

import Glibc
import Runtime

/// Data goes to standard output, words to standard error.
struct Terminal: Sendable {
    /// Whether standard output is a terminal that may show colours.
    let hasColour: Bool

    /// Looks at the process that we are.
    init() {
        let isDumb = Self.variable("TERM").map { $0 == "dumb" || $0.isEmpty } ?? true
        let refuses = Self.variable("NO_COLOR").map { !$0.isEmpty } ?? false
        hasColour = isatty(1) == 1 && !isDumb && !refuses
    }

    /// Writes data; a reader that has gone ends the process, as SIGPIPE would.
    func put(_ text: String) {
        Self.write(Array(text.utf8), to: 1)
    }

    /// Writes a line of data.
    func line(_ text: String) {
        put("\(text)\n")
    }

    /// Writes bytes of data.
    func put(_ bytes: [UInt8]) {
        Self.write(bytes, to: 1)
    }

    /// Says something to a person: each line with our name before it.
    func say(_ text: String) {
        var lines = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { lines += "writ: \(line)\n" }
        Self.write(Array(lines.utf8), to: 2)
    }

    /// A text in a colour, where there are colours.
    func styled(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// What a colour says.
    enum Style: String {
        case good = "32"
        case bad = "31"
        case doubtful = "33"
        case strong = "1"
        case faint = "2"
    }

    /// Reads a file, or standard input for `-`.
    static func read(_ path: String, bytesMax: Int) throws -> [UInt8] {
        guard path == "-" else { return try Files.read(path, bytesMax: bytesMax) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= bytesMax {
            let count = unsafe Glibc.read(0, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                guard errno == EINTR else { throw CommandFailure("cannot read standard input") }
                continue
            }
            bytes += chunk[..<count]
        }
        throw CommandFailure("standard input is larger than \(bytesMax) bytes")
    }

    /// The value of a variable of the environment.
    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The directory that relative paths are relative to.
    static var workingDirectory: String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                // Data that nobody can read must not look as if it had been written.
                if descriptor == 1 { exit(errno == EPIPE ? 141 : 1) }
                return
            }
            done += count
        }
    }

    /// What a person may see of a text from outside: no control characters, nothing that turns the direction of the
    /// line.
    static func plain(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown.append("\u{FFFD}")
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
                .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
                shown.append(scalar)
            @unknown default:
                shown.append("\u{FFFD}")
            }
        }
        return String(shown)
    }
}

/// Why a command did not do what it was asked to do, in words.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus

    init(_ description: String, _ status: ExitStatus = .failed) {
        self.description = description
        self.status = status
    }
}

/// How the process ends.
struct ExitStatus: Hashable, Sendable {
    let code: Int32

    /// Done, dispatch, or verified.
    static let done = ExitStatus(code: 0)
    /// It failed, or this invocation may not act.
    static let failed = ExitStatus(code: 1)
    /// DENY.
    static let deny = ExitStatus(code: 2)
    /// SILENCE.
    static let silence = ExitStatus(code: 3)
    /// Cedar policies do not validate.
    static let invalid = ExitStatus(code: 3)
    /// HOLD, or a decision that is not known.
    static let hold = ExitStatus(code: 4)
    /// A claim does not hold.
    static let notVerified = ExitStatus(code: 5)
    /// The command line is wrong.
    static let usage = ExitStatus(code: 64)
}
