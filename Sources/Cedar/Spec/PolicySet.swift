public import Bytes

/// Policies and templates, parsed and compiled: immutable, flat and safe to share between threads.
///
/// Policies are named by their place: the first is number 0.
public struct PolicySet: Sendable {
    /// Everything, behind one reference, so that copying a set is cheap.
    private let content: Content

    /// The policies and templates in the order of the text.
    public var policies: [Policy] { content.policies }

    /// The expressions as they were written, for what reads policies instead of evaluating them.
    var syntax: ExpressionArena { content.syntax }
    /// The places in the source of the nodes of ``syntax``.
    var ranges: [ByteRange] { content.ranges }
    /// Where a node of ``syntax`` stands in the text; `nil` if there is no text.
    func sourceRange(ofNode node: Int32) -> SourceRange? { content.lines?.range(content.ranges[Int(node)]) }
    /// The expressions as they are evaluated: what is constant is computed.
    var code: ExpressionArena { content.code }
    /// The scopes as they are evaluated.
    var scopes: ScopeTable { content.scopes }

    private final class Content: Sendable {
        let policies: [Policy]
        let syntax: ExpressionArena
        let ranges: [ByteRange]
        let lines: LineTable?
        let code: ExpressionArena
        let scopes: ScopeTable

        init(_ policies: [Policy], _ arena: ExpressionArena, _ ranges: [ByteRange], _ lines: LineTable?) {
            self.policies = policies
            syntax = arena
            self.ranges = ranges
            self.lines = lines
            code = ConstantFolding.fold(arena)
            scopes = ScopeTable(policies)
        }
    }

    /// The set without policies.
    public static let empty = PolicySet([], ExpressionArena(), [], nil)

    /// Reads policies from text.
    ///
    /// - Throws: ``SyntaxError`` with everything that is wrong; then there is no set.
    public init(parsing text: Text) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads policies from UTF-8 bytes.
    ///
    /// - Throws: ``SyntaxError`` with everything that is wrong; then there is no set.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        try SourceCheck.check(bytes)
        var parser = PolicyParser(bytes)
        let (policies, arena, ranges) = try parser.parse()
        self.init(policies, arena, ranges, LineTable(bytes))
    }

    private init(_ policies: [Policy], _ arena: ExpressionArena, _ ranges: [ByteRange], _ lines: LineTable?) {
        content = Content(policies, arena, ranges, lines)
    }
}

/// What every source text has to be before it is read.
enum SourceCheck {
    static func check(_ bytes: [UInt8]) throws(SyntaxError) {
        let none = ByteRange(start: 0, end: 0)
        guard bytes.count <= SourceLimits.textBytesMax else {
            let message = "text longer than \(SourceLimits.textBytesMax) bytes"
            throw SyntaxError([SyntaxFailure(.limitExceeded, message, none)], in: [])
        }
        guard Text(utf8: bytes) != nil else {
            throw SyntaxError([SyntaxFailure(.invalidToken, "text is not UTF-8", none)], in: [])
        }
    }
}
