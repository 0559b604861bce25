// All commands, in the order of the help.

/// The table that the program is made from.
enum CommandTable {
    static let commands: [Command] = [
        InitCommand.command,
        PolicyCommands.check, PolicyCommands.test, PolicyCommands.explain,
        ReceiptCommands.show, ReceiptCommands.verify,
        VersionCommand.command,
    ]
}
