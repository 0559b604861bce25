import Authorization
import Bytes
import StrictPolicy
import Testing

@Suite struct AnnotationTests {
    /// The problems of a bundle with one permit that has these annotations besides its `@id`.
    private func problems(_ annotations: String, effect: String = "permit") -> [PolicyProblem] {
        Sample.policies(#"@id("p") \#(annotations) \#(effect) (principal, action, resource);"#).problems
    }

    private func isRefused(_ annotations: String, _ code: PolicyProblem.Code, effect: String = "permit") -> Bool {
        let problems = problems(annotations, effect: effect)
        return problems.count == 1 && problems[0].code == code && problems[0].line == 1 && problems[0].column > 1
    }

    @Test func knownAnnotationsAreAccepted() {
        #expect(problems(#"@reason("Because.") @permit_ttl("30s")"#).isEmpty)
        #expect(problems(#"@reason("Because.")"#, effect: "forbid").isEmpty)
    }

    @Test func approvalIsRefusedByName() {
        #expect(isRefused(#"@approval("2 of SRE")"#, .unsupportedAnnotation))
        #expect(isRefused(#"@approval("2 of SRE")"#, .unsupportedAnnotation, effect: "forbid"))
        #expect(problems(#"@approval("2 of SRE")"#)[0].message.contains("`@approval`"))
    }

    @Test func limitIsRefusedByName() {
        #expect(isRefused(#"@limit("calls 5 per 1h per principal")"#, .unsupportedAnnotation))
        #expect(problems(#"@limit("calls 5 per 1h")"#)[0].message.contains("`@limit`"))
    }

    @Test func breakGlassIsRefusedByName() {
        #expect(isRefused("@break_glass", .unsupportedAnnotation))
        #expect(isRefused(#"@break_glass("")"#, .unsupportedAnnotation))
        #expect(problems("@break_glass")[0].message.contains("`@break_glass`"))
    }

    @Test func unknownAnnotationIsRefusedByName() {
        for name in ["owner", "ID", "reasons_for", "x", "X_note", "permit"] {
            #expect(isRefused("@\(name)(\"v\")", .unknownAnnotation))
            #expect(problems("@\(name)(\"v\")")[0].message.contains("`@\(name)`"))
        }
    }

    @Test func misspeltApprovalIsRefusedAndTheRightWordNamed() {
        #expect(isRefused(#"@aproval("2 of SRE")"#, .unknownAnnotation))
        #expect(problems(#"@aproval("2 of SRE")"#)[0].rendered.contains("help: did you mean `@approval`?"))
        #expect(problems(#"@permit_tll("30s")"#)[0].rendered.contains("help: did you mean `@permit_ttl`?"))
        #expect(problems(#"@owner("x")"#)[0].rendered.contains("help: annotations of your own begin with `x_`"))
    }

    @Test func annotationsOfOtherToolsAreAcceptedBehindTheirPrefix() {
        #expect(problems(#"@x_owner("me") @x_ @x_approval("2 of SRE")"#).isEmpty)
    }

    @Test func duplicateAnnotationIsRefused() {
        #expect(!problems(#"@reason("a") @reason("b")"#).isEmpty)
        #expect(!problems(#"@id("q")"#).isEmpty)
        #expect(!problems(#"@x_a("a") @x_a("b")"#).isEmpty)
    }

    @Test func missingIDIsRefused() throws {
        let problems = Sample.policies("permit (principal, action, resource);").problems
        #expect(problems.map(\.code) == [.missingID])
        #expect(problems[0].file == "surfaces/platform/policies.cedar" && problems[0].line == 1)
    }

    @Test(arguments: [
        (#"@id("a")"#, true), (#"@id("")"#, false), ("@id", false), (#"@id("a\nb")"#, false),
        (#"@id("\u{85}")"#, false),
        ("@id(\"\(String(repeating: "x", count: 127))\")", true),
        ("@id(\"\(String(repeating: "x", count: 128))\")", true),
        ("@id(\"\(String(repeating: "x", count: 129))\")", false),
    ])
    func idIsAShortVisibleText(_ annotation: String, _ isAccepted: Bool) {
        let problems = Sample.policies("\(annotation) permit (principal, action, resource);").problems
        #expect(problems.map(\.code) == (isAccepted ? [] : [.invalidAnnotation]))
    }

    @Test(arguments: [
        (#"@reason("")"#, false), ("@reason", false), (#"@reason("a\nb")"#, false), (#"@reason("ä")"#, true),
        ("@reason(\"\(String(repeating: "x", count: 1_024))\")", true),
        ("@reason(\"\(String(repeating: "x", count: 1_025))\")", false),
    ])
    func reasonIsASentence(_ annotation: String, _ isAccepted: Bool) {
        #expect(problems(annotation).map(\.code) == (isAccepted ? [] : [.invalidAnnotation]))
    }

    @Test func duplicateIDIsRefusedWithBothPlaces() {
        let sample = Sample.policies(
            """
            @id("a") permit (principal, action, resource);
            @id("b") permit (principal, action, resource);
            @id("a") forbid (principal, action, resource);
            """
        )
        let problems = sample.problems
        #expect(problems.map(\.code) == [.duplicateID])
        #expect(problems[0].line == 3 && problems[0].message.contains("surfaces/platform/policies.cedar:1"))
    }

    @Test func duplicateIDInAnotherFileOfTheSurfaceIsRefused() {
        let more = file("surfaces/platform/more.cedar", #"@id("list") permit (principal, action, resource);"#)
        let sample = Sample()
        let surface = sample.sources.surfaces[0]
        let sources = PolicySources(
            settings: sample.sources.settings,
            commonSchema: sample.sources.commonSchema,
            commonPolicies: sample.sources.commonPolicies,
            entities: [],
            surfaces: [
                SurfaceSources(
                    name: "platform",
                    settings: surface.settings,
                    schema: surface.schema,
                    policies: surface.policies + [more]
                )
            ]
        )
        #expect(throws: PolicyProblems.self) { try PolicyBundle.compile(sources, digest: .zero) }
    }

    @Test func commonAndSurfaceMayUseTheSameID() {
        #expect(Sample.policies(#"@id("frozen") permit (principal, action, resource);"#).problems.isEmpty)
    }

    /// Whole seconds or minutes, 1 s to 15 min.
    @Test(arguments: [
        ("1s", 1_000), ("30s", 30_000), ("899s", 899_000), ("900s", 900_000), ("1m", 60_000), ("15m", 900_000),
    ])
    func timeToLiveIsRead(_ value: String, _ milliseconds: Int64) throws {
        let sample = Sample.policies("@id(\"p\") @permit_ttl(\"\(value)\") permit (principal, action, resource);")
        let bundle = try sample.compile()
        #expect(rule(try ask("list"), facts(), bundle).grant?.timeToLiveMilliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "0s", "901s", "16m", "1h", "30", "s", "030s", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1m30s",
        "99999999999999999999s", "٣s", "1ms", "1000ms",
    ])
    func timeToLiveThatDoesNotParseIsRefused(_ value: String) {
        #expect(isRefused("@permit_ttl(\"\(value)\")", .invalidAnnotation))
    }

    @Test func timeToLiveWithoutValueIsRefused() {
        #expect(isRefused("@permit_ttl", .invalidAnnotation))
    }

    @Test func timeToLiveOnAForbidIsRefused() {
        #expect(isRefused(#"@permit_ttl("30s")"#, .misplacedAnnotation, effect: "forbid"))
    }

    @Test func templateIsRefused() {
        let slots = ["principal == ?principal, action, resource", "principal, action, resource in ?resource"]
        for slot in slots {
            #expect(Sample.policies("@id(\"t\") permit (\(slot));").problems.map(\.code) == [.template])
        }
    }

    @Test func policyIsBoundedInBytes() {
        func sized(_ bytes: Int) -> Sample {
            let head = #"@id("p") permit (principal, action, resource) when { "# + "\""
            let tail = "\" like \"*\" };"
            return .policies(head + String(repeating: "x", count: bytes - head.utf8.count - tail.utf8.count) + tail)
        }
        #expect(sized(BundleLimits.policyBytesMax - 1).problems.isEmpty)
        #expect(sized(BundleLimits.policyBytesMax).problems.isEmpty)
        #expect(sized(BundleLimits.policyBytesMax + 1).problems.map(\.code) == [.limit])
    }
}
