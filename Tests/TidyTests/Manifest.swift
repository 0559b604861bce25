// What Package.swift declares, read from its text.

/// The targets of the manifest and what each may import.
///
/// Reading the text instead of asking the package manager keeps the check fast and free of its build lock. The reader
/// knows the calls that this manifest makes: `source`, `tests`, `library`, `.target`, `.executableTarget`.
struct Manifest {
    /// The dependencies of each target, by its name.
    let dependencies: [String: [String]]

    /// Reads the text of a manifest.
    init(_ text: String) {
        var dependencies: [String: [String]] = [:]
        // Products come before the targets and have the same shape.
        let list = text.firstRange(of: "\n    targets: [\n").map { String(text[$0.lowerBound...]) } ?? text
        for call in Self.call.matches(in: Self.withoutComments(list)) {
            let name = call[1] == "tests" ? call[2] + "Tests" : call[2]
            let names = Self.literal.matches(in: call[3] + call[4]).map { $0[1] }
            dependencies[name] = names
        }
        self.dependencies = dependencies
    }

    /// A call, its first string, and the first list after it, if the list comes before the next call.
    private static let call = Pattern(
        #"\b(source|tests|library|target|executableTarget)\(\s*(?:name:\s*)?"([^"]+)""#
            + #"(?:\s*,\s*\[([^\]]*)\]|\s*,\s*dependencies:\s*\[([^\]]*)\])?"#
    )
    private static let literal = Pattern(#""([^"]+)""#)

    private static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
            .joined(separator: "\n")
    }
}
