import Bytes
import Cedar
import Testing

/// What is an expression, a policy or a schema, and what it means, against the tables of the reference implementation.
@Suite struct LanguageTests {
    static let store = Result { () throws(EntitiesError) in
        try Entities([Entity(uid: uid("User", "a"), attributes: Record(sorted: ["x": .long(1)]))])
    }

    static let request = Request(
        principal: uid("User", "a"),
        action: uid("Action", "v"),
        resource: uid("R", "r"),
        context: Record(sorted: ["n": .long(1)])
    )

    private func evaluate(_ condition: String) throws -> Evaluation {
        let policies = try PolicySet(parsing: Text("permit(principal, action, resource) when { \(condition) };"))
        return Authorizer.evaluate(Self.request, policies, try Self.store.get())
    }

    @Test(arguments: ExpressionTable.holding) func trueConditionsAllow(condition: String) throws {
        let evaluation = try evaluate(condition)
        #expect(evaluation.decision == .allow)
        #expect(evaluation.failures.isEmpty)
    }

    @Test(arguments: ExpressionTable.failing) func falseConditionsDeny(condition: String) throws {
        let evaluation = try evaluate(condition)
        #expect(evaluation.decision == .deny)
        #expect(evaluation.failures.isEmpty)
    }

    @Test(arguments: ExpressionTable.erroring) func erroringConditionsAreSkippedAndReported(condition: String) throws {
        let evaluation = try evaluate(condition)
        #expect(evaluation.decision == .deny)
        #expect(evaluation.failures.map(\.policy) == [PolicyReference(set: 0, policy: 0)])
    }

    @Test(arguments: ExpressionTable.refused) func whatIsNoExpressionIsRefused(condition: String) {
        #expect(throws: SyntaxError.self) { try evaluate(condition) }
    }

    @Test(arguments: SyntaxTable.policies) func policiesAreRead(text: String) throws {
        _ = try PolicySet(parsing: Text(text))
    }

    @Test(arguments: SyntaxTable.refusedPolicies) func whatIsNoPolicyIsRefused(text: String) {
        #expect(throws: SyntaxError.self) { try PolicySet(parsing: Text(text)) }
    }

    @Test(arguments: SyntaxTable.schemas) func schemasAreRead(text: String) throws {
        _ = try Schema(parsing: Text(text))
    }

    @Test(arguments: SyntaxTable.refusedSchemas) func whatIsNoSchemaIsRefused(text: String) {
        #expect(throws: SyntaxError.self) { try Schema(parsing: Text(text)) }
    }

    @Test(arguments: [
        ("principal.y == 1", EvaluationError.entityAttributeDoesNotExist(uid("User", "a"), attribute: "y")),
        ("resource.y == 1", .entityDoesNotExist(uid("R", "r"))),
        ("resource.getTag(\"t\") == 1", .entityDoesNotExist(uid("R", "r"))),
        ("principal.getTag(\"t\") == 1", .entityTagDoesNotExist(uid("User", "a"), tag: "t")),
        ("context.m == 1", .recordAttributeDoesNotExist(attribute: "m")),
        ("1 && true", .type(expected: [.bool], found: .long)),
        ("ip() == 1", .wrongNumberOfArguments(function: "ip", expected: 1, found: 0)),
        ("9223372036854775807 + context.n == 1", .integerOverflow),
        ("decimal(\"x\") == 1", .extensionFunctionFailed(function: "decimal", argument: "x")),
    ])
    func everyClassOfErrorIsNamed(condition: String, error: EvaluationError) throws {
        #expect(try evaluate(condition).failures.map(\.error) == [error])
    }
}

/// The identity of an entity whose type's name is known to be one.
func uid(_ type: String, _ id: Text) -> EntityUID { EntityUID(type: entityType(type), id: id) }

extension Record {
    /// A record of fields in the order of their names.
    init(sorted fields: KeyValuePairs<Text, Value>) {
        guard let record = Record(fields.map { Field($0.key, $0.value) }) else {
            preconditionFailure("duplicate names")
        }
        self = record
    }
}
