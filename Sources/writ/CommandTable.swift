// All commands, in the order of the help.

/// The table that the program is made from.
enum CommandTable {
    static let commands: [Command] = [
        InitCommand.command, ServeCommand.command,
        DecideCommand.command, ExecuteCommands.exec, ExecuteCommands.mcp,
        PolicyCommands.check, PolicyCommands.lint, PolicyCommands.test, PolicyCommands.explain, FormatCommand.command,
        CedarDecisionCommands.authorize, CedarPolicyCommands.validate, CedarPolicyCommands.checkParse,
        CedarDecisionCommands.evaluate, CedarPolicyCommands.link, CedarPolicyCommands.translatePolicy,
        CedarPolicyCommands.translateSchema, CedarFormatCommand.command, CedarDecisionCommands.partial,
        CedarTestCommand.command,
        SurfaceCommands.draft,
        ReceiptCommands.show, ReceiptCommands.verify,
        LogCommands.query, LogCommands.tail, LogCommands.audit,
        AgentCommands.add, AgentCommands.list, AgentCommands.rotate, AgentCommands.retire,
        HaltCommands.halt, HaltCommands.resume,
        DoctorCommand.command, VersionCommand.command,
    ]
}
