/// Shows diagnostics with the lines of the source that they speak of.
///
/// ```
/// error[unknown_variable]: `principle` is not a variable
///  --> policies.cedar:1:44
///   |
/// 1 | permit(principal, action, resource) when { principle == resource.owner };
///   |                                            ^^^^^^^^^
///   |
///   = help: did you mean `principal`?
/// ```
///
/// The source need not be trusted: what could act on a terminal is shown as an escape, long lines are cut around the
/// place, and the work for one diagnostic does not grow with the length of the source.
public struct DiagnosticRenderer: Sendable {
    /// The most columns of a source line that are shown.
    public static let lineColumnsMax = 120
    /// The most scalars of a message, a help or a file name that are shown.
    public static let messageScalarsMax = 1000

    private let file: String
    private let source: [UInt8]
    private let isColored: Bool

    /// Makes a renderer for the diagnostics of one source.
    ///
    /// - Parameters:
    ///   - file: The name of the source.
    ///   - source: Its bytes, which need not be UTF-8; without them only the places are named.
    ///   - isColored: Whether to use a terminal's colours.
    public init(file: String, source: [UInt8], isColored: Bool = false) {
        self.file = file
        self.source = source
        self.isColored = isColored
    }

    /// All diagnostics, an empty line between two.
    public func render(_ diagnostics: some Sequence<Diagnostic>) -> String {
        diagnostics.map { render($0) }.joined(separator: "\n\n")
    }

    /// One diagnostic in several lines, without a line feed at its end.
    public func render(_ diagnostic: Diagnostic) -> String {
        let level = diagnostic.severity.rawValue
        let head = painted("\(level)[\(plain(diagnostic.code.description))]", diagnostic.severity)
        var lines = ["\(head): \(painted(plain(diagnostic.message), .strong))"]
        let marks = marks(of: diagnostic)
        let gutter = String(repeating: " ", count: marks.map { String($0.range.start.line).utf8.count }.max() ?? 1)
        let place = diagnostic.range.isKnown ? "\(plain(file)):\(diagnostic.range.start)" : plain(file)
        lines.append("\(gutter)\(painted("-->", .frame)) \(place)")
        if !source.isEmpty, !marks.isEmpty {
            lines.append("\(gutter) \(painted("|", .frame))")
            lines += excerpts(marks, gutter, diagnostic.severity)
            if !diagnostic.helpLines.isEmpty { lines.append("\(gutter) \(painted("|", .frame))") }
        }
        for help in diagnostic.helpLines { lines.append("\(gutter) \(painted("=", .frame)) help: \(plain(help))") }
        return lines.joined(separator: "\n")
    }

    // MARK: Excerpts

    /// A stretch of the source that gets underlined.
    private struct Mark {
        let range: SourceRange
        let isPrimary: Bool
        let message: String
    }

    /// The marks of a diagnostic by line; on one line the primary first.
    private func marks(of diagnostic: Diagnostic) -> [Mark] {
        let primary = [Mark(range: diagnostic.range, isPrimary: true, message: "")]
        let others = diagnostic.labels.map { Mark(range: $0.range, isPrimary: false, message: $0.message) }
        let known = (primary + others).filter(\.range.isKnown)
        return known.enumerated().sorted {
            ($0.element.range.start.line, $0.offset) < ($1.element.range.start.line, $1.offset)
        }.map(\.element)
    }

    private func excerpts(_ marks: [Mark], _ gutter: String, _ severity: Diagnostic.Severity) -> [String] {
        var lines: [String] = []
        var lastLine: Int?
        var excerpt = SourceExcerpt(of: [], around: 0)
        for mark in marks {
            let number = mark.range.start.line
            if number != lastLine {
                if let lastLine, number > lastLine + 1 { lines.append("...") }
                excerpt = SourceExcerpt(of: source, around: mark.range.start.byteOffset)
                let padding = String(repeating: " ", count: gutter.utf8.count - String(number).utf8.count)
                lines.append("\(painted("\(padding)\(number) |", .frame)) \(excerpt.shown)".trimmedAtEnd)
                lastLine = number
            }
            guard let underline = excerpt.columns(mark.range) else { continue }
            let sign = String(repeating: mark.isPrimary ? "^" : "-", count: underline.count)
            let words = mark.message.isEmpty ? sign : "\(sign) \(plain(mark.message))"
            let indent = String(repeating: " ", count: underline.lowerBound)
            let colored = painted(words, mark.isPrimary ? Paint(severity) : .frame)
            lines.append("\(gutter) \(painted("|", .frame)) \(indent)\(colored)")
        }
        return lines
    }

    // MARK: Colours

    /// The colours of a terminal, by what they are for.
    private enum Paint: String {
        case error = "1;31"
        case warning = "1;33"
        case frame = "1;34"
        case strong = "1"

        init(_ severity: Diagnostic.Severity) {
            switch severity {
            case .error: self = .error
            case .warning: self = .warning
            }
        }
    }

    private func painted(_ text: String, _ paint: Paint) -> String {
        isColored ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func painted(_ text: String, _ severity: Diagnostic.Severity) -> String { painted(text, Paint(severity)) }

    private func plain(_ text: String) -> String { DisplayText.line(text, scalarsMax: Self.messageScalarsMax) }
}

extension String {
    /// The text without spaces at its end.
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
        return text
    }
}
