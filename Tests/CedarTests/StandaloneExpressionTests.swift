import Bytes
import Cedar
import Testing

/// Expressions that stand for themselves.
@Suite struct StandaloneExpressionTests {
    private static let request = Request(
        principal: EntityUID(type: entityType("User"), id: "alice"),
        action: EntityUID(type: entityType("Action"), id: "view"),
        resource: EntityUID(type: entityType("Photo"), id: "p"),
        context: Record([Record.Field("hits", .long(3))]) ?? .empty
    )

    @Test(
        arguments: [
            ("1 + 2 * context.hits", Value.long(7)), ("principal == User::\"alice\"", .bool(true)),
            ("[1, 2].contains(context.hits)", .bool(false)), ("\"a\"", .string("a")), ("(1)", .long(1)),
        ] as [(Text, Value)]
    ) func anExpressionHasAValue(text: Text, value: Value) throws {
        #expect(try Expression(parsing: text).evaluate(Self.request, .empty) == value)
    }

    @Test func anExpressionMayHaveNoValue() throws {
        let expression = try Expression(parsing: "context.none")
        #expect(throws: EvaluationError.self) { try expression.evaluate(Self.request, .empty) }
        #expect(expression.cedarText == "context.none")
    }

    @Test(arguments: [
        "", "1 +", "1 2", "true } unless { false", "?principal", "1;", "permit(principal, action, resource);",
    ])
    func whatIsNoExpressionIsRefused(text: Text) {
        #expect(throws: SyntaxError.self) { try Expression(parsing: text) }
    }
}
