import Authorization
import Bundles
import Bytes
import StrictPolicy
import Testing

@Suite struct PolicyTestsTests {
    private static func request(_ action: String, _ context: String = "{}") -> String {
        """
        {"actor":{"type":"Agent","id":"a"},"surface":"platform","action":"\(action)",\
        "target":{"type":"Project","id":"x"},"context":\(context)}
        """
    }

    private func run(_ tests: String) throws -> PolicyTestReport {
        let directory = try TemporaryDirectory.withBundle()
        try directory.write("[\(tests)]", to: "surfaces/platform/tests/t.json")
        return try DirectoryBundle.load(directory.path).runTests()
    }

    /// What the only test differs in; empty if it passed.
    private func difference(_ expect: String, _ request: String, _ more: String = "") throws -> String {
        let report = try run(#"{"name":"t","request":\#(request),"expect":\#(expect)\#(more)}"#)
        #expect(report.results.count == 1)
        return report.results[0].difference ?? ""
    }

    @Test func whatIsAsExpectedPasses() throws {
        let delete = Self.request("delete", #"{"count":9}"#)
        #expect(try difference(#"{"outcome":"DENY"}"#, delete).isEmpty)
        #expect(try difference(#"{"outcome":"DENY","cause":"forbidden"}"#, delete).isEmpty)
        #expect(try difference(#"{"outcome":"DENY","policies":["platform/bulk"]}"#, delete).isEmpty)
        #expect(try difference(#"{"outcome":"SILENCE","cause":"unknown_action"}"#, Self.request("lost")).isEmpty)
        #expect(try difference(#"{"outcome":"SILENCE","policies":[]}"#, Self.request("lost")).isEmpty)
    }

    @Test func whatDiffersFails() throws {
        let list = Self.request("list")
        #expect(try difference(#"{"outcome":"DENY"}"#, list) == "expected DENY, got PERMIT permitted")
        #expect(
            try difference(#"{"outcome":"SILENCE","cause":"no_permit"}"#, Self.request("delete"))
                == "expected SILENCE no_permit, got SILENCE request_invalid: "
                + "`context.count`: required member is missing"
        )
        #expect(
            try difference(#"{"outcome":"PERMIT","policies":["platform/late"]}"#, list)
                == "expected policies `platform/late`, got `platform/list`"
        )
        #expect(
            try difference(#"{"outcome":"PERMIT","policies":[]}"#, list)
                == "expected policies none, got `platform/list`"
        )
    }

    @Test func clockOfATestCanBeSet() throws {
        let delete = Self.request("delete", #"{"count":1}"#)
        #expect(try difference(#"{"outcome":"SILENCE","cause":"no_permit"}"#, delete).isEmpty)
        let late = #","now":"2026-11-20T12:31:04Z""#
        #expect(try difference(#"{"outcome":"PERMIT"}"#, delete, late).isEmpty)
    }

    @Test func reportSaysWhatWasNotTouched() throws {
        let report = try run(#"{"name":"t","request":\#(Self.request("list")),"expect":{"outcome":"PERMIT"}}"#)
        #expect(report.isPassed)
        #expect(report.policiesNeverDecisive == ["common/frozen", "platform/bulk", "platform/late"])
        #expect(report.actionsNeverTested == ["platform/delete"])
        let failed = try run(#"{"name":"t","request":\#(Self.request("list")),"expect":{"outcome":"DENY"}}"#)
        #expect(!failed.isPassed)
    }

    @Test func directoryWithoutTestsHasAnEmptyReport() throws {
        let report = try run("")
        #expect(report.results.isEmpty && report.actionsNeverTested == ["platform/delete", "platform/list"])
    }

    /// Tests that are malformed, by what their problem's message contains.
    @Test(arguments: [
        (#"{"request":REQUEST,"expect":{"outcome":"PERMIT"}}"#, "`name`"),
        (#"{"name":1,"request":REQUEST,"expect":{"outcome":"PERMIT"}}"#, "`name`"),
        (#"{"name":"t","expect":{"outcome":"PERMIT"}}"#, "`request`"),
        (#"{"name":"t","request":{},"expect":{"outcome":"PERMIT"}}"#, "`actor`"),
        (#"{"name":"t","request":REQUEST}"#, "`expect`"), (#"{"name":"t","request":REQUEST,"expect":{}}"#, "`outcome`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"permit"}}"#, "`outcome`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT","cause":"because"}}"#, "`cause`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT","cause":"forbidden"}}"#, "DENY"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT","policies":"x"}}"#, "`policies`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT","policies":[1]}}"#, "`policies`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT","reason":"x"}}"#, "`reason`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT"},"skip":true}"#, "`skip`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT"},"now":"2026-11-20"}"#, "`now`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT"},"now":"2026-11-20T12:00:00+0100"}"#, "`now`"),
        (#"{"name":"t","request":REQUEST,"expect":{"outcome":"PERMIT"},"now":1}"#, "`now`"), ("1", "object"),
    ])
    func malformedTestIsAProblem(_ test: String, _ part: String) throws {
        do throws(PolicyProblems) {
            let directory = try? TemporaryDirectory.withBundle()
            let text = "[\(test.replacing("REQUEST", with: Self.request("list")))]"
            try? directory?.write(text, to: "surfaces/platform/tests/t.json")
            _ = try DirectoryBundle.load(directory?.path ?? "").runTests()
            Issue.record("accepted: \(test)")
        } catch {
            #expect(error.problems.count == 1)
            #expect(error.problems[0].file == "surfaces/platform/tests/t.json")
            #expect(error.problems[0].message.contains(part), "\(error)")
        }
    }

    @Test func fileOfTestsIsAList() throws {
        let directory = try TemporaryDirectory.withBundle()
        for text in ["{}", "", "[", "[]]"] {
            try directory.write(text, to: "surfaces/platform/tests/t.json")
            let loaded = try DirectoryBundle.load(directory.path)
            #expect(throws: PolicyProblems.self) { try loaded.runTests() }
        }
    }

    @Test func requestsOfTestsKeepTheBoundsOfRequests() throws {
        let large = Self.request("list", #"{"a":9007199254740992}"#)
        #expect(throws: PolicyProblems.self) {
            try run(#"{"name":"t","request":\#(large),"expect":{"outcome":"SILENCE"}}"#)
        }
    }
}
