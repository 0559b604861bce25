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
        ("permit(principal, action, resource) when { 1 = 1 };", "`=` is not an operator, did you mean `==`?"),
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
