// `writ surface import`: a surface drafted from the tools of an MCP server.

import Bundles
import Bytes
import Runtime
import Service
import StrictPolicy

/// Drafting surfaces.
enum SurfaceCommands {
    static let draft = Command(
        specification: CommandSpecification(
            "surface import",
            "draft a surface from the tools of an MCP server: schema, mapping, and a policy that forbids everything",
            operands: "SURFACE",
            operandCount: 1...1,
            takesCommand: true,
            flags: [
                FlagSpecification("--into", "DIR", says: "the policy directory (default: that of the home)"),
                FlagSpecification("--tools", "FILE|-", says: "a tools/list answer, instead of a server to ask"),
                FlagSpecification(
                    "--audience",
                    "NAME",
                    says: "the enforcement point that may redeem (default: gateway)"
                ),
                Flags.home, Flags.json,
            ],
            details: """
                Strings, integers, booleans, numbers (as decimals), objects and lists become types; what has no type
                in Cedar is left out, said, and refused at run time. Nothing is overwritten, and the result passes
                `writ policy check`.
                """,
            examples: [
                "writ surface import github --into policies -- github-mcp-server stdio",
                "writ surface import github --into policies --tools tools.json",
            ]
        )
    ) { invocation in
        let arguments = invocation.arguments
        let name = Text(arguments.operands[0])
        guard SurfaceDraft.isName(name) else {
            throw ArgumentError.conflict(
                "`\(Terminal.plain(name.string))` cannot name a surface: "
                    + "use up to 64 ASCII letters, digits, `_`, `-` and `.`"
            )
        }
        let directory = try arguments.value("--into") ?? invocation.home().policiesDirectory
        let folder = "\(directory)/surfaces/\(name)"
        guard try !Files.exists(folder) else { throw CommandFailure("`\(folder)` exists; nothing was changed") }
        let draft = SurfaceDraft(
            surface: name,
            tools: try tools(arguments),
            audience: Text(arguments.value("--audience") ?? "gateway"),
            actorNamespace: try actorNamespace(directory)
        )
        try write(draft, into: directory)
        return try say(draft, directory, invocation)
    }

    private static func tools(_ arguments: ParsedArguments) throws -> [ToolDescription] {
        switch (arguments.value("--tools"), arguments.command.isEmpty) {
        case (let path?, true):
            return try ToolDescription.list(
                parsing: try Terminal.read(path, bytesMax: ToolDescription.limits.bytesMax)
            )
        case (nil, false): return try ToolListing.ask(arguments.command)
        case (.some, false), (nil, true):
            throw ArgumentError.conflict("give either `--tools FILE` or a server's command behind `--`")
        }
    }

    /// The namespace of `Agent`; nil where there is none, or no policy directory yet.
    private static func actorNamespace(_ directory: String) throws -> Text? {
        let path = "\(directory)/bundle.json"
        guard try Files.exists(path) else { return nil }
        return try JSONValue(parsing: try Files.read(path, bytesMax: 1 << 20), limits: .file)["namespace"]?.string
    }

    private static func write(_ draft: SurfaceDraft, into directory: String) throws {
        var files = draft.files
        // A directory that is no policy directory yet becomes one.
        let beginnings = [
            ("bundle.json", "{\"name\": \"\(draft.surface)\"}\n"),
            (
                "common.cedarschema",
                "// Types that all surfaces share. `Agent` is the type of every actor.\nentity Agent;\n"
            ),
        ]
        for (path, text) in beginnings where try !Files.exists("\(directory)/\(path)") { files.append((path, text)) }
        for file in files {
            let path = "\(directory)/\(file.path)"
            try Files.createDirectory(Files.parent(of: path), permissions: 0o755)
            try Files.create(path, with: Array(file.text.utf8), permissions: 0o644)
        }
    }

    private static func say(_ draft: SurfaceDraft, _ directory: String, _ invocation: Invocation) throws -> ExitStatus {
        let terminal = invocation.terminal
        if invocation.wantsJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("files")
            writer.beginArray()
            for file in draft.files { writer.string(Text("\(directory)/\(file.path)")) }
            writer.endArray()
            writer.name("remarks")
            writer.beginArray()
            for remark in draft.remarks { writer.string(Text(remark)) }
            writer.endArray()
            writer.member("surface", draft.surface)
            writer.endObject()
            terminal.put(writer.bytes + [UInt8(ascii: "\n")])
        } else {
            for file in draft.files { terminal.line("\(directory)/\(file.path)") }
            for remark in draft.remarks { terminal.say(Terminal.plain(remark)) }
            terminal.say("drafted and forbidden: review it, then permit what is wanted")
        }
        do throws(PolicyProblems) {
            _ = try DirectoryBundle.load(directory)
            return .done
        } catch {
            terminal.say("the policy directory does not load as it is now:")
            terminal.say(error.description)
            return .failed
        }
    }
}
