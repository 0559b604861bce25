// Why a ruling is what it is, policy by policy.

package import Authorization
package import Bytes
import Cedar

/// A part of a policy, with what it is for a request.
package struct PolicyEvidence: Hashable, Sendable {
    /// A value that the part is about.
    package struct Operand: Hashable, Sendable {
        /// The operand as it is written.
        package let expression: Text
        /// Its value, in Cedar's notation.
        package let value: Text
    }

    /// The line in the policy's file, counted from one.
    package let line: Int
    /// The column, counted from one.
    package let column: Int
    /// The part as it is written.
    package let expression: Text
    /// What it is: `true`, `false`, an entity of the request, or why it has no value.
    package let value: Text
    /// What it is about.
    package let operands: [Operand]

    /// The most scalars of an expression or a value that are shown.
    package static let scalarsMax = 160
}

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
    /// The parts of the policy because of which it does not apply, with their values.
    package let evidence: [PolicyEvidence]
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
    let examiner = PolicyExaminer(surface: surface, request: cedarRequest, entities: bundle.entities)
    let findings = surface.policies.indices.map(examiner.finding)
    return Explanation(ruling: ruling, findings: findings.sorted { $0.policy.name < $1.policy.name })
}

/// Says what came of single policies.
private struct PolicyExaminer {
    let surface: Surface
    let request: Cedar.Request
    let entities: Entities

    func finding(_ index: Int) -> PolicyFinding {
        let set = surface.policySet
        let outcome = Authorizer.outcome(ofPolicyAt: index, in: set, request, entities)
        let result: PolicyFinding.Result
        var evidence: [PolicyEvidence] = []
        switch outcome {
        case .satisfied: result = .applies
        case .outOfScope(let part):
            result = .outOfScope(part.rawValue)
            evidence = scopeEvidence(index, part)
        case .conditionNotMet(let condition):
            result = .conditionNotMet(line: line(ofCondition: condition, of: index))
            evidence = set.decisiveExpressions(ofPolicyAt: index, request, entities).compactMap(self.evidence)
        case .failed(let condition, let error):
            result = .failed(line: line(ofCondition: condition, of: index), message: error.description)
            evidence = failureEvidence(index)
        // The compiler refuses templates.
        case .template: result = .outOfScope("template")
        }
        return PolicyFinding(policy: surface.policies[index], result: result, evidence: evidence)
    }

    /// The line of a clause in its own file; the compiled text is that of several files together.
    private func line(ofCondition condition: Int, of index: Int) -> Int {
        let policy = surface.policySet.policies[index]
        return surface.policies[index].line + policy.conditions[condition].range.start.line - policy.range.start.line
    }

    // MARK: Evidence

    private func scopeEvidence(_ index: Int, _ part: PolicyOutcome.Variable) -> [PolicyEvidence] {
        let uid =
            switch part {
            case .principal: request.principal
            case .action: request.action
            case .resource: request.resource
            }
        guard let range = surface.policySet.policies[index].scopeRange(of: part) else { return [] }
        return [evidence(range, "\(part.rawValue) is `\(uid)`")].compactMap(\.self)
    }

    private func evidence(_ decisive: DecisiveExpression) -> PolicyEvidence? {
        guard let range = decisive.range else { return nil }
        let operands = decisive.operands.compactMap { operand -> PolicyEvidence.Operand? in
            guard let range = operand.range else { return nil }
            return PolicyEvidence.Operand(expression: text(range), value: shown(operand.value.description))
        }
        return evidence(range, decisive.isTrue ? "true" : "false", operands)
    }

    private func failureEvidence(_ index: Int) -> [PolicyEvidence] {
        guard let diagnostic = surface.policySet.diagnose(policyAt: index, request, entities) else { return [] }
        let operands = diagnostic.labels.map {
            PolicyEvidence.Operand(expression: text($0.range), value: shown($0.message))
        }
        return [evidence(diagnostic.range, diagnostic.message, operands)].compactMap(\.self)
    }

    private func evidence(
        _ range: SourceRange,
        _ value: String,
        _ operands: [PolicyEvidence.Operand] = []
    ) -> PolicyEvidence? {
        guard let line = surface.text.line(of: range.start)?.line else { return nil }
        return PolicyEvidence(
            line: line,
            column: range.start.column,
            expression: text(range),
            value: shown(value),
            operands: operands
        )
    }

    /// What stands at a place, on one line.
    private func text(_ range: SourceRange) -> Text {
        let all = surface.text.bytes
        let end = min(range.bytes.upperBound, range.bytes.lowerBound + 4 * PolicyEvidence.scalarsMax, all.count)
        let bytes = all[min(range.bytes.lowerBound, end)..<end]
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" || $0 == "\t" }
        return shown(words.joined(separator: " "))
    }

    private func shown(_ text: String) -> Text {
        let start = text.unicodeScalars.prefix(PolicyEvidence.scalarsMax)
        return Text(start.endIndex == text.endIndex ? text : String(start) + "…")
    }
}
