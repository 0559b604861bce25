/// One thing that is wrong, or doubtful, with a source text: what, where, and what to do about it.
///
/// Parsing, validation and evaluation all speak in diagnostics; ``DiagnosticRenderer`` shows them with the source.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// The text cannot be used, or the evaluation has no value.
        case error
        /// The text can be used, but probably does not mean what it should.
        case warning
    }

    /// A second place that helps to understand the first.
    public struct Label: Hashable, Sendable {
        /// Where.
        public let range: SourceRange
        /// What this place has to do with it, in a few words.
        public let message: String

        /// Makes a label.
        public init(_ range: SourceRange, _ message: String) {
            self.range = range
            self.message = message
        }
    }

    /// What kind of thing is wrong.
    public let code: Code
    /// How much it matters.
    public let severity: Severity
    /// What is wrong and what was expected, in one line for people.
    public let message: String
    /// Where; ``SourceRange/unknown`` for what has no place in a text, such as a policy that came as JSON.
    public let range: SourceRange
    /// Other places that matter, in the order in which they should be read.
    public let labels: [Label]
    /// What to write instead, where there is a good guess.
    public let suggestion: Suggestion?
    /// What to do about it, in one line, unless ``suggestion`` says it all.
    public let help: String?

    /// Makes a diagnostic.
    ///
    /// - Parameters:
    ///   - code: What kind of thing is wrong.
    ///   - message: What is wrong and what was expected: lower case, no final period, input in backticks.
    ///   - range: Where.
    ///   - severity: How much it matters.
    ///   - advice: What else helps.
    public init(
        _ code: Code,
        _ message: String,
        _ range: SourceRange,
        severity: Severity = .error,
        advice: Advice = Advice()
    ) {
        self.code = code
        self.message = message
        self.range = range
        self.severity = severity
        labels = advice.labels
        suggestion = advice.replacement.map { Suggestion(range: range, replacement: $0) }
        help = advice.help
    }

    /// What a diagnostic says beyond what is wrong.
    public struct Advice: Hashable, Sendable {
        /// What to do about it.
        public var help: String?
        /// What to write in the place of the diagnostic's range.
        public var replacement: String?
        /// Other places that matter.
        public var labels: [Label]

        /// Makes an advice.
        public init(help: String? = nil, replacement: String? = nil, labels: [Label] = []) {
            self.help = help
            self.replacement = replacement
            self.labels = labels
        }
    }

    /// Everything that is said about what to do, one line each.
    public var helpLines: [String] {
        let guess = suggestion.map { "did you mean `\($0.replacement)`?" }
        return [guess, help].compactMap(\.self)
    }

    /// Position and message.
    public var description: String { range.isKnown ? "\(range.start): \(message)" : message }
}
