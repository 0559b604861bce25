import Bytes
import Cedar
import Foundation
import Testing

/// Schemas in Cedar's JSON format, and schemas written in either format.
@Suite struct SchemaJSONTests {
    private static func canonical(_ bytes: [UInt8]) throws -> String {
        let json = try JSONValue(parsing: bytes, limits: .policies)
        return String(decoding: try #require(CanonicalJSON.encode(json)), as: UTF8.self)
    }

    /// What a schema means.
    private static func meaning(_ schema: Schema) -> [String] {
        schema.entityTypes.map { "\($0)" } + schema.actions.map { "\($0)" }
    }

    // MARK: Both formats

    private static let text: Text = """
        @doc("tasks")
        @flag
        namespace N::M {
          @a("1") type T = { @b x: Long, "y z"?: Set<ip>, r: { "in": __cedar::String } };
          type ip = ipaddr;
          @c entity A, B in [C, X] = { t: T, e?: B, d: Bool, n: N::M::C } tags Set<String>;
          entity C enum ["one", "t\\"wo"];
          entity D;
          action "view it", edit in ["all", Action::"every"] appliesTo { principal: [A, X], resource: B, context: T };
          @e action all, every appliesTo { principal: A, resource: [A], context: { when: datetime } };
          action group;
        }
        entity X;
        """

    private static let json = """
        {"": {"entityTypes": {"X": {}}, "actions": {}},
         "N::M": {"annotations": {"doc": "tasks", "flag": ""},
          "commonTypes": {
           "T": {"type": "Record", "annotations": {"a": "1"}, "attributes": {
            "x": {"type": "EntityOrCommon", "name": "Long", "annotations": {"b": ""}},
            "y z": {"type": "Set", "element": {"type": "EntityOrCommon", "name": "ip"}, "required": false},
            "r": {"type": "Record", "attributes": {"in": {"type": "EntityOrCommon", "name": "__cedar::String"}}}}},
           "ip": {"type": "EntityOrCommon", "name": "ipaddr"}},
          "entityTypes": {
           "A": AB, "B": AB, "C": {"enum": ["one", "t\\"wo"]}, "D": {}},
          "actions": {
           "view it": VIEW, "edit": VIEW, "all": ALL, "every": ALL,
           "group": {"appliesTo": {"principalTypes": [], "resourceTypes": []}}}}}
        """
        .replacingOccurrences(
            of: "AB",
            with: """
                {"memberOfTypes": ["C", "X"], "annotations": {"c": ""},
                 "shape": {"type": "Record", "attributes": {"t": {"type": "EntityOrCommon", "name": "T"},
                  "e": {"type": "EntityOrCommon", "name": "B", "required": false},
                  "d": {"type": "EntityOrCommon", "name": "Bool"}, "n": {"type": "EntityOrCommon", "name": "N::M::C"}}},
                 "tags": {"type": "Set", "element": {"type": "EntityOrCommon", "name": "String"}}}
                """
        )
        .replacingOccurrences(
            of: "VIEW",
            with: """
                {"memberOf": [{"id": "all"}, {"id": "every", "type": "Action"}],
                 "appliesTo": {"principalTypes": ["A", "X"], "resourceTypes": ["B"],
                  "context": {"type": "EntityOrCommon", "name": "T"}}}
                """
        )
        .replacingOccurrences(
            of: "ALL",
            with: """
                {"annotations": {"e": ""}, "appliesTo": {"principalTypes": ["A"], "resourceTypes": ["A"],
                 "context": {"type": "Record",
                  "attributes": {"when": {"type": "EntityOrCommon", "name": "datetime"}}}}}
                """
        )

    @Test func bothFormatsTranslateIntoEachOther() throws {
        let fromText = try SchemaFragment(parsing: Self.text)
        #expect(try Self.canonical(fromText.json()) == Self.canonical(Array(Self.json.utf8)))
        let fromJSON = try SchemaFragment(parsingJSON: Array(Self.json.utf8))
        #expect(try Self.canonical(fromJSON.json()) == Self.canonical(Array(Self.json.utf8)))
        let text = try fromJSON.cedarText()
        #expect(try fromText.cedarText() == text)
        let back = try SchemaFragment(parsing: text)
        // An action that is named without its type is written with it.
        let typed = Self.json.replacingOccurrences(of: #"{"id": "all"}"#, with: #"{"id": "all", "type": "Action"}"#)
        #expect(try Self.canonical(back.json()) == Self.canonical(Array(typed.utf8)))
        #expect(try Self.meaning(fromText.resolved()) == Self.meaning(fromJSON.resolved()))
        #expect(try Self.meaning(back.resolved()) == Self.meaning(fromJSON.resolved()))
    }

    @Test func aSchemaIsLaidOutAsByTheReference() throws {
        let text: Text = """
            type T = __cedar::Long;

            @a("")
            entity A in [B] = {
              "if": Set<T>,
              @d("x")
              x?: {
                y: {}
              }
            } tags Long;

            entity B enum ["x", "\\n"];

            action "a" in [Action::"b"] appliesTo {
              principal: [A],
              resource: [A, B],
              context: {}
            };

            action "b";

            @x("1")
            namespace N {
              entity A2;

              action "c" appliesTo {
                principal: [A2],
                resource: [A2],
                context: {
                  a: __cedar::ipaddr
                }
              };
            }

            """
        #expect(try SchemaFragment(parsing: text).cedarText() == text)
        #expect(try SchemaFragment(parsing: "").cedarText() == "")
        #expect(try SchemaFragment(parsingJSON: Array("{}".utf8)).cedarText() == "")
        let empty = try SchemaFragment(parsingJSON: Array(#"{"N": {"entityTypes": {}, "actions": {}}}"#.utf8))
        #expect(try empty.cedarText() == "namespace N {\n}\n")
    }

    // MARK: Types

    private static func schema(_ attribute: String, common: String = "{}") -> String {
        """
        {"": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {"x": \(attribute)}}}, "B": {}, "Long": {}},
          "actions": {}, "commonTypes": \(common)}}
        """
    }

    @Test(arguments: [
        (#"{"type": "Long"}"#, SchemaType.long, "__cedar::Long"),
        (#"{"type": "String"}"#, .string, "__cedar::String"),
        (#"{"type": "Boolean"}"#, .bool, "__cedar::Bool"),
        (#"{"type": "Bool"}"#, .bool, "Bool"),
        (#"{"type": "Set", "element": {"type": "Long"}}"#, .set(.long), "Set<__cedar::Long>"),
        (#"{"type": "Entity", "name": "B"}"#, .entity(entityType("B")), "B"),
        (#"{"type": "Entity", "name": "Long"}"#, .entity(entityType("Long")), "Long"),
        (#"{"type": "EntityOrCommon", "name": "Long"}"#, .entity(entityType("Long")), "Long"),
        (#"{"type": "EntityOrCommon", "name": "B"}"#, .entity(entityType("B")), "B"),
        (#"{"type": "EntityOrCommon", "name": "__cedar::Long"}"#, .long, "__cedar::Long"),
        (#"{"type": "EntityOrCommon", "name": "ipaddr"}"#, .extension(.ipaddr), "ipaddr"),
        (#"{"type": "Extension", "name": "ipaddr"}"#, .extension(.ipaddr), "__cedar::ipaddr"),
        (#"{"type": "decimal"}"#, .extension(.decimal), "decimal"),
        (#"{"type": "__cedar::decimal"}"#, .extension(.decimal), "__cedar::decimal"),
        (#"{"type": "T"}"#, .set(.string), "T"),
        (#"{"type": "EntityOrCommon", "name": "T"}"#, .set(.string), "T"),
        (#"{"type": "Record", "attributes": {}, "additionalAttributes": false}"#, .record(.empty), "{}"),
    ]) func everyKindOfTypeIsRead(json: String, type: SchemaType, text: String) throws {
        let common = #"{"T": {"type": "Set", "element": {"type": "String"}}}"#
        let fragment = try SchemaFragment(parsingJSON: Array(Self.schema(json, common: common).utf8))
        let schema = try fragment.resolved()
        #expect(schema[entityType("A")]?.attributes["x"] == AttributeType(name: "x", type: type))
        #expect(try fragment.cedarText().string.contains("  x: \(text)\n"))
        #expect(try Self.meaning(Schema(parsing: fragment.cedarText())) == Self.meaning(schema))
    }

    @Test func anOptionalAttributeIsRead() throws {
        let json = Self.schema(#"{"type": "String", "required": false, "annotations": {"d": null, "e": "x"}}"#)
        let fragment = try SchemaFragment(parsingJSON: Array(json.utf8))
        #expect(try fragment.resolved()[entityType("A")]?.attributes["x"]?.isRequired == false)
        #expect(try fragment.cedarText().string.contains("  @d\n  @e(\"x\")\n  x?: __cedar::String\n"))
    }

    private func expectRefusal(_ text: String, _ message: String) {
        do {
            _ = try Schema(parsingJSON: Array(text.utf8))
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description.contains(message), "\(error) instead of \(message)")
        }
    }

    @Test(arguments: [
        (#"{"type": "Set"}"#, "`\"\".entityTypes.A.shape.attributes.x.element`: required member is missing"),
        (#"{"type": "Entity", "name": "Z"}"#, "x.name`: there is no entity type `Z`"),
        (#"{"type": "Entity"}"#, "x.name`: required member is missing"),
        (#"{"type": "Extension", "name": "foo"}"#, "there is no type `foo` of that kind"),
        (#"{"type": "Extension", "name": "__cedar::ipaddr"}"#, "there is no type"),
        (#"{"type": "EntityOrCommon", "name": "Boolean"}"#, "there is no type `Boolean`"),
        (#"{"type": "EntityOrCommon", "name": "__cedar::Foo"}"#, "there is no type"),
        (#"{"type": "EntityOrCommon", "name": "Action"}"#, "there is no type `Action`"),
        (#"{"type": "Entity", "name": "Action"}"#, "there is no entity type `Action`"),
        (#"{"type": "B"}"#, "there is no type `B` of that kind"),
        (#"{"type": "Z"}"#, "there is no type `Z`"),
        (#"{"type": "a b"}"#, "x.type`: not the name of a type"),
        (#"{"type": "Entity", "name": "in"}"#, "x.name`: not the name of a type"),
        (#"{"type": 1}"#, "x.type`: expected string, got integer"),
        (#"{"name": "B"}"#, "x.type`: required member is missing"),
        ("null", "x`: null is not a value"),
        (#"{"type": "Long", "required": "x"}"#, "x.required`: expected bool, got string"),
        (#"{"type": "Long", "name": "x"}"#, "x.name`: member is not declared"),
        (#"{"type": "Long", "foo": 1}"#, "x.foo`: member is not declared"),
        (
            #"{"type": "Set", "element": {"type": "Long", "required": true}}"#,
            "element.required`: member is not declared"
        ),
        (#"{"type": "Record"}"#, "x.attributes`: required member is missing"),
        (#"{"type": "Record", "attributes": {}, "additionalAttributes": true}"#, "additionalAttributes`: records have"),
        (#"{"type": "Record", "attributes": {}, "additionalProperties": false}"#, "member is not declared"),
        (#"{"type": "Long", "annotations": {"a b": ""}}"#, "x.annotations.a b`: not the name of an annotation"),
        (#"{"type": "Long", "annotations": {"a": 1}}"#, "expected string, got integer"),
    ]) func aTypeOfNoKnownFormIsRefused(json: String, message: String) {
        expectRefusal(Self.schema(json), message)
    }

    // MARK: Declarations

    @Test(arguments: [
        ("[]", "expected object, got array"),
        (#"{"": {"entityTypes": {}}}"#, "`\"\".actions`: required member is missing"),
        (#"{"": {"entityTypes": {}, "actions": {}, "foo": 1}}"#, "`\"\".foo`: member is not declared"),
        (
            #"{"": {"entityTypes": {}, "actions": {}, "annotations": {"a": ""}}}"#,
            "the empty namespace has no annotations"
        ),
        (#"{"a b": {"entityTypes": {}, "actions": {}}}"#, "`a b`: not the name of a namespace"),
        (#"{"__cedar": {"entityTypes": {}, "actions": {}}}"#, "not the name of a namespace"),
        (#"{"in": {"entityTypes": {}, "actions": {}}}"#, "not the name of a namespace"),
        (
            #"{"N": {"entityTypes": {"A": {}}, "actions": {}}, "": {"entityTypes": {"A": {}}, "actions": {}}}"#,
            "N.entityTypes.A`: `A` hides"
        ),
        (#"{"": {"entityTypes": {"A": {}, "A": {}}, "actions": {}}}"#, "duplicate member `A`"),
    ]) func aNamespaceOfAnotherShapeIsRefused(json: String, message: String) { expectRefusal(json, message) }

    @Test(arguments: [
        (#"{"A": {"foo": 1}}"#, "A.foo`: member is not declared"),
        (#"{"A B": {}}"#, "not the name of an entity type"),
        (#"{"A::B": {}}"#, "not the name of an entity type"),
        (#"{"Action": {}}"#, "`Action` is the type of actions"),
        (#"{"A": {"shape": null}}"#, "A.shape`: null"),
        (
            #"{"A": {"shape": {"type": "Long"}}}"#,
            "`\"\".entityTypes.A`: the shape of an entity type has to be a record"
        ),
        (#"{"A": {"memberOfTypes": ["Z"]}}"#, "A.memberOfTypes[0]`: there is no entity type `Z`"),
        (#"{"A": {"memberOfTypes": "A"}}"#, "expected array, got string"),
        (#"{"A": {"enum": []}}"#, "at least one entity"),
        (#"{"A": {"enum": [1]}}"#, "A.enum[0]`: expected string"),
        (#"{"A": {"enum": ["a"], "shape": {"type": "Record", "attributes": {}}}}"#, "A.shape`: member is not declared"),
    ]) func anEntityTypeOfAnotherShapeIsRefused(json: String, message: String) {
        expectRefusal("{\"\": {\"entityTypes\": \(json), \"actions\": {}}}", message)
    }

    @Test(arguments: [
        (#"{"a": {"x": 1}}"#, "a.x`: member is not declared"),
        (#"{"a": {"attributes": {}}}"#, "a.attributes`: actions have no attributes"),
        (#"{"a": {"appliesTo": {"principalTypes": ["A"]}}}"#, "a.appliesTo.resourceTypes`: required member is missing"),
        (
            #"{"a": {"appliesTo": {"principalTypes": ["A"], "resourceTypes": ["Z"]}}}"#,
            "resourceTypes[0]`: there is no entity type `Z`"
        ),
        (#"{"a": {"appliesTo": {"principalTypes": [], "resourceTypes": [], "x": 1}}}"#, "member is not declared"),
        (#"{"a": {"appliesTo": {"principalTypes": [], "resourceTypes": [], "context": null}}}"#, "context`: null"),
        (
            #"{"a": {"appliesTo": {"principalTypes": ["A"], "resourceTypes": ["A"], "context": {"type": "Long"}}}}"#,
            "has to be a record"
        ),
        (#"{"a": {"memberOf": [{"id": "z"}]}}"#, "a.memberOf[0]`: there is no action `z`"),
        (#"{"a": {"memberOf": [{"id": "a", "type": "Foo"}]}}"#, "there is no action"),
        (#"{"a": {"memberOf": [{"id": "a", "x": 1}]}}"#, "member is not declared"),
        (#"{"a": {"memberOf": [{"id": "a"}]}}"#, "is its own ancestor"),
    ]) func anActionOfAnotherShapeIsRefused(json: String, message: String) {
        expectRefusal("{\"\": {\"entityTypes\": {\"A\": {}}, \"actions\": \(json)}}", message)
    }

    @Test(arguments: [
        #"{"a": {}}"#, #"{"a": {"appliesTo": null, "memberOf": null, "attributes": null}}"#,
        #"{"a": {"memberOf": []}}"#, #"{"a": {"appliesTo": {"principalTypes": ["A"], "resourceTypes": []}}}"#,
    ]) func anActionThatAppliesToNothingIsRead(json: String) throws {
        let text = "{\"\": {\"entityTypes\": {\"A\": {}}, \"actions\": \(json)}}"
        #expect(try SchemaFragment(parsingJSON: Array(text.utf8)).cedarText() == "entity A;\n\naction \"a\";\n")
    }

    @Test(arguments: [
        (#"{"Long": {"type": "Long"}}"#, "`Long` is the name of a built-in type"),
        (#"{"a b": {"type": "Long"}}"#, "not the name of a type"),
        (#"{"T": {"type": "Long", "required": true}}"#, "T.required`: member is not declared"),
        (#"{"T": {"type": "U"}, "U": {"type": "T"}}"#, "contains itself"),
    ]) func aCommonTypeOfAnotherShapeIsRefused(json: String, message: String) {
        expectRefusal(Self.schema(#"{"type": "String"}"#, common: json), message)
    }

    // MARK: What Cedar's syntax cannot say

    @Test func aShapeByNameIsReadButNotWrittenAsText() throws {
        let json = """
            {"N": {"entityTypes": {"A": {"shape": {"type": "T"}}}, "actions": {},
              "commonTypes": {"T": {"type": "Record", "attributes": {"x": {"type": "Long"}}}}}}
            """
        let fragment = try SchemaFragment(parsingJSON: Array(json.utf8))
        #expect(try fragment.resolved()[entityType("N::A")]?.attributes["x"]?.type == .long)
        #expect(throws: SchemaTextError.namedShape(entityType: "N::A")) { try fragment.cedarText() }
    }

    @Test func anEntityTypeThatACommonTypeHidesIsNotWrittenAsText() throws {
        let json = Self.schema(#"{"type": "Entity", "name": "B"}"#, common: #"{"B": {"type": "Long"}}"#)
        let fragment = try SchemaFragment(parsingJSON: Array(json.utf8))
        #expect(try fragment.resolved()[entityType("A")]?.attributes["x"]?.type == .entity(entityType("B")))
        #expect(throws: SchemaTextError.nameCollision("B")) { try fragment.cedarText() }
    }

    @Test func aBuiltInTypeThatAnEntityTypeHidesIsNotWrittenAsText() throws {
        let json = """
            {"": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {"x": {"type": "ipaddr"}}}},
              "ipaddr": {}}, "actions": {}}}
            """
        let fragment = try SchemaFragment(parsingJSON: Array(json.utf8))
        #expect(try fragment.resolved()[entityType("A")]?.attributes["x"]?.type == .extension(.ipaddr))
        #expect(throws: SchemaTextError.nameCollision("ipaddr")) { try fragment.cedarText() }
    }

    // MARK: Limits and files

    @Test(arguments: [(SourceLimits.nestingMax, true), (SourceLimits.nestingMax + 1, false)])
    func nestingHasALimit(levels: Int, isRead: Bool) {
        // The shape is one level, the innermost type another.
        let type =
            String(repeating: #"{"type": "Set", "element": "#, count: levels - 2) + #"{"type": "Long"}"#
            + String(repeating: "}", count: levels - 2)
        let schema = try? Schema(parsingJSON: Array(Self.schema(type).utf8))
        #expect((schema != nil) == isRead)
    }

    @Test func deepNestingIsRefusedWithoutHarm() {
        let type =
            String(repeating: #"{"type": "Set", "element": "#, count: 40_000) + #"{"type": "Long"}"#
            + String(repeating: "}", count: 40_000)
        expectRefusal(Self.schema(type), "nested deeper")
    }

    @Test(arguments: [(SourceLimits.declarationsMax, true), (SourceLimits.declarationsMax + 1, false)])
    func theNumberOfDeclarationsIsLimited(count: Int, isRead: Bool) {
        let types = (0..<count).map { "\"E\($0)\":{}" }.joined(separator: ",")
        let text = "{\"\":{\"entityTypes\":{\(types)},\"actions\":{}}}"
        #expect(((try? SchemaFragment(parsingJSON: Array(text.utf8))) != nil) == isRead)
    }

    @Test func everySchemaFileTranslates() throws {
        let directory = try Fixtures.url("schemas")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(files.count == 31)
        for file in files { try Self.checkTranslation(Array(Data(contentsOf: file)), file.lastPathComponent) }
        ConformanceCount.report("schema files, translated in both directions", files.count)
    }

    /// Translates a schema to JSON and back, and compares the meaning; invalid ones are translated only.
    private static func checkTranslation(_ bytes: [UInt8], _ name: String) throws {
        let fragment = try SchemaFragment(parsing: bytes)
        let json = fragment.json()
        let fromJSON = try SchemaFragment(parsingJSON: json)
        #expect(try canonical(fromJSON.json()) == canonical(json), "\(name)")
        let text = try fromJSON.cedarText()
        #expect(try fragment.cedarText() == text, "\(name)")
        let back = try SchemaFragment(parsing: text)
        #expect(try back.cedarText() == text, "\(name)")
        let isTyped = !String(decoding: json, as: UTF8.self).contains(#/{"id":"[^"]*"}/#)
        #expect(try !isTyped || canonical(back.json()) == canonical(json), "\(name)")
        guard let schema = try? fragment.resolved() else { return }
        #expect(try meaning(fromJSON.resolved()) == meaning(schema), "\(name)")
        #expect(try meaning(back.resolved()) == meaning(schema), "\(name)")
    }

    /// Folders of the command-line sandboxes that have a schema in both formats.
    @Test(
        arguments: ["sandbox_a", "sandbox_b", "sandbox_c"]
            + [1, 2, 3, 4, 5, 6, 7, 8, 9, 11].map { "tiny_sandboxes/sample\($0)" }
    )
    func theSandboxesSchemasAreTheSameInBothFormats(folder: String) throws {
        let text = try Fixtures.bytes("cli/\(folder)/schema.cedarschema")
        try Self.checkTranslation(text, folder)
        let json = try Fixtures.bytes("cli/\(folder)/schema.cedarschema.json")
        #expect(try Self.meaning(Schema(parsingJSON: json)) == Self.meaning(Schema(parsing: text)))
        ConformanceCount.report("command-line sandboxes, a schema in both formats", 1)
    }

    @Test func theTranslationSandboxTranslates() throws {
        let folder = "cli/tiny_sandboxes/translate-schema/tinytodo.cedarschema"
        let text = try Fixtures.bytes(folder)
        try Self.checkTranslation(text, "tinytodo")
        // The JSON of the sandbox is older than the distinction of entity types and common types; it translates, but
        // means nothing, as for the reference implementation.
        let json = try SchemaFragment(parsingJSON: Fixtures.bytes("\(folder).json"))
        let translated = try Schema(parsing: json.cedarText())
        #expect(try Self.meaning(translated) == Self.meaning(Schema(parsing: text)))
        #expect(throws: SchemaError.self) { try json.resolved() }
    }
}
