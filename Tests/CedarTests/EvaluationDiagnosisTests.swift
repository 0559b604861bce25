import Bytes
import Cedar
import Testing

/// Where and why an evaluation failed.
@Suite struct EvaluationDiagnosisTests {
    private func diagnose(_ condition: String) throws -> Diagnostic? {
        let text = "permit(principal, action, resource) when { \(condition) };"
        let set = try PolicySet(parsing: Text(text))
        let user = Entity(
            uid: uid("User", "a"),
            attributes: try #require(Record([.init("level", .long(.max)), .init("owner", .entity(uid("User", "b")))])),
            tags: try #require(Record([.init("team", .string("x"))]))
        )
        let inner = try #require(Record([.init("count", .long(1))]))
        let request = Request(
            principal: uid("User", "a"),
            action: uid("Action", "v"),
            resource: uid("File", "f"),
            context: try #require(Record([.init("data", .record(inner)), .init("list", .set(ValueSet([.long(1)])))]))
        )
        let entities = try Entities([user])
        let evaluation = Authorizer.evaluate(request, set, entities)
        let found = set.diagnose(policyAt: 0, request, entities)
        #expect((found == nil) == evaluation.failures.isEmpty)
        if let found { #expect(found.message == evaluation.failures.first?.error.description) }
        return found
    }

    /// Each condition has one stretch in «guillemets»: that is where it fails.
    @Test(arguments: [
        ("«context.dat» == 1", "attribute_does_not_exist", "did you mean `data`? `has` asks"),
        ("true && (1 == 1 && «context.data.coutn» == 1)", "attribute_does_not_exist", "did you mean `count`?"),
        ("«principal.lvel» == 1", "attribute_does_not_exist", "did you mean `level`?"),
        ("«principal.owner.level» == 1", "entity_does_not_exist", "`has` and `hasTag` are false"),
        ("«resource.x» == 1", "entity_does_not_exist", "`has` and `hasTag` are false"),
        ("«principal.getTag(\"taem\")» == 1", "tag_does_not_exist", "did you mean `team`?"),
        ("«resource.getTag(\"team\")» == 1", "entity_does_not_exist", "`has` and `hasTag` are false"),
        ("1 + «\"a\"» == 1", "type_error", nil),
        ("1 + «\"a\"» + 9223372036854775807 * 2 == 1", "type_error", nil),
        ("true && «1»", "type_error", nil),
        ("«1»", "type_error", nil),
        ("if «1» then true else false", "type_error", nil),
        ("if true then «1» else false", "type_error", nil),
        ("if true then !«1» else false", "type_error", nil),
        ("true && (if 1 == 1 then if 1 == 2 then false else «1» else false)", "type_error", nil),
        ("false || «context.data»", "type_error", nil),
        ("«\"a\"» < 1", "type_error", nil),
        ("1 < «\"a\"»", "type_error", nil),
        ("«1».contains(1)", "type_error", nil),
        ("principal in «1»", "type_error", nil),
        ("«principal in [1]»", "type_error", nil),
        ("«1» is User", "type_error", nil),
        ("principal is User in «1»", "type_error", nil),
        ("«1» like \"a\"", "type_error", nil),
        ("«1».hasTag(\"a\")", "type_error", nil),
        ("principal.hasTag(«1»)", "type_error", nil),
        ("[1, {a: -«context»}] == 1", "type_error", nil),
        ("-«\"a\"» == 1", "type_error", nil),
        ("«principal.level + 1» > 5", "integer_overflow", nil),
        ("«1 + principal.level» + 1 > 5", "integer_overflow", nil),
        ("1 + 2 * 3 == 7 && 1 + «principal.level * 2» == 1", "integer_overflow", nil),
        ("«-(-9223372036854775808)» == 1", "integer_overflow", nil),
        ("«ip(\"x\")» == 1", "extension_function_failed", "addresses are IPv4 or IPv6"),
        ("«decimal(\"x\")».lessThan(decimal(\"1.0\"))", "extension_function_failed", "decimals have"),
        ("«datetime(\"x\")» == 1", "extension_function_failed", "instants are dates"),
        ("«duration(\"x\")» == 1", "extension_function_failed", "lengths of time"),
        ("«ip(\"1.1.1.1\").isIpv4(1)»", "wrong_argument_count", nil),
        ("ip(\"1.1.1.1\").isInRange(«1»)", "type_error", nil),
    ])
    func theInnermostFailureIsShown(marked: String, code: String, help: String?) throws {
        let condition = marked.filter { $0 != "«" && $0 != "»" }
        let found = try #require(try diagnose(condition))
        let bytes = Array("permit(principal, action, resource) when { \(condition) };".utf8)
        let range = found.range.start.byteOffset..<found.range.end.byteOffset
        let expected = marked.split(separator: "«")[marked.hasPrefix("«") ? 0 : 1].split(separator: "»")[0]
        #expect(String(decoding: bytes[range], as: UTF8.self) == expected)
        #expect(found.range.start.byteOffset == 43 + marked.prefix { $0 != "«" }.utf8.count)
        #expect(found.code.description == code)
        if let help { #expect(found.help?.hasPrefix(help) == true) } else { #expect(found.help == nil) }
    }

    @Test(arguments: ["true", "false", "context has dat", "1 == \"a\"", "true || 1", "false && 1"])
    func whatHasAValueHasNoDiagnosis(condition: String) throws {
        #expect(try diagnose(condition) == nil)
    }

    @Test func theValuesOfAnOverflowAreShown() throws {
        let found = try #require(try diagnose("principal.level + 1 + 2 > 5"))
        #expect(found.labels.map(\.message) == ["the value: `9223372036854775807`", "the value: `1`"])
    }

    @Test func policiesThatAreNotThereHaveNoDiagnosis() throws {
        let set = try PolicySet(parsing: "permit(principal == User::\"z\", action, resource) when { 1 };" as Text)
        #expect(set.diagnose(policyAt: 0, HostileTextTests.request, .empty) == nil)
        #expect(set.diagnose(policyAt: 1, HostileTextTests.request, .empty) == nil)
        #expect(set.diagnose(policyAt: -1, HostileTextTests.request, .empty) == nil)
    }
}
