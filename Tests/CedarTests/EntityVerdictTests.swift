import Bytes
import Cedar
import Testing

/// Every mistake of every entity is told, with its path.
@Suite struct EntityVerdictTests {
    static let schema: Text = """
        entity Team; entity Color enum ["red"];
        entity User in [Team] = { name: String, age?: Long, color?: Color } tags Long;
        action "all"; action read in ["all"] appliesTo { principal: User, resource: User };
        """

    private func verdicts(_ text: String) throws -> [String] {
        let schema = try Schema(parsing: Self.schema)
        let json = try JSONValue(parsing: Array(text.utf8))
        return schema.verdicts(on: json).map { verdict in
            let errors = verdict.errors.map(\.path).joined(separator: " ")
            return "\(verdict.uid.map(\.description) ?? "?"): \(errors)"
        }
    }

    private static func user(_ attributes: String, _ more: String = "") -> String {
        #"[{"uid": {"type": "User", "id": "u"}, "attrs": {\#(attributes)}, "parents": []\#(more)}]"#
    }

    @Test func whatConformsHasNoErrors() throws {
        #expect(try verdicts(Self.user(#""name": "x", "age": 3"#)) == [#"User::"u": "#])
        #expect(try verdicts(Self.user(#""name": "x""#, #", "tags": {"a": 1}"#)) == [#"User::"u": "#])
        #expect(try verdicts("[]") == [])
    }

    @Test func everyMistakeOfAnEntityIsTold() throws {
        let found = try verdicts(
            """
            [{"uid": {"type": "User", "id": "u"},
              "attrs": {"age": "x", "more": 1, "color": {"type": "Color", "id": "blue"}},
              "parents": [{"type": "User", "id": "v"}, {"type": "Team", "id": "t"}], "tags": {"a": "x", "b": 2}}]
            """
        )
        #expect(found == [#"User::"u": attrs.age attrs.color tags.a attrs.more attrs.name parents"#])
    }

    @Test func whatIsWrongWithOneEntitySaysNothingOfTheNext() throws {
        let found = try verdicts(
            """
            [{"uid": {"type": "Nobody", "id": "x"}, "attrs": {}, "parents": []},
             {"uid": {"type": "Color", "id": "blue"}, "attrs": {}, "parents": []},
             {"uid": {"type": "Color", "id": "red"}, "attrs": {}, "parents": []},
             {"uid": {"type": "User"}, "attrs": {}, "parents": []}, 3,
             {"uid": {"type": "User", "id": "u"}, "attrs": [], "parents": {}, "extra": 1},
             {"uid": {"type": "Action", "id": "read"}, "attrs": {}, "parents": []},
             {"uid": {"type": "Action", "id": "read"}, "attrs": {}, "parents": [{"type": "Action", "id": "all"}]},
             {"uid": {"type": "Team", "id": "t"}, "attrs": {}}]
            """
        )
        #expect(found[0] == #"Nobody::"x": uid"#)
        #expect(found[1] != #"Color::"blue": "#)
        #expect(found[2] == #"Color::"red": "#)
        #expect(found[3] == "?: uid")
        #expect(found[4] == "?: ")
        #expect(found[5] == #"User::"u": extra attrs parents attrs.name"#)
        #expect(try Schema(parsing: Self.schema)[uid("Action", "read")]?.parents.count == 1)
        #expect(found[7] == #"Action::"read": "#)
        #expect(found[8] == #"Team::"t": parents"#)
    }

    @Test func whatIsNoListHasOneError() throws {
        #expect(try verdicts("{}") == ["?: "])
        let schema = try Schema(parsing: Self.schema)
        #expect(try schema.verdicts(on: JSONValue(parsing: Array("{}".utf8))).map(\.isValid) == [false])
    }

    /// The verdicts agree with what reading the whole does.
    @Test(arguments: [
        #""name": "x""#, #""name": 1"#, "", #""name": "x", "age": 1.5"#, #""name": "x", "age": null"#,
        #""name": "x", "color": {"type": "Color", "id": "red"}"#,
        #""name": "x", "color": {"type": "Team", "id": "red"}"#,
        #""name": "x", "color": {"__entity": {"type": "Color", "id": "blue"}}"#,
    ])
    func aVerdictIsWhatReadingSays(attributes: String) throws {
        let schema = try Schema(parsing: Self.schema)
        let json = try JSONValue(parsing: Array(Self.user(attributes).utf8))
        let isRead = (try? Entities(json, schema: schema)) != nil
        #expect(schema.verdicts(on: json).allSatisfy(\.isValid) == isRead)
    }
}
