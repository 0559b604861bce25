public import Bytes

/// What came of one policy for a request of which some is unknown.
public enum PartialOutcome: String, Hashable, Sendable, CaseIterable {
    /// It is satisfied whatever is unknown.
    case satisfied
    /// It is not satisfied whatever is unknown.
    case unsatisfied
    /// It fails whatever is unknown; Cedar skips such a policy.
    case failed
    /// What comes of it depends on what is unknown.
    case residual
}

/// One policy after partial evaluation.
public struct ResidualPolicy: Hashable, Sendable {
    /// Its place in the set that was evaluated.
    public let index: Int
    /// Its identifier.
    public let id: Text
    /// What it does when it is satisfied.
    public let effect: Effect
    /// What came of it.
    public let outcome: PartialOutcome
}

/// What came of all policies for a request of which some is unknown.
public struct PartialEvaluation: Sendable {
    /// What came of each policy, in the order of the set; templates are left out.
    public let policies: [ResidualPolicy]
    /// What is left of each policy, in the same order: it has the policy's identifier, effect and annotations, a scope
    /// that matches everything, and one clause.
    ///
    /// The clause of a policy that is no longer in question is `true`, `false`, or an expression that fails as the
    /// policy does.
    public let residuals: PolicySet
    /// The types of the nodes of the residuals.
    let types: [Int32: InferredType]
    private let known: Known

    /// What the residuals rest on.
    struct Known: Sendable {
        let request: PartialRequest
        let entities: PartialEntities
        let schema: Schema
    }

    init(_ policies: [ResidualPolicy], _ residuals: PolicySet, _ types: [Int32: InferredType], _ known: Known) {
        self.policies = policies
        self.residuals = residuals
        self.types = types
        self.known = known
    }

    /// The policies of an effect of which this came.
    public func policies(_ effect: Effect, _ outcome: PartialOutcome) -> [ResidualPolicy] {
        policies.filter { $0.effect == effect && $0.outcome == outcome }
    }

    /// The decision, if it is the same whatever is unknown.
    public var decision: Decision? { Self.decision(policies) }

    static func decision(_ policies: [ResidualPolicy]) -> Decision? {
        func has(_ effect: Effect, _ outcome: PartialOutcome) -> Bool {
            policies.contains { $0.effect == effect && $0.outcome == outcome }
        }
        if has(.forbid, .satisfied) { return .deny }
        let isPermitted = has(.permit, .satisfied)
        guard isPermitted || has(.permit, .residual) else { return .deny }
        return isPermitted && !has(.forbid, .residual) ? .allow : nil
    }

    /// The policies of which more has to be known, as they would be written.
    public var nontrivialResiduals: PolicySet {
        let places = policies.indices.filter { policies[$0].outcome == .residual }
        var parts = residuals.parts
        parts.policies = places.map { residuals.policies[$0] }
        return PolicySet(parts)
    }

    /// Decides by what is left of the policies, now that everything is known.
    ///
    /// The result is that of evaluating the policies themselves: the same decision, reasons and failures.
    ///
    /// - Parameters:
    ///   - request: The request, which has to be what the partial one may turn out to be.
    ///   - entities: The entities, which may not contradict what was known.
    /// - Returns: What came of the policies, by their place in the set that was evaluated.
    /// - Throws: ``ReauthorizationError``.
    public func reauthorize(_ request: Request, _ entities: Entities) throws(ReauthorizationError) -> Evaluation {
        do throws(RequestError) {
            try known.schema.validate(request)
        } catch {
            throw .invalidRequest(error)
        }
        guard known.request.isConsistent(with: request) else { throw .contradictoryRequest }
        for entity in entities.all {
            do throws(DecodingError) {
                try known.schema.check(entity)
            } catch {
                throw .invalidEntity(entity.uid, error)
            }
        }
        if let uid = known.entities.firstContradiction(in: entities) { throw .contradictoryEntity(uid) }
        return evaluate(request, entities)
    }

    /// Decides by what is left of the policies.
    ///
    /// Request and entities have to be valid and consistent with what is known.
    func evaluate(_ request: Request, _ entities: Entities) -> Evaluation {
        let evaluation = Authorizer.evaluate(request, residuals, entities)
        func original(_ reference: PolicyReference) -> PolicyReference {
            PolicyReference(set: 0, policy: policies[reference.policy].index)
        }
        var result = Evaluation()
        result.permits = evaluation.permits.map(original)
        result.forbids = evaluation.forbids.map(original)
        result.failures = evaluation.failures.map {
            Evaluation.Failure(policy: original($0.policy), error: $0.error)
        }
        return result
    }
}

/// Why policies cannot be evaluated in part.
public enum PartialEvaluationError: Error, Hashable, Sendable {
    /// A policy does not pass strict validation for the types of the request.
    case invalidPolicy(Text, [Diagnostic])
    /// What is left of a policy would nest deeper than ``SourceLimits/nestingMax``.
    case tooDeep(Text)
    /// What is left of the policies would be larger than ``PartialLimits/residualNodesMax``.
    case tooLarge
}

extension PartialEvaluationError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .invalidPolicy(let id, let diagnostics):
            "policy \(Escapes.quoted(id)) is not valid for the types of the request"
                + (diagnostics.first.map { ": \($0.message)" } ?? "")
        case .tooDeep(let id):
            "what is left of policy \(Escapes.quoted(id)) nests deeper than \(SourceLimits.nestingMax) levels"
        case .tooLarge: "what is left of the policies has more than \(PartialLimits.residualNodesMax) parts"
        }
    }
}

/// Why what is left of policies cannot be evaluated for a request.
public enum ReauthorizationError: Error, Hashable, Sendable {
    /// The request does not conform to the schema.
    case invalidRequest(RequestError)
    /// The request is another one than the one that was known in part.
    case contradictoryRequest
    /// An entity does not conform to the schema.
    case invalidEntity(EntityUID, DecodingError)
    /// An entity is not what was known of it, or is missing.
    case contradictoryEntity(EntityUID)
}

extension ReauthorizationError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .invalidRequest(let error): error.description
        case .contradictoryRequest: "the request contradicts the partial one"
        case .invalidEntity(let uid, let error): "entity `\(uid)`: \(error)"
        case .contradictoryEntity(let uid): "entity `\(uid)` contradicts what was known of it"
        }
    }
}
