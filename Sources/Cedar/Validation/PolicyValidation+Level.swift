import Bytes

extension PolicyValidation {
    /// Checks the level of a policy that is valid otherwise (RFC 76).
    func checkLevel() {
        guard let level, !findings.findings.contains(where: { $0.severity == .error }) else { return }
        if level <= 0 { checkScopeLevel() }
        visitEnvironments { environment in
            let record = TypeChecker.TypeRecord()
            let checker = checker(environment, recording: record)
            _ = checker.conditions(policy.conditions)
            let levels = LevelChecker(checker: checker, types: record.types, level: level)
            for condition in policy.conditions { levels.check(condition.root) }
        }
    }

    /// At level 0, the scope must not ask for ancestors where it is evaluated at all.
    private func checkScopeLevel() {
        var isAsking = (principal: false, action: false, resource: false)
        let actions = possibleActions().map { Set($0.map(\.uid)) }
        for action in index.schema.actions {
            for principal in action.principals where !action.resources.isEmpty {
                isAsking.principal = isAsking.principal || asks(policy.principal, of: principal)
                guard isPossible(principal, policy.principal) else { continue }
                isAsking.action = true
                guard actions?.contains(action.uid) ?? true else { continue }
                isAsking.resource =
                    isAsking.resource || action.resources.contains { asks(policy.resource, of: $0) }
            }
        }
        if isAsking.principal { refuseScope(policy.scopeRanges?.principal) }
        if isAsking.action, asksForGroup { refuseScope(policy.scopeRanges?.action) }
        if isAsking.resource { refuseScope(policy.scopeRanges?.resource) }
    }

    private func asks(_ constraint: ScopeConstraint, of type: EntityType) -> Bool {
        switch constraint {
        case .isIn, .isInAny: true
        case .isTypeIn(let tested, _): tested == type
        case .any, .equal, .isType: false
        }
    }

    private var asksForGroup: Bool {
        switch policy.action {
        case .isIn, .isInAny: true
        case .any, .equal, .isType, .isTypeIn: false
        }
    }

    private func refuseScope(_ range: SourceRange?) {
        let message = "data of entities is needed at level 1, allowed is level 0"
        let help = LevelChecker.help
        findings.add(Diagnostic(.levelExceeded, message, range ?? policy.range, advice: .init(help: help)))
    }
}

/// Finds the accesses to data of entities that are further from the request than a level allows.
///
/// Recursion is bounded by that of expressions. Expressions without a type are never evaluated, and do not count.
struct LevelChecker {
    let checker: TypeChecker
    let types: [Int32: InferredType]
    let level: Int

    private var arena: ExpressionArena { checker.arena }

    /// Checks an expression and all that is in it.
    func check(_ index: Int32) {
        guard types[index] != nil, checker.steps.take() else { return }
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .hasTag, .getTag, .in:
            refuse(distance(node.a, [][...]), at: index)
            check(node.b)
        case .isIn:
            // Where the type test is always false, membership is never asked for.
            guard types[node.c] != nil else { return check(node.a) }
            refuse(distance(node.a, [][...]), at: index)
            check(node.c)
        case .has, .access: walk(node, at: index)
        case .constant, .variable, .ifThenElse, .and, .or, .not, .negate, .equal, .notEqual, .less, .lessEqual,
            .greater, .greaterEqual, .contains, .containsAll, .containsAny, .isEmpty, .arithmetic, .like, .is, .set,
            .record, .call:
            arena.visitOperands(of: node) { check($0) }
        }
    }

    private func names(_ node: Node) -> [Text] {
        arena.children[Int(node.b)..<Int(node.b + node.c)].map { arena.names[Int($0)] }
    }

    /// Checks a chain of accesses: the last one to an entity takes the most steps.
    private func walk(_ node: Node, at index: Int32) {
        let names = names(node)
        let prefixes = types(along: names.dropLast(), from: node.a)
        guard let last = prefixes.lastIndex(where: \.isEntity) else {
            // The chain reads records only; what they are made of is checked for itself.
            return check(node.a)
        }
        refuse(distance(node.a, names.prefix(last)), at: index)
    }

    static let help = "allow a higher level, or let the request bring the data in its context"

    private func refuse(_ distance: Int, at index: Int32) {
        guard distance >= level else { return }
        checker.report(
            .levelExceeded,
            "data of entities is needed at level \(distance + 1), allowed is level \(level)",
            at: index,
            help: Self.help
        )
    }

    // MARK: Distances

    /// The types of an expression and of what each name leads to from there, as far as they are known.
    private func types(along names: ArraySlice<Text>, from operand: Int32) -> [InferredType] {
        guard var type = types[operand] else { return [] }
        var result = [type]
        for name in names {
            guard checker.steps.take(), let next = checker.attributeType(name, of: type) else { return result }
            type = next
            result.append(type)
        }
        return result
    }

    /// How many accesses to entities' data it takes to get to what a chain of names leads to.
    ///
    /// From the end: an access to an entity is a step, one to a record leads on into what the record is made of.
    private func distance(_ operand: Int32, _ names: ArraySlice<Text>) -> Int {
        guard !names.isEmpty else { return base(operand, []) }
        let prefixes = types(along: names.dropLast(), from: operand)
        let first = prefixes.firstIndex(where: \.isEntity)
        let path = names.prefix(first ?? names.count)
        return prefixes.count(where: \.isEntity) + base(operand, Array(path))
    }

    /// The distance of an expression, of which, if it is a record, only what the path leads to counts.
    private func base(_ index: Int32, _ path: [Text]) -> Int {
        guard types[index] != nil, checker.steps.take() else { return 0 }
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .variable: return 0
        case .constant: return literal(index)
        case .ifThenElse:
            check(node.a)
            return max(base(node.b, path), base(node.c, path))
        case .access: return distance(node.a, (names(node) + path)[...])
        case .getTag:
            check(node.b)
            return base(node.a, []) + 1
        case .record: return field(node, path)
        case .and, .or, .not, .negate, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .contains,
            .containsAll, .containsAny, .hasTag, .isEmpty, .arithmetic, .has, .like, .is, .isIn, .set, .call:
            // None of these is an entity, nor a record.
            return 0
        }
    }

    private func literal(_ index: Int32) -> Int {
        if checker.literalEntity(index) != checker.environment.action.uid {
            checker.report(
                .literalDereference,
                "data of an entity that the policy names itself is needed, which no request brings along",
                at: index
            )
        }
        return 0
    }

    private func field(_ node: Node, _ path: [Text]) -> Int {
        var distance = 0
        for place in 0..<Int(node.b) {
            let first = Int(node.a) + 2 * place
            let value = arena.children[first + 1]
            if let name = path.first, name == arena.names[Int(arena.children[first])] {
                distance = base(value, Array(path.dropFirst()))
            } else {
                check(value)
            }
        }
        return distance
    }
}

extension InferredType {
    /// Whether it is the type of an entity.
    fileprivate var isEntity: Bool {
        switch self {
        case .entity, .anyEntity: true
        case .never, .always, .bool, .long, .string, .set, .record, .extension: false
        }
    }
}
