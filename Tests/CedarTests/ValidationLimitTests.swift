import Bytes
import Cedar
import Testing

/// Validation is bounded, and what exceeds a bound is refused.
@Suite struct ValidationLimitTests {
    static let schema: Text = """
        entity U = { n: Long }; entity V = { n: Long };
        action a, b appliesTo { principal: [U, V], resource: [U, V], context: { n: Long } };
        """

    private func findings(_ text: Text, stepsMax: Int = ValidationLimits.stepsMax) throws -> [Diagnostic] {
        let validator = Validator(try Schema(parsing: Self.schema), stepsMax: stepsMax)
        return validator.validate(try PolicySet(parsing: text)).findings[0]
    }

    @Test func aPolicyThatNeedsMoreStepsThanItMayIsRefused() throws {
        let text: Text = "permit(principal, action, resource) when { context.n > 1 && principal.n < 3 };"
        var needed = 0
        while try findings(text, stepsMax: needed).contains(where: { $0.code == .limitExceeded }) { needed += 1 }
        // Eight environments, each with some expressions.
        #expect((40...400).contains(needed))
        #expect(try findings(text, stepsMax: needed + 1) == [])
        #expect(try findings(text, stepsMax: needed) == [])
        let refused = try findings(text, stepsMax: needed - 1)
        #expect(refused.map(\.code) == [.limitExceeded])
        #expect(refused.first?.severity == .error)
        // Nothing that was not looked at is called dead.
        #expect(try findings(text, stepsMax: 0).map(\.code) == [.limitExceeded])
    }

    @Test func stepsGrowWithEnvironmentsAndExpressionsAlone() throws {
        let clauses = String(repeating: "when { context.n > 1 }", count: 2_000)
        #expect(try findings(Text("permit(principal, action, resource) \(clauses);")) == [])
        let chain = Array(repeating: "context.n > 1", count: 20_000).joined(separator: " && ")
        #expect(try findings(Text("permit(principal, action, resource) when { \(chain) };")) == [])
        let guards = (0..<2_000).map { "(context has x\($0) || context.n > \($0))" }.joined(separator: " && ")
        #expect(try findings(Text("permit(principal, action, resource) when { \(guards) };")) == [])
    }

    @Test(arguments: [(99, 99), (100, 100), (101, 100)])
    func noMoreFindingsAreCollectedThanMayBe(mistakes: Int, count: Int) throws {
        let mistake = Array(repeating: "context.m > 1", count: mistakes).joined(separator: " || ")
        let found = try findings(Text("permit(principal, action, resource) when { \(mistake) };"))
        #expect(found.count == count)
        #expect(ValidationLimits.findingsMax == 100)
    }

    @Test func longTypesAreCutInMessages() throws {
        let fields = (0..<1_000).map { "field\($0): 1" }.joined(separator: ", ")
        let found = try findings(Text("permit(principal, action, resource) when { {\(fields)} };"))
        #expect(found.map(\.code) == [.unexpectedType])
        #expect((found.first?.message.utf8.count ?? 0) < 250)
    }
}
