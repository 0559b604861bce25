/// One of the parts of a condition that all have to hold, evaluated in their order until one does not.
struct Conjunct {
    /// An expression.
    let root: Int32
    /// Whether the expression has to be true; else it has to be false.
    let isPositive: Bool

    /// The parts of a policy's clauses.
    ///
    /// `a && b` in a `when`, and `a || b` in an `unless`, are two parts: the second is evaluated only if the first
    /// holds, both have to be truth values, and an error in either is the clause's.
    static func all(of policy: Policy, in arena: ExpressionArena) -> [Conjunct] {
        var conjuncts: [Conjunct] = []
        for condition in policy.conditions {
            append(Conjunct(root: condition.root, isPositive: condition.isWhen), to: &conjuncts, arena)
        }
        return conjuncts
    }

    private static func append(_ conjunct: Conjunct, to list: inout [Conjunct], _ arena: ExpressionArena) {
        let node = arena.nodes[Int(conjunct.root)]
        if node.operation == .not {
            append(Conjunct(root: node.a, isPositive: !conjunct.isPositive), to: &list, arena)
        } else if node.operation == (conjunct.isPositive ? .and : .or) {
            for child in arena.children[Int(node.a)..<Int(node.a + node.b)] {
                append(Conjunct(root: child, isPositive: conjunct.isPositive), to: &list, arena)
            }
        } else {
            list.append(conjunct)
        }
    }
}
