// The program: find the command, run it, end the process with its status.

import Bytes
import EnforcementPoint
import Glibc
import Runtime
import Service
import StrictPolicy

/// One command: what it takes, and what it does.
struct Command: Sendable {
    let specification: CommandSpecification
    let run: @Sendable (Invocation) throws -> ExitStatus
}

/// One run of a command.
struct Invocation: Sendable {
    let arguments: ParsedArguments
    let terminal: Terminal

    /// Whether the answer is for a machine.
    var wantsJSON: Bool { arguments.has(Flags.json.name) }

    /// The home that is meant.
    func home() throws -> Home {
        let directory = Terminal.workingDirectory
        if let path = arguments.value(Flags.home.name) { return Home(path, workingDirectory: directory) }
        guard let home = Home.standard(Terminal.variable, workingDirectory: directory) else {
            throw CommandFailure("no home: give `--home DIR` or set \(Home.variable)")
        }
        return home
    }
}

/// Flags that several commands have.
enum Flags {
    static let json = FlagSpecification("--json", says: "answer in JSON")
    static let home = FlagSpecification(
        "--home",
        "DIR",
        says: "the gate's home (default: $WRIT_HOME, else ~/.local/share/writ)"
    )
}

/// The command line.
enum Program {
    /// The release, as `writ version` says it.
    static let version = "0.1.0"

    private static let tree = CommandTree(
        program: "writ",
        summary: "an authorization gate for agents: it decides, proves, and lets act once",
        commands: CommandTable.commands.map(\.specification)
    )

    /// Runs the command line and ends the process.
    static func main() {
        // A reader that has gone is an error of a write, which each writer treats in its own way.
        ProcessHardening.ignoreBrokenPipes()
        exit(run(Array(CommandLine.arguments.dropFirst()), Terminal()).code)
    }

    private static func run(_ words: [String], _ terminal: Terminal) -> ExitStatus {
        do {
            let words = words.first == "--version" ? ["version"] + words.dropFirst() : words
            switch try tree.select(words) {
            case .help(let group):
                terminal.put(tree.help(group: group))
                // No command at all is a mistake; a group's help was asked for, or is the best answer.
                return words.isEmpty ? .usage : .done
            case .command(let index, let rest):
                let command = CommandTable.commands[index]
                return try run(command, rest, terminal)
            }
        } catch {
            terminal.say("\(error)")
            terminal.say("try `writ --help`")
            return .usage
        }
    }

    private static func run(
        _ command: Command,
        _ words: [String],
        _ terminal: Terminal
    ) throws(ArgumentError) -> ExitStatus {
        do {
            let arguments = try ParsedArguments(words, for: command.specification)
            guard !arguments.wantsHelp else {
                terminal.put(tree.help(command.specification))
                return .done
            }
            return try command.run(Invocation(arguments: arguments, terminal: terminal))
        } catch let error as ArgumentError {
            terminal.say("\(error)")
            terminal.say("try `writ \(command.specification.name) --help`")
            return .usage
        } catch let error as UsageError {
            terminal.say("\(error)")
            terminal.say("try `writ \(command.specification.name) --help`")
            return .usage
        } catch let failure as CommandFailure {
            terminal.say(failure.description)
            return failure.status
        } catch {
            terminal.say("\(error)")
            return .failed
        }
    }
}
