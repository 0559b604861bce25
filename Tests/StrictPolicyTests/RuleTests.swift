import Authorization
import Bytes
import StrictPolicy
import Testing

@Suite struct RuleTests {
    private func ruling(_ request: Request, _ facts: Facts = facts(), _ sample: Sample = Sample()) throws -> Ruling {
        try rule(request, facts, sample.compile())
    }

    @Test func satisfiedPermitIsPermitted() throws {
        let ruling = try ruling(ask("delete", #"{"count":1}"#))
        #expect(ruling.outcome == .permit && ruling.cause == .permitted)
        #expect(
            ruling.grant
                == Grant(
                    policy: "platform/small-delete",
                    timeToLiveMilliseconds: 30_000,
                    audience: ["exec-gateway", "mcp-gateway"]
                )
        )
        let reason = Reason(policy: "platform/small-delete", text: "Few things may be deleted at a time.")
        #expect(ruling.reasons == [reason])
        #expect(ruling.errors.isEmpty && ruling.detail == nil)
    }

    @Test func permitWithoutTimeToLiveLivesAMinute() throws {
        let ruling = try ruling(ask("list"))
        #expect(ruling.grant?.timeToLiveMilliseconds == 60_000)
        #expect(ruling.reasons == [Reason(policy: "platform/list", text: nil)])
    }

    @Test func nothingSpokeIsSilence() throws {
        let ruling = try ruling(ask("delete", #"{"count":5}"#))
        #expect(ruling == .refusing(.noPermit))
        #expect(ruling.outcome == .silence)
    }

    @Test func applicableForbidIsDenied() throws {
        let ruling = try ruling(ask("delete", #"{"count":22}"#))
        #expect(ruling.cause == .forbidden && ruling.outcome == .deny && ruling.grant == nil)
        #expect(
            ruling.reasons == [Reason(policy: "platform/no-bulk-delete", text: "Never delete many things at once.")]
        )
    }

    @Test func commonForbidBeatsASurfacesPermit() throws {
        let cold = #"{"type":"Agent","id":"cold-bot"}"#
        let ruling = try ruling(ask("list", actor: cold))
        #expect(ruling.cause == .forbidden && ruling.reasons.map(\.policy) == ["common/frozen"])
    }

    @Test func allDeterminingPoliciesAreListedByName() throws {
        let sample = Sample.policies(
            """
            @id("b") forbid (principal, action, resource);
            @id("a") forbid (principal, action, resource);
            @id("c") permit (principal, action, resource);
            """
        )
        let ruling = try ruling(ask("list", actor: #"{"type":"Agent","id":"cold-bot"}"#), facts(), sample)
        #expect(ruling.reasons.map(\.policy) == ["common/frozen", "platform/a", "platform/b"])
    }

    @Test func amongSeveralPermitsTheSmallestIDByBytesGrants() throws {
        let sample = Sample.policies(
            """
            @id("b") @permit_ttl("2s") permit (principal, action, resource);
            @id("B") @permit_ttl("3s") permit (principal, action, resource);
            @id("a") @permit_ttl("4s") permit (principal, action, resource) when { false };
            """
        )
        let ruling = try ruling(ask("list"), facts(), sample)
        #expect(ruling.grant?.policy == "platform/B" && ruling.grant?.timeToLiveMilliseconds == 3_000)
        #expect(ruling.reasons.map(\.policy) == ["platform/B", "platform/b"])
    }

    @Test func equalIDsOfCommonAndSurfaceAreDecidedByName() throws {
        var sample = Sample.policies(#"@id("same") @permit_ttl("2s") permit (principal, action, resource);"#)
        sample.common = #"@id("same") @permit_ttl("3s") permit (principal, action, resource);"#
        #expect(try ruling(ask("list"), facts(), sample).grant?.policy == "common/same")
    }

    // MARK: Errors of policies

    @Test func erroringPolicyIsSilenceWhateverPermits() throws {
        let erring = [
            #"@id("e") permit (principal, action, resource is platform::Project) when { resource.owner == "x" };"#,
            #"@id("e") forbid (principal, action, resource is platform::Project) when { resource.owner == "x" };"#,
        ]
        for policy in erring {
            let sample = Sample.policies(policy + #"@id("all") permit (principal, action, resource);"#)
            // The target is not among the entities: reading its attribute is an error.
            let lost = #"{"type":"Project","id":"lost"}"#
            let failed = try ruling(ask("list", target: lost), facts(), sample)
            #expect(failed == .refusing(.policyError, errors: ["platform/e"]))
            let fine = try ruling(ask("list"), facts(), sample)
            #expect(fine.outcome == .permit)
        }
    }

    @Test func applicableForbidBeatsAnErroringPolicy() throws {
        let sample = Sample.policies(
            """
            @id("e") permit (principal, action, resource is platform::Project) when { resource.owner == "x" };
            @id("no") forbid (principal, action, resource);
            """
        )
        let ruling = try ruling(ask("list", target: #"{"type":"Project","id":"lost"}"#), facts(), sample)
        #expect(ruling.cause == .forbidden && ruling.errors == ["platform/e"])
        #expect(ruling.reasons.map(\.policy) == ["platform/no"])
    }

    @Test func erroringPolicyOutsideOfItsScopeDoesNotMatter() throws {
        let sample = Sample.policies(
            """
            @id("e") forbid (principal, action == platform::Action::"delete", resource) when { resource.owner == "x" };
            @id("all") permit (principal, action, resource);
            """
        )
        #expect(try ruling(ask("list", target: #"{"type":"Project","id":"lost"}"#), facts(), sample).outcome == .permit)
    }

    @Test func overflowIsAnError() throws {
        let sample = Sample.policies(
            """
            @id("e") forbid (principal, action == platform::Action::"delete", resource)
            when { context.count * 9223372036854775807 == 0 };
            @id("all") permit (principal, action, resource);
            """
        )
        #expect(try ruling(ask("delete", #"{"count":2}"#), facts(), sample).cause == .policyError)
        #expect(try ruling(ask("delete", #"{"count":1}"#), facts(), sample).cause == .permitted)
    }

    // MARK: Coverage

    @Test func unknownSurfaceActionAndTypeAreSilence() throws {
        #expect(try ruling(ask("list", surface: "payments")).cause == .unknownSurface)
        #expect(try ruling(ask("list", surface: "Platform")).cause == .unknownSurface)
        #expect(try ruling(ask("List")).cause == .unknownAction)
        #expect(try ruling(ask("list ")).cause == .unknownAction)
        #expect(try ruling(ask("list", target: #"{"type":"project","id":"shop"}"#)).cause == .unknownType)
        #expect(try ruling(ask("list", target: #"{"type":"other::Project","id":"shop"}"#)).cause == .unknownType)
        #expect(try ruling(ask("list", actor: #"{"type":"Person","id":"ops-bot"}"#)).cause == .unknownType)
        #expect(try ruling(ask("list")).cause == .permitted)
    }

    @Test func typesMayBeNamedInFull() throws {
        #expect(try ruling(ask("list", target: #"{"type":"platform::Project","id":"shop"}"#)).cause == .permitted)
        // `Agent` of the common schema is no type of the surface's namespace.
        #expect(try ruling(ask("list", target: #"{"type":"Agent","id":"ops-bot"}"#)).cause == .unknownType)
    }

    @Test func actorsTypeIsOfTheCommonNamespace() throws {
        var sample = Sample()
        sample.bundle = #"{"name":"demo","namespace":"Acme"}"#
        sample.commonSchema = "namespace Acme { entity Team; entity Agent in [Team]; }"
        sample.common = #"@id("frozen") forbid (principal in Acme::Team::"frozen", action, resource);"#
        sample.entities = "[]"
        sample.schema = """
            namespace platform { entity Project; action list appliesTo { principal: Acme::Agent, resource: Project }; }
            """
        sample.policies = #"@id("list") permit (principal == Acme::Agent::"ops-bot", action, resource);"#
        #expect(try ruling(ask("list"), facts(), sample).cause == .permitted)
        let full = #"{"type":"Acme::Agent","id":"ops-bot"}"#
        #expect(try ruling(ask("list", actor: full), facts(), sample).cause == .permitted)
        let other = #"{"type":"Agent","id":"other"}"#
        #expect(try ruling(ask("list", actor: other), facts(), sample).cause == .noPermit)
    }

    @Test func actionThatDoesNotApplyIsInvalid() throws {
        // A mere group, a target of another type, an actor of another type, an entity that its type does not list.
        #expect(try ruling(ask("all")).cause == .requestInvalid)
        #expect(try ruling(ask("list", target: #"{"type":"Stage","id":"test"}"#)).cause == .requestInvalid)
        #expect(try ruling(ask("list", actor: #"{"type":"Team","id":"ops"}"#)).cause == .requestInvalid)
        #expect(try ruling(ask("deploy", target: #"{"type":"Stage","id":"prod"}"#)).cause == .requestInvalid)
        #expect(try ruling(ask("deploy", target: #"{"type":"Stage","id":"test"}"#)).cause == .noPermit)
    }

    @Test(arguments: [
        (#"["PATH"]"#, Cause.permitted), (#"[]"#, .permitted), (#"["PATH","HOME"]"#, .permitted),
        (#"["SECRET"]"#, .requestInvalid), (#"["PATH","SECRET"]"#, .requestInvalid), (#"["path"]"#, .requestInvalid),
    ])
    func commandsGetTheVariablesThatTheSurfaceListsAndNoOthers(names: String, cause: Cause) throws {
        var sample = Sample.with(
            \.settings,
            #"{"mode":"enforce","audience":["g"],"exec":{"environment":["HOME","PATH"]}}"#
        )
        sample.schema = """
            namespace platform {
              entity Project { owner: String };
              action run appliesTo { principal: Agent, resource: Project, context: { environment: Set<String> } };
            }
            """
        sample.policies = "@id(\"run\") permit (principal, action, resource);"
        let ruling = try ruling(ask("run", #"{"environment":\#(names)}"#), facts(), sample)
        #expect(ruling.cause == cause)
    }

    @Test func irreversibleSurfaceDemandsAKey() throws {
        let sample = Sample.with(\.settings, #"{"mode":"enforce","audience":["g"],"irreversible":true}"#)
        let refused = try ruling(ask("list"), facts(), sample)
        #expect(refused.cause == .requestInvalid && refused.detail?.contains("idempotency_key") == true)
        #expect(try ruling(ask("list", key: "k"), facts(), sample).cause == .permitted)
        // What is not in the bundle at all is said first.
        #expect(try ruling(ask("lost"), facts(), sample).cause == .unknownAction)
        #expect(try ruling(ask("list")).cause == .permitted)
    }

    /// Contexts of `delete`; those that do not conform name the path in the detail.
    @Test(arguments: [
        (#"{"count":1}"#, nil), (#"{}"#, "context.count"), (#"{"count":null}"#, "context.count"),
        (#"{"count":"1"}"#, "context.count"), (#"{"count":1.0}"#, "context.count"),
        (#"{"count":1e0}"#, "context.count"),
        (#"{"count":true}"#, "context.count"), (#"{"count":[1]}"#, "context.count"),
        (#"{"count":1,"extra":1}"#, "context.extra"), (#"{"count":1,"Count":1}"#, "context.Count"),
        (#"{"count":1,"name":"x"}"#, nil), (#"{"count":1,"name":null}"#, "context.name"),
        (#"{"count":1,"name":1}"#, "context.name"), (#"{"count":1,"price":1.5}"#, nil),
        (#"{"count":1,"price":1.1234}"#, nil), (#"{"count":1,"price":1.12345}"#, "context.price"),
        (#"{"count":1,"price":2}"#, nil), (#"{"count":1,"price":"1.50"}"#, nil),
        (#"{"count":1,"price":"x"}"#, "context.price"),
        (#"{"count":1,"tags":["a","b","a"]}"#, nil), (#"{"count":1,"tags":["a",1]}"#, "context.tags[1]"),
        (#"{"count":1,"tags":"a"}"#, "context.tags"), (#"{"count":1,"who":{"type":"Agent","id":"x"}}"#, nil),
        (#"{"count":1,"who":{"type":"Team","id":"x"}}"#, "context.who"), (#"{"count":1,"who":"x"}"#, "context.who"),
        (#"{"count":1,"who":{"type":"Agent","id":"x","more":1}}"#, "context.who.more"),
        (#"{"count":1,"who":{"__entity":{"type":"Agent","id":"x"}}}"#, "context.who"),
        (#"{"count":1,"address":"10.0.0.1"}"#, nil), (#"{"count":1,"address":"10.0.0.256"}"#, "context.address"),
        (#"{"count":1,"address":{"__extn":{"fn":"ip","arg":"10.0.0.1"}}}"#, "context.address"),
        (#"{"count":1,"nested":{"agents":[{"type":"Agent","id":"x"}],"flag":true}}"#, nil),
        (
            #"{"count":1,"nested":{"agents":[{"type":"Agent","id":"x","y":1}],"flag":true}}"#,
            "context.nested.agents[0].y"
        ),
        (#"{"count":1,"nested":{"agents":[]}}"#, "context.nested.flag"),
        (#"{"count":1,"nested":{"agents":[null],"flag":true}}"#, "context.nested.agents[0]"),
    ])
    func contextConformsOrIsInvalid(_ context: String, _ path: String?) throws {
        let ruling = try ruling(ask("delete", context))
        guard let path else {
            #expect(ruling.cause == .permitted)
            return
        }
        #expect(ruling.cause == .requestInvalid)
        #expect(ruling.detail?.contains("`\(path)`") == true, "\(ruling.detail ?? "")")
    }

    /// The longest detail that is handed back whole has 400 characters; the frame of this one has 34.
    @Test(arguments: [(365, false), (366, false), (367, true)])
    func detailIsBounded(_ nameLength: Int, _ isCut: Bool) throws {
        let name = String(repeating: "x", count: nameLength)
        let detail = try #require(try ruling(ask("delete", #"{"count":1,"\#(name)":1}"#)).detail)
        #expect(detail.hasSuffix("…") == isCut)
        #expect(detail.unicodeScalars.count == (isCut ? 401 : nameLength + 34))
    }

    @Test func gatesClockIsInTheContext() throws {
        let sample = Sample.policies(
            """
            @id("late") permit (principal, action, resource)
            when { context.writ.now >= datetime("2026-11-20T12:31:04.113Z") };
            """
        )
        #expect(try ruling(ask("list"), facts(instant: 1_795_177_864_113), sample).cause == .permitted)
        #expect(try ruling(ask("list"), facts(instant: 1_795_177_864_112), sample).cause == .noPermit)
    }

    @Test func composedAndDecomposedLettersStayApart() throws {
        let sample = Sample.policies(
            """
            @id("one") permit (principal, action == platform::Action::"delete", resource)
            when { context has name && context.name == "\u{E9}" };
            """
        )
        #expect(try ruling(ask("delete", #"{"count":1,"name":"\u00e9"}"#), facts(), sample).cause == .permitted)
        #expect(try ruling(ask("delete", #"{"count":1,"name":"e\u0301"}"#), facts(), sample).cause == .noPermit)
    }
}
