import Bytes

extension TypeChecker {
    // MARK: And, or, not

    /// `a && b && c`: what the operands before say holds in the operands behind; those behind one that is always false
    /// are not looked at.
    func all(_ operands: ArraySlice<Int32>, _ prior: Capabilities) -> Answer {
        guard let first = operands.first else { return .success(.always(true)) }
        var left = expect(.bool, first, prior)
        for operand in operands.dropFirst() {
            if left.type?.isAlwaysFalse == true { return Answer.success(.always(false)).after(left) }
            left = conjunction(left, expect(.bool, operand, prior.union(left.capabilities, steps)))
        }
        return left
    }

    /// The answer for `left && right`, where `left` is not always false.
    func conjunction(_ left: Answer, _ right: Answer) -> Answer {
        guard let leftType = left.type, let rightType = right.type else { return .failure(.bool) }
        let answer: Answer
        if rightType.isAlwaysFalse {
            answer = .success(.always(false))
        } else {
            let type: InferredType =
                rightType.isAlwaysTrue ? leftType : leftType.isAlwaysTrue ? rightType : .bool
            answer = .success(type, left.capabilities.union(right.capabilities, steps))
        }
        return answer.after(right).after(left)
    }

    /// `a || b || c`; operands behind one that is always true are not looked at.
    func any(_ operands: ArraySlice<Int32>, _ prior: Capabilities) -> Answer {
        guard let first = operands.first else { return .success(.always(false)) }
        var left = expect(.bool, first, prior)
        for operand in operands.dropFirst() {
            if left.type?.isAlwaysTrue == true { return left }
            left = disjunction(left, expect(.bool, operand, prior))
        }
        return left
    }

    private func disjunction(_ left: Answer, _ right: Answer) -> Answer {
        guard let leftType = left.type, let rightType = right.type else { return .failure(.bool) }
        let answer: Answer
        if rightType.isAlwaysTrue {
            answer = .success(.always(true), right.capabilities)
        } else if rightType.isAlwaysFalse {
            answer = .success(leftType, left.capabilities)
        } else if leftType.isAlwaysFalse {
            answer = .success(rightType, right.capabilities)
        } else {
            answer = .success(.bool, left.capabilities.intersection(right.capabilities, steps))
        }
        return answer.after(right).after(left)
    }

    /// The answer for `!operand`; nothing is known to exist because something is false.
    func negated(_ operand: Answer) -> Answer {
        guard let type = operand.type else { return .failure(.bool) }
        if case .always(let value) = type { return Answer.success(.always(!value)).after(operand) }
        return Answer.success(.bool).after(operand)
    }

    // MARK: If

    func conditional(_ index: Int32, _ node: Node, _ prior: Capabilities) -> Answer {
        let test = expect(.bool, node.a, prior)
        if case .always(let value)? = test.type { return decided(node, value, test, prior) }
        var then = check(node.b, prior.union(test.capabilities, steps))
        if then.isSuccess { then.capabilities = then.capabilities.union(test.capabilities, steps) }
        let other = check(node.c, prior)
        guard let thenType = then.type, let otherType = other.type else { return .failure() }
        guard let type = bound([thenType, otherType], at: index, "the branches of `if`") else { return .failure() }
        let capabilities = other.capabilities.intersection(then.capabilities, steps)
        return Answer.success(type, capabilities).after(other).after(then).after(test)
    }

    /// An `if` that always takes the same branch; the other one is not looked at.
    private func decided(_ node: Node, _ value: Bool, _ test: Answer, _ prior: Capabilities) -> Answer {
        guard value else { return check(node.c, prior).after(test) }
        var then = check(node.b, prior.union(test.capabilities, steps))
        if then.isSuccess { then.capabilities = then.capabilities.union(test.capabilities, steps) }
        return then.after(test)
    }

    /// The least upper bound of types that meet at an expression; `nil`, after reporting, if there is none.
    func bound(_ types: [InferredType], at index: Int32, _ what: String) -> InferredType? {
        do throws(Incompatibility) {
            return try lattice.leastUpperBound(types)
        } catch {
            reportIncompatible(types, error, at: index, what)
            return nil
        }
    }

    func reportIncompatible(_ types: [InferredType], _ error: Incompatibility, at index: Int32, _ what: String) {
        var names: [String] = []
        for type in types where !names.contains(type.name) && names.count < 4 { names.append(type.name) }
        let list = names.map { "`\($0)`" }.joined(separator: " and ")
        report(.incompatibleTypes, "\(what) are of types that do not go together: \(list)", at: index, help: error.help)
    }
}
