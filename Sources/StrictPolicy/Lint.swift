// The sixth rule of the strict profile: what is legal and lets through silently.

import Bytes
import Cedar

extension PolicyBundle {
    /// What is legal in the policies and may still let through what they mean to stop: warnings, in the order of files
    /// and places, each once.
    ///
    /// Groups count as supplied when some entity of the bundle is in them.
    package func lint() -> [PolicyProblem] {
        var problems: [PolicyProblem] = []
        for surface in surfaces {
            let findings = Linter(surface.effectiveSchema, entities: entities).lint(surface.policySet)
            for (place, diagnostics) in findings.enumerated() {
                problems += diagnostics.filter { !surface.isOthersMatter($0, of: place) }.map {
                    surface.text.problem(.lint, $0, .warning)
                }
            }
        }
        return PolicyProblems(problems)?.problems ?? []
    }
}

extension Surface {
    /// Whether a finding says no more than that one surface's own policy covers a common one, which still counts on the
    /// other surfaces.
    fileprivate func isOthersMatter(_ finding: Diagnostic, of place: Int) -> Bool {
        guard finding.code == .shadowedPolicy || finding.code == .repeatedPolicy else { return false }
        let commonCount = policies.prefix { $0.isCommon }.count
        guard place < commonCount, let other = finding.labels.first?.range else { return false }
        return policySet.policies[commonCount - 1].range.end <= other.start
    }
}
