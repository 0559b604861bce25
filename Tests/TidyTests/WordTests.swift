import Testing

@Suite("Words that may not stand in the code")
struct WordTests {
    private func file(_ text: String, _ path: String = "Sources/Bytes/A.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test(arguments: [
        "let a = Date()", "UInt8.random(in: 0...9)", "print(a)", "CommandLine.arguments", "var a = Hasher()",
        "import Glibc\nlet a = getenv(name)", "import Glibc\nwrite(1, a, 2)",
        "import CSystem\nunsafe clock_gettime(a, b)",
        "import CSodium\ncrypto_sign_ed25519_keypair(a, b)", "import Glibc\nlet now = time(nil)", "Task { await a() }",
        "let a = ContinuousClock()", "import Glibc\nopen(path, flags)",
    ])
    func theWorldOutsideIsFoundOnPureFloors(text: String) {
        #expect(PurityRule.findings(in: file(text)).count == 1)
        #expect(PurityRule.findings(in: file(text, "Sources/Runtime/A.swift")).isEmpty)
    }

    @Test(arguments: [
        "let a = dateTime(b)", "mutating func read(b: Int) {}\nread(b: 1)", "import Glibc\nreader.read(a)", "// Date()",
        "let a = \"print(b)\"", "import Glibc\nmemcpy(a, b, c)", "import Glibc\nmutating func write(a: Int) {}",
        "footprint(a)",
    ])
    func ownFunctionsHoldOnPureFloors(text: String) {
        #expect(PurityRule.findings(in: file(text)).isEmpty)
    }

    @Test(arguments: [
        "a!", "a!.b", "a()!", "a[0]!", "try! a()", "a as! B", "fatalError()", "var a: B!", "a! = b", "{ a }()!",
        "\"\\(a!)\"",
    ])
    func forceIsFound(text: String) {
        #expect(ForceRule.findings(in: file(text)).count == 1)
    }

    @Test(arguments: [
        "!a", "a != b", "a !== b", "a && !b", "(!a)", "#if !os(Linux)", "[!a, !b]", "\"a!\"", "// a!", "a !=b",
        "try? a()",
    ])
    func negationHolds(text: String) {
        #expect(ForceRule.findings(in: file(text)).isEmpty)
    }

    @Test(arguments: ["@testable import A", "@_spi(A) import B", "@_exported import A", "@_cdecl(\"a\") func b() {}"])
    func waysAroundAccessAreFound(text: String) {
        #expect(AttributeRule.findings(in: file(text)).count == 1)
    }

    @Test(arguments: ["@c(a) func b() {}", "// @testable", "@inlinable func a() {}", "\"@_spi\""])
    func stableAttributesHold(text: String) {
        #expect(AttributeRule.findings(in: file(text)).isEmpty)
    }

    @Test(arguments: ["// TODO: later", "/* FIXME */", "a() // XXX"])
    func marksWithoutAnIssueAreFound(text: String) {
        #expect(MarkRule.findings(in: file(text)).count == 1)
        #expect(MarkRule.findings(in: file("# TODO", "scripts/a")).count == 1)
    }

    @Test(arguments: ["// TODO(#12): later", "let a = \"TODO\"", "// todos", "let a = \"XXX\"", "mkstemp(XXX)"])
    func marksWithAnIssueHold(text: String) {
        #expect(MarkRule.findings(in: file(text)).isEmpty)
    }

    @Test(arguments: [
        "let a = b ?? .permit", "let a = b ?? Outcome.permit", "let a = b ??\u{20}.permitted",
        "func a(b: Outcome = .permit) {}",
        "func a(b: Cause = Cause.permitted) {}", "answer.dispatch ?? true", "let a = b ?? .allow",
    ])
    func absenceThatPermitsIsFound(text: String) {
        #expect(PermitRule.findings(in: file(text)).count == 1)
        #expect(PermitRule.findings(in: file(text, "Tests/BytesTests/A.swift")).isEmpty)
    }

    @Test(arguments: [
        "let a = b ?? .deny", "func a(b: Outcome) {}", "answer.dispatch ?? false", "// ?? .permit",
        "if a == .permit {}",
        "let a = b ?? .permitless",
    ])
    func absenceThatRefusesHolds(text: String) {
        #expect(PermitRule.findings(in: file(text)).isEmpty)
    }

    @Test(arguments: [
        "switch outcome { case .hold: a()\ndefault: b() }", "switch ruling.cause {\ndefault: a }",
        "switch a { case .permit: b\ndefault: c }", "switch a.effect { case .b: switch c { case 1: d }\ndefault: e }",
        "switch x { case .y: switch cause { default: z } }", "switch error { case .a: b\n@unknown default: c }",
    ])
    func aRestOfOutcomesIsFound(text: String) {
        #expect(SwitchRule.findings(in: file(text)).count == 1)
    }

    @Test(arguments: [
        "switch outcome { case .permit: a\ncase .deny, .hold, .silence: b }", "switch byte { case 1: a\ndefault: b }",
        "switch outcome { case .deny: switch byte { default: a } }",
        "switch a { case 1: Outcome.deny\ndefault: (.permit, 1) }",
        "let a = b.default", "switch errno { default: a }", "// switch outcome { default: a }",
    ])
    func everyOutcomeNamedHolds(text: String) {
        #expect(SwitchRule.findings(in: file(text)).isEmpty)
    }

    @Test func openErrorsMayHaveARest() {
        let text = "switch error { case is A: b\ndefault: c }"
        #expect(SwitchRule.findings(in: file(text, "Sources/Service/A.swift")).isEmpty)
        #expect(SwitchRule.findings(in: file(text, "Sources/Cedar/A.swift")).count == 1)
    }
}
