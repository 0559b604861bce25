import Bytes
import Cedar
import Testing

/// What is left of policies when some of the request or the entities is unknown; nothing that can fail is lost.
@Suite struct PartialEvaluationTests {
    static let schema = Result { () throws(SyntaxError) in
        try Schema(
            parsing: """
                entity G in [G];
                entity U in [G] { n: Long, flag: Bool, s: String, friend: U, opt?: Long, r: {a?: Bool} } tags Long;
                entity D;
                action all;
                action v in [all] appliesTo {
                    principal: [U, D], resource: D,
                    context: { on: Bool, n: Long, at: datetime, who: U, names: Set<String> }
                };
                """
        )
    }

    /// Principal and context are unknown; `U::"known"` is known, `U::"half"` has unknown attributes.
    static func evaluate(
        _ condition: String,
        head: String = "permit(principal, action, resource)"
    ) throws
        -> PartialEvaluation
    {
        let schema = try schema.get()
        let request = try PartialRequest(
            principal: PartialEntityUID(type: entityType("U")),
            action: uid("Action", "v"),
            resource: PartialEntityUID(uid("D", "d")),
            schema: schema
        )
        let attributes = try #require(
            Record([
                .init("n", .long(1)), .init("flag", .bool(true)), .init("s", .string("x")), .init("r", .record(.empty)),
                .init("friend", .entity(uid("U", "half"))),
            ])
        )
        let entities = try PartialEntities(
            [
                PartialEntity(
                    uid: uid("U", "known"),
                    attributes: attributes,
                    parents: [uid("G", "g")],
                    tags: Record([.init("t", .long(1))])
                ),
                PartialEntity(uid: uid("U", "half"), parents: [uid("G", "h")]),
                PartialEntity(uid: uid("G", "g"), parents: []),
            ],
            schema: schema
        )
        let text = condition.isEmpty ? "\(head);" : "\(head) when { \(condition) };"
        return try PolicySet(parsing: Text(text)).partiallyEvaluate(request, entities, schema: schema)
    }

    private static let fails = "(9223372036854775807 + 1 == 0)"
    private static let asks = #"principal == U::"x""#
    private static let mayFail = "context.on"

    @Test(arguments: [
        ("", PartialOutcome.satisfied),
        ("false && \(fails)", .unsatisfied), ("\(fails) && false", .failed), ("true && \(fails)", .failed),
        ("true || \(fails)", .satisfied), ("\(fails) || true", .failed), ("false || \(fails)", .failed),
        ("\(asks) && false", .unsatisfied), ("\(asks) || true", .satisfied),
        ("\(asks) && \(fails)", .residual), ("\(asks) || \(fails)", .residual),
        ("\(mayFail) && false", .residual), ("\(mayFail) || true", .residual),
        ("\(asks) && \(mayFail) && false", .residual), ("\(asks) && false && \(mayFail)", .unsatisfied),
        ("\(asks) || \(mayFail) || true", .residual), ("\(asks) || true || \(mayFail)", .satisfied),
        ("!(\(fails))", .failed), ("!(\(asks) && false)", .satisfied),
        ("if \(fails) then true else true", .failed), ("if true then false else \(fails)", .unsatisfied),
        ("if false then \(fails) else true", .satisfied), ("if \(asks) then true else true", .residual),
        ("if \(asks) then \(fails) else \(fails)", .residual),
        ("(principal.n + 1 == 2) && false", .residual), ("(-(principal.n) == 2) && false", .residual),
        ("(principal.n < 2) && false", .residual), ("(principal has opt) && false", .unsatisfied),
        ("(principal has r.a) && false", .unsatisfied), (#"(principal in G::"g") && false"#, .unsatisfied),
        (#"principal.hasTag("t") && false"#, .unsatisfied),
        (#"(principal.hasTag("t") && principal.getTag("t") == 1) && false"#, .residual),
        (#"(context.s == "x") && false"#.replacing("context.s", with: "principal.s"), .residual),
        ("([principal] == [principal]) && false", .unsatisfied),
        ("([principal.n] == [1]) && false", .residual), ("({a: principal.n} == {a: 1}) && false", .residual),
        ("(context.at.toDate() == context.at) && false", .residual),
        (#"(principal.s like "x*") && false"#, .residual), ("[principal].contains(principal) && false", .unsatisfied),
        ("principal is U", .satisfied), ("principal is D", .unsatisfied), ("resource is D", .satisfied),
        (#"principal is D in G::"g""#, .unsatisfied), (#"principal is U in G::"g""#, .residual),
        (#"action in Action::"all""#, .satisfied), (#"action == Action::"all""#, .unsatisfied),
        (#"U::"known".n == 1"#, .satisfied), (#"U::"known".n + 1 == 1"#, .unsatisfied),
        (#"U::"known" has opt"#, .unsatisfied), (#"U::"known" has n"#, .satisfied),
        (#"U::"known" has r.a"#, .unsatisfied), (#"U::"known" has friend.opt"#, .residual),
        (#"U::"known".friend.n == 1"#, .residual), (#"U::"half".n == 1"#, .residual),
        (#"U::"known" in G::"g""#, .satisfied), (#"U::"known" in G::"other""#, .unsatisfied),
        (#"U::"half" in G::"h""#, .satisfied), (#"U::"half" in G::"g""#, .residual),
        (#"U::"known" in [G::"x", G::"g"]"#, .satisfied), (#"U::"none" in G::"g""#, .residual),
        (#"G::"g" in G::"g""#, .satisfied), (#"U::"known".hasTag("t")"#, .satisfied),
        (#"U::"known".hasTag("u")"#, .unsatisfied),
        (#"U::"known".hasTag("u") && U::"known".getTag("u") == 1"#, .unsatisfied),
        (#"U::"half".hasTag("t")"#, .residual), (#"context.names.contains("x")"#, .residual),
    ])
    func whatIsUnknownAndWhatMayFailIsKept(condition: String, outcome: PartialOutcome) throws {
        #expect(try Self.evaluate(condition).policies.map(\.outcome) == [outcome], "\(condition)")
    }

    @Test(arguments: [
        (#"principal.n + 1 + 2 == 4"#, #"principal.n + 1 + 2 == 4"#),
        ("1 + 2 + principal.n == 4", "3 + principal.n == 4"),
        (#"U::"known".friend.n == 1"#, #"U::"half".n == 1"#), ("true && \(mayFail) && true", mayFail),
        (#"U::"known" has friend.opt"#, #"U::"half" has opt"#), ("\(mayFail) || true || 1 == 2", "\(mayFail) || true"),
        ("\(asks) && \(fails) && \(mayFail)", "\(asks) && \(fails)"), ("!(\(asks)) && 1 == 1", "!(\(asks))"),
        ("context.n == resource.n".replacing("resource.n", with: #"U::"known".n"#), "context.n == 1"),
        (
            #"context.at < datetime("1970-01-02")"#,
            #"context.at < datetime("1970-01-01").offset(duration("86400000ms"))"#
        ),
        (#"context.at < datetime("1970-01-01")"#, #"context.at < datetime("1970-01-01")"#),
        (#"principal in [G::"b", G::"a"]"#, #"principal in [G::"a", G::"b"]"#),
        (#"principal is U in G::"g""#, #"principal in G::"g""#),
        ("context.names == [principal.s]", "context.names == [principal.s]"),
        ("{b: 1, a: principal.n} == {a: 2, b: 1}", "{a: principal.n, b: 1} == {a: 2, b: 1}"),
        (#"if \#(asks) then 1 + 1 == 2 else \#(fails)"#, #"if \#(asks) then true else \#(fails)"#),
        ("principal.s like \"x*\" && true", "principal.s like \"x*\""),
    ])
    func whatIsLeftIsWrittenAsAPolicy(condition: String, left: String) throws {
        let evaluation = try Self.evaluate(condition)
        let expected = try PolicySet(parsing: Text("permit(principal, action, resource) when { \(left) };"))
        #expect(evaluation.residuals.json(ofPolicyAt: 0) == expected.json(ofPolicyAt: 0), "\(condition)")
    }

    @Test(arguments: [
        ("principal", PartialOutcome.satisfied), ("principal is U", .satisfied), ("principal is D", .unsatisfied),
        (#"principal == U::"x""#, .residual), (#"principal == D::"x""#, .unsatisfied),
        (#"principal in G::"g""#, .residual),
        (#"principal is U in G::"g""#, .residual), (#"principal is D in D::"g""#, .unsatisfied),
    ])
    func theScopeIsPartOfWhatIsLeft(principal: String, outcome: PartialOutcome) throws {
        let head = "permit(\(principal), action == Action::\"v\", resource == D::\"d\")"
        #expect(try Self.evaluate("", head: head).policies.map(\.outcome) == [outcome])
        // Outside of its scope, a policy cannot fail; inside, it does.
        let failing: PartialOutcome = outcome == .satisfied ? .failed : outcome
        #expect(try Self.evaluate(Self.fails, head: head).policies.map(\.outcome) == [failing])
        let other = "forbid(\(principal), action in [Action::\"all\"], resource == D::\"other\")"
        #expect(try Self.evaluate(Self.fails, head: other).policies.map(\.outcome) == [.unsatisfied])
    }

    @Test(arguments: [
        ("permit", "true", Decision?.some(.allow)), ("permit", "false", .deny), ("permit", fails, .deny),
        ("permit", asks, nil), ("forbid", "true", .deny), ("forbid", asks, .deny),
    ])
    func theDecisionIsKnownIfNothingUnknownChangesIt(effect: String, condition: String, decision: Decision?) throws {
        let evaluation = try Self.evaluate(condition, head: "\(effect)(principal, action, resource)")
        #expect(evaluation.decision == decision)
        // Beside a satisfied permit, only forbids matter any more.
        let permit = "permit(principal, action, resource); "
        let both = try Self.evaluate(condition, head: "\(permit)\(effect)(principal, action, resource)")
        let isForbidden = effect == "forbid"
        #expect(both.decision == (isForbidden ? (condition == "true" ? .deny : nil) : .allow))
        // Beside a satisfied forbid, nothing does.
        let forbid = "forbid(principal, action, resource); "
        #expect(try Self.evaluate(condition, head: "\(forbid)\(effect)(principal, action, resource)").decision == .deny)
    }

    @Test func policiesAreListedByEffectAndOutcome() throws {
        let text = """
            permit(principal, action, resource); @id("no") permit(principal, action, resource) when { false };
            forbid(principal == ?principal, action, resource);
            forbid(principal, action, resource) when { \(Self.fails) };
            @note forbid(principal, action, resource)
            """
        let evaluation = try Self.evaluate(Self.asks, head: text)
        #expect(evaluation.policies(.permit, .satisfied).map(\.id) == ["policy0"])
        #expect(evaluation.policies(.permit, .unsatisfied).map(\.index) == [1])
        #expect(evaluation.policies(.forbid, .failed).map(\.index) == [3])
        #expect(evaluation.policies(.forbid, .residual).map(\.index) == [4])
        #expect(evaluation.policies.map(\.index) == [0, 1, 3, 4])
        #expect(evaluation.residuals.policies.map(\.id) == ["policy0", "policy1", "policy3", "policy4"])
        #expect(evaluation.residuals.policies.map { $0.annotations.map(\.key) } == [[], ["id"], [], ["note"]])
        #expect(evaluation.nontrivialResiduals.policies.map(\.id) == ["policy4"])
        #expect(evaluation.decision == nil)
    }

    @Test(arguments: [
        "principal.opt == 1", "principal.n == \"x\"", "principal.nosuch == 1", "context.n", "1 + 1 == true",
        "ip(principal.s).isIpv4()",
    ])
    func aPolicyThatIsNotValidForTheRequestIsRefused(condition: String) throws {
        let error = #expect(throws: PartialEvaluationError.self) { try Self.evaluate(condition) }
        guard case .invalidPolicy("policy0", let diagnostics) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!diagnostics.isEmpty)
        // The same policy is not in question for principals of another type.
        let other = try Self.evaluate(condition, head: "permit(principal is D, action, resource)")
        #expect(other.policies.map(\.outcome) == [.unsatisfied])
    }

    @Test func theSizeOfWhatIsLeftIsLimited() throws {
        let schema = try Schema(
            parsing: "entity U { s: Set<Long>, n: Long }; action v appliesTo { principal: U, resource: U };"
        )
        // Each policy takes the set in, and four nodes: the set, a variable, an access, and the comparison of the two.
        func evaluate(_ policyCount: Int, _ elementCount: Int) throws -> PartialEvaluation {
            let elements = (0..<elementCount).map { Value.long(Int64($0)) }
            let attributes = try #require(Record([.init("s", .set(ValueSet(elements))), .init("n", .long(1))]))
            let request = try PartialRequest(
                principal: PartialEntityUID(type: entityType("U")),
                action: uid("Action", "v"),
                resource: PartialEntityUID(uid("U", "r")),
                schema: schema
            )
            let entities = try PartialEntities(
                [PartialEntity(uid: uid("U", "r"), attributes: attributes)],
                schema: schema
            )
            let policy = "permit(principal, action, resource) when { principal.s == resource.s };"
            let policies = try PolicySet(parsing: Text(String(repeating: policy, count: policyCount)))
            return try policies.partiallyEvaluate(request, entities, schema: schema)
        }
        let share = PartialLimits.residualNodesMax / 10
        #expect(try evaluate(10, share - 4).policies.count == 10)
        #expect(throws: PartialEvaluationError.tooLarge) { try evaluate(10, share - 3) }
    }

    @Test func nestingIsLimited() throws {
        func evaluate(_ depth: Int) throws -> PartialEvaluation {
            // Each level of the policy counts, and so does each of the value that takes a variable's place.
            let type = String(repeating: "Set<", count: 60) + "Long" + String(repeating: ">", count: 60)
            let schema = try Schema(
                parsing: Text("entity U { v: \(type), b: Bool }; action v appliesTo { principal: U, resource: U };")
            )
            let value = (0..<60).reduce(Value.long(1)) { inner, _ in .set(ValueSet([inner])) }
            let attributes = try #require(Record([.init("v", value), .init("b", .bool(true))]))
            let request = try PartialRequest(
                principal: PartialEntityUID(type: entityType("U")),
                action: uid("Action", "v"),
                resource: PartialEntityUID(uid("U", "r")),
                schema: schema
            )
            let entities = try PartialEntities(
                [PartialEntity(uid: uid("U", "r"), attributes: attributes)],
                schema: schema
            )
            let nots = String(repeating: "(if principal.b then true else ", count: depth)
            let text = "\(nots)principal.v == resource.v\(String(repeating: ")", count: depth))"
            let policies = try PolicySet(parsing: Text("permit(principal, action, resource) when { \(text) };"))
            return try policies.partiallyEvaluate(request, entities, schema: schema)
        }
        #expect(try evaluate(37).policies.map(\.outcome) == [.residual])
        #expect(try evaluate(38).policies.map(\.outcome) == [.residual])
        #expect(throws: PartialEvaluationError.tooDeep("policy0")) { try evaluate(39) }
    }
}
