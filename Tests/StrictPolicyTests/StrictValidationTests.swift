import Authorization
import Bytes
import Cedar
import StrictPolicy
import Testing

/// The first and the third rule of the strict profile: policies are strictly valid, and none is dead.
@Suite struct StrictValidationTests {
    private static func codes(_ text: String) -> [String] {
        Sample.policies("@id(\"all\") permit (principal, action, resource);\n\(text)").problems.map(\.codeName)
    }

    private static let delete = #"principal, action == platform::Action::"delete", resource"#

    @Test(arguments: [
        ("context.count > 3", []), ("context has name && context.name == \"x\"", []),
        ("context.writ.now > datetime(\"2026-01-01\")", []), ("context.count + 1 > 3", []),
        ("resource.owner == \"x\"", []), ("context.nmae == \"x\"", ["unknown_attribute"]),
        ("context.name == \"x\"", ["unguarded_attribute"]), ("context.count > \"3\"", ["unexpected_type"]),
        ("context.count == \"3\"", ["incompatible_types"]), ("context.count", ["unexpected_type"]),
        ("context.count in [3]", ["unexpected_type", "unexpected_type"]), ("context.writ.later", ["unknown_attribute"]),
        ("principal in Team::\"x\" && principal == Lost::\"x\"", ["unknown_entity_type"]),
        (
            "context has address && context.address == ip(context.name)",
            ["extension_of_non_literal", "unguarded_attribute"]
        ),
    ])
    func aConditionIsStrictlyValidOrTheBundleIsRefused(_ condition: String, _ codes: [String]) {
        for effect in ["permit", "forbid"] {
            #expect(Self.codes("@id(\"p\") \(effect) (\(Self.delete)) when { \(condition) };") == codes)
        }
    }

    @Test(arguments: [
        "false", "principal is Team", "context has nmae && context.count > 1", "context.count > 1 && 1 == 2",
    ])
    func aDeadForbidIsRefusedAndADeadPermitIsWarnedOf(_ condition: String) throws {
        #expect(Self.codes("@id(\"p\") forbid (\(Self.delete)) when { \(condition) };") == ["always_false"])
        let sample = Sample.policies("@id(\"p\") permit (\(Self.delete)) when { \(condition) };")
        let warnings = try sample.compile().warnings
        #expect(warnings.map(\.codeName) == ["always_false"])
        #expect(warnings.allSatisfy { !$0.isError })
        #expect(
            warnings.first?.rendered.hasPrefix("warning[always_false]: the policy is") == true
        )
    }

    @Test func theProblemPointsAtTheMistakeAndHelps() {
        let text = "@id(\"p\") forbid (\(Self.delete))\nwhen { context.cuont > 3 };"
        let rendered = Sample.policies(text).problems.map(\.rendered)
        #expect(
            rendered == [
                """
                error[unknown_attribute]: the record has no attribute `cuont`
                 --> surfaces/platform/policies.cedar:2:8
                  |
                2 | when { context.cuont > 3 };
                  |        ^^^^^^^^^^^^^
                  |
                  = help: did you mean `count`?
                """
            ]
        )
    }

    // MARK: Common policies

    /// Two surfaces, of which only the first has amounts and only the second has persons.
    private static func problems(common: String) -> [String] {
        let base = Sample()
        func surface(_ name: Text, _ schema: String) -> SurfaceSources {
            SurfaceSources(
                name: name,
                settings: file(Text("surfaces/\(name)/surface.json"), base.settings),
                schema: file(Text("surfaces/\(name)/schema.cedarschema"), schema),
                policies: [file(Text("surfaces/\(name)/p.cedar"), "@id(\"own\") permit (principal, action, resource);")]
            )
        }
        let pay = "namespace pay { entity Account; action pay appliesTo { "
        let ask = "namespace ask { entity Topic; action ask appliesTo { "
        let sources = PolicySources(
            settings: file("bundle.json", base.bundle),
            commonSchema: file(
                "common.cedarschema",
                "entity Team; entity Agent in [Team]; entity Person; entity Ghost;"
            ),
            commonPolicies: [file("common/c.cedar", common)],
            entities: [],
            surfaces: [
                surface("pay", "\(pay) principal: Agent, resource: Account, context: { amount: Long } }; }"),
                surface("ask", "\(ask) principal: [Agent, Person], resource: Topic }; }"),
            ]
        )
        do throws(PolicyProblems) {
            return try PolicyBundle.compile(sources, digest: .zero).warnings.map { "\($0.file) warning \($0.codeName)" }
        } catch {
            return error.problems.map { "\($0.file) \($0.codeName)" }
        }
    }

    @Test func aCommonPolicyIsValidatedAgainstEverySurface() {
        let amount = #"@id("c") forbid (principal, action, resource) when { context.amount > 3 };"#
        #expect(Self.problems(common: amount) == ["common/c.cedar unknown_attribute"])
        let guarded =
            #"@id("c") forbid (principal, action, resource) when { context has amount && context.amount > 3 };"#
        #expect(Self.problems(common: guarded) == [])
    }

    @Test func aCommonPolicyMayBeDeadOnOneSurfaceButNotOnAll() {
        #expect(Self.problems(common: #"@id("c") forbid (principal is Person, action, resource);"#) == [])
        #expect(
            Self.problems(common: #"@id("c") forbid (principal is Ghost, action, resource);"#)
                == ["common/c.cedar no_applicable_action", "common/c.cedar always_false"]
        )
        let misspelt = #"@id("c") forbid (principal, action, resource) when { context has ammount };"#
        #expect(Self.problems(common: misspelt) == ["common/c.cedar always_false"])
        let permit = #"@id("c") permit (principal, action, resource) when { context has ammount };"#
        #expect(Self.problems(common: permit) == ["common/c.cedar warning always_false"])
    }

    // MARK: Limits

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func aPolicyHasNoMoreBytesThanItMay(_ more: Int, _ loads: Bool) {
        let head = #"@id("p") @x_fill(""#
        let tail = #"") permit (principal, action, resource);"#
        let fill = BundleLimits.policyBytesMax + more - head.utf8.count - tail.utf8.count
        let problems = Sample.policies(head + String(repeating: "x", count: fill) + tail).problems
        #expect(problems.map(\.codeName) == (loads ? [] : ["limit"]))
    }

    @Test(arguments: [(99, true), (100, false)])
    func aPolicyNestsNoDeeperThanItMay(_ levels: Int, _ loads: Bool) {
        let condition = String(repeating: "(", count: levels) + "true" + String(repeating: ")", count: levels)
        let problems = Sample.policies("@id(\"p\") permit (principal, action, resource) when { \(condition) };")
            .problems
        #expect(problems.map(\.codeName) == (loads ? [] : ["limit_exceeded"]))
    }
}
