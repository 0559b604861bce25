// The small policy repository that a new home begins with.

import Bytes

/// A working policy directory with comments and tests, about a platform with projects and their variables.
package enum ExamplePolicies {
    /// The files: path below the policy directory, and content.
    package static let files: [(path: String, text: String)] = [
        ("bundle.json", bundle),
        ("common.cedarschema", commonSchema),
        ("common/agents.cedar", commonPolicies),
        ("entities/entities.json", entities),
        ("surfaces/platform/surface.json", surface),
        ("surfaces/platform/schema.cedarschema", schema),
        ("surfaces/platform/policies.cedar", policies),
        ("surfaces/platform/tests/variables.json", tests),
    ]

    /// A request that these policies permit.
    package static let request = """
        {
          "actor": {"type": "Agent", "id": "ops-bot"},
          "surface": "platform",
          "action": "delete_variable",
          "target": {"type": "Project", "id": "shop-staging"},
          "context": {"project": "shop-staging", "name": "DEBUG"}
        }

        """

    private static let bundle = """
        {"name": "example"}

        """

    private static let commonSchema = """
        // Types that all surfaces share. `Agent` is the type of every actor.
        entity Team;
        entity Agent in [Team];

        """

    private static let commonPolicies = """
        // Policies over all surfaces. They can only be about what every surface has.

        // An agent whose team was taken away may do nothing, whatever the policies of a surface say.
        @id("agents-need-a-team")
        @reason("Only agents of a team may act.")
        forbid (principal, action, resource)
        unless { principal in Team::"operations" };

        """

    private static let entities = """
        [
          {"uid": {"type": "Team", "id": "operations"}, "attrs": {}, "parents": []},
          {"uid": {"type": "Agent", "id": "ops-bot"}, "attrs": {}, "parents": [{"type": "Team", "id": "operations"}]},
          {"uid": {"type": "platform::Project", "id": "shop-staging"}, "attrs": {"stage": "staging"}, "parents": []},
          {"uid": {"type": "platform::Project", "id": "shop"}, "attrs": {"stage": "production"}, "parents": []}
        ]

        """

    private static let surface = """
        {
          "mode": "enforce",
          "owner": "operations",
          "audience": ["gateway"],
          "mcp": {
            "tools": {
              "list_variables": {"action": "list_variables", "target": {"type": "Project", "pointer": "/project"}},
              "delete_variable": {"action": "delete_variable", "target": {"type": "Project", "pointer": "/project"}},
              "delete_variables": {"action": "delete_variables", "target": {"type": "Project", "pointer": "/project"}}
            }
          }
        }

        """

    private static let schema = """
        // What can be done on the platform, and with which arguments. A call with any other argument is refused.
        namespace platform {
            entity Project = { stage: String };

            action list_variables appliesTo {
                principal: [Agent],
                resource: [Project],
                context: { project: String },
            };
            action delete_variable appliesTo {
                principal: [Agent],
                resource: [Project],
                context: { project: String, name: String },
            };
            action delete_variables appliesTo {
                principal: [Agent],
                resource: [Project],
                context: { project: String, names: Set<String> },
            };
        }

        """

    private static let policies = """
        // Nothing is permitted but what a `permit` names, and no `permit` beats a `forbid`.

        @id("read")
        @reason("Agents may see which variables there are.")
        permit (principal, action == platform::Action::"list_variables", resource);

        @id("staging-delete")
        @reason("Staging variables may be deleted one at a time.")
        @permit_ttl("30s")
        permit (principal, action == platform::Action::"delete_variable", resource)
        when { resource.stage == "staging" };

        // This would hold without being said, as nothing permits it. Said, it holds against every permit of tomorrow.
        @id("no-bulk-delete")
        @reason("Variables are never deleted in bulk.")
        forbid (principal, action == platform::Action::"delete_variables", resource);

        """

    private static let tests = """
        [
          {
            "name": "a staging variable may be deleted",
            "request": {
              "actor": {"type": "Agent", "id": "ops-bot"}, "surface": "platform", "action": "delete_variable",
              "target": {"type": "Project", "id": "shop-staging"},
              "context": {"project": "shop-staging", "name": "DEBUG"}
            },
            "expect": {"outcome": "PERMIT", "policies": ["platform/staging-delete"]}
          },
          {
            "name": "a production variable stays",
            "request": {
              "actor": {"type": "Agent", "id": "ops-bot"}, "surface": "platform", "action": "delete_variable",
              "target": {"type": "Project", "id": "shop"}, "context": {"project": "shop", "name": "DATABASE_URL"}
            },
            "expect": {"outcome": "SILENCE", "cause": "no_permit"}
          },
          {
            "name": "nothing is deleted in bulk",
            "request": {
              "actor": {"type": "Agent", "id": "ops-bot"}, "surface": "platform", "action": "delete_variables",
              "target": {"type": "Project", "id": "shop-staging"},
              "context": {"project": "shop-staging", "names": ["DEBUG", "TRACE"]}
            },
            "expect": {"outcome": "DENY", "cause": "forbidden", "policies": ["platform/no-bulk-delete"]}
          },
          {
            "name": "everything may be read",
            "request": {
              "actor": {"type": "Agent", "id": "ops-bot"}, "surface": "platform", "action": "list_variables",
              "target": {"type": "Project", "id": "shop"}, "context": {"project": "shop"}
            },
            "expect": {"outcome": "PERMIT"}
          },
          {
            "name": "an agent without a team may do nothing",
            "request": {
              "actor": {"type": "Agent", "id": "stranger"}, "surface": "platform", "action": "list_variables",
              "target": {"type": "Project", "id": "shop"}, "context": {"project": "shop"}
            },
            "expect": {"outcome": "DENY", "policies": ["common/agents-need-a-team"]}
          }
        ]

        """
}
