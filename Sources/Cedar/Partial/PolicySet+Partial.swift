import Bytes

extension PolicySet {
    /// Evaluates the policies as far as a request and the entities are known (RFC 95).
    ///
    /// Every policy has to pass strict validation for the types of the request. Templates take no part.
    ///
    /// - Parameters:
    ///   - request: What is known of the request.
    ///   - entities: What is known of the entities.
    ///   - schema: The schema of both.
    /// - Returns: What came of the policies, and what is left of them.
    /// - Throws: ``PartialEvaluationError``.
    public func partiallyEvaluate(
        _ request: PartialRequest,
        _ entities: PartialEntities,
        schema: Schema
    ) throws(PartialEvaluationError) -> PartialEvaluation {
        let types = try types(for: request, schema)
        let round = try PartialRound(self, request, entities, types)
        let known = PartialEvaluation.Known(request: request, entities: entities, schema: schema)
        return PartialEvaluation(round.outcomes, round.residuals, round.types, known)
    }
}

/// The policies of a set, evaluated once with what is known.
struct PartialRound {
    private(set) var outcomes: [ResidualPolicy] = []
    let residuals: PolicySet
    let types: [Int32: InferredType]
    /// The entities that have to be known before more can be said.
    let needed: Set<EntityUID>

    /// Evaluates the policies of a set, of which the types are those of its expressions.
    init(
        _ policySet: PolicySet,
        _ request: PartialRequest,
        _ entities: PartialEntities,
        _ types: [Int32: InferredType]
    ) throws(PartialEvaluationError) {
        var evaluator = PartialEvaluator(arena: policySet.syntax, request: request, entities: entities)
        evaluator.types = types
        var parts = PolicySet.Parts()
        // Templates take no part.
        for place in policySet.policies.indices where !policySet.policies[place].isTemplate {
            let policy = policySet.policies[place]
            let (outcome, root) = try Self.evaluate(policy, &evaluator)
            outcomes.append(ResidualPolicy(index: place, id: policy.id, effect: policy.effect, outcome: outcome))
            parts.policies.append(Policy(residual: root, of: policy))
        }
        parts.syntax = evaluator.builder.arena
        parts.ranges = evaluator.builder.ranges
        parts.sources = [PolicySet.Parts.Source(firstNode: 0, lines: nil)]
        residuals = PolicySet(parts)
        self.types = evaluator.builder.types
        needed = evaluator.needed
    }

    private static func evaluate(
        _ policy: Policy,
        _ evaluator: inout PartialEvaluator
    ) throws(PartialEvaluationError) -> (PartialOutcome, Int32) {
        do throws(ResidualBuilder.Failure) {
            let result = try evaluator.policy(policy)
            let root = try evaluator.builder.node(result, .bool)
            switch result {
            case .value(.bool(let isSatisfied)): return (isSatisfied ? .satisfied : .unsatisfied, root)
            case .value, .failure: return (.failed, root)
            case .residual: return (.residual, root)
            }
        } catch {
            switch error {
            case .tooDeep: throw .tooDeep(policy.id)
            case .tooLarge: throw .tooLarge
            }
        }
    }
}

extension Policy {
    /// What is left of a policy: an expression in the place of its scope and clauses.
    fileprivate init(residual root: Int32, of policy: Policy) {
        self.init(
            id: policy.id,
            effect: policy.effect,
            annotations: policy.annotations,
            scope: Scope(),
            conditions: [Condition(isWhen: true, range: policy.range, root: root)],
            range: policy.range
        )
    }
}
