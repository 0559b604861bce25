// `writ cedar format`.

import Bytes
import Cedar
import EnforcementPoint
import Runtime
import Service

/// Lays Cedar policies out.
enum CedarFormatCommand {
    static let command = Command(
        specification: CommandSpecification(
            "cedar format",
            "lay Cedar policies out as the reference formatter does, comments kept",
            flags: [
                CedarFlags.policies,
                FlagSpecification("--line-width", "N", short: "-l", says: "columns of a line (default: 80)"),
                FlagSpecification("--indent-width", "N", short: "-i", says: "columns of a level (default: 2)"),
                FlagSpecification("--write", short: "-w", says: "write the file back instead of printing it"),
                FlagSpecification("--check", short: "-c", says: "fail if formatting changes anything"),
            ],
            details: "Exit status: 0 formatted, 1 the policies cannot be read, or `--check` found a difference.",
            examples: ["writ cedar format -p policies.cedar", "writ cedar format -p policies.cedar --write"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let arguments = invocation.arguments
        let width = try arguments.integer("--line-width", in: 1...Int64(PolicyFormatter.widthMax))
        let indent = try arguments.integer("--indent-width", in: 0...Int64(PolicyFormatter.indentMax))
        guard !arguments.has("--write") || !arguments.has("--check") else {
            throw UsageError("`--write` and `--check` exclude each other")
        }
        let path = arguments.value(CedarFlags.policies.name) ?? "-"
        guard !arguments.has("--write") || path != "-" else { throw UsageError("`--write` needs a file of policies") }
        let bytes = try Terminal.read(path, bytesMax: SourceLimits.textBytesMax)
        let formatted: [UInt8]
        do throws(FormatError) {
            formatted = try PolicyFormatter(width: width.map { Int($0) } ?? 80, indent: indent.map { Int($0) } ?? 2)
                .format(bytes)
        } catch {
            guard case .syntax(let error) = error else { throw CommandFailure("\(CedarInput.shown(path)): \(error)") }
            throw CommandFailure(input.render(error, path, bytes))
        }
        guard arguments.has("--write") else {
            invocation.terminal.put(formatted)
            return arguments.has("--check") && formatted != bytes ? .failed : .done
        }
        if formatted != bytes {
            try Files.replace(path, with: formatted, permissions: try Files.status(of: path).permissions)
        }
        return .done
    }
}
