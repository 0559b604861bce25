import Bundles
import Bytes
import Foundation
import Service
import StrictPolicy
import Testing

/// Surfaces that are drafted from tools: whatever a server says, the result loads and permits nothing.
@Suite struct ImportTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/cedar-for-agents")

    static let names: [String] = {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
        return found.filter { $0.hasSuffix(".json") }.sorted()
    }()

    private func draft(_ tools: String) throws -> SurfaceDraft {
        SurfaceDraft(
            surface: "test",
            tools: try ToolDescription.list(parsing: Array(tools.utf8)),
            audience: "gateway",
            actorNamespace: nil
        )
    }

    private func schema(_ properties: String, required: String = "") throws -> String {
        let draft = try draft(
            #"[{"name":"t","inputSchema":{"type":"object","properties":{\#(properties)},"required":[\#(required)]}}]"#
        )
        _ = try compile(draft)
        return draft.files.first { $0.path.hasSuffix(".cedarschema") }?.text ?? ""
    }

    /// Compiles a draft as `policy check` would.
    private func compile(_ draft: SurfaceDraft) throws -> PolicyBundle {
        func file(_ path: String, _ text: String) -> SourceFile {
            SourceFile(path: Text(path), bytes: Array(text.utf8))
        }
        func drafted(_ name: String) -> SourceFile {
            let found = draft.files.first { $0.path.hasSuffix("/\(name)") }
            return file(found?.path ?? "", found?.text ?? "")
        }
        let sources = PolicySources(
            settings: file("bundle.json", #"{"name":"test"}"#),
            commonSchema: file("common.cedarschema", "entity Agent;"),
            commonPolicies: [],
            entities: [],
            surfaces: [
                SurfaceSources(
                    name: draft.surface,
                    settings: drafted("surface.json"),
                    schema: drafted("schema.cedarschema"),
                    policies: [drafted("policies.cedar")]
                )
            ]
        )
        return try PolicyBundle.compile(sources, digest: .zero)
    }

    @Test func theFixturesAreThere() {
        #expect(Self.names.count == 16)
    }

    @Test(arguments: names)
    func everyDraftLoadsAndPermitsNothing(name: String) throws {
        let text = try Data(contentsOf: Self.fixtures.appendingPathComponent(name))
        let tools = try ToolDescription.list(parsing: Array(text))
        #expect(!tools.isEmpty)
        let draft = SurfaceDraft(surface: "a-b.2", tools: tools, audience: "gateway", actorNamespace: nil)
        let bundle = try compile(draft)
        let surface = try #require(bundle.surface("a-b.2"))
        #expect(surface.actionNames == tools.map(\.name))
        #expect(surface.settings.mcpTools?.count == tools.count)
        #expect(bundle.policies.map(\.name) == ["a-b.2/not-reviewed"])
        for tool in tools {
            let agent = EntityNames.agent
            #expect(!bundle.couldPermit(actor: agent, surface: "a-b.2", action: tool.name))
        }
    }

    @Test(arguments: [
        (#"{"type":"string"}"#, "String"), (#"{"type":"integer"}"#, "Long"), (#"{"type":"number"}"#, "decimal"),
        (#"{"type":"boolean"}"#, "Bool"), (#"{"enum":["a","b"]}"#, "String"), (#"{"const":1}"#, "Long"),
        (#"{"type":"array","items":{"type":"integer"}}"#, "Set<Long>"),
        (#"{"type":"array","items":{"type":"array","items":{"type":"string"}}}"#, "Set<Set<String>>"),
        (#"{"type":["string","null"]}"#, "String"), (#"{"anyOf":[{"type":"null"},{"type":"integer"}]}"#, "Long"),
        (#"{"allOf":[{"type":"boolean"}]}"#, "Bool"),
        (
            #"{"type":"object","properties":{"b":{"type":"string"}}}"#,
            "{\n                \"b\"?: String,\n            }"
        ),
    ])
    func aTypeThatCedarHasIsMapped(json: String, type: String) throws {
        #expect(try schema("\"a\":\(json)").contains("            \"a\"?: \(type),\n"))
    }

    @Test(arguments: [
        #"{}"#, #"{"type":"null"}"#, #"{"type":["string","integer"]}"#, #"{"type":"array"}"#,
        #"{"type":"array","prefixItems":[{"type":"string"}]}"#, #"{"type":"object"}"#,
        #"{"type":"object","additionalProperties":{"type":"string"}}"#,
        #"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#, #"{"enum":["a",1]}"#, ##"{"$ref":"#/nowhere"}"##,
        #"{"$ref":"other.json"}"#, ##"{"$ref":"#/properties/a"}"##,
        #"{"type":"array","items":{"type":["string","null"]}}"#,
        #"{"type":"object","properties":{"b":{"type":"null"}},"required":["b"]}"#,
    ])
    func whatCedarDoesNotHaveIsLeftOutAndSaid(json: String) throws {
        let text = try schema("\"a\":\(json),\"b\":{\"type\":\"string\"}")
        #expect(text.contains("// NOT MAPPED: `a`: "))
        #expect(!text.contains("\"a\"?:"))
        #expect(text.contains("\"b\"?: String"))
    }

    @Test func aRequiredMemberIsRequiredUnlessItMayBeNull() throws {
        let text = try schema(#""a":{"type":"string"},"b":{"type":["string","null"]}"#, required: #""a","b""#)
        #expect(text.contains("\"a\": String"))
        #expect(text.contains("\"b\"?: String"))
    }

    @Test func definitionsAreFollowed() throws {
        let draft = try draft(
            ##"[{"name":"t","inputSchema":{"type":"object","$defs":{"a/b":{"type":"integer"}},"##
                + ##""properties":{"x":{"$ref":"#/$defs/a~1b"}}}}]"##
        )
        #expect(draft.files.contains { $0.text.contains("\"x\"?: Long") })
    }

    @Test func namesOfTheGateAreNotMapped() throws {
        let text = try schema(#""writ":{"type":"string"},"$x":{"type":"string"},"ok":{"type":"string"}"#)
        #expect(text.contains("NOT MAPPED: `writ`"))
        #expect(text.contains("NOT MAPPED: `$x`"))
        #expect(text.contains("\"ok\"?: String"))
    }

    @Test func nestingIsLimited() throws {
        func nested(_ depth: Int) -> String {
            depth == 0
                ? #"{"type":"string"}"# : #"{"type":"array","items":\#(nested(depth - 1))}"#
        }
        // The member itself is at depth 1.
        #expect(try !schema("\"a\":\(nested(15))").contains("NOT MAPPED"))
        #expect(try schema("\"a\":\(nested(16))").contains("NOT MAPPED: `a`: nested deeper than 16"))
    }

    @Test func whatAServerSaysCannotLeaveItsComment() throws {
        let draft = try draft(
            #"[{"name":"a\"] + \\ ü","description":"one\n permit (principal, action, resource);\u2028two","#
                + #""inputSchema":{"type":"object","properties":{"x\"y":{"type":"string","pattern":"a\nb"}}}}]"#
        )
        let bundle = try compile(draft)
        #expect(bundle.policies.count == 1)
        #expect(bundle.surface("test")?.actionNames == ["a\"] + \\ ü"])
    }

    @Test(arguments: [
        "{}", "[1]", "{\"tools\":1}", "[{\"name\":\"\"}]", "[{\"name\":\"a\"},{\"name\":\"a\"}]", "nonsense",
        "[{\"name\":\"a\\u0000\"}]",
    ])
    func whatIsNoListOfToolsIsRefused(text: String) {
        #expect(throws: ToolListError.self) { try ToolDescription.list(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        ("github", true), ("a-b.c_d", true), ("9", true), ("", false), ("-a", false), (".", false), ("a/b", false),
        ("ü", false), (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
    ])
    func onlyNamesOfSurfacesAreNames(name: String, isName: Bool) {
        #expect(SurfaceDraft.isName(Text(name)) == isName)
    }

    @Test(arguments: ["in", "true", "9a", "a.b", "has"])
    func everyNameOfASurfaceHasANamespace(name: String) throws {
        let tools = try ToolDescription.list(parsing: Array(#"[{"name":"t"}]"#.utf8))
        let draft = SurfaceDraft(surface: Text(name), tools: tools, audience: "gateway", actorNamespace: nil)
        #expect(try compile(draft).surface(Text(name)) != nil)
    }
}
