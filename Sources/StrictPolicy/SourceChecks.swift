// What mappings may speak of: only what the schema declares.

import Bytes
import Cedar

/// Checks the mapping of tools against the surface's schema.
enum MappingCheck {
    /// What the mapping names without its being declared.
    static func problems(of surface: Surface, in file: SourceFile) -> [PolicyProblem] {
        var problems: [PolicyProblem] = []
        for tool in surface.settings.mcpTools ?? [] {
            let path: [JSONStep] = [.member("mcp"), .member("tools"), .member(tool.tool)]
            func fail(_ steps: [JSONStep], _ message: String, near: Text? = nil) {
                let range = JSONLocator.range(of: path + steps, in: file.bytes)
                let help = near.map { "did you mean `\($0)`?" }
                problems.append(PolicyProblem(.undeclared, in: file, at: range, message, help: help))
            }
            guard let action = surface.action(tool.action) else {
                let near = Suggestion.nearest(to: tool.action, among: surface.actionNames)
                fail([.member("action")], "the schema declares no action `\(tool.action)`", near: near)
                continue
            }
            guard let type = surface.targetType(tool.targetType) else {
                fail([.member("target"), .member("type")], "the schema declares no entity type `\(tool.targetType)`")
                continue
            }
            if !action.resources.contains(type) {
                fail(
                    [.member("target"), .member("type")],
                    "`\(action.uid)` does not apply to targets of type `\(type)`"
                )
            }
        }
        return problems
    }
}
