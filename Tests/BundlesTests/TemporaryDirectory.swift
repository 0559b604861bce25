import Foundation

/// A directory of one test, removed when the test is done.
final class TemporaryDirectory {
    let url: URL

    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "writ-bundles-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file and the folders above it.
    func write(_ text: String, to path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: url.appending(path: path)) }

    func link(_ path: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: url.appending(path: path).path,
            withDestinationPath: destination
        )
    }

    /// A directory with a small bundle that loads.
    static func withBundle() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for (path, text) in bundle { try directory.write(text, to: path) }
        return directory
    }

    static let bundle = [
        "bundle.json": #"{"name":"demo"}"#,
        "common.cedarschema": "entity Team; entity Agent in [Team];",
        "common/all.cedar": #"@id("frozen") forbid (principal in Team::"frozen", action, resource);"#,
        "entities/agents.json": #"[{"uid":{"type":"Agent","id":"ops-bot"},"attrs":{},"parents":[]}]"#,
        "surfaces/platform/surface.json": #"{"mode":"enforce","audience":["gateway"]}"#,
        "surfaces/platform/schema.cedarschema": """
        namespace platform {
          entity Project;
          action list appliesTo { principal: Agent, resource: Project };
          action delete appliesTo { principal: Agent, resource: Project, context: { count: Long } };
        }
        """,
        "surfaces/platform/a.cedar": #"@id("list") permit (principal, action == platform::Action::"list", resource);"#,
        "surfaces/platform/b.cedar": """
        @id("bulk")
        forbid (principal, action == platform::Action::"delete", resource) when { context.count > 3 };
        @id("late") permit (principal, action == platform::Action::"delete", resource)
        when { context.writ.now > datetime("2026-06-01") };
        """,
        "surfaces/platform/tests/t.json": """
        [
          {"name":"lists","request":{"actor":{"type":"Agent","id":"a"},"surface":"platform","action":"list",
           "target":{"type":"Project","id":"x"},"context":{}},
            "expect":{"outcome":"PERMIT","policies":["platform/list"]}}
        ]
        """,
    ]
}
