import Bytes
import Cedar
import Testing

/// What the linter names, and what it leaves alone.
@Suite struct LinterTests {
    static let schema: Text = """
        entity Team;
        entity Color enum ["red", "green"];
        entity User in [Team] = { name: String, age?: Long, boss: User, color: Color, words: Set<String> } tags Long;
        entity File = { owner: User };
        action read appliesTo {
          principal: User, resource: File,
          context: {
            cmd: String, amount: Long, amout?: Long, note?: String, words: Set<String>, at: datetime, by: User,
          },
        };
        """

    static let entities: Text = """
        [
          {"uid": {"type": "Team", "id": "full"}, "attrs": {}, "parents": []},
          {"uid": {"type": "User", "id": "u"}, "attrs": {"name": "", "boss": {"type": "User", "id": "u"},
           "color": {"type": "Color", "id": "red"}, "words": []}, "parents": [{"type": "Team", "id": "full"}]}
        ]
        """

    private func lint(_ text: Text) throws -> [[Diagnostic]] {
        let schema = try Schema(parsing: Self.schema)
        let entities = try Entities(JSONValue(parsing: Array(Self.entities.utf8)), schema: schema)
        return Linter(schema, entities: entities).lint(try PolicySet(parsing: text))
    }

    private func codes(_ text: String) throws -> [String] { try lint(Text(text))[0].map(\.code.description) }

    @Test(arguments: [
        ("context.cmd like \"rm*\"", ["free_text"]), ("context.cmd == \"rm\"", ["free_text"]),
        ("\"rm\" == context.cmd", ["free_text"]), ("principal.name == \"x\" && true", ["free_text"]),
        ("!(context.cmd != \"rm\")", ["free_text"]), ("context.cmd != \"rm\"", []),
        ("!(context.cmd like \"rm*\")", []), ("[\"a\", \"b\"].contains(context.cmd)", ["free_text"]),
        ("context.words.contains(\"a\")", ["free_text"]), ("context.words.containsAny([\"a\"])", ["free_text"]),
        ("[\"a\"].containsAll(context.words)", ["free_text"]), ("context.words.containsAll(principal.words)", []),
        ("(context.cmd == \"a\") == (context.amount > 3)", ["free_text"]),
        ("if context.cmd == \"a\" then true else false", ["free_text"]),
        ("principal.color == Color::\"red\"", []), ("context.cmd == principal.name", []), ("\"a\" == \"a\"", []),
        ("context has note && context.amount > 3", ["optional_guard"]), ("!(context has note)", []),
        ("!(context has note) || context.amount > 3", []),
        ("if context has note then context.note == context.cmd else true", []),
        ("if context has note then context.note == context.cmd else false", ["optional_guard"]),
        ("principal.hasTag(\"x\")", ["optional_guard"]),
        ("context has nothing || context.amount > 3", ["never_present"]),
        ("principal in Team::\"empty\"", ["unsupplied_group"]), ("principal in Team::\"full\"", []),
        ("!(principal in Team::\"empty\")", []), ("principal in [Team::\"empty\", Team::\"full\"]", []),
        ("principal is User in Team::\"empty\"", ["unsupplied_group"]), ("principal in resource.owner", []),
        ("context.amount + 1 > 3", ["may_overflow"]), ("-context.amount > 3", ["may_overflow"]), ("-3 < 3", []),
        ("context.at.offset(duration(\"1d\")) > context.at", ["may_overflow"]),
        ("context.at > datetime(\"2026-01-01\")", []),
        ("resource.owner.color == Color::\"red\"", ["dangling_entity"]),
        ("context.by.color == Color::\"red\"", ["dangling_entity"]), ("principal.boss == resource.owner", []),
        ("if resource.owner has color then resource.owner.color == Color::\"red\" else true", []),
    ])
    func aForbidIsLintedForWhatOpensIt(condition: String, expected: [String]) throws {
        #expect(try codes("forbid(principal, action, resource) when { \(condition) };") == expected)
        // Turned round, the same conditions close it, but for what has no value or no sense either way.
        let turned = try codes("forbid(principal, action, resource) unless { \(condition) };")
        let always: Set<String> = ["may_overflow", "dangling_entity", "never_present"]
        let both = condition.contains(") == (") || condition.hasPrefix("if ")
        #expect(turned.filter { !always.contains($0) && !both }.allSatisfy { !expected.contains($0) })
    }

