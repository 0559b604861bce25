import Bytes
import Cedar
import Foundation
import Testing

/// What validation says of single policies, and where.
@Suite struct ValidatorTests {
    static let schema: Text = """
        entity Team;
        entity User in [Team] = { name: String, age?: Long, boss: User, home: Home } tags Long;
        type Home = { street?: String, zip: Long };
        entity File in [Folder] = { owner: User, size: Long };
        entity Folder = { owner: User };
        entity Color enum ["red", "green"];
        action "read", "write" in ["all"] appliesTo {
          principal: User, resource: [File, Folder],
          context: { ip: ipaddr, note?: String, hits: Long, words: Set<String>, by?: User },
        };
        action "all";
        """

    private func validate(_ text: Text, _ mode: ValidationMode = .strict) throws -> [Diagnostic] {
        let policies = try PolicySet(parsing: text)
        return Validator(try Schema(parsing: Self.schema)).validate(policies, mode: mode).findings[0]
    }

    private func when(_ condition: String, _ mode: ValidationMode = .strict) throws -> [Diagnostic] {
        try validate(Text("permit(principal, action, resource) when { \(condition) };"), mode)
    }

    @Test(arguments: [
        "principal has age && principal.age > 3",
        "if principal has age then principal.age > 3 else false",
        "principal has age && (if true then principal.age else 0) == 3",
        "(principal has age || false) && principal.age > 3",
        "(principal has age && context has note) && principal.age == 1 && context.note == \"\"",
        "principal has home.street && principal.home.street == \"x\"",
        "principal.boss has home.street && principal.boss.home.street == \"x\"",
        "principal.hasTag(\"k\") && principal.getTag(\"k\") < 3",
        "principal.hasTag(principal.name) && principal.getTag(principal.name) < 3",
        "resource.owner == principal",
        "context.ip.isInRange(ip(\"10.0.0.0/8\"))",
        "principal in Team::\"a\" && principal in [Team::\"a\", Team::\"b\"]",
        "Color::\"red\" == Color::\"green\" || true",
        "action in Action::\"all\" && action == Action::\"read\"",
        "resource is File && resource.size > 3",
        "resource is File in Folder::\"x\" && resource.size > 3",
        "{a: 1, b: principal}.b.name == \"x\"",
        "[1, 2].contains(context.hits) && context.words.containsAny([\"x\"])",
        "false && principal.nothing",
        "principal is Team && principal.nothing",
        "1 == \"a\" || true",
        "(resource.owner has age) == true && principal.name == \"x\"",
    ])
    func aSafeConditionIsValid(condition: String) throws {
        #expect(try when(condition).filter { $0.severity == .error } == [])
    }

    @Test(arguments: [
        ("principal.age > 3", Diagnostic.Code.unguardedAttribute, "44"),
        ("!(principal has age) && principal.age > 3", .unguardedAttribute, "68"),
        ("principal has age || principal.age > 3", .unguardedAttribute, "65"),
        ("(if principal has age then true else false) || principal.age > 3", .unguardedAttribute, "91"),
        ("(if context has note then principal has age else false) && principal.age > 1", .unguardedAttribute, "103"),
        ("!(principal has age) || principal.age > 3", .unguardedAttribute, "68"),
        ("resource has owner && principal.boss has age && principal.age > 3", .unguardedAttribute, "92"),
        ("principal.nmae == \"x\"", .unknownAttribute, "44"),
        ("resource.size > 3", .unknownAttribute, "44"),
        ("principal.getTag(\"k\") < 3", .unguardedTag, "44"),
        ("principal.hasTag(\"k\") && principal.getTag(\"l\") < 3", .unguardedTag, "69"),
        ("resource.hasTag(\"k\") && resource.getTag(\"k\") == 3 || context.hits", .unexpectedType, "97"),
        ("principal in context.words", .unexpectedType, "57"),
        ("context.hits in [1]", .unexpectedType, "44"),
        ("context.hits == \"3\"", .incompatibleTypes, "44"),
        ("context.words.contains(3)", .incompatibleTypes, "44"),
        ("[1, \"a\"].contains(1)", .incompatibleTypes, "44"),
        ("[].contains(1)", .emptySet, "44"),
        ("ip(context.note) == context.ip", .unguardedAttribute, "47"),
        ("ip(principal.name) == context.ip", .extensionOfNonLiteral, "44"),
        ("ip(\"300.0.0.1\") == context.ip", .invalidExtensionLiteral, "44"),
        ("context.ip.isIpv4(1)", .wrongArgumentCount, "44"),
        ("context.hits + principal.name > 3", .unexpectedType, "59"),
        ("context.hits < principal.name", .unexpectedType, "59"),
        ("principal.name < principal.name", .unexpectedType, "44"),
        ("context.hits like \"x\"", .unexpectedType, "44"),
        ("principal == Usr::\"a\"", .unknownEntityType, "57"),
        ("principal is Usr || true", .unknownEntityType, "44"),
        ("action == Action::\"raed\"", .unknownAction, "54"),
        ("Color::\"blue\" == Color::\"red\" || true", .undeclaredEntity, "44"),
        ("context.hits", .unexpectedType, "44"),
        ("(if context.hits > 1 then principal else resource) == principal", .incompatibleTypes, "45"),
        ("principal has age.x && true", .unexpectedType, "44"),
    ])
    func anUnsafeConditionIsRefusedWhereItIsWrong(
        condition: String,
        code: Diagnostic.Code,
        column: String
    ) throws {
        let errors = try when(condition).filter { $0.severity == .error }
        let found = errors.contains { $0.code == code && "\($0.range.start.column)" == column }
        #expect(found, "\(errors.map { "\($0.code) \($0)" })")
    }

