// What policies and mappings may speak of: only what the schema declares.

import Bytes
import Cedar

/// Checks the scopes of policies against a schema, so that a misspelt name cannot make a policy that never applies.
enum ScopeCheck {
    /// What the scope names without its being declared.
    static func problems(of policy: Policy, in file: SourceFile, _ schema: Schema) -> [PolicyProblem] {
        let constraints = [policy.principal, policy.action, policy.resource]
        let missing = constraints.flatMap { undeclared($0, schema) }
        return missing.map { PolicyProblem(.undeclared, in: file, at: policy.range.bytes, $0) }
    }

    private static func undeclared(_ constraint: ScopeConstraint, _ schema: Schema) -> [String] {
        switch constraint {
        case .any: []
        case .equal(let entity), .isIn(let entity): undeclared(entity, schema)
        case .isInAny(let entities): entities.flatMap { undeclared($0, schema) }
        case .isType(let type): undeclared(type, schema)
        case .isTypeIn(let type, let entity): undeclared(type, schema) + undeclared(entity, schema)
        }
    }

    private static func undeclared(_ entity: ScopeEntity, _ schema: Schema) -> [String] {
        switch entity {
        case .entity(let uid): undeclared(uid, schema)
        // Templates are refused elsewhere.
        case .slot: []
        }
    }

    private static func undeclared(_ uid: EntityUID, _ schema: Schema) -> [String] {
        if uid.type.isAction { return schema[uid] == nil ? ["the schema declares no action `\(uid)`"] : [] }
        let type = undeclared(uid.type, schema)
        guard type.isEmpty, !schema.isChoice(uid) else { return type }
        return ["`\(uid)` is not one of the entities that its type lists"]
    }

    private static func undeclared(_ type: EntityType, _ schema: Schema) -> [String] {
        schema[type] == nil ? ["the schema declares no entity type `\(type)`"] : []
    }
}

/// Checks the mapping of tools against the surface's schema.
enum MappingCheck {
    /// What the mapping names without its being declared.
    static func problems(of surface: Surface, in file: SourceFile) -> [PolicyProblem] {
        var problems: [PolicyProblem] = []
        for tool in surface.settings.mcpTools ?? [] {
            let path: [JSONStep] = [.member("mcp"), .member("tools"), .member(tool.tool)]
            func fail(_ steps: [JSONStep], _ message: String) {
                let range = JSONLocator.range(of: path + steps, in: file.bytes)
                problems.append(PolicyProblem(.undeclared, in: file, at: range, message))
            }
            guard let action = surface.action(tool.action) else {
                fail([.member("action")], "the schema declares no action `\(tool.action)`")
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
