/// One policy among the sets that were evaluated together.
public struct PolicyReference: Hashable, Comparable, Sendable {
    /// The place of the set in the list that was evaluated.
    public let set: Int
    /// The place of the policy in its set.
    public let policy: Int

    /// Names a policy.
    public init(set: Int, policy: Int) {
        self.set = set
        self.policy = policy
    }

    /// Orders by set, then by place.
    public static func < (left: PolicyReference, right: PolicyReference) -> Bool {
        left.set == right.set ? left.policy < right.policy : left.set < right.set
    }
}

/// What came of one policy for one request.
public enum PolicyOutcome: Hashable, Sendable {
    /// The scope matches and every clause holds.
    case satisfied
    /// The scope does not match, first of all this part of it.
    case outOfScope(Variable)
    /// The scope matches, but this clause, counted from zero, does not hold.
    case conditionNotMet(Int)
    /// This clause, counted from zero, has no value.
    case failed(condition: Int, EvaluationError)
    /// It is a template.
    case template

    /// The parts of a scope.
    public enum Variable: String, Hashable, Sendable, CaseIterable {
        /// The principal.
        case principal
        /// The action.
        case action
        /// The resource.
        case resource
    }
}

/// What came of all policies for one request, before it is decided.
public struct Evaluation: Hashable, Sendable {
    /// A policy that has no value, and why.
    public struct Failure: Hashable, Sendable {
        /// The policy.
        public let policy: PolicyReference
        /// Why.
        public let error: EvaluationError
    }

    /// The permits that are satisfied, in order.
    public internal(set) var permits: [PolicyReference] = []
    /// The forbids that are satisfied, in order.
    public internal(set) var forbids: [PolicyReference] = []
    /// The policies that failed, in order; Cedar skips them, whatever their effect.
    public internal(set) var failures: [Failure] = []

    /// Cedar's decision: allow if and only if a permit is satisfied and no forbid is (cedar-spec `Authorizer.lean`).
    public var decision: Decision { permits.isEmpty || !forbids.isEmpty ? .deny : .allow }

    /// The policies that made the decision: the satisfied forbids if there are any, else the satisfied permits.
    public var determining: [PolicyReference] { forbids.isEmpty ? permits : forbids }
}

/// Cedar's two decisions.
public enum Decision: String, Hashable, Sendable, CaseIterable {
    /// Some permit is satisfied and no forbid.
    case allow
    /// Anything else.
    case deny
}

/// Evaluates policies for requests, without state.
public enum Authorizer {
    /// Evaluates the policies of several sets together.
    ///
    /// The order of the sets and of their policies has no influence on the decision. Templates are skipped.
    ///
    /// - Parameters:
    ///   - request: The request; whether it fits a schema is not checked here.
    ///   - policySets: The sets, which need not be disjoint.
    ///   - entities: The entities as far as they are known.
    ///   - isSelected: Says which policies take part; it is asked only about policies whose scope matches. All do if
    ///     it is `nil`.
    /// - Returns: The satisfied and the failed policies.
    public static func evaluate(
        _ request: Request,
        _ policySets: [PolicySet],
        _ entities: Entities,
        selecting isSelected: ((PolicyReference) -> Bool)? = nil
    ) -> Evaluation {
        var evaluation = Evaluation()
        for (set, policySet) in policySets.enumerated() {
            let evaluator = PolicyEvaluator(policySet, request, entities)
            for policy in evaluator.policies.indices where evaluator.isInScope(policy) {
                let reference = PolicyReference(set: set, policy: policy)
                if let isSelected, !isSelected(reference) { continue }
                record(evaluator.conditions(policy), evaluator.policies[policy].effect, reference, &evaluation)
            }
        }
        return evaluation
    }

    /// Evaluates the policies of one set.
    public static func evaluate(_ request: Request, _ policySet: PolicySet, _ entities: Entities) -> Evaluation {
        evaluate(request, [policySet], entities)
    }

    /// What comes of one policy, and at which part of it, if it is not satisfied.
    ///
    /// - Parameters:
    ///   - policy: A place in the set's policies.
    ///   - policySet: The set.
    ///   - request: The request.
    ///   - entities: The entities as far as they are known.
    /// - Returns: What came of it.
    public static func outcome(
        ofPolicyAt policy: Int,
        in policySet: PolicySet,
        _ request: Request,
        _ entities: Entities
    ) -> PolicyOutcome {
        PolicyEvaluator(policySet, request, entities).outcome(policy)
    }

    static func record(
        _ outcome: PolicyOutcome,
        _ effect: Effect,
        _ reference: PolicyReference,
        _ evaluation: inout Evaluation
    ) {
        switch outcome {
        case .satisfied:
            switch effect {
            case .permit: evaluation.permits.append(reference)
            case .forbid: evaluation.forbids.append(reference)
            }
        case .failed(_, let error): evaluation.failures.append(Evaluation.Failure(policy: reference, error: error))
        case .outOfScope, .conditionNotMet, .template: return
        }
    }
}

/// The policies of one set, made ready for one request.
private struct PolicyEvaluator {
    let policies: [Policy]
    let scopes: ScopeTable
    let evaluator: Evaluator
    let principal: ScopeTable.Subject
    let action: ScopeTable.Subject
    let resource: ScopeTable.Subject

    init(_ policySet: PolicySet, _ request: Request, _ entities: Entities) {
        policies = policySet.policies
        scopes = policySet.scopes
        evaluator = Evaluator(arena: policySet.code, request: request, entities: entities)
        principal = scopes.subject(request.principal, in: entities)
        action = scopes.subject(request.action, in: entities)
        resource = scopes.subject(request.resource, in: entities)
    }

    func isInScope(_ policy: Int) -> Bool {
        let entry = scopes.entries[policy]
        return scopes.holds(entry.action, action) && scopes.holds(entry.principal, principal)
            && scopes.holds(entry.resource, resource)
    }

    func outcome(_ policy: Int) -> PolicyOutcome {
        let entry = scopes.entries[policy]
        if entry.isTemplate { return .template }
        guard scopes.holds(entry.principal, principal) else { return .outOfScope(.principal) }
        guard scopes.holds(entry.action, action) else { return .outOfScope(.action) }
        guard scopes.holds(entry.resource, resource) else { return .outOfScope(.resource) }
        return conditions(policy)
    }

    /// Evaluates the clauses of a policy whose scope matches; scopes cannot fail, so the order of the two is free.
    func conditions(_ policy: Int) -> PolicyOutcome { evaluator.outcome(of: policies[policy].conditions) }
}

extension Evaluator {
    /// What comes of the clauses of a policy whose scope matches.
    func outcome(of conditions: [Condition]) -> PolicyOutcome {
        for (index, condition) in conditions.enumerated() {
            do throws(EvaluationError) {
                guard try truth(condition.root) == condition.isWhen else { return .conditionNotMet(index) }
            } catch {
                return .failed(condition: index, error)
            }
        }
        return .satisfied
    }
}
