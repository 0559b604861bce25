public import Bytes

extension PolicySet {
    /// What to do with a policy whose identifier the other set has, too.
    public enum ConflictRule: Hashable, Sendable, CaseIterable {
        /// Not to merge at all.
        case refuse
        /// To give the second one a new identifier.
        case rename
    }

    /// This set with the policies, templates and links of another one behind its own.
    ///
    /// - Parameters:
    ///   - other: The other set.
    ///   - rule: What happens to policies of the other set whose identifier is taken, equal ones included.
    /// - Returns: The merged set, and the new identifiers of the other set's policies by the ones that they had.
    /// - Throws: ``PolicySetError/duplicateID(_:)`` under ``ConflictRule/refuse``, or
    ///   ``PolicySetError/tooManyPolicies``.
    public func merging(
        _ other: PolicySet,
        _ rule: ConflictRule = .refuse
    ) throws(PolicySetError) -> (set: PolicySet, renamed: [Text: Text]) {
        guard other.policies.count <= SourceLimits.declarationsMax - policies.count else { throw .tooManyPolicies }
        let renamed = try newNames(for: other, rule)
        var merged = parts
        let firstNode = merged.syntax.append(other.parts.syntax)
        merged.ranges += other.parts.ranges
        merged.sources += other.parts.sources.map {
            Parts.Source(firstNode: $0.firstNode + firstNode, lines: $0.lines)
        }
        merged.policies += other.policies.map { policy in
            let conditions = policy.conditions.map {
                Condition(isWhen: $0.isWhen, range: $0.range, root: $0.root + firstNode)
            }
            let id = renamed[policy.id] ?? policy.id
            return Policy(policy, id: id, template: { renamed[$0] ?? $0 }, conditions: conditions)
        }
        return (PolicySet(merged), renamed)
    }

    /// New identifiers for those of the other set that are taken: `policy0`, `policy1` and so on, as far as free.
    private func newNames(for other: PolicySet, _ rule: ConflictRule) throws(PolicySetError) -> [Text: Text] {
        var renamed: [Text: Text] = [:]
        var number = 0
        var taken: Set<Text> = []
        for policy in other.policies where index(of: policy.id) != nil {
            guard rule == .rename else { throw .duplicateID(policy.id) }
            var name = Text("policy\(number)")
            // There are fewer names taken than numbers, so this ends.
            while index(of: name) != nil || other.index(of: name) != nil || taken.contains(name) {
                number += 1
                name = Text("policy\(number)")
            }
            taken.insert(name)
            renamed[policy.id] = name
        }
        return renamed
    }

    /// This set with every policy and template that has the annotation `@id` named by its value, as the reference
    /// command-line tool does; links keep their identifiers and follow their templates.
    ///
    /// - Throws: ``PolicySetError/duplicateAnnotation(_:)`` if two policies would have the same identifier.
    public func namedByAnnotation() throws(PolicySetError) -> PolicySet {
        var names: [Text: Text] = [:]
        for policy in policies where policy.link == nil {
            if let annotation = policy.annotation("id") { names[policy.id] = annotation.value }
        }
        var changed = parts
        var taken: Set<Text> = []
        changed.policies = try policies.map { (policy) throws(PolicySetError) in
            let id = names[policy.id] ?? policy.id
            guard taken.insert(id).inserted else { throw .duplicateAnnotation(id) }
            return Policy(policy, id: id, template: { names[$0] ?? $0 }, conditions: policy.conditions)
        }
        return PolicySet(changed)
    }
}
