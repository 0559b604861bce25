import Bytes

/// A part of a condition that alone, or with others like it, makes the condition what it is for a request.
public struct DecisiveExpression: Hashable, Sendable {
    /// A value that the expression is about.
    public struct Operand: Hashable, Sendable {
        /// Where the operand stands; `nil` if the policy was not read from a text.
        public let range: SourceRange?
        /// Its value.
        public let value: Value
    }

    /// Where the expression stands; `nil` if the policy was not read from a text.
    public let range: SourceRange?
    /// What it is.
    public let isTrue: Bool
    /// The operands that are not literals, in the order of the text.
    public let operands: [Operand]

    /// The most expressions that are named for one policy.
    public static let countMax = 8
}

extension PolicySet {
    /// The innermost expressions because of which a policy's condition does not hold.
    ///
    /// Of `a && b` it is the first that is false; of `a || b` both are; of `if` what is asked and the branch that is
    /// taken. The policy is evaluated again to find them.
    ///
    /// - Parameters:
    ///   - policy: A place in the set's policies.
    ///   - request: The request.
    ///   - entities: The entities as far as they are known.
    /// - Returns: At most ``DecisiveExpression/countMax``; none unless the outcome is
    ///   ``PolicyOutcome/conditionNotMet(_:)``.
    public func decisiveExpressions(
        ofPolicyAt policy: Int,
        _ request: Request,
        _ entities: Entities
    ) -> [DecisiveExpression] {
        guard policies.indices.contains(policy),
            case .conditionNotMet(let index) = Authorizer.outcome(ofPolicyAt: policy, in: self, request, entities)
        else { return [] }
        var finder = DecisionFinder(evaluator: Evaluator(arena: syntax, request: request, entities: entities))
        finder.find(policies[policy].conditions[index].root)
        return finder.found.map { node in
            DecisiveExpression(
                range: sourceRange(ofNode: node),
                isTrue: finder.truth(node) ?? false,
                operands: finder.operands(of: node).map {
                    DecisiveExpression.Operand(range: sourceRange(ofNode: $0.node), value: $0.value)
                }
            )
        }
    }
}

/// Finds the innermost expressions that a truth value comes from.
///
/// Recursion is bounded by that of expressions.
private struct DecisionFinder {
    let evaluator: Evaluator
    private(set) var found: [Int32] = []

    init(evaluator: Evaluator) {
        self.evaluator = evaluator
    }

    private var arena: ExpressionArena { evaluator.arena }

    func truth(_ node: Int32) -> Bool? { try? evaluator.truth(node) }

    /// Collects what the value of an expression comes from.
    mutating func find(_ index: Int32) {
        guard found.count < DecisiveExpression.countMax, let value = truth(index) else { return }
        let node = arena.nodes[Int(index)]
        switch node.operation {
        case .not: find(node.a)
        case .and, .or:
            let parts = arena.children[Int(node.a)..<Int(node.a + node.b)]
            let isDecidedByOne = value == (node.operation == .or)
            let decisive = isDecidedByOne ? parts.first { truth($0) == value }.map { [$0] } ?? [] : Array(parts)
            for part in decisive { find(part) }
        case .ifThenElse:
            find(node.a)
            find(truth(node.a) == true ? node.b : node.c)
        case .constant, .variable, .negate, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in,
            .contains, .containsAll, .containsAny, .hasTag, .getTag, .isEmpty, .arithmetic, .access, .has, .like, .is,
            .isIn, .set, .record, .call:
            found.append(index)
        }
    }

    /// The operands of an expression that are not literals, with their values.
    func operands(of index: Int32) -> [(node: Int32, value: Value)] {
        var result: [(Int32, Value)] = []
        arena.visitOperands(of: arena.nodes[Int(index)]) { operand in
            guard arena.nodes[Int(operand)].operation != .constant, let value = try? evaluator.evaluate(operand) else {
                return
            }
            result.append((operand, value))
        }
        return result
    }
}
