import Bytes

extension PolicySet {
    /// The types of the expressions of all policies for the types of a request.
    ///
    /// - Throws: ``PartialEvaluationError/invalidPolicy(_:_:)`` for the first policy that does not pass strict
    ///   validation for them.
    func types(for request: PartialRequest, _ schema: Schema) throws(PartialEvaluationError) -> [Int32: InferredType] {
        guard let action = schema[request.action] else { return [:] }
        let environment = RequestEnvironment(
            principal: request.principal.type,
            action: action,
            resource: request.resource.type
        )
        let index = SchemaIndex(schema)
        let record = TypeChecker.TypeRecord()
        for place in policies.indices where !policies[place].isTemplate {
            let validation = PolicyValidation(self, place, index, mode: .strict, level: nil)
            let findings = validation.findings(in: environment, recording: record)
            guard findings.isEmpty else { throw .invalidPolicy(policies[place].id, findings) }
        }
        return record.types
    }
}

extension PolicyValidation {
    /// What strict validation has against the policy in one environment; nothing where its scope is always false.
    fileprivate func findings(
        in environment: RequestEnvironment,
        recording record: TypeChecker.TypeRecord
    ) -> [Diagnostic] {
        guard isPossible(environment.principal, policy.principal), isPossible(environment.resource, policy.resource),
            possibleActions()?.contains(where: { $0.uid == environment.action.uid }) ?? true
        else { return [] }
        let answer = checker(environment, recording: record).conditions(policy.conditions)
        let errors = findings.findings.filter { $0.severity == .error }
        guard errors.isEmpty, lattice.steps.isExceeded || !answer.isSuccess else { return errors }
        // The steps have run out, so that there may be an error which nothing was said about.
        return [Diagnostic(.limitExceeded, "the policy cannot be validated within the limits", policy.range)]
    }
}
