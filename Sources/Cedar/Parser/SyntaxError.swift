import Bytes

/// What parsers and validators found, under the name it had when only parsers spoke.
public typealias SyntaxDiagnostic = Diagnostic

/// A source text could not be read; nothing of it may be used.
public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong: at least one thing, in the order of the text, at most ``SourceLimits/diagnosticsMax``.
    public let diagnostics: [Diagnostic]

    /// The first diagnostic.
    public var description: String { diagnostics.first?.description ?? "invalid text" }
}

/// The limits of every source text, policies and schemas alike.
public enum SourceLimits {
    /// The most bytes of one source text.
    public static let textBytesMax = 32 << 20
    /// How deep expressions and types may nest: parentheses, operators, records, sets, calls.
    ///
    /// Chains of `&&`, `||`, `+`, `*` and of attribute accesses do not nest, so they may be of any length.
    public static let nestingMax = 100
    /// The most policies of one text, or declarations of one schema.
    public static let declarationsMax = 100_000
    /// How many diagnostics are collected before reading stops.
    public static let diagnosticsMax = 20
}

/// A diagnostic before its position has been turned into line and column.
///
/// An object, so that the many functions that can throw it need little stack for it.
final class SyntaxFailure: Error {
    let code: Diagnostic.Code
    let message: String
    let range: ByteRange
    let help: String?
    /// What to write in the range's place.
    let replacement: Text?
    let labels: [(range: ByteRange, message: String)]

    init(
        _ code: Diagnostic.Code,
        _ message: String,
        _ range: ByteRange,
        help: String? = nil,
        replacement: Text? = nil,
        labels: [(range: ByteRange, message: String)] = []
    ) {
        self.code = code
        self.message = message
        self.range = range
        self.help = help
        self.replacement = replacement
        self.labels = labels
    }

    func diagnostic(_ lines: LineTable) -> Diagnostic {
        let labels = labels.map { Diagnostic.Label(lines.range($0.range), $0.message) }
        let advice = Diagnostic.Advice(help: help, replacement: replacement?.string, labels: labels)
        return Diagnostic(code, message, lines.range(range), advice: advice)
    }
}

extension SyntaxError {
    init(_ failures: [SyntaxFailure], in bytes: [UInt8]) {
        let lines = LineTable(bytes)
        let sorted = failures.sorted { $0.range.start < $1.range.start }
        diagnostics = sorted.prefix(SourceLimits.diagnosticsMax).map { $0.diagnostic(lines) }
    }
}
