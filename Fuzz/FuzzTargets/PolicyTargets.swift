import Bytes
import StrictPolicy

extension FuzzTarget {
    static let policies: [FuzzTarget] = [
        FuzzTarget("bundle-settings") { input in try compile(BundleSample(bundle: input)) },
        FuzzTarget("surface-settings") { input in try compile(BundleSample(settings: input)) },
        FuzzTarget("bundle-schema") { input in try compile(BundleSample(schema: input)) },
        FuzzTarget("bundle-policies") { input in try compile(BundleSample(policies: input)) },
        FuzzTarget("bundle-entities") { input in try compile(BundleSample(entities: input)) },
    ]

    private static func compile(_ sample: BundleSample) throws {
        do throws(PolicyProblems) {
            _ = try PolicyBundle.compile(sample.sources, digest: .zero)
        } catch {
            for problem in error.problems { try demand(!problem.rendered.isEmpty, "a problem without words") }
            throw error
        }
    }
}

/// A small bundle, one file of which is the input.
private struct BundleSample {
    var bundle = Array(#"{"name":"demo"}"#.utf8)
    var entities = Array(#"[{"uid":{"type":"Agent","id":"a"},"attrs":{},"parents":[]}]"#.utf8)
    var settings = Array(#"{"mode":"enforce","audience":["mcp-gateway"]}"#.utf8)
    var schema = Array(
        """
        namespace platform {
          entity Project { owner: String };
          action list, delete appliesTo { principal: Agent, resource: Project, context: { count: Long } };
        }
        """.utf8
    )
    var policies = Array(#"@id("list") permit (principal, action == platform::Action::"list", resource);"#.utf8)

    var sources: PolicySources {
        PolicySources(
            settings: SourceFile(path: "bundle.json", bytes: bundle),
            commonSchema: SourceFile(path: "common.cedarschema", bytes: Array("entity Agent;".utf8)),
            commonPolicies: [],
            entities: [SourceFile(path: "entities/all.json", bytes: entities)],
            surfaces: [
                SurfaceSources(
                    name: "platform",
                    settings: SourceFile(path: "surfaces/platform/surface.json", bytes: settings),
                    schema: SourceFile(path: "surfaces/platform/schema.cedarschema", bytes: schema),
                    policies: [SourceFile(path: "surfaces/platform/policies.cedar", bytes: policies)]
                )
            ]
        )
    }
}
