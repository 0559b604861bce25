import Bytes
import Cedar
import Testing

/// How policies make a decision together.
@Suite struct AuthorizerTests {
    static let erroring = "when { 1 + \"a\" == 1 };"

    private func evaluate(_ texts: String..., selecting: ((PolicyReference) -> Bool)? = nil) throws -> Evaluation {
        let sets = try texts.map { try PolicySet(parsing: Text($0)) }
        return Authorizer.evaluate(LanguageTests.request, sets, .empty, selecting: selecting)
    }

    @Test func nothingAbsentAllows() throws {
        #expect(try evaluate().decision == .deny)
        #expect(try evaluate("").decision == .deny)
    }

    @Test func aForbidOverridesEveryPermit() throws {
        let permit = "permit(principal, action, resource);"
        let forbid = "forbid(principal, action, resource);"
        #expect(try evaluate(permit).decision == .allow)
        let both = try evaluate(permit + forbid + permit + forbid)
        #expect(both.decision == .deny)
        #expect(both.determining.map(\.policy) == [1, 3])
    }

    @Test func anErroringForbidIsSkippedAndReported() throws {
        let text = "permit(principal, action, resource); forbid(principal, action, resource) \(Self.erroring)"
        let evaluation = try evaluate(text)
        #expect(evaluation.decision == .allow)
        #expect(evaluation.failures.map(\.policy.policy) == [1])
    }

    @Test(arguments: [
        (#"("a" + {}.b) == 1"#, EvaluationError.recordAttributeDoesNotExist(attribute: "b")),
        (#"({}.b + "a") == 1"#, EvaluationError.recordAttributeDoesNotExist(attribute: "b")),
        (#"("a" + 1 + {}.b) == 1"#, EvaluationError.type(expected: [.long], found: .string)),
    ])
    func bothOperandsHaveValuesBeforeTheirTypesMatter(condition: String, error: EvaluationError) throws {
        let evaluation = try evaluate("permit(principal, action, resource) when { \(condition) };")
        #expect(evaluation.failures.map(\.error) == [error])
    }

    @Test func conditionsOutsideTheScopeAreNotEvaluated() throws {
        let evaluation = try evaluate("permit(principal is Nobody, action, resource) \(Self.erroring)")
        #expect(evaluation.failures.isEmpty)
    }

    @Test func severalSetsDecideTogether() throws {
        let evaluation = try evaluate("permit(principal, action, resource);", "forbid(principal, action, resource);")
        #expect(evaluation.permits == [PolicyReference(set: 0, policy: 0)])
        #expect(evaluation.determining == [PolicyReference(set: 1, policy: 0)])
        #expect(evaluation.decision == .deny)
    }

    @Test func whatIsNotSelectedTakesNoPart() throws {
        let text = "permit(principal, action, resource); forbid(principal, action, resource);"
        #expect(try evaluate(text) { $0.policy == 0 }.decision == .allow)
        #expect(try evaluate(text) { $0.policy == 1 }.decision == .deny)
        #expect(try evaluate(text) { _ in false }.decision == .deny)
    }

    @Test func templatesTakeNoPart() throws {
        let text =
            "permit(principal == ?principal, action, resource); forbid(principal, action, resource in ?resource);"
        let evaluation = try evaluate(text)
        #expect(evaluation == (try evaluate("")))
        let policies = try PolicySet(parsing: Text(text))
        #expect(Authorizer.outcome(ofPolicyAt: 0, in: policies, LanguageTests.request, .empty) == .template)
    }

    @Test(arguments: [
        ("permit(principal, action, resource) when { true } unless { false };", PolicyOutcome.satisfied),
        ("permit(principal == User::\"b\", action == Action::\"w\", resource);", .outOfScope(.principal)),
        ("permit(principal, action == Action::\"w\", resource);", .outOfScope(.action)),
        ("permit(principal, action, resource is File);", .outOfScope(.resource)),
        ("permit(principal, action in [], resource);", .outOfScope(.action)),
        ("permit(principal, action, resource) when { true } unless { true };", .conditionNotMet(1)),
        (
            "permit(principal, action, resource) when { context.n };",
            .failed(condition: 0, .type(expected: [.bool], found: .long))
        ),
    ])
    func outcomesNameThePartThatDecided(text: String, outcome: PolicyOutcome) throws {
        let policies = try PolicySet(parsing: Text(text))
        #expect(Authorizer.outcome(ofPolicyAt: 0, in: policies, LanguageTests.request, .empty) == outcome)
    }

    @Test(arguments: [
        ("principal == User::\"a\"", true), ("principal == User::\"b\"", false), ("principal in User::\"a\"", true),
        ("principal in Team::\"t\"", true), ("principal in Team::\"top\"", true), ("principal in Team::\"u\"", false),
        ("principal is User", true), ("principal is Team", false), ("principal is User in Team::\"top\"", true),
        ("principal is User in Team::\"u\"", false), ("principal is Team in Team::\"top\"", false),
    ])
    func scopesMatchAsConditionsDo(constraint: String, holds: Bool) throws {
        let entities = try Entities([
            Entity(uid: uid("User", "a"), parents: [uid("Team", "t")]),
            Entity(uid: uid("Team", "t"), parents: [uid("Team", "top")]),
        ])
        for text in [
            "permit(\(constraint), action, resource);", "permit(principal, action, resource) when { \(constraint) };",
        ] {
            let policies = try PolicySet(parsing: Text(text))
            #expect(Authorizer.evaluate(LanguageTests.request, policies, entities).decision == (holds ? .allow : .deny))
        }
    }
}