    @Test(arguments: [
        "[].contains(1)", "context.hits == \"3\"", "ip(principal.name) == context.ip", "context.words.contains(3)",
        "(if context.hits > 1 then principal else resource) == principal",
        "(if context.hits > 1 then principal.boss else resource) has size || true",
        "(if context.hits > 1 then {a: 1} else {a: 1, b: 2}).a == 1",
        "(if context.hits > 1 then {a: 1} else {a: 1, b: 2}) has b",
    ])
    func permissiveModeTakesWhatHasALeastUpperBound(condition: String) throws {
        #expect(try when(condition, .permissive).filter { $0.severity == .error } == [])
        #expect(try when(condition).contains { $0.severity == .error })
    }

    @Test(arguments: ["(if context.hits > 1 then {a: 1} else {a: 1, b: 2}).b == 1", "[1, \"a\"].contains(1)"])
    func permissiveModeRefusesWhatHasNone(condition: String) throws {
        #expect(try when(condition, .permissive).contains { $0.severity == .error })
    }

    @Test(arguments: [
        ("permit(principal == Team::\"x\", action, resource);", Diagnostic.Code.noApplicableAction),
        ("permit(principal == Tem::\"x\", action, resource);", .unknownEntityType),
        ("permit(principal is Tem, action, resource);", .unknownEntityType),
        ("permit(principal is User in Color::\"blue\", action, resource);", .undeclaredEntity),
        ("permit(principal, action == Action::\"reed\", resource);", .unknownAction),
        ("permit(principal, action in [Action::\"read\", Action::\"x\"], resource);", .unknownAction),
        ("permit(principal, action in [], resource);", .emptySet),
        ("permit(principal, action == Action::\"all\", resource);", .noApplicableAction),
        ("permit(principal, action, resource is Team);", .noApplicableAction),
    ])
    func aScopeThatAllowsNothingIsRefused(policy: String, code: Diagnostic.Code) throws {
        let errors = try validate(Text(policy)).filter { $0.severity == .error }
        #expect(errors.contains { $0.code == code }, "\(errors)")
    }

    @Test func aGroupInThePlaceOfItsMembersGetsHelp() throws {
        let findings = try validate("permit(principal == Team::\"x\", action, resource);")
        #expect(findings.first { $0.severity == .error }?.help == "write `in` instead of `==` for the principal")
    }

    @Test func nearMissesAreNamed() throws {
        for (condition, name) in [
            ("principal.nmae == \"x\"", "name"), ("action == Action::\"raed\"", "Action::\"read\""),
            ("principal == Usr::\"a\"", "User"), ("principal == Color::\"rde\"", "Color::\"red\""),
        ] {
            let error = try when(condition).first { $0.severity == .error }
            #expect(error?.help == "did you mean `\(name)`?")
        }
    }

    @Test(arguments: ["principal is Team", "false", "context has nothing", "1 == 2", "principal in resource"])
    func aPolicyThatIsAlwaysFalseIsWarnedOf(condition: String) throws {
        let findings = try when(condition)
        #expect(findings.map(\.code) == [.alwaysFalse])
        #expect(findings.first?.severity == .warning)
        #expect(try when("\(condition) || context.hits > 1") == [])
    }

