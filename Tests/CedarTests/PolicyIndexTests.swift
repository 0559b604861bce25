import Bytes
import Cedar
import Testing

/// The index leads to the policies that can apply, and to no others; where it could be wrong, to all.
///
/// Which policies are selected is asked only about those that the index comes to and whose scope matches, so asking
/// counts them.
@Suite struct PolicyIndexTests {
    private static let user = uid("User", "u")
    private static let team = uid("Team", "7")

    private func request(_ context: [Record.Field] = [], principal: EntityUID = user) -> Request {
        Request(
            principal: principal,
            action: uid("Action", "read"),
            resource: uid("Doc", "d"),
            context: Record(context) ?? .empty
        )
    }

    private func store() throws -> Entities {
        try Entities([
            Entity(uid: Self.user, attributes: Record(sorted: ["trust": .long(5)]), parents: [Self.team])
        ])
    }

    /// How many policies the index comes to; the evaluation has to be that of the plain loop.
    private func visits(_ text: String, _ request: Request) throws -> Int {
        let policies = try PolicySet(parsing: Text(text))
        let entities = try store()
        let prepared = PreparedAuthorizer(policies, entities)
        var visited: Set<PolicyReference> = []
        let evaluation = prepared.evaluate(request) { reference in
            visited.insert(reference)
            return true
        }
        #expect(evaluation == Authorizer.evaluate(request, policies, entities))
        return visited.count
    }

    private func repeated(_ count: Int, _ body: (Int) -> String) -> String {
        (0..<count).map(body).joined(separator: "\n")
    }

    @Test(arguments: [
        "principal in Team::\"%\"", "principal == User::\"%\"", "principal in [Team::\"%\", Team::\"x\"]",
        "principal is User in Team::\"%\"", "context.tool == \"%\"", "\"%\" == context.tool",
        "[\"%\", \"other\"].contains(context.tool)", "context.tool == \"%\" || context.tool == \"x%\"",
        "context has tool && context.tool == \"%\"", "principal.trust > 3 && context.tool == \"%\"",
        "context.size == %", "context.owner == User::\"%\"", "context.owner in Team::\"%\"",
        "context.owner is T%", "context.tool like \"*\" && principal in Team::\"%\"",
        "principal has trust && principal.trust > 3 && context.owner in [Team::\"%\"]",
        "context.at.toTime() == duration(\"0ms\") && context.tool == \"%\"",
        "context.ip.isIpv4() && context.tool == \"%\"", "(if context.open then true else false) && context.size == %",
    ])
    func policiesThatCannotApplyAreNotVisited(condition: String) throws {
        let text = repeated(100) { number in
            let part = condition.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "\(number)")
            return "permit(principal, action, resource) when { \(part) };"
        }
        let context: [Record.Field] = [
            Record.Field("tool", .string("7")), Record.Field("size", .long(7)),
            Record.Field("owner", .entity(Self.user)),
            Record.Field("at", .datetime(Datetime(milliseconds: 0))), Record.Field("open", .bool(true)),
            Record.Field("ip", try #require(IPAddress("10.0.0.1").map(Value.ipaddr))),
        ]
        #expect(try visits(text, request(context)) <= 8)
    }

    @Test(arguments: [
        "context.missing > 3 && ", "context.tool > 3 && ", "context.size + 1 > 3 && ", "context.tool.length > 3 && ",
        "context has tool.length && ", "context.tool has length && ", "context.missing has length && ",
        "principal.trust.level > 3 && ", "resource.trust > 3 && ", "!context.tool && ",
        "context.tool in Team::\"7\" && ",
        "context.list in Team::\"7\" && ", "context.size like \"*\" && ", "context.tool is Team && ",
    ])
    func policiesThatMayFailAreAllVisited(prefix: String) throws {
        let text = repeated(100) { number in
            "permit(principal, action, resource) when { \(prefix)context.tool == \"\(number)\" };"
        }
        let list = Value.set(ValueSet([.entity(Self.team), .long(1)]))
        let context = [
            Record.Field("tool", .string("7")), Record.Field("size", .long(.max)), Record.Field("list", list),
        ]
        #expect(try visits(text, request(context)) == 100)
    }

