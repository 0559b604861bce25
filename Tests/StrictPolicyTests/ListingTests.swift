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
        (#"permit (principal, action == platform::Action::"list", resource)"#, true),
        (#"permit (principal, action == platform::Action::"delete", resource)"#, false),
        (#"permit (principal, action in [platform::Action::"delete", platform::Action::"list"], resource)"#, true),
        ("permit (principal, action, resource is platform::Project)", true),
        ("permit (principal, action, resource is platform::Stage)", false),
        (#"permit (principal, action, resource == platform::Project::"any")"#, true),
        (#"permit (principal, action, resource == platform::Stage::"test")"#, false),
        (#"permit (principal, action, resource in platform::Project::"any")"#, true),
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

    @Test func theValuesAreShownBecauseOfWhichAPolicyDoesNotApply() throws {
        let explanation = explain(try ask("delete", #"{"count":5}"#), facts(), try Sample().compile())
        let evidence = explanation.findings.flatMap(\.evidence).map { part in
            let operands = part.operands.map { "; \($0.expression) is \($0.value)" }.joined()
            return "\(part.line):\(part.column) \(part.expression): \(part.value)\(operands)"
        }
        #expect(
            evidence == [
                #"2:9 principal in Team::"frozen": principal is `Agent::"ops-bot"`"#,
                #"2:29 action == platform::Action::"list": action is `platform::Action::"delete"`"#,
                "13:8 context.count > 10: false; context.count is 5",
                "8:8 context.count <= 3: false; context.count is 5",
            ]
        )
    }

    @Test func everyPartThatDecidesIsShown() throws {
        let sample = Sample.policies(
            """
            @id("p") permit (principal, action == platform::Action::"delete", resource)
            when { true }
            when {
              context.count > 1 && (context has name
                || (if context.count > 4 then context.count == 3 else true))
            }
            unless { principal in Team::"frozen" };
            @id("q") permit (principal, action == platform::Action::"delete", resource)
            unless { context.count > 1 && !(context has name) };
            """
        )
        let findings = explain(try ask("delete", #"{"count":5}"#), facts(), try sample.compile()).findings
        func parts(_ name: Text) -> [String] {
            findings.filter { $0.policy.name == name }.flatMap(\.evidence).map {
                "\($0.line):\($0.expression) \($0.value)"
            }
        }
        #expect(
            parts("platform/p") == [
                "4:context has name false", "5:context.count > 4 true", "5:context.count == 3 false",
            ]
        )
        #expect(parts("platform/q") == ["9:context.count > 1 true", "9:context has name false"])
    }

    @Test func applyingAndFailingPoliciesAreNamed() throws {
        let sample = Sample.policies(
            """
            @id("yes") permit (principal, action, resource);
            @id("bad") permit (principal, action, resource is platform::Project)
            when { true }
            when { resource.owner == "x" };
            """
        )
        let request = try ask("list", target: #"{"type":"Project","id":"lost"}"#)
        let findings = explain(request, facts(), try sample.compile()).findings
        #expect(findings.map(\.policy.name) == ["common/frozen", "platform/bad", "platform/yes"])
        #expect(findings[2].result == .applies)
        #expect(findings[1].evidence.map { "\($0.line):\($0.column) \($0.expression)" } == ["4:8 resource.owner"])
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
