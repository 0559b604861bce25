// The policies and the request of all measurements.

import Authorization
import Bytes
import Runtime

/// A hundred policies over one surface: ninety permits, each for one team and one action, and ten forbids over all.
///
/// Of the permits one applies to the request; every forbid has its condition evaluated.
enum BenchPolicies {
    /// How many there are.
    static let count = actions.count * teams + forbids

    /// The enforcement point that may redeem.
    static let gateway = "bench-gateway"

    private static let actions = [
        "list_variables", "set_variable", "delete_variable", "restart", "deploy", "rollback", "scale", "read_logs",
        "open_shell", "rotate_key",
    ]
    private static let teams = 9
    private static let forbids = 10

    /// Writes the directory.
    static func write(to directory: String) throws {
        for (path, text) in files {
            let path = "\(directory)/\(path)"
            try Files.createDirectory(Files.parent(of: path), permissions: 0o755)
            try Files.create(path, with: Array(text.utf8), permissions: 0o644)
        }
    }

    private static var files: [(path: String, text: String)] {
        [
            ("bundle.json", #"{"name":"bench"}"#),
            ("common.cedarschema", "entity Team;\nentity Agent in [Team];\n"),
            ("entities/entities.json", entities),
            ("surfaces/platform/surface.json", surface),
            ("surfaces/platform/schema.cedarschema", schema),
            ("surfaces/platform/policies.cedar", policies),
        ]
    }

    private static let entities = """
        [
          {"uid": {"type": "Team", "id": "team-3"}, "attrs": {}, "parents": []},
          {"uid": {"type": "Agent", "id": "bench-bot"}, "attrs": {}, "parents": [{"type": "Team", "id": "team-3"}]},
          {"uid": {"type": "platform::Project", "id": "staging"}, "attrs": {"stage": "staging"}, "parents": []},
          {"uid": {"type": "platform::Project", "id": "shop"}, "attrs": {"stage": "production"}, "parents": []}
        ]
        """

    private static let surface = """
        {
          "mode": "enforce",
          "audience": ["\(gateway)"],
          "mcp": {"tools": {"delete_variable": {"action": "delete_variable",
            "target": {"type": "Project", "pointer": "/project"}, "key": ["/request_id"]}}}
        }
        """

    private static var schema: String {
        """
        namespace platform {
            entity Project = { stage: String };
            action \(actions.joined(separator: ", ")) appliesTo {
                principal: [Agent],
                resource: [Project],
                context: { project: String, name: String, count: Long, request_id?: String },
            };
        }
        """
    }

    private static var policies: String {
        var text = ""
        for team in 0..<teams {
            for action in actions {
                text += """
                    @id("team-\(team)-\(action)")
                    @reason("Team \(team) may do this to staging, a few at a time.")
                    permit (principal in Team::"team-\(team)", action == platform::Action::"\(action)", resource)
                    when { resource.stage == "staging" && context.count <= \(team + 2) };


                    """
            }
        }
        for number in 0..<forbids {
            text += """
                @id("never-\(number)")
                @reason("Never more than \(20 + number) at once in production.")
                forbid (principal, action, resource)
                when { context.count > \(20 + number) && resource.stage == "production" };


                """
        }
        return text
    }

    /// The body of a request with room for a key of 16 characters and an attempt of 22; where they begin.
    static let body: (bytes: [UInt8], key: Int, attempt: Int) = {
        let key = String(repeating: "0", count: 16)
        let attempt = String(repeating: "A", count: 22)
        let head = """
            {"actor":{"type":"Agent","id":"bench-bot"},"surface":"platform","action":"delete_variable",\
            "target":{"type":"Project","id":"staging"},"context":{"count":1,"name":"DEBUG","project":"staging"},\
            "session":"s-7f3a","idempotency_key":"
            """
        let middle = #"","redeem":{"attempt":""#
        let text = head + key + middle + attempt + "\"}}"
        return (Array(text.utf8), head.utf8.count, head.utf8.count + key.utf8.count + middle.utf8.count)
    }()

    /// A request with a key and an attempt that no other number gives.
    static func request(_ number: UInt64) throws -> Request {
        var bytes = body.bytes
        for (index, digit) in Hex.encode(withBytes(of: number)).utf8.enumerated() { bytes[body.key + index] = digit }
        let attempt = Base64URL.encode(withBytes(of: number) + withBytes(of: ~number))
        for (index, digit) in attempt.utf8.enumerated() { bytes[body.attempt + index] = digit }
        return try Request(parsing: bytes)
    }

    private static func withBytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
