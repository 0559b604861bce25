import Bytes
import Cedar
import Testing

/// What the parsers say, and where.
@Suite struct DiagnosticTests {
    private func diagnostics(_ text: String) -> [SyntaxDiagnostic] {
        do throws(SyntaxError) {
            _ = try PolicySet(parsing: Text(text))
            return []
        } catch {
            return error.diagnostics
        }
    }

    @Test func everyPolicyIsReported() {
        let text = """
            permit(principal, action, resource) when { foo };
            permit(principal, action, resource);
            permit(principal, action) when { true };
              forbid(principal, action, resource) when { "é" == 99999999999999999999 };
            """
        let found = diagnostics(text)
        #expect(found.map(\.code) == [.unknownVariable, .unexpectedToken, .integerTooLarge])
        #expect(found.map(\.range.description) == ["1:44", "3:25", "4:53"])
        #expect(found.map(\.range.start.byteOffset) == [43, 111, 181])
        #expect(found.map(\.range.end.byteOffset) == [46, 112, 201])
    }

    @Test(arguments: [
        ("permit(principal, action, resource) when { 1 = 1 };", "`=` is not an operator"),
        ("permit(principal, action, resource) when { \"abc };", "a string is not closed"),
        ("permit(principal, action, resource) when { true }", "unexpected end of text, expected `;` or a `when` or"),
        ("permit(principal, action, resource) when { [1 2] };", "unexpected `2`, expected `]` or `,` after an element"),
        ("permit(principal, action, resource) when { 1 < 2 < 3 };", "comparisons do not chain, use parentheses"),
        ("permit(principal, action, resource) when { \"\\q\" == 1 };", "`\\q` is not a valid escape in a literal"),
        ("permit(principal, action, resource) when { context.if };", "`if` is reserved and cannot be a name"),
        ("permit(principal, action, resource) when { ?principal };", "template slots can stand only in the scope"),
        ("permit(principal, action == ?principal, resource);", "the action cannot be a template slot"),
        ("allow(principal, action, resource);", "unexpected `allow`, expected `permit` or `forbid`"),
        ("permit(principal, resource, action);", "expected `action`; the scope is `principal`, `action`, `resource`"),
        ("@a @a permit(principal, action, resource);", "annotation `@a` is given twice"),
        ("permit(principal, action, resource) when { {a: 1, \"a\": 2} };", "key \"a\" is given twice"),
        ("permit(principal, action, resource) when { [1].contains() };", "`contains` takes 1 argument, got 0"),
    ])
    func messagesSayWhatWasExpected(text: String, message: String) throws {
        let found = try #require(diagnostics(text).first)
        #expect(found.message.hasPrefix(message), "\(found.message)")
    }

    @Test(arguments: [
        ("allow(principal, action, resource);", "did you mean `permit`?"),
        ("forbit(principal, action, resource);", "did you mean `forbid`?"),
        ("permit(principle, action, resource);", "did you mean `principal`?"),
        ("permit(principal, action = Action::\"a\", resource);", "did you mean `==`?"),
        ("permit(principal == User, action, resource);", "to ask for the type of an entity, write `is User`"),
        ("permit(principal, action, resource) wehn { true };", "did you mean `when`?"),
        ("permit(principal, action, resource) unles { true };", "did you mean `unless`?"),
        ("permit(principal, action, resource) when { resuorce == principal };", "did you mean `resource`?"),
        ("permit(principal, action, resource) when { True };", "did you mean `true`?"),
        ("permit(principal, action, resource) when { not true };", "did you mean `!`?"),
        ("permit(principal, action, resource) when { true and true };", "did you mean `&&`?"),
        ("permit(principal, action, resource) when { true & true };", "did you mean `&&`?"),
        ("permit(principal, action, resource) when { true || true | false };", "did you mean `||`?"),
        ("permit(principal, action, resource) when { 1 = 1 };", "did you mean `==`?"),
        ("permit(principal, action, resource) when { if true then 1 els 2 };", "did you mean `else`?"),
        ("permit(principal, action, resource) when { [1].containsAl([1]) };", "did you mean `containsAll`?"),
        ("permit(principal, action, resource) when { datetme(\"\") };", "did you mean `datetime`?"),
        ("permit(principal, action, resource) when { ip(\"\").isIPv4() };", "did you mean `isIpv4`?"),
        ("permit(principal, action, resource) when { contains(1) };", "methods follow a value: `x.contains(…)`"),
        ("permit(principal, action, resource) when { context.ip(1) };", "functions are called with their argument in"),
        ("permit(principal, action, resource) when { User::alice == 1 };", "an entity's identifier stands in quotes: "),
        ("permit(principal, action, resource) when { null };", "there is no absent value: ask with `has` whether"),
        ("permit(principal, action, resource) when { 'a' };", "strings stand in straight double quotes: `\"…\"`"),
        (
            "permit(principal, action, resource) when { 99999999999999999999 };",
            "integers go from -9223372036854775808 "
        ),
    ])
    func nearMissesAreSuggested(text: String, help: String) throws {
        let found = try #require(diagnostics(text).first)
        #expect(found.helpLines.first?.hasPrefix(help) == true, "\(found.message) \(found.helpLines)")
    }

