import Bytes
import Cedar
import Testing

/// Policies in Cedar's JSON format.
@Suite struct PolicyJSONTests {
    /// The same JSON value in one spelling.
    private static func canonical(_ bytes: [UInt8]) throws -> String {
        let json = try JSONValue(parsing: bytes, limits: .policies)
        return String(decoding: try #require(CanonicalJSON.encode(json)), as: UTF8.self)
    }

    private static func set(_ member: String, conditions: String = "[]") -> String {
        """
        {"staticPolicies": {"p": {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
          "resource": {"op": "All"}, "conditions": \(conditions)}}, "templates": {}, "templateLinks": []\(member)}
        """
    }

    private static func when(_ body: String) -> String {
        set("", conditions: "[{\"kind\": \"when\", \"body\": \(body)}]")
    }

    private static func body(of set: PolicySet) throws -> String {
        let json = try JSONValue(parsing: set.json(ofPolicyAt: 0), limits: .policies)
        for condition in try #require(json["conditions"]).elements {
            let body = try #require(condition["body"])
            return String(decoding: try #require(CanonicalJSON.encode(body)), as: UTF8.self)
        }
        return ""
    }

    // MARK: Writing

    /// Text and JSON of expressions, as the reference implementation writes them.
    private static let expressions: [(Text, String)] = [
        (
            "true && false && true",
            #"{"&&":{"left":{"&&":{"left":{"Value":true},"right":{"Value":false}}},"right":{"Value":true}}}"#
        ),
        (
            "true || (false || true)",
            #"{"||":{"left":{"Value":true},"right":{"||":{"left":{"Value":false},"right":{"Value":true}}}}}"#
        ),
        ("1 + 2 - 3", #"{"-":{"left":{"+":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}}"#),
        ("1 - (2 - 3)", #"{"-":{"left":{"Value":1},"right":{"-":{"left":{"Value":2},"right":{"Value":3}}}}}"#),
        ("2 * 3 * 4", #"{"*":{"left":{"*":{"left":{"Value":2},"right":{"Value":3}}},"right":{"Value":4}}}"#),
        ("--1", #"{"neg":{"arg":{"Value":-1}}}"#),
        ("-(1)", #"{"neg":{"arg":{"Value":1}}}"#),
        ("-9223372036854775808", #"{"Value":-9223372036854775808}"#),
        ("!!true", #"{"!":{"arg":{"!":{"arg":{"Value":true}}}}}"#),
        (
            "principal.a[\"b c\"].d",
            #"{".":{"attr":"d","left":{".":{"attr":"b c","left":{".":{"attr":"a","left":{"Var":"principal"}}}}}}}"#
        ),
        ("principal has \"a b\"", #"{"has":{"attr":"a b","left":{"Var":"principal"}}}"#),
        (
            "context has a.b",
            #"{"&&":{"left":{"has":{"attr":"a","left":{"Var":"context"}}},"right":{"has":{"attr":"b","left":{"#
                + #"".":{"attr":"a","left":{"Var":"context"}}}}}}}"#
        ),
        (
            "\"x\" like \"é\\**\"",
            #"{"like":{"left":{"Value":"x"},"pattern":[{"Literal":"é"},{"Literal":"*"},"Wildcard"]}}"#
        ),
        ("\"\" like \"\"", #"{"like":{"left":{"Value":""},"pattern":[]}}"#),
        ("resource is A::B", #"{"is":{"entity_type":"A::B","left":{"Var":"resource"}}}"#),
        ("resource is B in action", #"{"is":{"entity_type":"B","in":{"Var":"action"},"left":{"Var":"resource"}}}"#),
        ("{b: 1, \"a\": []}", #"{"Record":{"a":{"Set":[]},"b":{"Value":1}}}"#),
        ("if true then 1 else 2", #"{"if-then-else":{"else":{"Value":2},"if":{"Value":true},"then":{"Value":1}}}"#),
        (
            "A::\"x\" in [A::\"\\n\"]",
            #"{"in":{"left":{"Value":{"__entity":{"id":"x","type":"A"}}},"right":{"Set":[{"Value":{"__entity""#
                + #":{"id":"\n","type":"A"}}}]}}}"#
        ),
        ("[1].isEmpty()", #"{"isEmpty":{"arg":{"Set":[{"Value":1}]}}}"#),
        (
            "principal.hasTag(\"a\") != principal.getTag(\"b\").contains(1)",
            #"{"!=":{"left":{"hasTag":{"left":{"Var":"principal"},"right":{"Value":"a"}}},"right":{"contains""#
                + #":{"left":{"getTag":{"left":{"Var":"principal"},"right":{"Value":"b"}}},"right":{"Value":1}}}}}"#
        ),
        (
            "ip(\"::1\").isInRange(ip(\"::\", 2))",
            #"{"isInRange":[{"ip":[{"Value":"::1"}]},{"ip":[{"Value":"::"},{"Value":2}]}]}"#
        ),
    ]

    @Test(arguments: expressions) func expressionsAreWrittenAsByTheReference(text: Text, json: String) throws {
        let set = try PolicySet(parsing: Text("permit (principal, action, resource) when { \(text) };"))
        #expect(try Self.body(of: set) == json)
        let back = try PolicySet(parsingJSON: set.json())
        #expect(try Self.body(of: back) == json)
    }

    @Test func aWholeSetIsWrittenAsByTheReference() throws {
        let text: Text = """
            @flag @id("x") @if("y")
            permit (principal == ?principal, action in [Action::"a"], resource is T in ?resource) unless { false };
            forbid (principal is N::U, action in [], resource in T::"t");
            permit (principal, action == Action::"a", resource) when { 1 < 2 } unless { context.x };
            """
        var set = try PolicySet(parsing: text)
        let uid = EntityUID(type: entityType("U"), id: "u")
        try set.link(template: "policy0", id: "link", slots: [.principal: uid, .resource: uid])
        let expected = """
            {"templates": {"policy0": {"effect": "permit", "principal": {"op": "==", "slot": "?principal"},
              "action": {"op": "in", "entity": {"type": "Action", "id": "a"}},
              "resource": {"op": "is", "entity_type": "T", "in": {"slot": "?resource"}},
              "conditions": [{"kind": "unless", "body": {"Value": false}}],
              "annotations": {"flag": null, "id": "x", "if": "y"}}},
             "staticPolicies": {
              "policy1": {"effect": "forbid", "principal": {"op": "is", "entity_type": "N::U"},
               "action": {"op": "in", "entities": []},
               "resource": {"op": "in", "entity": {"type": "T", "id": "t"}}, "conditions": []},
              "policy2": {"effect": "permit", "principal": {"op": "All"},
               "action": {"op": "==", "entity": {"type": "Action", "id": "a"}}, "resource": {"op": "All"},
               "conditions": [
                {"kind": "when", "body": {"<": {"left": {"Value": 1}, "right": {"Value": 2}}}},
                {"kind": "unless", "body": {".": {"left": {"Var": "context"}, "attr": "x"}}}]}},
             "templateLinks": [{"newId": "link", "templateId": "policy0",
              "values": {"?principal": {"type": "U", "id": "u"}, "?resource": {"type": "U", "id": "u"}}}]}
            """
        #expect(try Self.canonical(set.json()) == Self.canonical(Array(expected.utf8)))
        let back = try PolicySet(parsingJSON: set.json())
        #expect(try Self.canonical(back.json()) == Self.canonical(Array(expected.utf8)))
        #expect(Set(back.policies.map(\.id)) == Set(set.policies.map(\.id)))
        #expect(back["link"]?.link == set["link"]?.link)
        #expect(back["policy0"]?.annotation("flag")?.hasValue == false)
    }

    @Test func aSinglePolicyIsReadByItself() throws {
        let set = try PolicySet(parsing: "permit (principal == ?principal, action, resource);")
        let single = try PolicySet(parsingJSON: set.json(ofPolicyAt: 0))
        #expect(single.policies.map(\.id) == [PolicySet.idOfPolicyInJSON])
        #expect(single.policies[0].isTemplate)
    }

    // MARK: Reading

    /// JSON that can be read, and the expression that it stands for.
    private static let readable: [(String, Text)] = [
        (#"{"Value": [1, {"a": true}, {"__entity": {"type": "U", "id": "a"}}]}"#, #"[1, {"a": true}, U::"a"]"#),
        (#"{"Value": {"__extn": {"fn": "ip", "arg": "x"}}}"#, #"ip("x")"#),
        (
            #"{"Value": {"__extn": {"fn": "offset", "args": [{"__extn": {"fn": "datetime", "arg": "2020-01-01"#
                + #""}}, 1]}}}"#,
            #"datetime("2020-01-01").offset(1)"#
        ),
        (#"{"has": {"left": {"Var": "context"}, "attr": ["a", "b"]}}"#, "context has a.b"),
        (
            #"{"like": {"left": {"Value": "a"}, "pattern": ["Wildcard", {"Literal": "abc*"}, "Wildcard"]}}"#,
            #""a" like "*abc\**""#
        ),
        (#"{"isInRange": [{"Value": "a"}]}"#, #""a".isInRange()"#),
        (#"{"ip": []}"#, "ip()"),
    ]

    @Test(arguments: readable) func everySpellingOfTheFormatIsRead(json: String, text: Text) throws {
        let set = try PolicySet(parsingJSON: Array(Self.when(json).utf8))
        let expected = try PolicySet(parsing: Text("permit (principal, action, resource) when { \(text) };"))
        #expect(try Self.body(of: set) == Self.body(of: expected))
    }

    /// Conditions that are refused, with what the error says.
    private static let refusedBodies: [(String, String)] = [
        (
            #"{"Value": true, "Var": "principal"}"#,
            "conditions[0].body`: an expression is an object with one member, not 2"
        ),
        ("{}", "one member, not 0"),
        ("true", "expected expression, got bool"),
        (#"{"Value": 1.5}"#, "integers"),
        (#"{"Value": null}"#, "null"),
        (#"{"Value": 9223372036854775808}"#, "out of range"),
        (#"{"Value": {"__expr": "1"}}"#, "malformed escape"),
        (#"{"Value": {"__entity": {"type": "U", "id": "a"}, "b": 1}}"#, "malformed escape"),
        (#"{"Value": {"__extn": {"fn": "ip"}}}"#, "malformed escape"),
        (#"{"Value": {"__extn": {"fn": "ip", "arg": "", "x": 1}}}"#, "malformed escape"),
        (#"{"Value": {"__extn": {"fn": "nope", "arg": ""}}}"#, "`nope` is not a function"),
        (#"{"Slot": "?principal"}"#, "slots can stand only in the scope"),
        (#"{"Unknown": {"name": "x"}}"#, "`Unknown` is not a function"),
        (#"{"Var": "foo"}"#, "not one of `principal`"),
        (#"{"foo": [{"Value": 1}]}"#, "`foo` is not a function"),
        (#"{"isInRange": []}"#, "a method needs"),
        (#"{"==": {"left": {"Value": 1}, "right": {"Value": 1}, "x": 1}}"#, "==.x`: member is not declared"),
        (#"{"==": {"left": {"Value": 1}}}"#, "==.right`: required member is missing"),
        (
            #"{"&&": {"left": {"&&": {"left": {"Value": 1}}}, "right": {"Value": 1}}}"#,
            "&&.left.&&.right`: required member is missing"
        ),
        (
            #"{"&&": {"left": {"&&": {"left": {"Value": 1}, "right": {"Var": 1}}}, "right": {"Value": 1}}}"#,
            "&&.left.&&.right.Var`: expected string"
        ),
        (#"{"+": {"left": {"Var": "x"}, "right": {"Value": 1}}}"#, "+.left.Var`: not one of"),
        (#"{".": {"left": {"Value": 1}, "attr": 1}}"#, "attr`: expected string, got integer"),
        (#"{"has": {"left": {"Value": 1}, "attr": []}}"#, "no name of an attribute"),
        (#"{"has": {"left": {"Value": 1}, "attr": [1]}}"#, "expected string, got integer"),
        (#"{"like": {"left": {"Value": 1}, "pattern": "a*"}}"#, "pattern`: expected array"),
        (#"{"like": {"left": {"Value": 1}, "pattern": ["wildcard"]}}"#, "pattern[0]`: neither"),
        (#"{"like": {"left": {"Value": 1}, "pattern": [{"Literal": "a", "x": 1}]}}"#, "member is not declared"),
        (#"{"is": {"left": {"Value": 1}, "entity_type": "a b"}}"#, "entity_type`: not the name of an entity type"),
        (#"{"Set": {"Value": 1}}"#, "expected array"),
        (#"{"Record": [{"Value": 1}]}"#, "expected object"),
        (#"{"Record": {"a": {"Value": 1}, "a": {"Value": 1}}}"#, "duplicate member `a`"),
        (#"{"!": {"left": {"Value": 1}}}"#, "member is not declared"),
    ]

    @Test(arguments: refusedBodies) func anExpressionOfNoKnownFormIsRefused(body: String, message: String) {
        expectRefusal(Self.when(body), message)
    }

    private func expectRefusal(_ text: String, _ message: String) {
        do {
            _ = try PolicySet(parsingJSON: Array(text.utf8))
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description.contains(message), "\(error) instead of \(message)")
        }
    }

    private static func scoped(_ principal: String, action: String = #"{"op": "All"}"#, as kind: String) -> String {
        let policy = """
            {"effect": "permit", "principal": \(principal), "action": \(action), "resource": {"op": "All"},
             "conditions": []}
            """
        let isTemplate = kind == "templates"
        return """
            {"staticPolicies": {\(isTemplate ? "" : "\"p\": " + policy)},
             "templates": {\(isTemplate ? "\"p\": " + policy : "")}, "templateLinks": []}
            """
    }

    private static let refusedScopes: [(String, String, String)] = [
        (#"{"op": "==", "slot": "?principal"}"#, "staticPolicies", "a policy has no slots"),
        (#"{"op": "All"}"#, "templates", "a template needs a slot"),
        (#"{"op": "==", "slot": "?resource"}"#, "templates", "only the slot `?principal`"),
        (#"{"op": "All", "x": 1}"#, "staticPolicies", "principal.x`: member is not declared"),
        (#"{"op": "==", "entity": {"type": "U", "id": "a"}, "slot": "?principal"}"#, "staticPolicies", "not declared"),
        (#"{"op": "==", "entity": "U::\"a\""}"#, "staticPolicies", "principal.entity`: expected entity"),
        (#"{"op": "=="}"#, "staticPolicies", "principal.entity`: required member is missing"),
        (#"{"op": "in", "entities": [{"type": "U", "id": "a"}]}"#, "staticPolicies", "not declared"),
        (#"{"op": "is", "entity_type": "U b"}"#, "staticPolicies", "not the name of an entity type"),
        (#"{"op": "is", "entity_type": "U", "in": {}}"#, "staticPolicies", "principal.in.entity`"),
        (#"{"op": "like"}"#, "staticPolicies", "principal.op`: not an operator"),
        (#""All""#, "staticPolicies", "expected object, got string"),
    ]

    @Test(arguments: refusedScopes) func aScopeOfNoKnownFormIsRefused(scope: String, kind: String, message: String) {
        expectRefusal(Self.scoped(scope, as: kind), message)
    }

    @Test(arguments: [
        (#"{"op": "is", "entity_type": "Action"}"#, "not an operator"),
        (#"{"op": "==", "entity": {"type": "U", "id": "a"}}"#, "not an entity of type `Action`"),
        (#"{"op": "in", "entities": [{"type": "U", "id": "a"}]}"#, "entities[0]`: not an entity of type `Action`"),
        (#"{"op": "in", "entity": {"type": "Action", "id": "a"}, "entities": []}"#, "not declared"),
        (#"{"op": "==", "slot": "?principal"}"#, "not declared"),
    ]) func anActionOfNoKnownFormIsRefused(action: String, message: String) {
        expectRefusal(Self.scoped(#"{"op": "All"}"#, action: action, as: "staticPolicies"), message)
    }

    @Test(arguments: [
        ("[]", "expected object, got array"),
        ("{}", "none of the members"),
        (#"{"effect": "permit", "staticPolicies": {}}"#, "members of both"),
        (#"{"staticPolicies": {}}"#, "`templates`: required member is missing"),
        (#"{"staticPolicies": {}, "templates": {}, "templateLinks": [], "x": 1}"#, "`x`: member is not declared"),
        (#"{"staticPolicies": [], "templates": {}, "templateLinks": []}"#, "expected object, got array"),
        (
            #"{"effect": "Permit", "principal": {}, "action": {}, "resource": {}, "conditions": []}"#,
            "neither `permit` nor"
        ),
        (#"{"effect": "permit"}"#, "`principal`: required member is missing"),
        (#"{"staticPolicies": {"p""#, "byte 23"),
    ]) func aTextOfAnotherShapeIsRefused(text: String, message: String) {
        expectRefusal(text, message)
    }

    @Test(arguments: [
        (#"{"kind": "if", "body": {"Value": true}}"#, "neither `when` nor `unless`"),
        (#"{"kind": "when", "body": {"Value": true}, "x": 1}"#, "member is not declared"),
        (#"{"kind": "when"}"#, "`staticPolicies.p.conditions[0].body`: required member is missing"),
    ]) func aConditionOfAnotherShapeIsRefused(condition: String, message: String) {
        expectRefusal(Self.set("", conditions: "[\(condition)]"), message)
    }

    @Test(arguments: [
        (#"{"a b": "x"}"#, "not a name of an annotation"), (#"{"a": 1}"#, "expected string or null"),
        ("[]", "expected object"),
    ]) func anAnnotationOfAnotherShapeIsRefused(annotations: String, message: String) {
        let policy = #"{"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": "#
        expectRefusal(policy + #"{"op": "All"}, "conditions": [], "annotations": "# + annotations + "}", message)
    }

    private static func linked(_ link: String) -> String {
        """
        {"staticPolicies": {"s": {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
          "resource": {"op": "All"}, "conditions": []}},
         "templates": {"t": {"effect": "permit", "principal": {"op": "in", "slot": "?principal"},
          "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}}, "templateLinks": [\(link)]}
        """
    }

    @Test(arguments: [
        (#"{"newId": "l", "templateId": "t", "values": {}}"#, "nothing is given for the slot `?principal`"),
        (#"{"newId": "l", "templateId": "x", "values": {}}"#, "there is no template"),
        (#"{"newId": "l", "templateId": "s", "values": {}}"#, "is a policy, not a template"),
        (#"{"newId": "s", "templateId": "t", "values": {"?principal": {"type": "U", "id": "a"}}}"#, "two policies"),
        (
            #"{"newId": "l", "templateId": "t", "values": {"principal": {"type": "U", "id": "a"}}}"#,
            "[0].values.principal`"
        ),
        (#"{"newId": "l", "templateId": "t", "values": {"?principal": "U"}}"#, "values.?principal`: expected entity"),
        (#"{"newId": "l", "templateId": "t", "values": {}, "x": 1}"#, "member is not declared"),
        (#"{"newId": 1, "templateId": "t", "values": {}}"#, "newId`: expected string"),
    ]) func aLinkThatCannotBeMadeIsRefused(link: String, message: String) {
        expectRefusal(Self.linked(link), message)
    }

    @Test func aLinkIsRead() throws {
        let link =
            #"{"newId": "l", "templateId": "t", "values": {"?principal": {"__entity": {"type": "U", "id": "a"}}}}"#
        let set = try PolicySet(parsingJSON: Array(Self.linked(link).utf8))
        #expect(set["l"]?.principal == .isIn(.entity(EntityUID(type: entityType("U"), id: "a"))))
    }

    // MARK: Limits

    @Test func aLongChainIsReadAndWritten() throws {
        let chain = Array(repeating: "true", count: 20_000).joined(separator: " && ")
        let access = "context" + String(repeating: ".a", count: 20_000)
        let sum = Array(repeating: "1", count: 20_000).joined(separator: " - ")
        for text in [chain, access, sum] {
            let set = try PolicySet(parsing: Text("permit (principal, action, resource) when { \(text) };"))
            let back = try PolicySet(parsingJSON: set.json())
            #expect(back.json() == set.json())
        }
    }

    @Test(arguments: [(SourceLimits.nestingMax, true), (SourceLimits.nestingMax + 1, false)])
    func nestingHasALimit(levels: Int, isRead: Bool) {
        let body =
            String(repeating: #"{"!": {"arg": "#, count: levels - 1) + #"{"Value": "# + "true}"
            + String(repeating: "}}", count: levels - 1)
        // A value is one level of its own.
        let deep =
            String(repeating: #"{"!": {"arg": "#, count: levels - 1) + #"{"Var": "context"}"#
            + String(repeating: "}}", count: levels - 1)
        let set = try? PolicySet(parsingJSON: Array(Self.when(deep).utf8))
        #expect((set != nil) == isRead)
        if !isRead { #expect(throws: CedarJSONError.self) { try PolicySet(parsingJSON: Array(Self.when(body).utf8)) } }
    }

    @Test func deepNestingIsRefusedWithoutHarm() {
        for (open, close) in [
            (#"{"!": {"arg": "#, "}}"), (#"{"Set": ["#, "]}"),
            (#"{"&&": {"right": {"Value": 1}, "left": {"!": {"arg": "#, "}}}}"),
        ] {
            let text =
                String(repeating: open, count: 20_000) + #"{"Value": 1}"# + String(repeating: close, count: 20_000)
            #expect(throws: CedarJSONError.self) { try PolicySet(parsingJSON: Array(Self.when(text).utf8)) }
        }
        let value = #"{"Value": "# + String(repeating: "[", count: 40_000) + String(repeating: "]", count: 40_000) + "}"
        #expect(throws: CedarJSONError.self) { try PolicySet(parsingJSON: Array(Self.when(value).utf8)) }
    }

    @Test func nestedTestsForPathsDoNotGrowTheTextWithoutBound() throws {
        var text = "context"
        for _ in 0..<40 { text = "(\(text) has a.b.c.d.e.f)" }
        let set = try PolicySet(parsing: Text("permit (principal, action, resource) when { \(text) };"))
        #expect(set.json().count < 1_000_000)
        #expect(throws: Never.self) { try PolicySet(parsingJSON: set.json()) }
    }

    @Test(arguments: [(256, false), (257, true)]) func aLongPathIsTestedForAsAList(count: Int, isList: Bool) throws {
        let path = (0..<count).map { "a\($0)" }.joined(separator: ".")
        let set = try PolicySet(parsing: Text("permit (principal, action, resource) when { context has \(path) };"))
        let body = try Self.body(of: set)
        #expect(body.hasPrefix(#"{"has":{"attr":["a0","a1","#) == isList)
        #expect(try Self.body(of: PolicySet(parsingJSON: set.json())) == body)
    }

    @Test(arguments: [
        (SourceLimits.declarationsMax, "required member is missing"), (SourceLimits.declarationsMax + 1, "more than"),
    ])
    func theNumberOfPoliciesIsLimited(count: Int, message: String) {
        // What is in them is not looked at before they are counted.
        let policies = (0..<count).map { "\"\($0)\":{}" }.joined(separator: ",")
        expectRefusal("{\"staticPolicies\":{\(policies)},\"templates\":{},\"templateLinks\":[]}", message)
    }
}
