// What a rule of the house has to say about one place.

/// One place that breaks one rule.
struct Finding: Hashable, CustomStringConvertible {
    /// The rule that is broken.
    let rule: Rule
    /// The file, relative to the root of the repository.
    let path: String
    /// The line, counted from one; zero speaks of the whole file.
    let line: Int
    /// What is wrong, in one line.
    let message: String

    var description: String { "\(path):\(line): \(rule.rawValue): \(message)" }
}

/// The rules of `STYLE.md` that a program can hold.
enum Rule: String, CaseIterable {
    /// Imports go down the floors, and the manifest declares just what is imported.
    case layers
    /// Files, functions and lines stop where the page says.
    case stops
    /// Names of files and folders.
    case names
    /// Public and package declarations have a summary.
    case summaries
    /// No clock, randomness, environment or I/O on the pure floors.
    case purity
    /// No Foundation in the product.
    case foundation
    /// No operator that turns an absence into a crash.
    case force
    /// No `@testable`, no underscored attribute.
    case attributes
    /// No mark without an issue.
    case marks
    /// Nothing absent permits.
    case permits
    /// Switches over what the gate said name every case.
    case switches
    /// Every fixture has its source, and a test that reads it.
    case fixtures
    /// Documents stop where the page says, and their links resolve.
    case documents
}

/// A place that may break a rule, with the reason.
struct Exemption: Hashable {
    /// The rule.
    let rule: Rule
    /// The file, relative to the root.
    let path: String
    /// What the finding's message contains; empty for every finding of the rule in the file.
    let message: String
    /// Why this is right; a reader has to be able to agree.
    let reason: String

    /// Whether the exemption speaks of the finding.
    func covers(_ finding: Finding) -> Bool {
        finding.rule == rule && finding.path == path && (message.isEmpty || finding.message.contains(message))
    }

    /// Every exemption; one that covers nothing any more fails the tests.
    static let all: [Exemption] = [
        Exemption(
            rule: .purity,
            path: "Sources/Cryptography/Ed25519.swift",
            message: "randombytes_buf",
            reason: "makes keys for the commands that create them, straight into locked memory; no ruling depends on it"
        ),
        Exemption(
            rule: .purity,
            path: "Sources/Cedar/Index/SymbolTable.swift",
            message: "Hasher(",
            reason: "seeds the hash of a table that is never iterated, so that none can be prepared"
        ),
    ]
}
