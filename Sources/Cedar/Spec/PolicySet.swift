public import Bytes

/// Policies and templates, parsed and compiled: immutable, flat and safe to share between threads.
///
/// Policies have a place, of which the first is number 0, and an identifier. Templates take part in authorization only
/// through the policies that are linked to them; see ``linking(_:)``.
public struct PolicySet: Sendable {
    /// Everything, behind one reference, so that copying a set is cheap.
    private let content: Content

    /// The policies and templates in the order of the text; what is linked or merged comes behind.
    public var policies: [Policy] { content.parts.policies }

    /// The place of the policy or template of that identifier.
    public func index(of id: Text) -> Int? { content.indexes[id] }

    /// The policy or template of that identifier.
    public subscript(id: Text) -> Policy? { content.indexes[id].map { policies[$0] } }

    /// The expressions as they were written, for what reads policies instead of evaluating them.
    var syntax: ExpressionArena { content.parts.syntax }
    /// Where a node of ``syntax`` stands in its text; `nil` if there is no text.
    func sourceRange(ofNode node: Int32) -> SourceRange? {
        let source = content.parts.sources.last { $0.firstNode <= node }
        return source?.lines?.range(content.parts.ranges[Int(node)])
    }
    /// The expressions as they are evaluated: what is constant is computed.
    var code: ExpressionArena { content.code }
    /// The scopes as they are evaluated.
    var scopes: ScopeTable { content.scopes }
    /// What the set is made of.
    var parts: Parts { content.parts }

    /// What a set is made of before it is compiled.
    struct Parts: Sendable {
        /// A text that expressions come from.
        struct Source: Sendable {
            /// The first node of that text.
            var firstNode: Int32
            /// `nil` if the expressions were never written as a text.
            var lines: LineTable?
        }

        /// The identifiers have to be unique.
        var policies: [Policy] = []
        var syntax = ExpressionArena()
        /// The places in their text of the nodes of ``syntax``.
        var ranges: [ByteRange] = []
        /// The texts in the order of their nodes.
        var sources: [Source] = []
    }

    private final class Content: Sendable {
        let parts: Parts
        let indexes: [Text: Int]
        let code: ExpressionArena
        let scopes: ScopeTable

        init(_ parts: Parts) {
            self.parts = parts
            var indexes: [Text: Int] = [:]
            indexes.reserveCapacity(parts.policies.count)
            for (index, policy) in parts.policies.enumerated() { indexes[policy.id] = index }
            self.indexes = indexes
            code = ConstantFolding.fold(parts.syntax)
            scopes = ScopeTable(parts.policies)
        }
    }

    /// The set without policies.
    public static let empty = PolicySet(Parts())

    /// Reads policies from text; they are named `policy0`, `policy1` and so on.
    ///
    /// - Throws: ``SyntaxError`` with everything that is wrong; then there is no set.
    public init(parsing text: Text) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads policies from UTF-8 bytes; they are named `policy0`, `policy1` and so on.
    ///
    /// - Throws: ``SyntaxError`` with everything that is wrong; then there is no set.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        try SourceCheck.check(bytes)
        var parser = PolicyParser(bytes)
        let (policies, arena, ranges) = try parser.parse()
        let source = Parts.Source(firstNode: 0, lines: LineTable(bytes))
        self.init(Parts(policies: policies, syntax: arena, ranges: ranges, sources: [source]))
    }

    init(_ parts: Parts) {
        content = Content(parts)
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