    @Test(arguments: [
        ("permit(principal, action, resource) unless { context.cmd like \"rm*\" };", ["free_text"]),
        ("permit(principal, action, resource) when { !(context.cmd like \"rm*\") };", ["free_text"]),
        ("permit(principal, action, resource) when { context.cmd == \"ls\" };", []),
        ("permit(principal, action, resource) unless { context has note };", ["optional_guard"]),
        ("permit(principal, action, resource) unless { principal in Team::\"empty\" };", ["unsupplied_group"]),
        ("permit(principal, action, resource) when { context.amount + 1 > 3 };", []),
        ("permit(principal in Team::\"empty\", action, resource);", []),
        ("forbid(principal in Team::\"empty\", action, resource);", ["unsupplied_group"]),
        ("forbid(principal is User in Team::\"empty\", action, resource);", ["unsupplied_group"]),
        ("forbid(principal in Team::\"full\", action, resource);", []),
        ("permit(principal, action, resource);", ["wildcard_permit"]),
        ("forbid(principal, action, resource);", []),
        ("permit(principal is User, action, resource);", []),
        ("permit(principal, action, resource) when { context.amount > 1 };", []),
        ("forbid(principal, action, resource) when { context.nothing };", []),
    ])
    func aPolicyIsLintedByItsEffect(policy: String, expected: [String]) throws {
        #expect(try codes(policy) == expected)
    }

    @Test func aNearMissIsNamedBesideAnOptionalGuard() throws {
        let finding = try lint("forbid(principal, action, resource) when { context has amout && context.amout > 1 };")[
            0
        ]
        #expect(finding.map(\.code) == [.optionalGuard])
        #expect(finding.first?.help?.hasSuffix("did you mean `amount`?") == true)
        #expect(finding.first?.range.start.column == 44)
        #expect(finding.first?.severity == .warning)
    }

    @Test func repetitionsAndShadowsAreNamed() throws {
        let findings = try lint(
            """
            @id("a") permit(principal, action, resource) when { context.amount > 1 };
            @id("b") permit(principal, action, resource) when { context.amount  >  1 };
            @id("c") forbid(principal, action, resource) when { context.amount > 1 };
            @id("d") permit(principal is User, action, resource);
            @id("e") permit(principal is User, action == Action::"read", resource) when { context.amount > 2 };
            @id("f") forbid(principal is User, action, resource) unless { context.amount > 1 };
            """
        )
        #expect(findings.map { $0.map(\.code) } == [[], [.repeatedPolicy], [], [], [.shadowedPolicy], []])
        #expect(findings[1].first?.help == "the other one is `a`: leave one of them out")
        #expect(findings[4].first?.help?.hasPrefix("the other one is `d`") == true)
    }

    @Test func textsThatHideSomethingAreNamed() throws {
        let hidden = "permit(principal, action, resource) when { context.cmd == \"ls\\u{202e}\" };"
        #expect(try codes(hidden) == ["hidden_characters"])
        #expect(
            try codes("permit(principal, action, resource) when { context.cmd like \"l\\u{200b}s*\" };") == [
                "hidden_characters"
            ]
        )
        #expect(try codes("permit(principal, action, resource) when { context.cmd == \"äß漢\" };") == [])
    }

    @Test func withoutEntitiesNoGroupIsSuspected() throws {
        let schema = try Schema(parsing: Self.schema)
        let policies = try PolicySet(parsing: "forbid(principal in Team::\"empty\", action, resource);")
        #expect(Linter(schema).lint(policies) == [[]])
        #expect(Linter(schema, entities: .empty).lint(policies).map(\.count) == [1])
    }
}