    @Test func aMissingAttributeIsEvaluatedInFullUnlessItWasAskedFor() throws {
        let bare = repeated(50) { "forbid(principal, action, resource) when { context.tool == \"\($0)\" };" }
        #expect(try visits(bare, request()) == 50)
        let guarded = repeated(50) {
            "forbid(principal, action, resource) when { context has tool && context.tool == \"\($0)\" };"
        }
        #expect(try visits(guarded, request()) == 0)
        // Asked for in the wrong sense: where the part before holds, the attribute is missing.
        let inverted = repeated(50) {
            "forbid(principal, action, resource) unless { context has tool } when { context.tool == \"\($0)\" };"
        }
        #expect(try visits(inverted, request()) == 50)
    }

    @Test(arguments: [
        ("context.n > %", [(0, 0), (1, 1), (20, 20), (40, 40), (41, 40)]),
        ("context.n >= %", [(-1, 0), (0, 1), (20, 21), (39, 40)]),
        ("context.n < %", [(-1, 40), (0, 39), (20, 19), (39, 0)]),
        ("% <= context.n", [(-1, 0), (0, 1), (20, 21)]), ("% > context.n", [(0, 39), (39, 0)]),
    ])
    func boundsTellPoliciesApart(condition: String, counts: [(Int64, Int)]) throws {
        let text = repeated(40) { number in
            let part = condition.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "\(number)")
            return "permit(principal, action, resource) when { \(part) };"
        }
        let negated = text.split(separator: " when ").joined(separator: " unless ")
        for (value, count) in counts {
            let request = request([Record.Field("n", .long(value))])
            #expect(try visits(text, request) == count, "\(value)")
            #expect(try visits(negated, request) == 40 - count, "not \(value)")
        }
        #expect(try visits(text, request([Record.Field("n", .string("20"))])) == 40)
        #expect(try visits(text, request()) == 40)
        for extreme in [Int64.min, .max] { _ = try visits(text, request([Record.Field("n", .long(extreme))])) }
    }

    @Test func boundsAtTheEndsOfTheIntegersAreKept() throws {
        let text = repeated(20) { number in
            let limit = number % 2 == 0 ? "9223372036854775807" : "-9223372036854775808"
            let relation = ["<", "<=", ">", ">="][number / 2 % 4]
            return "permit(principal, action, resource) when { context.n \(relation) \(limit) };"
        }
        for value in [Int64.min, .min + 1, 0, .max - 1, .max] {
            _ = try visits(text, request([Record.Field("n", .long(value))]))
        }
    }

    @Test func strangersMeetOnlyWhatAsksForTheirTypeOrNothing() throws {
        let scopes = [
            "principal == User::\"u\"", "principal in Team::\"7\"", "principal is User", "principal is Ghost",
            "principal",
        ]
        let text = repeated(60) { "permit(\(scopes[$0 % 5]), action == Action::\"read\", resource);" }
        #expect(try visits(text, request(principal: uid("Ghost", "g"))) == 24)
        #expect(try visits(text, request(principal: uid("Nobody", "n"))) == 12)
        #expect(try visits(text, request(principal: uid("User", "stranger"))) == 24)
        #expect(try visits(text, request()) == 48)
    }

    @Test func anEntityInManyGroupsMeetsOnlyItsOwn() throws {
        let groups = (0..<200).map { uid("Group", Text("\($0)")) }
        let entities = try Entities([Entity(uid: Self.user, parents: groups)])
        let text = (0..<4).map { set in
            repeated(10) { "permit(principal in Group::\"\($0 * 40 + set)\", action, resource);" }
        }.joined()
        let policies = try PolicySet(parsing: Text(text))
        let expected = Authorizer.evaluate(request(), policies, entities)
        #expect(expected.permits.count == 20)
        #expect(PreparedAuthorizer(policies, entities).evaluate(request()) == expected)
    }

    @Test(arguments: [0, 1, ProgramLimits.paths - 1, ProgramLimits.paths, ProgramLimits.paths + 1])
    func pathsBeyondTheLimitAreEvaluatedPlainly(count: Int) throws {
        let text = repeated(count) { "permit(principal, action, resource) when { context.a\($0) == 1 };" }
        let fields = (0..<count).filter { $0 % 3 == 0 }.map { Record.Field(Text("a\($0)"), .long(Int64($0 % 2))) }
        _ = try visits(text, request(fields))
    }

    /// What the tests know of the program's limits.
    enum ProgramLimits {
        /// The most paths with a number.
        static let paths = 256
    }

    /// While guards hold, what is behind them is looked at first: it must not speak for a policy out of its scope.
    @Test func aPolicyOutOfScopeDoesNotFailBehindItsGuards() throws {
        let text = repeated(40) {
            """
            permit(principal, action, resource in Doc::"other") when { context.tool == "\($0 % 2)" && principal.trust > 3 }
              when { resource.missing == 1 };
            forbid(principal, action, resource) when { context.tool == "\($0 % 2)" && principal.trust > \($0) }
              when { resource.missing == 1 };
            """
        }
        let policies = try PolicySet(parsing: Text(text))
        for tool in ["0", "1", "2"] {
            let request = request([Record.Field("tool", .string(Text(tool)))])
            let expected = Authorizer.evaluate(request, policies, try store())
            #expect(PreparedAuthorizer(policies, try store()).evaluate(request) == expected)
            #expect(expected.failures.allSatisfy { $0.policy.policy % 2 == 1 })
            #expect(expected.failures.isEmpty == (tool == "2"))
        }
    }

    @Test(arguments: [31, 32, 33]) func longPathsAreEvaluated(length: Int) throws {
        let names = Array(repeating: "a", count: length)
        let text = repeated(20) {
            """
            permit(principal, action, resource) when { context has \(names.joined(separator: ".")) &&
              context.\(names.joined(separator: ".")) == \($0) };
            """
        }
        for depth in [1, length - 1, length] {
            let value = (1..<depth).reduce(Value.long(7)) { value, _ in
                .record(Record([Record.Field("a", value)]) ?? .empty)
            }
            _ = try visits(text, request([Record.Field("a", value)]))
        }
    }

    @Test(arguments: [15, 16, 17]) func manyDemandsOfOnePolicyAreEvaluated(count: Int) throws {
        let parts = (0..<count).map { "context.a\($0) == 1" }
        let both = "(\(parts.joined(separator: " && "))) || (\(parts.reversed().joined(separator: " && ")))"
        let fields = (0..<count).map { Record.Field(Text("a\($0)"), .long(1)) }
        for condition in [parts.joined(separator: " && "), both] {
            let text = repeated(20) {
                "permit(principal, action, resource) when { context.x == \($0) && (\(condition)) };"
            }
            #expect(try visits(text, request(fields + [Record.Field("x", .long(7))])) <= 8)
            #expect(try visits(text, request(fields)) == 20)
        }
    }

    @Test func longListsOfGroupsAreEvaluated() throws {
        for count in [63, 64, 65] {
            let list = (0..<count).map { "Team::\"\($0)\"" }.joined(separator: ", ")
            let text = repeated(20) { _ in "permit(principal, action, resource) when { principal in [\(list)] };" }
            #expect(try visits(text, request()) == 20)
        }
    }

    @Test func allThreadsMayAskOnePreparedSet() async throws {
        let policies = try PolicySet(
            parsing: Text(
                repeated(200) {
                    "permit(principal in Team::\"\($0)\", action, resource) when { context.tool like \"a*\" };"
                }
            )
        )
        let prepared = PreparedAuthorizer(policies, try store())
        let request = request([Record.Field("tool", .string("a text of more than fifteen bytes"))])
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in prepared.evaluate(request).permits.map(\.policy) == [7] }
                }
            }
            for await holds in group { #expect(holds) }
        }
    }
}
