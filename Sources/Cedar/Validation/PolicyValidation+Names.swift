import Bytes

// The checks that need no types: what the policy names has to be declared, and its scope has to allow something.

extension PolicyValidation {
    /// The entities that the scope names.
    var scopeEntities: [EntityUID] {
        let actions: [EntityUID]
        switch policy.action {
        case .isInAny(let uids): actions = uids
        case .equal(.entity(let uid)), .isIn(.entity(let uid)): actions = [uid]
        case .any, .equal(.slot), .isIn(.slot), .isType, .isTypeIn: actions = []
        }
        return [policy.principal.entity].compactMap(\.self) + actions + [policy.resource.entity].compactMap(\.self)
    }

    /// Whether an entity has a type: the one of an unknown action, or of an unknown type, has none.
    func isTyped(_ uid: EntityUID) -> Bool {
        uid.type.isAction ? index.schema[uid] != nil : index.schema[uid.type] != nil
    }

    // MARK: Names

    /// Checks every type and entity that the policy names, wherever it stands.
    func checkNames() {
        checkScope(policy.principal, policy.scopeRanges?.principal)
        checkScope(policy.resource, policy.scopeRanges?.resource)
        let range = policy.scopeRanges?.action ?? policy.range
        switch policy.action {
        case .isInAny(let uids): for uid in uids { check(uid, range) }
        case .equal(.entity(let uid)), .isIn(.entity(let uid)): check(uid, range)
        case .any, .equal(.slot), .isIn(.slot), .isType, .isTypeIn: break
        }
        for condition in policy.conditions { checkExpression(condition.root) }
    }

    private func checkScope(_ constraint: ScopeConstraint, _ range: SourceRange?) {
        if let type = constraint.testedType { check(type, range ?? policy.range) }
        if let uid = constraint.entity { check(uid, range ?? policy.range) }
    }

    /// Walks an expression with all that is in it.
    private func checkExpression(_ root: Int32) {
        let arena = policySet.syntax
        var waiting = [root]
        while let index = waiting.popLast() {
            guard lattice.steps.take() else { return }
            let node = arena.nodes[Int(index)]
            switch node.operation {
            case .constant:
                if case .entity(let uid) = arena.constants[Int(node.a)] { check(uid, place(index)) }
            case .is, .isIn: check(arena.types[Int(node.b)], place(index))
            case .variable, .ifThenElse, .and, .or, .not, .negate, .equal, .notEqual, .less, .lessEqual, .greater,
                .greaterEqual, .in, .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .arithmetic,
                .access, .has, .like, .set, .record, .call:
                break
            }
            arena.visitOperands(of: node) { waiting.append($0) }
        }
    }

    private func place(_ node: Int32) -> SourceRange { policySet.sourceRange(ofNode: node) ?? policy.range }

    private func check(_ type: EntityType, _ range: SourceRange) {
        guard !index.isKnown(type) else { return }
        let near = Suggestion.nearest(to: type.name, among: index.schema.entityTypes.map(\.type.name))
        let help = near.map { "did you mean `\($0)`?" }
        let message = "the schema declares no entity type `\(type)`"
        findings.add(Diagnostic(.unknownEntityType, message, range, advice: .init(help: help)))
    }

    private func check(_ uid: EntityUID, _ range: SourceRange) {
        guard !uid.type.isAction else { return checkAction(uid, range) }
        check(uid.type, range)
        guard let choices = index.schema[uid.type]?.choices, !choices.contains(uid.id) else { return }
        let near = Suggestion.nearest(to: uid.id, among: choices)
        let help = near.map { "did you mean `\(EntityUID(type: uid.type, id: $0))`?" }
        let message = "`\(uid)` is not one of its type's entities"
        findings.add(Diagnostic(.undeclaredEntity, message, range, advice: .init(help: help)))
    }

    private func checkAction(_ uid: EntityUID, _ range: SourceRange) {
        guard index.schema[uid] == nil else { return }
        let names = index.schema.actions.map { Text($0.uid.description) }
        let near = Suggestion.nearest(to: Text(uid.description), among: names)
        let message = "the schema declares no action `\(uid)`"
        let help = near.map { "did you mean `\($0)`?" }
        findings.add(Diagnostic(.unknownAction, message, range, advice: .init(help: help)))
    }

    /// Checks what the slots of a linked policy are filled with.
    func checkSlots() {
        guard let link = policy.link else { return }
        for slot in Slot.allCases {
            if let uid = link.slots[slot] { check(uid.type, policy.range) }
        }
    }

    // MARK: Application

    /// Checks that some action applies to a principal and a resource that the scope allows.
    func checkApplication() {
        let actions = applicableActions()
        let applies = actions.contains { action in
            action.principals.contains { satisfies($0, policy.principal) }
                && action.resources.contains { satisfies($0, policy.resource) }
        }
        guard !applies else { return }
        let fixes = [
            wouldInHelp(policy.principal, Set(actions.flatMap(\.principals))) ? "principal" : nil,
            wouldInHelp(policy.resource, Set(actions.flatMap(\.resources))) ? "resource" : nil,
        ].compactMap(\.self)
        let help = fixes.isEmpty ? nil : "write `in` instead of `==` for the \(fixes.joined(separator: " and the "))"
        let message = "no action applies to what the scope allows"
        findings.add(Diagnostic(.noApplicableAction, message, policy.range, advice: .init(help: help)))
    }

    private func applicableActions() -> [ActionDeclaration] {
        switch policy.action {
        case .equal(.entity(let uid)): [index.schema[uid]].compactMap(\.self)
        case .isIn(.entity(let uid)): index.actions(inAnyOf: [uid]) ?? []
        case .isInAny(let uids): index.actions(inAnyOf: uids) ?? []
        case .any, .equal(.slot), .isIn(.slot), .isType, .isTypeIn: index.schema.actions
        }
    }

    private func satisfies(_ type: EntityType, _ constraint: ScopeConstraint) -> Bool {
        if let tested = constraint.testedType, index.schema[tested] == nil { return false }
        return index.isPossible(type, constraint)
    }

    /// Whether the scope names a group by `==` whose members the action applies to.
    private func wouldInHelp(_ constraint: ScopeConstraint, _ types: Set<EntityType>) -> Bool {
        guard case .equal(.entity(let uid)) = constraint, !types.contains(uid.type) else { return false }
        return types.contains { index.schema[$0]?.ancestors.contains(uid.type) ?? false }
    }
}

extension ExpressionArena {
    /// Calls a function with every operand of a node.
    func visitOperands(of node: Node, _ visit: (Int32) -> Void) {
        switch node.operation {
        case .constant, .variable: return
        case .not, .negate, .isEmpty, .access, .has, .like, .is: visit(node.a)
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains, .containsAll, .containsAny,
            .hasTag, .getTag:
            visit(node.a)
            visit(node.b)
        case .isIn:
            visit(node.a)
            visit(node.c)
        case .ifThenElse:
            visit(node.a)
            visit(node.b)
            visit(node.c)
        case .and, .or, .set: for child in children[Int(node.a)..<Int(node.a + node.b)] { visit(child) }
        case .call: for child in children[Int(node.b)..<Int(node.b + node.c)] { visit(child) }
        case .arithmetic:
            for place in stride(from: Int(node.a), to: Int(node.a + 2 * node.b) - 1, by: 2) { visit(children[place]) }
        case .record:
            for place in stride(from: Int(node.a) + 1, to: Int(node.a + 2 * node.b), by: 2) { visit(children[place]) }
        }
    }
}
