public import Bytes

/// An expression that stands for itself: what could be in a `when` clause.
public struct Expression: Sendable {
    private let arena: ExpressionArena
    private let root: Int32

    /// Reads an expression.
    ///
    /// - Throws: ``SyntaxError`` with what is wrong.
    public init(parsing text: Text) throws(SyntaxError) {
        let bytes = Array(text.utf8)
        try SourceCheck.check(bytes)
        var parser = PolicyParser(bytes)
        root = try parser.parseExpression()
        arena = parser.builder.arena
    }

    /// The value for a request.
    ///
    /// - Throws: ``EvaluationError`` if there is none.
    public func evaluate(_ request: Request, _ entities: Entities) throws(EvaluationError) -> Value {
        try Evaluator(arena: arena, request: request, entities: entities).evaluate(root)
    }

    /// The expression in Cedar's syntax.
    public var cedarText: Text { Text(ExpressionWriter.text(of: root, in: arena)) }
}
