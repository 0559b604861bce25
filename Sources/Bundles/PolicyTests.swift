// The tests that stand beside policies: requests with what is expected of their ruling.

package import Authorization
package import Bytes
package import StrictPolicy

/// One test of a policy directory.
package struct PolicyTest: Sendable {
    /// The file in which it stands.
    package let file: Text
    /// Its name, for people.
    package let name: Text
    /// The request.
    package let request: Request
    /// The gate's clock, milliseconds since 1970.
    package let instant: Int64
    /// The outcome that is expected.
    package let outcome: Outcome
    /// The cause that is expected; nil if any will do.
    package let cause: Cause?
    /// The determining policies that are expected, ascending by bytes; nil if any will do.
    package let policies: [Text]?

    /// The clock of a test that names none: 2026-01-01T00:00:00Z.
    package static let instantDefault: Int64 = 1_767_225_600_000
}

/// What came of one test.
package struct PolicyTestResult: Sendable {
    /// The test.
    package let test: PolicyTest
    /// The ruling.
    package let ruling: Ruling
    /// What differs from what is expected, in one line; nil if nothing does.
    package let difference: String?

    /// Whether everything is as expected.
    package var isPassed: Bool { difference == nil }
}

/// What came of all tests of a directory, and what they did not touch.
package struct PolicyTestReport: Sendable {
    /// The results, by file and then in the order of the file.
    package let results: [PolicyTestResult]
    /// The policies that decided no test, ascending.
    package let policiesNeverDecisive: [Text]
    /// The actions, `surface/action`, that no test asked for, ascending.
    package let actionsNeverTested: [Text]

    /// Whether every test passed.
    package var isPassed: Bool { results.allSatisfy(\.isPassed) }
}

/// The bounds of policy tests.
package enum PolicyTestLimits {
    /// The most tests of one file.
    package static let testsPerFileMax = 10_000
}

extension DirectoryBundle {
    /// Reads the tests of the directory.
    ///
    /// - Throws: ``StrictPolicy/PolicyProblems`` with everything that is wrong in the files with tests.
    package func readTests() throws(PolicyProblems) -> [PolicyTest] {
        var problems: [PolicyProblem] = []
        var tests: [PolicyTest] = []
        for file in testFiles {
            var reader = PolicyTestReader(file)
            tests += reader.tests()
            problems += reader.problems
        }
        if let problems = PolicyProblems(problems) { throw problems }
        return tests
    }

    /// Runs the tests of the directory.
    ///
    /// - Throws: ``StrictPolicy/PolicyProblems`` if a file with tests is malformed; then nothing was run.
    package func runTests() throws(PolicyProblems) -> PolicyTestReport {
        let tests = try readTests()
        let results = tests.map(run)
        let decisive = Set(results.flatMap { $0.ruling.reasons.map(\.policy) })
        let tested = Set(tests.map { Text("\($0.request.surface)/\($0.request.action)") })
        let actions = bundle.surfaces.flatMap { surface in
            surface.callableActionNames.map { Text("\(surface.name)/\($0)") }
        }
        return PolicyTestReport(
            results: results,
            policiesNeverDecisive: bundle.policies.map(\.name).filter { !decisive.contains($0) },
            actionsNeverTested: actions.filter { !tested.contains($0) }
        )
    }

    private func run(_ test: PolicyTest) -> PolicyTestResult {
        let ruling = rule(test.request, Facts.undisturbed(test.request, at: test.instant), bundle)
        return PolicyTestResult(test: test, ruling: ruling, difference: Self.difference(ruling, test))
    }

    private static func difference(_ ruling: Ruling, _ test: PolicyTest) -> String? {
        let policies = ruling.reasons.map(\.policy)
        let detail = ruling.detail.map { ": \($0)" } ?? ""
        if ruling.outcome != test.outcome || (test.cause.map { $0 != ruling.cause } ?? false) {
            let expected = test.cause.map { "\(test.outcome.rawValue) \($0.rawValue)" } ?? test.outcome.rawValue
            return "expected \(expected), got \(ruling.outcome.rawValue) \(ruling.cause.rawValue)\(detail)"
        }
        guard let expected = test.policies, expected != policies else { return nil }
        return "expected policies \(list(expected)), got \(list(policies))"
    }

    private static func list(_ names: [Text]) -> String {
        names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", ")
    }
}

extension Facts {
    /// Facts under which policies alone decide: the actor is active, nothing is halted or claimed.
    ///
    /// For tests and explanations of policies; nothing that is ruled with them is ever recorded or redeemed.
    package static func undisturbed(_ request: Request, at instant: Int64) -> Facts {
        Facts(
            instant: instant,
            id: Identifier(high: 0, low: 0),
            nonce: Nonce((0, 0)),
            asOf: 0,
            caller: Caller(name: request.actor.id, role: .actor, connection: "none"),
            actor: .active,
            isHalted: false,
            claim: .none,
            redemption: nil
        )
    }
}
