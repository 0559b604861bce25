// Why a ruling is what it is, policy by policy.

package import Authorization
import Bytes
import Cedar

/// What came of one policy for one request.
package struct PolicyFinding: Hashable, Sendable {
    /// What came of it.
    package enum Result: Hashable, Sendable {
        /// It applies.
        case applies
        /// The request is outside of its scope: the first part that does not match, `principal`, `action` or
        /// `resource`.
        case outOfScope(String)
        /// This clause does not hold: its line in the policy's file.
        case conditionNotMet(line: Int)
        /// This clause has no value: its line in the policy's file, and why.
        case failed(line: Int, message: String)
    }

    /// The policy.
    package let policy: PolicyDescription
    /// What came of it.
    package let result: Result
}

/// A ruling with what came of every policy.
package struct Explanation: Hashable, Sendable {
    /// The ruling, as ``rule(_:_:_:)`` makes it.
    package let ruling: Ruling
    /// Every policy that was evaluated, ascending by name; none if the request was refused before.
    package let findings: [PolicyFinding]
}

/// Rules one request and says what came of every policy; for people, not for the decision path.
package func explain(_ request: Authorization.Request, _ facts: Facts, _ bundle: PolicyBundle) -> Explanation {
    let ruling = rule(request, facts, bundle)
    guard ruling.cause.causeClass == .policy, let surface = bundle.surface(request.surface),
        let cedarRequest = try? surface.cedarRequest(request, at: facts.instant)
    else { return Explanation(ruling: ruling, findings: []) }
    let findings = surface.policies.indices.map { index in
        let outcome = Authorizer.outcome(ofPolicyAt: index, in: surface.policySet, cedarRequest, bundle.entities)
        return PolicyFinding(policy: surface.policies[index], result: surface.result(outcome, ofPolicyAt: index))
    }
    return Explanation(ruling: ruling, findings: findings.sorted { $0.policy.name < $1.policy.name })
}

extension Surface {
    fileprivate func result(_ outcome: PolicyOutcome, ofPolicyAt index: Int) -> PolicyFinding.Result {
        switch outcome {
        case .satisfied: .applies
        case .outOfScope(let variable): .outOfScope(variable.rawValue)
        case .conditionNotMet(let condition): .conditionNotMet(line: line(ofCondition: condition, of: index))
        case .failed(let condition, let error):
            .failed(line: line(ofCondition: condition, of: index), message: error.description)
        // The compiler refuses templates.
        case .template: .outOfScope("template")
        }
    }

    /// The line of a clause in its own file; the compiled text is that of several files together.
    private func line(ofCondition condition: Int, of index: Int) -> Int {
        let policy = policySet.policies[index]
        return policies[index].line + policy.conditions[condition].range.start.line - policy.range.start.line
    }
}
