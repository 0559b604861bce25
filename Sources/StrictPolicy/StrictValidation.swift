// The first and the third rule of the strict profile: every policy is strictly valid, and no policy is dead.

import Bytes
import Cedar

/// Validates the policies of all surfaces, and collects what is found.
///
/// A common policy is validated against every surface's schema. That it can never be satisfied is a finding only if
/// that is so on every surface; anything else counts on each.
struct StrictValidation {
    /// What the bundle is refused for.
    private(set) var errors: [PolicyProblem] = []
    /// What the bundle's authors are warned of.
    private(set) var warnings: [PolicyProblem] = []
    /// How many surfaces have been validated.
    private var surfaces = 0
    /// The common policies that can never be satisfied on any surface so far, by their place.
    private var dead: [Int: [PolicyProblem]] = [:]

    /// Validates the policies of one surface.
    ///
    /// - Parameters:
    ///   - policySet: The common policies, then the surface's own.
    ///   - commonCount: How many of them are common.
    ///   - text: The text of which the set was made.
    ///   - schema: The surface's schema, with the gate's member in every context.
    mutating func validate(_ policySet: PolicySet, commonCount: Int, in text: JoinedSource, _ schema: Schema) {
        let validator = Validator(schema)
        for (place, policy) in policySet.policies.enumerated() {
            guard errors.count < BundleLimits.findingsMax else { break }
            let findings = validator.validate(policySet, at: place)
            let isCommon = place < commonCount
            let fatal = findings.filter { isCommon ? !Self.isDeath($0) : true }
            for finding in fatal { add(finding, policy.effect, in: text) }
            if isCommon { note(findings, place, policy.effect, in: text) }
        }
        surfaces += 1
    }

    /// Adds the findings that only all surfaces together make.
    mutating func finish() {
        for place in dead.keys.sorted() { for problem in dead[place] ?? [] { add(problem) } }
    }

    /// Whether a finding says no more than that the policy is never satisfied.
    private static func isDeath(_ finding: Diagnostic) -> Bool {
        finding.code == .alwaysFalse || finding.code == .noApplicableAction
    }

    private mutating func note(_ findings: [Diagnostic], _ place: Int, _ effect: Effect, in text: JoinedSource) {
        let deaths = findings.filter(Self.isDeath)
        if deaths.isEmpty {
            dead[place] = nil
        } else if surfaces == 0 {
            dead[place] = deaths.map { problem($0, effect, in: text) }
        }
    }

    private mutating func add(_ finding: Diagnostic, _ effect: Effect, in text: JoinedSource) {
        add(problem(finding, effect, in: text))
    }

    private mutating func add(_ problem: PolicyProblem) {
        if problem.isError { errors.append(problem) } else { warnings.append(problem) }
    }

    /// A forbid that never bites is an error, whatever Cedar calls it; a permit that never grants does no harm.
    private func problem(_ finding: Diagnostic, _ effect: Effect, in text: JoinedSource) -> PolicyProblem {
        let isError = finding.severity == .error || effect == .forbid
        return text.problem(.validation, finding, isError ? .error : .warning)
    }
}
