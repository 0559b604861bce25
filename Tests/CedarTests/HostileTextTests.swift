import Bytes
import Cedar
import Foundation
import Testing

/// Text that was made to exhaust the parser's or the evaluator's stack, on threads with a stack of 512 KiB.
@Suite struct HostileTextTests {
    /// A construct that nests: what opens a level, what stands in the middle, and what closes a level.
    struct Nesting: CustomTestStringConvertible, Sendable {
        let open: String
        let core: String
        let close: String
        /// How many levels are taken by what stands in the middle.
        var more = 0
        /// How many levels each `open` takes.
        var perLevel = 1
        /// The most times that `open` may stand.
        var limit: Int { (SourceLimits.nestingMax - more) / perLevel }
        var testDescription: String { open }

        func text(_ levels: Int) -> String {
            String(repeating: open, count: levels) + core + String(repeating: close, count: levels)
        }
    }

    static let expressions: [Nesting] = [
        Nesting(open: "(", core: "true", close: ")", more: 1),
        Nesting(open: "!(", core: "true", close: ")", more: 1),
        Nesting(open: "-(", core: "1", close: ")", more: 1),
        Nesting(open: "true && (", core: "true", close: ")", more: 1),
        Nesting(open: "false || (", core: "true", close: ")", more: 1),
        Nesting(open: "1 + (", core: "1", close: ")", more: 1),
        Nesting(open: "1 * (", core: "1", close: ")", more: 1),
        Nesting(open: "true == (", core: "true", close: ")", more: 1),
        Nesting(open: "[", core: "1", close: "]", more: 1),
        Nesting(open: "[principal, ", core: "1", close: "]", more: 1),
        Nesting(open: "{a: ", core: "1", close: "}", more: 1),
        Nesting(open: "{a: ", core: "principal", close: "}", more: 1),
        Nesting(open: "ip(", core: "\"1.1.1.1\"", close: ")", more: 1),
        Nesting(open: "if true then ", core: "true", close: " else false", more: 1),
        Nesting(open: "if (", core: "true", close: ") then true else false", more: 1, perLevel: 2),
        Nesting(open: "[1].contains(", core: "1", close: ")", more: 2),
        Nesting(open: "principal.getTag(", core: "\"a\"", close: ")", more: 1),
        Nesting(open: "ip(\"1.1.1.1\").isInRange(", core: "principal", close: ")", more: 2),
        Nesting(open: "(", core: "principal", close: ").a has b", more: 1, perLevel: 2),
        Nesting(open: "(", core: "\"a\"", close: ") like \"a\"", more: 1),
        Nesting(open: "(", core: "principal", close: ") is User in principal", more: 1),
        Nesting(open: "", core: "principal", close: ".isEmpty()", more: 1),
        Nesting(open: "", core: "datetime(\"2024-01-01\")", close: ".toDate()", more: 2),
    ]

    @Test(arguments: expressions) func nestingUpToTheLimitIsReadAndEvaluated(nesting: Nesting) throws {
        let text = Self.policy(nesting.text(nesting.limit))
        try Self.onSmallStack {
            let policies = try PolicySet(parsing: Text(text))
            let evaluation = Authorizer.evaluate(Self.request, policies, .empty)
            #expect(evaluation.permits.count + evaluation.failures.count <= 1)
        }
    }

    @Test(arguments: expressions) func nestingUpToTheLimitIsValidated(nesting: Nesting) throws {
        let text = Self.policy(nesting.text(nesting.limit))
        let schema = try Schema(
            parsing: "entity User { a?: User }; action a appliesTo { principal: User, resource: User };"
        )
        try Self.onSmallStack {
            let policies = try PolicySet(parsing: Text(text))
            for mode in ValidationMode.allCases {
                let findings = Validator(schema).validate(policies, mode: mode, level: 1).findings[0]
                #expect(!findings.contains { $0.code == .limitExceeded })
            }
        }
    }

    @Test(arguments: expressions) func nestingBeyondTheLimitIsRefused(nesting: Nesting) throws {
        for levels in [nesting.limit + 1, 5000] {
            let text = Self.policy(nesting.text(levels))
            try Self.onSmallStack {
                #expect(Self.codes(text).contains(.limitExceeded), "\(levels)")
            }
        }
    }

