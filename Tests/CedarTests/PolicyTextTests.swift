import Bytes
import Cedar
import Testing

/// Policies written in Cedar's syntax.
@Suite struct PolicyTextTests {
    /// Expressions, and how they are written; `nil` if just so.
    private static let expressions: [(Text, Text?)] = [
        ("true && false && true", nil), ("true && (false && true)", nil), ("(true && false) && true", nil),
        ("true || false && true", nil), ("(true || false) && true", nil), ("true || (false || true)", nil),
        ("if true then 1 else if false then 2 else 3", nil),
        ("(if true then 1 else 2) == (if false then 1 else 2)", nil),
        ("1 + 2 - 3", nil), ("1 - (2 - 3)", nil), ("(1 - 2) - 3", nil), ("2 * 3 + 4 * 5", nil), ("2 * (3 + 4)", nil),
        ("(2 * 3) * 4", nil), ("1 - -1", nil), ("-1 + 1", nil), ("-(1)", nil), ("--1", "-(-1)"), ("-(-(1))", nil),
        ("-9223372036854775808", nil), ("9223372036854775807", nil), ("-context.x", nil), ("(-1).x", nil),
        ("-1.x", nil),
        ("-1 * -2", nil), ("-(1 + 2)", nil),
        ("!true", nil), ("!!true", "!(!true)"), ("!!!!true", "!(!(!(!true)))"), ("!(1 == 2)", nil),
        ("!context.a.b", nil),
        ("(1 == 2) == (3 != 4)", nil), ("1 < 2", nil), ("1 <= 2", nil), ("1 > 2", nil), ("1 >= 2", nil),
        ("principal in [principal, resource]", nil), ("(principal in resource) in action", nil),
        ("context has a", nil), ("context has \"a b\"", nil), ("context has \"if\"", nil), ("context has a.b.c", nil),
        ("context.a has b", nil), ("(context has a) has b", nil), ("-1 has x", nil), ("(context has a).b", nil),
        ("principal[\"a b\"].c[\"__cedar\"]", nil), ("principal[\"ok\"]", "principal.ok"),
        (
            "\"a\\n\\\"\\\\\\0\\t\\r'\\u{7f}\\u{200b}é\" == \"\\x41\"",
            "\"a\\n\\\"\\\\\\0\\t\\r'\\u{7f}\\u{200b}é\" == \"A\""
        ),
        ("\"x\" like \"a*\\**\\\"\\\\*\"", nil), ("\"x\" like \"\"", nil),
        ("\"x\" like \"\u{5b2}\\*\u{5b2}*\u{301}\"", nil), ("1 + 2 like \"*\"", nil),
        ("resource is A::B", nil), ("resource is A::B in principal.x", nil), ("(resource is A) is B", nil),
        ("A::B::\"x\\\"y\" == U::\"\"", nil), ("[]", nil), ("[1, [2], if true then 1 else 2]", nil), ("{}", nil),
        ("{b: 1, a: 2, \"if\": {\"x y\": true}}", "{a: 2, b: 1, \"if\": {\"x y\": true}}"),
        ("[1].contains(1 + 1)", nil), ("(1 + 2).containsAll([])", nil), ("[].containsAny([])", nil),
        ("[].isEmpty()", nil),
        ("principal.hasTag(\"a\") && principal.getTag(\"a\").b", nil),
        ("ip(\"::1\").isInRange(ip(\"::\", 2))", nil), ("\"a\".isIpv4()", nil),
        ("(-1).lessThan(decimal(\"1.0\"))", nil),
        ("datetime(\"2024-01-01\").offset(duration(\"1h\")).toDate()", nil),
        ("(if true then [1] else [2]).contains(1)", nil),
        ("context . a", "context.a"), ("((1))", "1"),
    ]

    @Test(arguments: expressions) func anExpressionIsWrittenAsItIsRead(source: Text, written: Text?) throws {
        let set = try PolicySet(parsing: Text("permit (principal, action, resource) when { \(source) };"))
        let text = set.cedarText(ofPolicyAt: 0)
        #expect(text == Text("permit (principal, action, resource)\nwhen { \(written ?? source) };"))
        let back = try PolicySet(parsing: text)
        #expect(back.cedarText(ofPolicyAt: 0) == text)
        #expect(back.json() == set.json())
    }

    @Test func aWholeSetIsWrittenAsItIsRead() throws {
        let text: Text = """
            @flag
            @id("a \\"b\\"")
            @if("")
            permit (principal == ?principal, action in [Action::"a", N::Action::"b"], resource is T in ?resource)
            when { true }
            unless { context.x };

            forbid (principal is N::U, action in [], resource in T::"t");

            permit (principal in ?principal, action == Action::"a", resource == T::"\\0");

            permit (principal is A in B::"b", action in Action::"a", resource in ?resource);

            """
        let set = try PolicySet(parsing: text)
        #expect(set.cedarText() == text)
    }

    @Test func linkedPoliciesAreWrittenOnlyOneByOne() throws {
        var set = try PolicySet(parsing: "permit (principal == ?principal, action, resource);")
        #expect(set.cedarText() == "permit (principal == ?principal, action, resource);\n")
        let alice = EntityUID(type: entityType("U"), id: "alice")
        try set.link(template: "policy0", id: "x", slots: [.principal: alice])
        #expect(set.cedarText() == nil)
        #expect(set.cedarText(ofPolicyAt: 1) == "permit (principal == U::\"alice\", action, resource);")
    }

    @Test func noPoliciesAreNoText() { #expect(PolicySet.empty.cedarText() == "") }

    @Test func aPathOfOtherThanIdentifiersIsRefused() {
        let json = """
            {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"},
             "conditions": [{"kind": "when", "body": {"has": {"left": {"Var": "context"}, "attr": ["a", "b c"]}}}]}
            """
        #expect(throws: CedarJSONError.self) { try PolicySet(parsingJSON: Array(json.utf8)) }
    }
}
