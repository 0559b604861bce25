public import Bytes

/// Lays policies out anew, as the reference formatter does: comments stay, and the meaning, too.
///
/// ```swift
/// let text = try PolicyFormatter().format("permit(principal,action,resource);")
/// // permit (principal, action, resource);
/// ```
///
/// The result is checked before it is given: it parses to the same policies, and has every comment of the source in the
/// same order. Formatting it again changes nothing; only a comment on a line of its own behind a string may come to
/// stand behind the string at first, as in the reference formatter.
public struct PolicyFormatter: Sendable {
    /// The widest line that can be asked for, in columns.
    public static let widthMax = 1000
    /// The widest indentation that can be asked for, in columns.
    public static let indentMax = 16
    /// The most tokens of one policy, comments not counted.
    public static let tokensMax = 250_000

    /// The columns that a line should not exceed.
    public let width: Int
    /// The columns of one level of indentation.
    public let indent: Int

    /// Makes a formatter.
    ///
    /// - Parameters:
    ///   - width: The columns that a line should not exceed, at least 1 and at most ``widthMax``; what is outside
    ///     counts as the nearest bound.
    ///   - indent: The columns of one level of indentation, at most ``indentMax``, likewise.
    public init(width: Int = 80, indent: Int = 2) {
        self.width = min(max(1, width), Self.widthMax)
        self.indent = min(max(0, indent), Self.indentMax)
    }

    /// The policies of a text, laid out anew.
    ///
    /// - Parameter text: Policies and templates.
    /// - Returns: The same policies and comments; it ends with a line feed.
    /// - Throws: ``FormatError``; then there is nothing to use instead of the text.
    public func format(_ text: Text) throws(FormatError) -> Text {
        let formatted = try format(Array(text.utf8))
        guard let result = Text(utf8: formatted) else { throw .unfaithful }
        return result
    }

    /// The policies of UTF-8 bytes, laid out anew.
    ///
    /// - Parameter bytes: Policies and templates.
    /// - Returns: The same policies and comments; they end with a line feed.
    /// - Throws: ``FormatError``; then there is nothing to use instead of the bytes.
    public func format(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
        let policies = try parse(bytes)
        let formatted = try layOut(bytes)
        guard let result = try? PolicySet(parsing: formatted), policies.isWritten(as: result),
            Self.comments(of: bytes) == Self.comments(of: formatted)
        else { throw .unfaithful }
        return formatted
    }

    private func parse(_ bytes: [UInt8]) throws(FormatError) -> PolicySet {
        do throws(SyntaxError) {
            return try PolicySet(parsing: bytes)
        } catch {
            throw .syntax(error)
        }
    }

    private func layOut(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
        var reader = CommentedTokenReader(bytes)
        var output: [UInt8] = []
        while reader.kind != .end {
            let first = reader.range
            guard let tokens = policyTokens(&reader) else {
                throw .tooManyTokens(LineTable(bytes).range(first))
            }
            var layout = PolicyLayout(CommentedToken.withoutTrailingCommas(tokens), indent: indent)
            let policy = layout.policy()
            var renderer = LayoutRenderer(layout.document, source: bytes, width: width)
            let room = SourceLimits.textBytesMax - output.count
            guard let text = renderer.render(policy, bytesMax: room) else { throw .resultTooLong }
            if !output.isEmpty { output += "\n\n".utf8 }
            output += EmptyLines.removed(from: text)
        }
        output.append(UInt8(ascii: "\n"))
        for comment in reader.rest {
            output += bytes[Int(comment.start)..<Int(comment.end)]
            output.append(UInt8(ascii: "\n"))
        }
        guard output.count <= SourceLimits.textBytesMax else { throw .resultTooLong }
        return output
    }

    /// The tokens up to the next semicolon; `nil` if there are too many.
    private func policyTokens(_ reader: inout CommentedTokenReader) -> [CommentedToken]? {
        var tokens: [CommentedToken] = []
        while reader.kind != .end {
            guard tokens.count < Self.tokensMax else { return nil }
            let token = reader.next()
            tokens.append(token)
            if token.kind == .semicolon { break }
        }
        return tokens
    }

    /// All comments of a text, in order.
    private static func comments(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lexer = Lexer(bytes)
        var found: [ArraySlice<UInt8>] = []
        var end: Int32 = 0
        while true {
            let token = lexer.next()
            let gap = ByteRange(start: end, end: token.range.start)
            found += Comments.find(in: bytes, gap).map { bytes[Int($0.start)..<Int($0.end)] }
            guard token.kind != .end else { return found }
            end = token.range.end
        }
    }
}

extension PolicySet {
    /// Whether two sets were read from the same tokens, but for what has no meaning: their places differ.
    fileprivate func isWritten(as other: PolicySet) -> Bool {
        guard policies.count == other.policies.count, syntax.isSame(as: other.syntax) else { return false }
        return zip(policies, other.policies).allSatisfy { left, right in
            left.id == right.id && left.effect == right.effect && left.principal == right.principal
                && left.action == right.action && left.resource == right.resource
                && left.annotations.elementsEqual(right.annotations) {
                    $0.key == $1.key && $0.value == $1.value && $0.hasValue == $1.hasValue
                }
                && left.conditions.elementsEqual(right.conditions) { $0.isWhen == $1.isWhen && $0.root == $1.root }
        }
    }
}

extension ExpressionArena {
    fileprivate func isSame(as other: ExpressionArena) -> Bool {
        nodes.elementsEqual(other.nodes) {
            ($0.operation, $0.a, $0.b, $0.c) == ($1.operation, $1.a, $1.b, $1.c)
        } && children == other.children && constants == other.constants && names == other.names
            && patterns == other.patterns && types == other.types
    }
}
