// All commands of the command line, and which one is meant.

/// The commands, sorted into groups by their first word, with the help for all of them.
package struct CommandTree: Sendable {
    /// What was asked for.
    package enum Selection: Sendable {
        /// This command, by its place in the table, with the words behind its name.
        case command(Int, rest: [String])
        /// The help of a group, or of everything for the empty name.
        case help(group: String)
    }

    /// The program's name.
    package let program: String
    /// One line about the program.
    package let summary: String
    /// The commands in the order of the help.
    package let commands: [CommandSpecification]

    /// Collects the commands.
    package init(program: String, summary: String, commands: [CommandSpecification]) {
        self.program = program
        self.summary = summary
        self.commands = commands
    }

    /// Finds the command that the words name.
    ///
    /// `help` before the words is the same as `--help` behind them.
    package func select(_ words: [String]) throws(ArgumentError) -> Selection {
        let named = Array(words.drop(while: Self.asksForHelp))
        switch try selectNamed(named) {
        case .command(let index, let rest):
            return .command(index, rest: named.count == words.count ? rest : [CommandSpecification.help.name])
        case .help(let group): return .help(group: group)
        }
    }

    private func selectNamed(_ words: [String]) throws(ArgumentError) -> Selection {
        guard let first = words.first else { return .help(group: "") }
        if let index = commands.firstIndex(where: { $0.words == [first] }) {
            return .command(index, rest: Array(words.dropFirst()))
        }
        let group = commands.filter { $0.words.count == 2 && $0.words[0] == first }
        guard !group.isEmpty else {
            var names: [String] = []
            for command in commands where !names.contains(command.words[0]) { names.append(command.words[0]) }
            throw .unknownCommand(first, suggestion: NearMiss.of(first, among: names))
        }
        guard words.count > 1, !Self.asksForHelp(words[1]) else { return .help(group: first) }
        guard let index = commands.firstIndex(where: { $0.words == [first, words[1]] }) else {
            let near = NearMiss.of(words[1], among: group.map { $0.words[1] })
            throw .unknownCommand("\(first) \(words[1])", suggestion: near.map { "\(first) \($0)" })
        }
        return .command(index, rest: Array(words.dropFirst(2)))
    }

    /// The help of everything, or of one group of commands.
    package func help(group: String) -> String {
        let shown = commands.filter { group.isEmpty || $0.words[0] == group }
        let width = shown.map(\.name.utf8.count).max() ?? 0
        var text = group.isEmpty ? "\(program): \(summary)\n\n" : ""
        text += "usage: \(program) \(group.isEmpty ? "" : "\(group) ")COMMAND [flags]\n\n"
        for command in shown {
            let gap = String(repeating: " ", count: width - command.name.utf8.count)
            text += "  \(command.name)\(gap)  \(command.summary)\n"
        }
        let example = shown.first?.examples.first ?? ""
        text += "\n`\(program) COMMAND --help` tells more about a command.\n\nexample:\n  \(example)\n"
        return text
    }

    /// The help of one command.
    package func help(_ command: CommandSpecification) -> String {
        var usage = "usage: \(program) \(command.name)"
        if !command.operands.isEmpty { usage += " \(command.operands)" }
        if !command.flags.isEmpty { usage += " [flags]" }
        if command.takesCommand { usage += " -- COMMAND [ARGUMENT…]" }
        var text = "\(usage)\n\n\(command.summary)\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        text += "\nflags:\n"
        let names = command.allFlags.map { flag in
            // The one letter of `--help` goes without saying.
            let name = flag == CommandSpecification.help ? flag.name : flag.spellings
            return flag.value.map { "\(name) \($0)" } ?? name
        }
        let width = min(32, names.map(\.count).max() ?? 0)
        for (name, flag) in zip(names, command.allFlags) {
            let gap = String(repeating: " ", count: max(0, width - name.count))
            text += "  \(name)\(gap)  \(flag.summary)\(flag.isRepeatable ? " (may be repeated)" : "")\n"
        }
        text += "\n\(command.examples.count == 1 ? "example" : "examples"):\n"
        for example in command.examples { text += "  \(example)\n" }
        return text
    }

    private static func asksForHelp(_ word: String) -> Bool { word == "--help" || word == "-h" || word == "help" }
}