    @Test(arguments: [
        "(", "!", "!(", "-", "-(", "[", "{a:", "if ", "if true then ", "ip(", "a.", "principal.a(", "a::", "1+",
    ])
    func openEndsAreRefused(open: String) throws {
        let text = Self.policy(String(repeating: open, count: 5000))
        try Self.onSmallStack { #expect(!Self.codes(text).isEmpty) }
    }

    @Test func aMillionParenthesesAreRefused() throws {
        let text = Self.policy(String(repeating: "(", count: 1_000_000))
        try Self.onSmallStack { #expect(Self.codes(text) == [.limitExceeded]) }
    }

    @Test func longChainsDoNotNest() throws {
        let count = 5000
        let texts = [
            "context" + String(repeating: ".a", count: count) + " == 1",
            "context has a" + String(repeating: ".a", count: count),
            "true" + String(repeating: " && true", count: count),
            "false" + String(repeating: " || false", count: count),
            "0" + String(repeating: " + 1", count: count) + " == \(count)",
            "1" + String(repeating: " * 1", count: count) + " == 1",
            "[" + String(repeating: "1,", count: count) + "] == [1]",
        ]
        try Self.onSmallStack {
            for text in texts {
                let policies = try PolicySet(parsing: Text(Self.policy(text)))
                _ = Authorizer.evaluate(Self.request, policies, .empty)
            }
        }
    }

    @Test func scopeEntitiesInParenthesesAreBounded() throws {
        for (levels, isRead) in [
            (SourceLimits.nestingMax, true), (SourceLimits.nestingMax + 1, false), (1_000_000, false),
        ] {
            let entity = String(repeating: "(", count: levels) + "User::\"a\"" + String(repeating: ")", count: levels)
            let text = "permit(principal == \(entity), action, resource);"
            try Self.onSmallStack { #expect(Self.codes(text).isEmpty == isRead) }
        }
    }

    @Test(arguments: [
        Nesting(open: "Set<", core: "Long", close: ">", more: 1),
        Nesting(open: "{a: ", core: "Long", close: "}", more: 1),
    ])
    func typesAreBounded(nesting: Nesting) throws {
        let limit = nesting.limit
        for (levels, isRead) in [(limit, true), (limit + 1, false), (5000, false)] {
            let text = "type T = \(nesting.text(levels));"
            try Self.onSmallStack { #expect(Self.schemaCodes(text).isEmpty == isRead, "\(levels)") }
        }
    }

    @Test func chainsOfCommonTypesAreBounded() throws {
        func chain(_ length: Int) -> String {
            (0..<length).map { "type T\($0) = Set<T\($0 + 1)>;" }.joined() + "type T\(length) = Long;"
        }
        for (length, isRead) in [
            (SourceLimits.nestingMax - 1, true), (SourceLimits.nestingMax, false), (10_000, false),
        ] {
            let text = chain(length)
            try Self.onSmallStack { #expect(Self.schemaCodes(text).isEmpty == isRead, "\(length)") }
        }
    }

    @Test func nestedTypesInChainsOfCommonTypesAreBounded() throws {
        let nested = { (inner: String) in
            String(repeating: "Set<", count: 90) + inner + String(repeating: ">", count: 90)
        }
        let text = (0..<90).map { "type T\($0) = \(nested("T\($0 + 1)"));" }.joined() + "type T90 = Long;"
        try Self.onSmallStack { #expect(Self.schemaCodes(text).contains(.limitExceeded)) }
    }

    @Test func typesThatGrowExponentiallyAreRefused() throws {
        func doubling(_ levels: Int) -> String {
            (0..<levels).map { "type T\($0) = {a: T\($0 + 1), b: T\($0 + 1)};" }.joined() + "type T\(levels) = Long;"
        }
        #expect(Self.schemaCodes(doubling(15)).isEmpty)
        #expect(Self.schemaCodes(doubling(16)).contains(.limitExceeded))
        #expect(Self.schemaCodes(doubling(60)).contains(.limitExceeded))
    }

    static let request = Request(
        principal: EntityUID(type: entityType("User"), id: "a"),
        action: EntityUID(type: entityType("Action"), id: "v"),
        resource: EntityUID(type: entityType("File"), id: "f")
    )

    static func policy(_ condition: String) -> String { "permit(principal, action, resource) when { \(condition) };" }

    static func codes(_ text: String) -> [SyntaxDiagnostic.Code] {
        do throws(SyntaxError) {
            _ = try PolicySet(parsing: Text(text))
            return []
        } catch {
            return error.diagnostics.map(\.code)
        }
    }

    static func schemaCodes(_ text: String) -> [SyntaxDiagnostic.Code] {
        do throws(SyntaxError) {
            _ = try Schema(parsing: Text(text))
            return []
        } catch {
            return error.diagnostics.map(\.code)
        }
    }

    /// Runs the body on a thread of its own with a small stack.
    static func onSmallStack(_ body: @escaping @Sendable () throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        let box = ErrorBox()
        let thread = Thread {
            do { try body() } catch { box.error = error }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        if let error = box.error { throw error }
    }

    /// Carries an error out of a thread; the semaphore orders its only write before its only read.
    private final class ErrorBox: @unchecked Sendable {
        var error: (any Error)?
    }
}
