import Bytes

/// Finds policies that say what others say, or less.
struct RepetitionFinder {
    private let policySet: PolicySet
    private let shapes: ExpressionShapes
    /// The first policy of each content.
    private var seen: [Content: Int] = [:]
    /// The policies without conditions, by effect and scope.
    private let unconditional: [Head: Int]

    private struct Head: Hashable {
        let effect: Effect
        let principal: ScopeConstraint
        let action: ScopeConstraint
        let resource: ScopeConstraint

        init(_ policy: Policy) {
            effect = policy.effect
            principal = policy.principal
            action = policy.action
            resource = policy.resource
        }

        init(_ effect: Effect, _ principal: ScopeConstraint, _ action: ScopeConstraint, _ resource: ScopeConstraint) {
            self.effect = effect
            self.principal = principal
            self.action = action
            self.resource = resource
        }

        /// The heads that hold whenever this one does, itself included: any part may be left out.
        var wider: [Head] {
            var heads: [Head] = []
            for principal in Set([principal, .any]) {
                for action in Set([action, .any]) {
                    for resource in Set([resource, .any]) { heads.append(Head(effect, principal, action, resource)) }
                }
            }
            return heads
        }
    }

    private struct Content: Hashable {
        let head: Head
        let conditions: [Clause]
    }

    private struct Clause: Hashable {
        let isWhen: Bool
        let shape: Int32
    }

    init(_ policySet: PolicySet) {
        self.policySet = policySet
        shapes = ExpressionShapes(policySet.syntax)
        var unconditional: [Head: Int] = [:]
        for (place, policy) in policySet.policies.enumerated() where policy.conditions.isEmpty && policy.link == nil {
            let head = Head(policy)
            if unconditional[head] == nil { unconditional[head] = place }
        }
        self.unconditional = unconditional
    }

    /// The findings of the policy at a place; to be asked in the order of the set.
    mutating func findings(_ place: Int) -> [Diagnostic] {
        let policy = policySet.policies[place]
        let clauses = policy.conditions.map { Clause(isWhen: $0.isWhen, shape: shapes.shape(of: $0.root)) }
        let content = Content(head: Head(policy), conditions: clauses)
        if let first = seen[content] {
            let message = "the policy says what another one says already"
            return [warning(.repeatedPolicy, message, place, other: first, help: "leave one of them out")]
        }
        seen[content] = place
        let covering = content.head.wider.compactMap { unconditional[$0] }.filter { $0 != place }.min()
        guard let covering else { return [] }
        let message = "whenever the policy applies, another one of the same effect applies without a condition"
        let help = "leave it out, or make the other one narrower"
        return [warning(.shadowedPolicy, message, place, other: covering, help: help)]
    }

    private func warning(
        _ code: Diagnostic.Code,
        _ message: String,
        _ place: Int,
        other: Int,
        help: String
    ) -> Diagnostic {
        let name = policySet.policies[other].annotation("id")?.value ?? policySet.policies[other].id
        let label = Diagnostic.Label(policySet.policies[other].range, "the other one")
        let advice = Diagnostic.Advice(help: "the other one is `\(name)`: \(help)", labels: [label])
        return Diagnostic(code, message, policySet.policies[place].range, severity: .warning, advice: advice)
    }
}
