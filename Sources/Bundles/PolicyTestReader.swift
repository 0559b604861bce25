// Reading `tests/*.json`: strict, every member named.

import Authorization
import Bytes
import Cedar
import StrictPolicy

/// Reads the tests of one file and collects what is wrong with them.
struct PolicyTestReader {
    private let file: SourceFile
    private(set) var problems: [PolicyProblem] = []

    /// The bounds of a file of tests: those of requests, two levels further in.
    private static let limits = JSONLimits(
        bytesMax: BundleLimits.bytesMax,
        depthMax: JSONLimits.request.depthMax + 2,
        nodesMax: JSONLimits.file.nodesMax
    )

    init(_ file: SourceFile) {
        self.file = file
    }

    /// The tests of the file that are well-formed.
    mutating func tests() -> [PolicyTest] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: file.bytes, limits: Self.limits)
        } catch {
            problems.append(PolicyProblem(.json, in: file, at: error.offset..<error.offset + 1, error.reasonText))
            return []
        }
        guard value.kind == .array, value.count <= PolicyTestLimits.testsPerFileMax else {
            let message = "the file must contain a list of at most \(PolicyTestLimits.testsPerFileMax) tests"
            problems.append(PolicyProblem(.invalidMember, file: file.path, message))
            return []
        }
        var tests: [PolicyTest] = []
        for (index, element) in value.elements.enumerated() {
            var members = TestMembers()
            do throws(TestError) {
                tests.append(try members.test(element, in: file.path))
            } catch {
                let name = members.name.map { " `\($0)`" } ?? ""
                problems.append(
                    PolicyProblem(error.code, file: file.path, "test \(index + 1)\(name): \(error.message)")
                )
            }
        }
        return tests
    }
}

private struct TestError: Error {
    let code: PolicyProblem.Code
    let message: String

    init(_ message: String, _ code: PolicyProblem.Code = .invalidMember) {
        self.code = code
        self.message = message
    }
}

/// The members of one test as they are found.
private struct TestMembers {
    var name: Text?
    var request: Authorization.Request?
    var instant = PolicyTest.instantDefault
    var outcome: Outcome?
    var cause: Cause?
    var policies: [Text]?

    mutating func test(_ value: JSONValue, in file: Text) throws(TestError) -> PolicyTest {
        guard value.kind == .object else { throw TestError("a test must be an object") }
        // The name first: what is wrong with the others is told with it.
        name = value["name"]?.string
        for member in value.members { try take(member) }
        guard let name, !name.isEmpty else { throw TestError("member `name` is missing") }
        guard let request else { throw TestError("member `request` is missing") }
        guard let outcome else { throw TestError("member `expect` with `outcome` is missing") }
        if let cause, cause.outcome != outcome {
            throw TestError(
                "cause `\(cause.rawValue)` belongs to \(cause.outcome.rawValue), not to \(outcome.rawValue)"
            )
        }
        return PolicyTest(
            file: file,
            name: name,
            request: request,
            instant: instant,
            outcome: outcome,
            cause: cause,
            policies: policies
        )
    }

    private mutating func take(_ member: JSONMember) throws(TestError) {
        switch member.name {
        case "name":
            guard member.value.string != nil else { throw TestError("`name` must be a string") }
        case "request":
            do throws(Authorization.RequestError) {
                request = try Authorization.Request(member.value)
            } catch {
                throw TestError("`request`: \(error)")
            }
        case "now":
            // With `Z` at its end, a datetime string of Cedar's is one of RFC 3339.
            guard let text = member.value.string, text.utf8.last == UInt8(ascii: "Z"), let now = Datetime(text) else {
                throw TestError("`now` must be a time such as `2026-11-20T12:31:04Z`")
            }
            instant = now.milliseconds
        case "expect": try takeExpectation(member.value)
        default: throw TestError("unknown member `\(member.name)`", .unknownMember)
        }
    }

    private mutating func takeExpectation(_ value: JSONValue) throws(TestError) {
        guard value.kind == .object else { throw TestError("`expect` must be an object") }
        for member in value.members {
            switch member.name {
            case "outcome":
                outcome = member.value.string.flatMap { Outcome(rawValue: $0.string) }
                if outcome == nil { throw TestError("`outcome` must be PERMIT, DENY, SILENCE or HOLD") }
            case "cause":
                cause = member.value.string.flatMap { Cause(rawValue: $0.string) }
                if cause == nil { throw TestError("`cause` is not one of the causes of rulings") }
            case "policies":
                let names = member.value.elements.map(\.string)
                let known = names.compactMap(\.self)
                guard member.value.kind == .array, known.count == names.count else {
                    throw TestError("`policies` must be a list of names such as `platform/no-bulk-delete`")
                }
                policies = known.sorted()
            default: throw TestError("unknown member `\(member.name)`", .unknownMember)
            }
        }
    }
}