    @Test(arguments: ["zebra", "x", "veryLongNameOfNothing"])
    func farNamesGetNoReplacement(name: String) throws {
        let found = try #require(diagnostics("permit(principal, action, resource) when { \(name) };").first)
        #expect(found.suggestion == nil)
    }

    @Test func schemasSuggestDeclaredNames() throws {
        let text = """
            namespace N {
              entity User in [Grop];
              entity Group { since: datetme, of: Usr, name: Sting };
              action view appliesTo { principal: [Uesr], resource: [Group] };
              action read in [veiw] appliesTo { principal: [User], resource: [Group] };
            }
            """
        let error = #expect(throws: SyntaxError.self) { try Schema(parsing: Text(text)) }
        let guesses = try #require(error).diagnostics.map { $0.suggestion?.replacement }
        #expect(guesses == ["Group", "datetime", "User", "\"view\""])
    }

    @Test func severalErrorsOfOnePolicyAreReported() {
        let text = """
            @a @a
            permit(principal, action, resource)
            when { foo == 99999999999999999999 || "\\q" like "\\q" }
            when { bar(baz, [1].contains()) && {a: 1, a: 2}.has1() && ?principal };
            forbid(principal, action, resource)
            permit(principal, action, resource) when { qux }
            """
        let found = diagnostics(text)
        #expect(
            found.map { "\($0.range) \($0.code)" } == [
                "1:4 duplicate", "3:8 unknown_variable", "3:15 integer_too_large", "3:40 invalid_escape",
                "3:50 invalid_escape", "4:8 unknown_function", "4:12 unknown_variable", "4:17 wrong_argument_count",
                "4:43 duplicate", "4:49 unknown_function", "4:59 misplaced_slot", "6:1 unexpected_token",
                "6:44 unknown_variable", "6:49 unexpected_end",
            ]
        )
        #expect(found[0].labels.map(\.range.description) == ["1:1"])
        #expect(found[8].labels.map(\.range.description) == ["4:37"])
    }

    @Test func whatIsNotClosedIsShown() throws {
        let text = "permit(principal, action, resource) when { [1, (2 };"
        let found = try #require(diagnostics(text).first)
        #expect(found.labels.map(\.message) == ["opened here"])
        #expect(found.labels.map(\.range.description) == ["1:48"])
    }

    @Test func diagnosticsOfOnePolicyAreLimited() {
        let limit = SourceLimits.diagnosticsMax
        for count in [limit - 1, limit, limit + 1, 1000] {
            let text = "permit(principal, action, resource) when { [\(String(repeating: "foo, ", count: count))] };"
            #expect(diagnostics(text).count == min(count, limit))
        }
    }

    @Test func diagnosticsAreLimited() {
        let text = String(repeating: "permit;", count: SourceLimits.diagnosticsMax + 1)
        #expect(diagnostics(text).count == SourceLimits.diagnosticsMax)
    }

    @Test func textIsLimited() {
        let long = [UInt8](repeating: UInt8(ascii: " "), count: SourceLimits.textBytesMax + 1)
        #expect(throws: SyntaxError.self) { try PolicySet(parsing: long) }
        #expect(throws: SyntaxError.self) { try Schema(parsing: long) }
    }

    @Test func textHasToBeUTF8() {
        #expect(throws: SyntaxError.self) { try PolicySet(parsing: [0x2F, 0x2F, 0xFF]) }
        #expect(throws: Never.self) { try PolicySet(parsing: [0x2F, 0x2F, 0xC3, 0xA9]) }
    }

    @Test func policiesKeepWhatTheySay() throws {
        let text = """
            // first
            @id("one") @flag
            permit(principal in Team::"t", action in [Action::"a", Action::"b"], resource is File)
            when { true } unless { false };
            forbid(principal == ?principal, action, resource is Doc in ?resource);
            """
        let policies = try PolicySet(parsing: Text(text)).policies
        #expect(policies.map(\.effect) == [.permit, .forbid])
        #expect(policies[0].annotations.map(\.key) == ["id", "flag"])
        #expect(policies[0].annotation("id")?.value == "one")
        #expect(policies[0].annotation("flag")?.hasValue == false)
        #expect(policies[0].annotation("id")?.range.description == "2:1")
        #expect(policies[0].principal == .isIn(.entity(uid("Team", "t"))))
        #expect(policies[0].action == .isInAny([uid("Action", "a"), uid("Action", "b")]))
        #expect(policies[0].resource == .isType(entityType("File")))
        #expect(policies[0].conditions.map(\.isWhen) == [true, false])
        #expect(policies[0].conditions.map(\.range.description) == ["4:1", "4:15"])
        #expect(policies[0].range.start.line == 2)
        #expect(policies[0].range.end == SourcePosition(line: 4, column: 32, byteOffset: 144))
        #expect(policies[0].slots.isEmpty)
        #expect(policies[1].slots == [.principal, .resource])
        #expect(policies[1].isTemplate)
    }
}
