import Authorization
import Bytes
import StrictPolicy
import Testing

@Suite struct ListingTests {
    private let bot = EntityName(type: "Agent", id: "ops-bot")

    private func couldPermit(_ policies: String, _ action: Text = "list", _ actor: EntityName? = nil) throws -> Bool {
        try Sample.policies(policies).compile().couldPermit(actor: actor ?? bot, surface: "platform", action: action)
    }

    @Test(arguments: [
        ("permit (principal, action, resource)", true), ("permit (principal, action, resource) when { false }", true),
        (#"permit (principal == Agent::"ops-bot", action, resource)"#, true),
        (#"permit (principal == Agent::"other", action, resource)"#, false),
        (#"permit (principal in Team::"ops", action, resource)"#, true),
        (#"permit (principal in Team::"other", action, resource)"#, false),
        ("permit (principal is Agent, action, resource)", true),
        ("permit (principal is Team, action, resource)", false),
        (#"permit (principal, action == platform::Action::"list", resource)"#, true),
        (#"permit (principal, action == platform::Action::"delete", resource)"#, false),
        (#"permit (principal, action in [platform::Action::"delete", platform::Action::"list"], resource)"#, true),
        ("permit (principal, action in [], resource)", false),
        ("permit (principal, action, resource is platform::Project)", true),
        ("permit (principal, action, resource is platform::Stage)", false),
        (#"permit (principal, action, resource == platform::Project::"any")"#, true),
        (#"permit (principal, action, resource == platform::Stage::"test")"#, false),
        (#"permit (principal, action, resource in platform::Project::"any")"#, true),
        (#"permit (principal, action, resource in Team::"ops")"#, false),
        ("forbid (principal, action, resource)", false),
    ])
    func scopesTellWhetherAPermitCouldApply(_ policy: String, _ could: Bool) throws {
        #expect(try couldPermit("@id(\"p\") \(policy);") == could)
    }

    @Test(arguments: [
        ("forbid (principal, action, resource)", false),
        (#"forbid (principal in Team::"ops", action == platform::Action::"list", resource)"#, false),
        (#"forbid (principal in Team::"other", action, resource)"#, true),
        ("forbid (principal, action, resource) when { true }", true),
        ("forbid (principal, action, resource is platform::Project)", true),
    ])
    func onlyAForbidOfEverythingHides(_ policy: String, _ could: Bool) throws {
        #expect(try couldPermit("@id(\"yes\") permit (principal, action, resource); @id(\"p\") \(policy);") == could)
    }

    @Test func whatCouldNotBeAskedForIsHidden() throws {
        let all = #"@id("p") permit (principal, action, resource);"#
        #expect(try couldPermit(all))
        #expect(try !couldPermit(all, "lost"))
        #expect(try !couldPermit(all, "all"))
        #expect(try !couldPermit(all, "list", EntityName(type: "Team", id: "ops")))
        #expect(try !couldPermit(all, "list", EntityName(type: "Lost", id: "x")))
        #expect(try !Sample.policies(all).compile().couldPermit(actor: bot, surface: "lost", action: "list"))
    }

    /// Whatever is permitted was not hidden.
    @Test(arguments: ["ops-bot", "cold-bot", "stranger"], ["list", "delete", "deploy", "all"])
    func nothingThatIsPermittedIsHidden(_ actor: String, _ action: String) throws {
        let bundle = try Sample().compile()
        let agent = #"{"type":"Agent","id":"\#(actor)"}"#
        for target in [#"{"type":"Project","id":"shop"}"#, #"{"type":"Stage","id":"test"}"#] {
            for context in ["{}", #"{"count":1}"#] {
                let ruling = rule(try ask(action, context, actor: agent, target: target), facts(), bundle)
                let name = EntityName(type: "Agent", id: Text(actor))
                let isShown = bundle.couldPermit(actor: name, surface: "platform", action: Text(action))
                #expect(ruling.outcome != .permit || isShown)
            }
        }
    }
}

@Suite struct ExplanationTests {
    @Test func everyPolicyIsExplained() throws {
        let explanation = explain(try ask("delete", #"{"count":5}"#), facts(), try Sample().compile())
        #expect(explanation.ruling.cause == .noPermit)
        #expect(
            explanation.findings.map { "\($0.policy.name) \($0.result)" } == [
                #"common/frozen outOfScope("principal")"#, #"platform/list outOfScope("action")"#,
                "platform/no-bulk-delete conditionNotMet(line: 13)", "platform/small-delete conditionNotMet(line: 8)",
            ]
        )
    }

    @Test func applyingAndFailingPoliciesAreNamed() throws {
        let sample = Sample.policies(
            """
            @id("yes") permit (principal, action, resource);
            @id("bad") permit (principal, action, resource)
            when { true }
            when { resource.owner == "x" };
            """
        )
        let request = try ask("list", target: #"{"type":"Project","id":"lost"}"#)
        let findings = explain(request, facts(), try sample.compile()).findings
        #expect(findings.map(\.policy.name) == ["common/frozen", "platform/bad", "platform/yes"])
        #expect(findings[2].result == .applies)
        guard case .failed(let line, let message) = findings[1].result else {
            Issue.record("expected a failure, got \(findings[1].result)")
            return
        }
        #expect(line == 4 && !message.isEmpty)
    }

    @Test func requestThatNoPolicySawHasNoFindings() throws {
        let bundle = try Sample().compile()
        #expect(explain(try ask("lost"), facts(), bundle).findings.isEmpty)
        #expect(explain(try ask("list"), facts(isHalted: true), bundle).findings.isEmpty)
        #expect(explain(try ask("list"), facts(isHalted: true), bundle).ruling.cause == .halted)
    }
}