    @Test func aTemplateIsValidatedWithItsSlotsOpen() throws {
        #expect(
            try validate("permit(principal in ?principal, action, resource) when { principal.name == \"\" };") == []
        )
        let findings = try validate("permit(principal in ?principal, action, resource) when { principal.x };")
        #expect(findings.map(\.code) == [.unknownAttribute])
    }

    @Test func aLinkedPolicyIsValidatedByItsSlots() throws {
        let template = try PolicySet(parsing: "permit(principal == ?principal, action, resource);")
        let validator = Validator(try Schema(parsing: Self.schema))
        let cases: [(String, [Diagnostic.Code])] = [
            ("User", []), ("Team", [.noApplicableAction]), ("Nobody", [.noApplicableAction, .unknownEntityType]),
        ]
        for (type, codes) in cases {
            let set = try template.linking([
                TemplateLink(id: "l", template: "policy0", slots: [.principal: uid(type, "x")])
            ])
            let findings = validator.validate(set).findings
            #expect(findings[0] == [])
            #expect(findings[1].map(\.code).sorted { $0.description < $1.description } == codes)
        }
    }

    @Test func findingsWithoutAPlaceAreToldApartByTheirWords() throws {
        let text = try PolicySet(parsing: "permit(principal, action, resource) when { context.a == context.b };")
        let untexted = try PolicySet(json: JSONValue(parsing: text.json(), limits: .file))
        let findings = Validator(try Schema(parsing: Self.schema)).validate(untexted).findings[0]
        #expect(findings.map(\.code) == [.unknownAttribute, .unknownAttribute])
        #expect(findings.allSatisfy { !$0.range.isKnown })
        #expect(Set(findings.map(\.message)).count == 2)
    }

    @Test func levelsAreTheOnesOfTheReference() throws {
        let schema = try Schema(parsing: Fixtures.bytes("cli/level-validation/schema.cedarschema"))
        for needed in 0...2 {
            let bytes = try Fixtures.bytes("cli/level-validation/policy-level-\(needed).cedar")
            let policies = try PolicySet(parsing: bytes)
            for level in 0...3 {
                let result = Validator(schema).validate(policies, level: level)
                #expect(result.isValid == (level >= needed), "\(needed) \(level): \(result.findings)")
            }
        }
    }

    @Test(arguments: [
        ("true", 0), ("context.hits > 1", 0), ("principal == resource.owner", 1), ("principal.name == \"\"", 1),
        ("principal.home.zip == 1", 1), ("principal.boss.name == \"\"", 2), ("principal.boss.boss.name == \"\"", 3),
        ("principal.boss has age", 2), ("principal has home.street", 1),
        ("context has by && context.by.name == \"\"", 1),
        ("principal in Team::\"x\"", 1), ("principal.boss in Team::\"x\"", 2), ("principal.hasTag(\"x\")", 1),
        ("principal.boss.hasTag(\"x\")", 2), ("{a: principal.boss, b: principal}.b.name == \"\"", 1),
        ("{a: principal.boss.boss, b: principal}.b.name == \"\"", 2), ("{a: principal.boss}.a.name == \"\"", 2),
        ("(if context.hits > 1 then principal else principal.boss).name == \"\"", 2),
        ("principal is User in Team::\"x\"", 1), ("[principal.boss].contains(principal)", 1),
        ("false && principal.boss.name == \"\"", 0),
    ])
    func aConditionNeedsItsLevelAndNoMore(condition: String, needed: Int) throws {
        let text = "permit(principal, action, resource is File) when { \(condition) };"
        let policies = try PolicySet(parsing: Text(text))
        let validator = Validator(try Schema(parsing: Self.schema))
        for level in 0...4 {
            let findings = validator.validate(policies, level: level).findings[0].filter { $0.severity == .error }
            #expect(findings.isEmpty == (level >= needed), "\(level): \(findings)")
            #expect(findings.allSatisfy { $0.code == .levelExceeded })
        }
    }

    @Test func dataOfALiteralIsOnNoLevel() throws {
        let policies = try PolicySet(parsing: "permit(principal, action, resource) when { User::\"a\".name == \"\" };")
        let validator = Validator(try Schema(parsing: Self.schema))
        #expect(validator.validate(policies, level: 9).findings[0].map(\.code) == [.literalDereference])
        #expect(validator.validate(policies).isValid)
    }
}
