// `writ policy format`.

import Bytes
import Cedar
import Runtime
import Service

/// Lays policies out anew.
enum FormatCommand {
    static let command = Command(
        specification: CommandSpecification(
            "policy format",
            "lay policies out as the reference formatter does; comments and meaning stay",
            operands: "FILE|DIR|-…",
            operandCount: 1...1000,
            flags: [
                FlagSpecification("--check", says: "change nothing, say which files would change"),
                FlagSpecification("--write", says: "write the files anew"),
                FlagSpecification("--width", "N", says: "the columns of a line, 1 to 1000 (default: 80)"),
                FlagSpecification("--indent", "N", says: "the columns of an indentation, 0 to 16 (default: 2)"),
            ],
            details: """
                Of a directory, all `*.cedar` files in it and below it are meant. Without `--check` and `--write` one
                file, or `-` for standard input, is formatted to standard output.
                Exit status: 0 done, 1 a file would change (`--check`), or is not valid; such files are left alone.
                """,
            examples: ["writ policy format policies --check", "writ policy format - < new.cedar"]
        )
    ) { invocation in
        let isCheck = invocation.arguments.has("--check")
        let isWrite = invocation.arguments.has("--write")
        if isCheck, isWrite { throw ArgumentError.conflict("`--check` does not go with `--write`") }
        let paths = try invocation.arguments.operands.flatMap { try files($0, depth: 0) }
        if !isCheck, !isWrite, paths.count != 1 || paths != invocation.arguments.operands {
            throw ArgumentError.conflict("say `--check` or `--write` for a directory or several files")
        }
        if isWrite, paths.contains("-") { throw ArgumentError.conflict("`--write` does not go with `-`") }
        let formatter = PolicyFormatter(
            width: Int(try invocation.arguments.integer("--width", in: 1...1000) ?? 80),
            indent: Int(try invocation.arguments.integer("--indent", in: 0...16) ?? 2)
        )
        var status = ExitStatus.done
        for path in paths {
            let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
            guard let formatted = try format(bytes, path, formatter, invocation.terminal) else {
                status = .failed
                continue
            }
            if isCheck {
                guard formatted != bytes else { continue }
                invocation.terminal.line("would change: \(Terminal.plain(path))")
                status = .failed
            } else if isWrite {
                if formatted != bytes { try replace(path, with: formatted) }
            } else {
                invocation.terminal.put(formatted)
            }
        }
        return status
    }

    /// How deep directories may nest.
    private static let depthMax = 32

    /// The policy files that an operand means, in the order of their names.
    private static func files(_ path: String, depth: Int) throws -> [String] {
        guard path != "-", try Files.status(of: path).kind == .directory else { return [path] }
        guard depth < depthMax else { throw CommandFailure("`\(path)` is nested deeper than \(depthMax) directories") }
        var found: [String] = []
        for name in try Files.list(path) {
            let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            let kind = try Files.status(of: inner, followingLinks: false).kind
            if kind == .directory {
                found += try files(inner, depth: depth + 1)
            } else if kind == .file, name.hasSuffix(".cedar") {
                found.append(inner)
            }
        }
        return found
    }

    /// The formatted text; `nil` if it could not be formatted, which has been said then.
    private static func format(
        _ bytes: [UInt8],
        _ path: String,
        _ formatter: PolicyFormatter,
        _ terminal: Terminal
    ) throws -> [UInt8]? {
        do throws(FormatError) {
            return try formatter.format(bytes)
        } catch .syntax(let error) {
            let file = path == "-" ? "standard input" : path
            terminal.say(DiagnosticRenderer(file: file, source: bytes).render(error.diagnostics))
        } catch {
            terminal.say("\(Terminal.plain(path)): \(error)")
        }
        return nil
    }

    /// Writes a file anew with the permissions that it has.
    private static func replace(_ path: String, with bytes: [UInt8]) throws {
        guard try Files.status(of: path, followingLinks: false).kind == .file else {
            throw CommandFailure("`\(path)` is not a regular file: it was not written")
        }
        try Files.replace(path, with: bytes, permissions: Files.status(of: path).permissions)
    }
}
