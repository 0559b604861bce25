import Authorization
import Bytes
import StrictPolicy
import Testing

@Suite struct CompilerTests {
    @Test func sampleCompiles() throws {
        let bundle = try Sample().compile()
        #expect(bundle.identity == BundleIdentity(name: "demo", version: 0, digest: .zero, source: "directory"))
        #expect(bundle.surfaces.map(\.name) == ["platform"])
        #expect(
            bundle.policies.map(\.name) == [
                "common/frozen", "platform/list", "platform/no-bulk-delete", "platform/small-delete",
            ]
        )
        #expect(bundle.surface("platform")?.actionNames == ["all", "delete", "deploy", "list"])
        #expect(bundle.surface("platform")?.callableActionNames == ["delete", "deploy", "list"])
        #expect(bundle.surface("other") == nil)
    }

    @Test func everyProblemIsReportedWithItsPlace() {
        var sample = Sample()
        sample.bundle = #"{"name":"demo","owners":[]}"#
        sample.common = "permit (principal, action, resource)"
        sample.settings = #"{"mode":"shadow","audience":["g"],"more":1}"#
        sample.policies = """
            @id("a") @limit("calls 5 per 1h") permit (principal, action, resource);
            permit (principal, action, resource);
            """
        sample.entities = #"[{"uid":{"type":"Lost","id":"x"},"attrs":{},"parents":[]}]"#
        let found = sample.problems.map { "\($0.file):\($0.line):\($0.column) \($0.code.rawValue)" }
        #expect(
            found == [
                "bundle.json:1:16 unknown_member",
                "common/all.cedar:1:37 syntax",
                "entities/all.json:1:3 entities",
                "surfaces/platform/policies.cedar:1:10 unsupported_annotation",
                "surfaces/platform/policies.cedar:2:1 missing_id",
                "surfaces/platform/surface.json:1:2 unsupported",
                "surfaces/platform/surface.json:1:35 unknown_member",
            ]
        )
    }

    @Test(
        arguments: [
            (#"principal == Lost::"x", action, resource"#, ["no_applicable_action", "unknown_entity_type"]),
            (#"principal is Lost, action, resource"#, ["no_applicable_action", "unknown_entity_type"]),
            (#"principal in Lost::"x", action, resource"#, ["no_applicable_action", "unknown_entity_type"]),
            (#"principal is Team, action, resource"#, ["no_applicable_action"]),
            (
                #"principal, action == platform::Action::"lost", resource"#,
                ["no_applicable_action", "unknown_action"]
            ),
            (#"principal, action == Action::"list", resource"#, ["no_applicable_action", "unknown_action"]),
            (
                #"principal, action in [platform::Action::"list", platform::Action::"lost"], resource"#,
                ["no_applicable_action", "unknown_action"]
            ),
            (#"principal, action in [], resource"#, ["no_applicable_action", "empty_set"]),
            (#"principal, action == platform::Action::"all", resource"#, ["no_applicable_action"]),
            (#"principal, action, resource is platform::Lost"#, ["no_applicable_action", "unknown_entity_type"]),
            (#"principal, action, resource in Team::"ops""#, ["no_applicable_action"]),
            (#"principal, action, resource == Project::"shop""#, ["no_applicable_action", "unknown_entity_type"]),
            (#"principal, action, resource == platform::Stage::"prod""#, ["undeclared_entity"]),
            (#"principal, action, resource == platform::Stage::"live""#, []),
            (
                #"principal is Agent in Team::"x", action in [platform::Action::"list"], resource"#,
                []
            ),
        ] as [(String, [String])]
    )
    func scopeNamesOnlyWhatIsDeclared(_ scope: String, _ codes: [String]) {
        #expect(Sample.policies("@id(\"p\") permit (\(scope));").problems.map(\.codeName) == codes)
    }

    @Test func commonScopesAreCheckedAgainstEverySurface() {
        let sample = Sample.with(\.common, #"@id("c") forbid (principal, action == x::Action::"y", resource);"#)
        #expect(sample.problems.map(\.codeName) == ["no_applicable_action", "unknown_action"])
        #expect(sample.problems.allSatisfy { $0.file == "common/all.cedar" })
    }

    // MARK: Schemas

    @Test func schemaThatDeclaresTheGatesMemberIsRefused() {
        let schema = """
            namespace platform { entity Project; action list appliesTo {
              principal: Agent, resource: Project, context: { writ: Long } }; }
            """
        var sample = Sample.with(\.schema, schema)
        sample.policies = #"@id("p") permit (principal, action, resource);"#
        sample.entities = "[]"
        #expect(sample.problems.map(\.code) == [.schema])
        #expect(sample.problems[0].message.contains("`writ`"))
        sample.schema = schema.replacing("writ", with: "writs")
        #expect(sample.problems.isEmpty)
    }

    @Test func commonSchemaMustDeclareAgent() {
        var sample = Sample.with(\.commonSchema, "entity Team;")
        sample.entities = "[]"
        sample.schema =
            "namespace platform { entity Project; action list appliesTo { principal: Team, resource: Project }; }"
        sample.policies = #"@id("p") permit (principal, action, resource);"#
        #expect(sample.problems.map(\.code) == [.schema])
        #expect(sample.problems[0].message.contains("`Agent`"))
    }

    @Test(arguments: [
        "entity Other;", "namespace other { entity Other; }", "namespace platform::deep { entity Other; }",
        "action other appliesTo { principal: Agent, resource: Agent };",
    ])
    func surfaceDeclaresInItsOwnNamespaceOnly(_ declaration: String) {
        let sample = Sample.with(\.schema, Sample().schema + "\n" + declaration)
        #expect(sample.problems.map(\.code) == [.schema])
    }

    @Test func twoSurfacesCannotShareANamespace() {
        let sample = Sample()
        let first = sample.sources.surfaces[0]
        func sources(_ second: SurfaceSources) -> PolicySources {
            PolicySources(
                settings: sample.sources.settings,
                commonSchema: sample.sources.commonSchema,
                commonPolicies: [],
                entities: [],
                surfaces: [first, second]
            )
        }
        let policy = file("surfaces/second/p.cedar", #"@id("p") permit (principal, action, resource);"#)
        let schema = "namespace NAME { entity Thing; action do appliesTo { principal: Agent, resource: Thing }; }"
        let shared = SurfaceSources(
            name: "second",
            settings: file(
                "surfaces/second/surface.json",
                #"{"mode":"enforce","audience":["g"],"namespace":"platform"}"#
            ),
            schema: file("surfaces/second/schema.cedarschema", schema.replacing("NAME", with: "platform")),
            policies: [policy]
        )
        #expect(throws: PolicyProblems.self) { try PolicyBundle.compile(sources(shared), digest: .zero) }
        let own = SurfaceSources(
            name: "second",
            settings: file("surfaces/second/surface.json", #"{"mode":"enforce","audience":["g"]}"#),
            schema: file("surfaces/second/schema.cedarschema", schema.replacing("NAME", with: "second")),
            policies: [policy]
        )
        #expect(throws: Never.self) { try PolicyBundle.compile(sources(own), digest: .zero) }
    }

    @Test func schemaProblemsPointIntoTheirOwnFile() {
        let problems = Sample.with(\.schema, "\n  entity Project in [Lost];").problems
        #expect(problems.contains { $0.file == "surfaces/platform/schema.cedarschema" && $0.line == 2 })
        let common = Sample.with(\.commonSchema, "entity Agent in [Lost];").problems
        #expect(common.contains { $0.file == "common.cedarschema" && $0.line == 1 })
    }

    // MARK: Names and folders

    @Test(arguments: [
        ("platform", true), ("Common", true), ("a.b-c_1", true), ("common", false), (".a", false), ("a b", false),
        ("é", false), (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
    ])
    func surfaceNameIsSimpleAndNotCommon(_ name: String, _ isAccepted: Bool) {
        let base = Sample.with(\.settings, #"{"mode":"enforce","audience":["g"],"namespace":"platform"}"#).sources
        let surface = base.surfaces[0]
        let sources = PolicySources(
            settings: base.settings,
            commonSchema: base.commonSchema,
            commonPolicies: base.commonPolicies,
            entities: base.entities,
            surfaces: [
                SurfaceSources(
                    name: Text(name),
                    settings: surface.settings,
                    schema: surface.schema,
                    policies: surface.policies
                )
            ]
        )
        let bundle = try? PolicyBundle.compile(sources, digest: .zero)
        #expect((bundle != nil) == isAccepted)
    }

    @Test func surfaceNameThatIsNoNamespaceNeedsOne() {
        let base = Sample().sources
        let surface = base.surfaces[0]
        let sources = PolicySources(
            settings: base.settings,
            commonSchema: base.commonSchema,
            commonPolicies: base.commonPolicies,
            entities: base.entities,
            surfaces: [
                SurfaceSources(
                    name: "the-platform",
                    settings: surface.settings,
                    schema: surface.schema,
                    policies: surface.policies
                )
            ]
        )
        #expect(throws: PolicyProblems.self) { try PolicyBundle.compile(sources, digest: .zero) }
    }

    @Test func surfaceWithoutAPolicyIsRefused() {
        #expect(Sample.policies("// nothing").problems.map(\.code) == [.missingFile])
    }

    @Test func bundleWithoutASurfaceIsRefused() {
        let base = Sample().sources
        let sources = PolicySources(
            settings: base.settings,
            commonSchema: base.commonSchema,
            commonPolicies: [],
            entities: [],
            surfaces: []
        )
        #expect(throws: PolicyProblems.self) { try PolicyBundle.compile(sources, digest: .zero) }
    }

    // MARK: Entities

    @Test(
        arguments: [
            ("[]", []), ("{}", [.entities]), ("[1]", [.entities]), ("", [.json]),
            (#"[{"uid":{"type":"platform::Project","id":"a"},"attrs":{},"parents":[]}]"#, [.entities]),
            (#"[{"uid":{"type":"platform::Project","id":"a"},"attrs":{"owner":1},"parents":[]}]"#, [.entities]),
            (#"[{"uid":{"type":"platform::Project","id":"a"},"attrs":{"owner":"x","b":1},"parents":[]}]"#, [.entities]),
            (#"[{"uid":{"type":"Agent","id":"a"},"attrs":{},"parents":[{"type":"Agent","id":"a"}]}]"#, [.entities]),
            (
                #"[{"uid":{"type":"Team","id":"a"},"attrs":{},"parents":[]},"#
                    + #"{"uid":{"type":"Team","id":"a"},"attrs":{},"parents":[]}]"#,
                [.entities]
            ),
            (#"[{"uid":{"type":"Team","id":"a"},"attrs":{},"parents":[],"more":1}]"#, [.entities]),
            (#"[{"uid":{"type":"Team","id":"a"},"attrs":{},"parents":[]}]"#, []),
        ] as [(String, [PolicyProblem.Code])]
    )
    func entitiesConformOrAreRefused(_ text: String, _ codes: [PolicyProblem.Code]) {
        #expect(Sample.with(\.entities, text).problems.map(\.code) == codes)
    }

    @Test func sameEntityInTwoFilesIsRefused() {
        let base = Sample().sources
        let sources = PolicySources(
            settings: base.settings,
            commonSchema: base.commonSchema,
            commonPolicies: base.commonPolicies,
            entities: base.entities + [
                file("entities/more.json", #"[{"uid":{"type":"Agent","id":"ops-bot"},"attrs":{},"parents":[]}]"#)
            ],
            surfaces: base.surfaces
        )
        #expect(throws: PolicyProblems.self) { try PolicyBundle.compile(sources, digest: .zero) }
    }

    @Test func statementsMayNameWhatTheBundleContains() throws {
        let bundle = try Sample().compile()
        #expect(try bundle.containsTarget(of: ask("list")))
        #expect(try !bundle.containsTarget(of: ask("list", target: #"{"type":"Project","id":"lost"}"#)))
        #expect(try !bundle.containsTarget(of: ask("list", target: #"{"type":"Lost","id":"shop"}"#)))
        #expect(try !bundle.containsTarget(of: ask("list", surface: "lost")))
        #expect(bundle.declares(action: "list", on: "platform"))
        #expect(!bundle.declares(action: "lost", on: "platform") && !bundle.declares(action: "list", on: "lost"))
    }

    // MARK: Rendering

    @Test func problemIsRenderedWithItsLineAndCarets() {
        let problems = Sample.policies("\n  @id(\"p\") @aproval(\"2\")\tpermit (principal, action, resource);").problems
        #expect(
            problems.map(\.rendered) == [
                """
                error[unknown_annotation]: unknown annotation `@aproval`
                 --> surfaces/platform/policies.cedar:2:12
                  |
                2 |   @id("p") @aproval("2")    permit (principal, action, resource);
                  |            ^^^^^^^^^^^^^
                  |
                  = help: did you mean `@approval`?
                """
            ]
        )
    }

    @Test func problemOfAWholeFileNamesTheFile() {
        let problem = PolicyProblem(.missingFile, file: "bundle.json", "the file is missing")
        #expect(problem.rendered == "error[missing_file]: the file is missing\n --> bundle.json")
    }

    @Test func invisibleCharactersOfASourceAreNotPrinted() {
        let problems = Sample.policies("@x\u{202E}y permit (principal, action, resource);").problems
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { !$0.rendered.unicodeScalars.contains("\u{202E}") })
    }
}
