// `writ cedar run-tests`.

import Bytes
import Cedar
import EnforcementPoint
import Runtime
import Service

/// Runs tests of Cedar policies from a file in the format of the reference command-line tool.
enum CedarTestCommand {
    static let command = Command(
        specification: CommandSpecification(
            "cedar run-tests",
            "run a file of tests of Cedar policies",
            flags: CedarFlags.policySet + [
                FlagSpecification("--tests", "FILE", says: "an array of tests, in JSON")
            ] + CedarFlags.schemas,
            details: """
                A test is {"name": …, "request": {"principal", "action", "resource", "context"}, "entities": […],
                "decision": "allow"|"deny", "reason": [policy ids], "num_errors": N}; the name may be left out, the
                entities may be the name of a file beside the tests, and the reasons have to be among those of the
                decision. With a schema, policies have to validate without a warning, and requests have to fit it.
                Exit status: 0 all tests passed, 1 some did not, or cannot be read.
                """,
            examples: ["writ cedar run-tests -p policies.cedar --tests tests.json"]
        )
    ) { invocation in
        let input = CedarInput(invocation)
        let policies = try input.policies()
        guard let path = invocation.arguments.value("--tests") else { throw UsageError("`--tests` is missing") }
        let tests = try CedarInput.json(path)
        guard tests.kind == .array else {
            throw CommandFailure("\(CedarInput.shown(path)): expected an array of tests")
        }
        let schema = try input.schema()
        let isValid = schema.map { Validator($0).validate(policies.set).findings.allSatisfy(\.isEmpty) } ?? true
        let terminal = invocation.terminal
        terminal.line("running \(tests.count) test(s)")
        var failed = 0
        for test in tests.elements {
            let name = test["name"]?.string.map { Terminal.plain($0.string) } ?? "(unnamed)"
            do {
                guard isValid else { throw CommandFailure("policy set validation failed") }
                let difference = try CedarTestCase(test, schema, folder: Files.parent(of: path)).difference(
                    policies.set
                )
                if difference != nil { failed += 1 }
                let result = difference.map { "\(terminal.styled("fail", .bad)): \(Terminal.plain($0))" }
                terminal.line("  test \(name) ... \(result ?? terminal.styled("ok", .good))")
            } catch let failure as CommandFailure {
                failed += 1
                terminal.line("  test \(name) ... \(terminal.styled("error", .bad)): \(failure.description)")
            }
        }
        terminal.line("results: \(tests.count - failed) passed, \(failed) failed")
        return failed == 0 ? .done : .failed
    }
}

/// One test.
struct CedarTestCase {
    private let request: Request
    private let entities: Entities
    private let decision: Decision
    private let reasons: [Text]
    private let errorCount: Int64

    /// Reads a test; every member has to be known.
    init(_ json: JSONValue, _ schema: Schema?, folder: String) throws {
        let known: Set<Text> = ["name", "request", "entities", "decision", "reason", "num_errors"]
        guard json.kind == .object else { throw CommandFailure("a test is an object") }
        for member in json.members where !known.contains(member.name) {
            throw CommandFailure("unknown member `\(Terminal.plain(member.name.string))`")
        }
        guard let decision = json["decision"]?.string.flatMap({ Decision(rawValue: $0.string) }) else {
            throw CommandFailure("`decision` is neither \"allow\" nor \"deny\"")
        }
        guard let reasons = json["reason"], reasons.kind == .array else {
            throw CommandFailure("`reason` is missing, or is not an array")
        }
        guard let errorCount = json["num_errors"]?.integer, errorCount >= 0 else {
            throw CommandFailure("`num_errors` is missing, or is not a number")
        }
        guard let request = json["request"] else { throw CommandFailure("`request` is missing") }
        self.decision = decision
        self.errorCount = errorCount
        self.reasons = try reasons.elements.map { reason in
            guard let id = reason.string else { throw CommandFailure("`reason` has something other than strings") }
            return id
        }
        self.request = try CedarInput.request(request, schema, isValidated: true, in: "request")
        entities = try Self.entities(json["entities"], schema, folder)
    }

    private static func entities(_ json: JSONValue?, _ schema: Schema?, _ folder: String) throws -> Entities {
        guard var json else { throw CommandFailure("`entities` is missing") }
        if let name = json.string {
            // A file of tests names files of its own folder only.
            let parts = name.string.split(separator: "/", omittingEmptySubsequences: false)
            guard !parts.contains(".."), !parts.contains("") else {
                throw CommandFailure("`\(Terminal.plain(name.string))` is not a file beside the tests")
            }
            json = try CedarInput.json("\(folder)/\(name)")
        }
        do throws(DecodingError) {
            return try Entities(json, schema: schema)
        } catch {
            throw CommandFailure("entities: \(Terminal.plain(error.description))")
        }
    }

    /// What is different from what is expected; `nil` if nothing is.
    func difference(_ policies: PolicySet) -> String? {
        let evaluation = Authorizer.evaluate(request, policies, entities)
        guard evaluation.decision == decision else {
            return "expected \(decision.rawValue), got \(evaluation.decision.rawValue)"
        }
        let found = Set(evaluation.determining.map { policies.policies[$0.policy].id })
        var problems: [String] = []
        let missing = reasons.filter { !found.contains($0) }
        if !missing.isEmpty {
            problems.append("missing reason(s): \(missing.map { "`\($0)`" }.joined(separator: ", "))")
        }
        if evaluation.failures.count != errorCount {
            problems.append("expected \(errorCount) error(s), got \(evaluation.failures.count)")
        }
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }
}
