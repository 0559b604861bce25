import Authorization
import Bytes
import StrictPolicy
import Testing

/// A small bundle whose files can be replaced one at a time.
struct Sample {
    var bundle = #"{"name":"demo"}"#
    var commonSchema = """
        entity Team;
        entity Agent in [Team];
        """
    var common = """
        @id("frozen")
        forbid (principal in Team::"frozen", action, resource);
        """
    var entities = """
        [
          {"uid": {"type": "Agent", "id": "ops-bot"}, "attrs": {}, "parents": [{"type": "Team", "id": "ops"}]},
          {"uid": {"type": "Agent", "id": "cold-bot"}, "attrs": {}, "parents": [{"type": "Team", "id": "frozen"}]},
          {"uid": {"type": "platform::Project", "id": "shop"}, "attrs": {"owner": "ops"}, "parents": []}
        ]
        """
    var settings = #"{"mode":"enforce","audience":["mcp-gateway","exec-gateway"]}"#
    var schema = """
        namespace platform {
          entity Project { owner: String };
          entity Stage enum ["test", "live"];
          action list appliesTo { principal: Agent, resource: Project };
          action delete appliesTo {
            principal: Agent,
            resource: Project,
            context: {
              count: Long, name?: String, price?: decimal, tags?: Set<String>, who?: Agent,
              nested?: { agents: Set<Agent>, flag: Bool }, address?: ipaddr
            }
          };
          action deploy appliesTo { principal: Agent, resource: Stage };
          action all;
        }
        """
    var policies = """
        @id("list")
        permit (principal is Agent, action == platform::Action::"list", resource);

        @id("small-delete")
        @reason("Few things may be deleted at a time.")
        @permit_ttl("30s")
        permit (principal in Team::"ops", action == platform::Action::"delete", resource is platform::Project)
        when { context.count <= 3 };

        @id("no-bulk-delete")
        @reason("Never delete many things at once.")
        forbid (principal, action == platform::Action::"delete", resource)
        when { context.count > 10 };
        """

    var sources: PolicySources {
        PolicySources(
            settings: file("bundle.json", bundle),
            commonSchema: file("common.cedarschema", commonSchema),
            commonPolicies: [file("common/all.cedar", common)],
            entities: [file("entities/all.json", entities)],
            surfaces: [
                SurfaceSources(
                    name: "platform",
                    settings: file("surfaces/platform/surface.json", settings),
                    schema: file("surfaces/platform/schema.cedarschema", schema),
                    policies: [file("surfaces/platform/policies.cedar", policies)]
                )
            ]
        )
    }

    func compile() throws(PolicyProblems) -> PolicyBundle {
        try PolicyBundle.compile(sources, digest: .zero)
    }

    /// What the sample is refused for; none if it compiles.
    var problems: [PolicyProblem] {
        do throws(PolicyProblems) {
            _ = try compile()
            return []
        } catch {
            return error.problems
        }
    }

    /// A sample with one part replaced.
    static func with<Part>(_ path: WritableKeyPath<Sample, Part>, _ part: Part) -> Sample {
        var sample = Sample()
        sample[keyPath: path] = part
        return sample
    }

    /// A sample with these policies of the surface alone.
    static func policies(_ text: String) -> Sample { with(\.policies, text) }
}

func file(_ path: Text, _ text: String) -> SourceFile { SourceFile(path: path, bytes: Array(text.utf8)) }

/// A request to the sample's surface.
func ask(
    _ action: String,
    _ context: String = "{}",
    actor: String = #"{"type":"Agent","id":"ops-bot"}"#,
    target: String = #"{"type":"Project","id":"shop"}"#,
    surface: String = "platform",
    key: String? = nil
) throws -> Request {
    let key = key.map { #","idempotency_key":"\#($0)""# } ?? ""
    let body = """
        {"actor":\(actor),"surface":"\(surface)","action":"\(action)","target":\(target),"context":\(context)\(key)}
        """
    return try Request(parsing: Array(body.utf8))
}

/// Facts under which policies alone decide, with single ones replaced.
func facts(
    actor: ActorFact = .active,
    isHalted: Bool = false,
    claim: ClaimFact = .none,
    instant: Int64 = 1_795_177_864_113
) -> Facts {
    Facts(
        instant: instant,
        id: Identifier(high: 1, low: 2),
        nonce: Nonce((3, 4)),
        asOf: 5,
        caller: Caller(name: "mcp-gateway", role: .enforcement, connection: "token:mcp-gateway"),
        actor: actor,
        isHalted: isHalted,
        claim: claim,
        redemption: nil
    )
}
