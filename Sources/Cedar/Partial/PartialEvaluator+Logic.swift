import Bytes

extension PartialEvaluator {
    // MARK: And, or

    /// What the operands of a chain are, up to the one behind which nothing is evaluated.
    mutating func results(
        _ operands: [Int32],
        until operation: Operation
    ) throws(ResidualBuilder.Failure) -> [PartialResult] {
        var results: [PartialResult] = []
        for operand in operands {
            let result = try evaluate(operand)
            results.append(result)
            if result.isFailure || result.value == .bool(operation == .or) { break }
        }
        return results
    }

    /// `a && b && c`, or `a || b || c`, of which the operands behind the last one are never evaluated.
    ///
    /// With `deciding` for the value that ends the chain: operands of the other value are dropped; a deciding operand
    /// decides the whole only if nothing that is kept before it can fail. Operands that can fail are kept as long as
    /// they may be evaluated.
    ///
    /// - Parameters:
    ///   - deciding: False for `&&`, true for `||`.
    ///   - results: What the operands are.
    ///   - index: The chain; `nil` for one that is in no text.
    /// - Returns: What the chain is.
    /// - Throws: When the residual exceeds a limit.
    mutating func chain(
        _ deciding: Bool,
        _ results: [PartialResult],
        _ index: Int32?
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        var kept: [Int32] = []
        var canFail = false
        for result in results {
            switch result {
            case .value(.bool(!deciding)): continue
            case .value(.bool):
                if !canFail { return .value(.bool(deciding)) }
                kept.append(try builder.node(result, .bool))
            case .residual(let node, let mayFail):
                kept.append(node)
                canFail = canFail || mayFail
            case .value, .failure:
                // A value of another type fails in a condition as surely as an expression without value.
                let node = try builder.node(result, .bool)
                guard !kept.isEmpty else { return .failure(try failing(node, index)) }
                kept.append(node)
                canFail = true
            }
        }
        if kept.isEmpty { return .value(.bool(!deciding)) }
        if kept.count == 1 { return .residual(kept[0], canFail: canFail) }
        return .residual(try chain(deciding, of: kept, index), canFail: canFail)
    }

    private mutating func chain(
        _ deciding: Bool,
        of operands: [Int32],
        _ index: Int32?
    ) throws(ResidualBuilder.Failure) -> Int32 {
        let first = builder.children(operands)
        let node = Node(operation: deciding ? .or : .and, a: first, b: Int32(operands.count))
        return try builder.add(node, over: operands, index.map { types[$0] } ?? .bool)
    }

    /// A condition that fails as its operand does, or for not being a truth value.
    private mutating func failing(_ operand: Int32, _ index: Int32?) throws(ResidualBuilder.Failure) -> Int32 {
        let always = try builder.node(.value(.bool(true)), .bool)
        return try chain(false, of: [operand, always], index)
    }

    // MARK: If

    mutating func conditional(_ node: Node, _ index: Int32) throws(ResidualBuilder.Failure) -> PartialResult {
        let condition = try evaluate(node.a)
        if case .value(.bool(let holds)) = condition { return try evaluate(holds ? node.b : node.c) }
        let isSure = condition.isFailure || condition.value != nil
        // Branches that are never evaluated need not be known.
        let branches = isSure ? [.value(.bool(true)), .value(.bool(true))] : try results([node.b, node.c])
        let operands = try nodes([condition] + branches, [node.a, node.b, node.c])
        let made = Node(operation: .ifThenElse, a: operands[0], b: operands[1], c: operands[2])
        let root = try builder.add(made, over: operands, types[index])
        return isSure
            ? .failure(root) : .residual(root, canFail: condition.canFail || branches.contains(where: \.canFail))
    }

    // MARK: Policies

    /// Whether a policy's scope matches and all of its clauses hold.
    mutating func policy(_ policy: Policy) throws(ResidualBuilder.Failure) -> PartialResult {
        var results: [PartialResult] = []
        for (variable, constraint) in [
            (Variable.principal, policy.principal), (.action, policy.action), (.resource, policy.resource),
        ] {
            let result = try scope(variable, constraint)
            if result.value == .bool(false) { return .value(.bool(false)) }
            results.append(result)
        }
        for condition in policy.conditions {
            let result = try evaluate(condition.root)
            results.append(condition.isWhen ? result : try negated(result))
            if results.last?.isFailure == true || results.last?.value == .bool(false) { break }
        }
        return try chain(false, results, nil)
    }

    private mutating func negated(_ result: PartialResult) throws(ResidualBuilder.Failure) -> PartialResult {
        if case .value(.bool(let value)) = result { return .value(.bool(!value)) }
        let operand = try builder.node(result, .bool)
        let node = try builder.add(Node(operation: .not, a: operand), over: [operand], .bool)
        switch result {
        case .residual(_, let canFail): return .residual(node, canFail: canFail)
        case .value, .failure: return .failure(node)
        }
    }

    /// Whether a variable meets a constraint of a scope, which cannot fail.
    private mutating func scope(
        _ variable: Variable,
        _ constraint: ScopeConstraint
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        let subject = subject(variable)
        switch constraint {
        case .any: return .value(.bool(true))
        case .isType(let type): return .value(.bool(subject.type == type))
        case .equal(.entity(let uid)):
            guard subject.type == uid.type else { return .value(.bool(false)) }
            if let known = subject.uid { return .value(.bool(known == uid)) }
            return try relation(.equal, variable, .entity(uid))
        case .isIn(.entity(let uid)): return try isIn(variable, subject, [uid], .entity(uid))
        case .isInAny(let uids): return try isIn(variable, subject, uids, .set(ValueSet(uids.map(Value.entity))))
        case .isTypeIn(let type, .entity(let uid)):
            guard subject.type == type else { return .value(.bool(false)) }
            return try isIn(variable, subject, [uid], .entity(uid))
        // A template takes no part, as if its scope matched nothing.
        case .equal(.slot), .isIn(.slot), .isTypeIn(_, .slot): return .value(.bool(false))
        }
    }

    private func subject(_ variable: Variable) -> PartialEntityUID {
        switch variable {
        case .principal: request.principal
        case .action, .context: PartialEntityUID(request.action)
        case .resource: request.resource
        }
    }

    private mutating func isIn(
        _ variable: Variable,
        _ subject: PartialEntityUID,
        _ groups: [EntityUID],
        _ value: Value
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        if groups.isEmpty { return .value(.bool(false)) }
        if let uid = subject.uid, let answer = isIn(uid, groups) { return .value(.bool(answer)) }
        return try relation(.in, variable, value)
    }

    private mutating func relation(
        _ operation: Operation,
        _ variable: Variable,
        _ value: Value
    ) throws(ResidualBuilder.Failure) -> PartialResult {
        let subject = subject(variable)
        let type = InferredType.entity([subject.type])
        let left: PartialResult =
            if let uid = subject.uid { .value(.entity(uid)) } else {
                .residual(try builder.add(Node(operation: .variable, a: variable.rawValue), type), canFail: false)
            }
        let operands = [try builder.node(left, type), try builder.node(.value(value), nil)]
        let node = Node(operation: operation, a: operands[0], b: operands[1])
        return .residual(try builder.add(node, over: operands, .bool), canFail: false)
    }
}
