// What policies and mappings may speak of: only what the schema declares.

import Bytes
import Cedar

/// Checks the scopes of policies against a schema, so that a misspelt name cannot make a policy that never applies.
enum ScopeCheck {
    /// What the scope names without its being declared.
    static func problems(of policy: Policy, in file: SourceFile, _ schema: Schema) -> [PolicyProblem] {
        let constraints = [policy.principal, policy.action, policy.resource]
        let missing = constraints.flatMap { undeclared($0, schema) }
        return missing.map {
            PolicyProblem(.undeclared, in: file, at: policy.range.bytes, $0.message, help: $0.help)
        }
    }

    private static func undeclared(_ constraint: ScopeConstraint, _ schema: Schema) -> [Undeclared] {
        switch constraint {
        case .any: []
        case .equal(let entity), .isIn(let entity): undeclared(entity, schema)
        case .isInAny(let entities): entities.flatMap { undeclared($0, schema) }
        case .isType(let type): undeclared(type, schema)
        case .isTypeIn(let type, let entity): undeclared(type, schema) + undeclared(entity, schema)
        }
    }

    private static func undeclared(_ entity: ScopeEntity, _ schema: Schema) -> [Undeclared] {
        switch entity {
        case .entity(let uid): undeclared(uid, schema)
        // Templates are refused elsewhere.
        case .slot: []
        }
    }

    private static func undeclared(_ uid: EntityUID, _ schema: Schema) -> [Undeclared] {
        if uid.type.isAction { return schema[uid] == nil ? [Undeclared(action: uid, schema)] : [] }
        let type = undeclared(uid.type, schema)
        guard type.isEmpty, !schema.isChoice(uid) else { return type }
        let choices = schema[uid.type]?.choices ?? []
        let near = Suggestion.nearest(to: uid.id, among: choices).map { EntityUID(type: uid.type, id: $0) }
        return [Undeclared("`\(uid)` is not one of the entities that its type lists", near: near)]
    }

    private static func undeclared(_ type: EntityType, _ schema: Schema) -> [Undeclared] {
        schema[type] == nil ? [Undeclared(type: type, schema)] : []
    }
}

/// A name that the schema does not declare, and the declared one that was probably meant.
struct Undeclared {
    let message: String
    let help: String?

    init(_ message: String, near: (some CustomStringConvertible)?) {
        self.message = message
        help = near.map { "did you mean `\($0)`?" }
    }

    init(type: EntityType, _ schema: Schema) {
        let near = Suggestion.nearest(to: type.name, among: schema.entityTypes.map(\.type.name))
        self.init("the schema declares no entity type `\(type)`", near: near)
    }

    init(action: EntityUID, _ schema: Schema) {
        let declared = schema.actions.map(\.uid)
        let near = Suggestion.nearest(to: Text("\(action)"), among: declared.map { Text("\($0)") })
        self.init("the schema declares no action `\(action)`", near: near)
    }
}

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
