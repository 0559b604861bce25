import Bytes
import StrictPolicy
import Testing

@Suite struct SettingsTests {
    /// What a `surface.json` with these members besides the required ones is refused for.
    private func problems(_ members: String) -> [PolicyProblem] {
        Sample.with(\.settings, #"{"mode":"enforce","audience":["g"],\#(members)}"#).problems
    }

    private func settings(_ members: String) throws -> SurfaceSettings {
        let sample = Sample.with(\.settings, #"{"mode":"enforce","audience":["g"],\#(members)}"#)
        return try #require(try sample.compile().surface("platform")).settings
    }

    private func codes(_ settings: String) -> [PolicyProblem.Code] {
        Sample.with(\.settings, settings).problems.map(\.code)
    }

    @Test func defaultsAreThoseOfTheReference() throws {
        let settings = try #require(try Sample().compile().surface("platform")).settings
        #expect(settings.namespace == "platform" && settings.owner == nil && !settings.irreversible)
        #expect(settings.audience == ["exec-gateway", "mcp-gateway"])
        #expect(settings.deadlineMilliseconds == 250 && settings.actMilliseconds == 5_000)
        #expect(settings.effectMilliseconds == 60_000 && settings.windowSeconds == 86_400)
        #expect(settings.mcpTools == nil && settings.execEnvironment == nil)
    }

    @Test func everyMemberIsRead() throws {
        let settings = try settings(
            """
            "owner":"ops","namespace":"platform","irreversible":true,"deadline_milliseconds":100,
            "act_milliseconds":1000,"effect_milliseconds":2000,"window_seconds":3600,
            "exec":{"environment":["PATH","HOME"]},
            "mcp":{"tools":{
            "wipe":{"action":"delete","target":{"type":"Project","pointer":"/project"},"key":["/id","/a~1b"]},
            "ls":{"action":"list","target":{"type":"platform::Project","id":"shop"}}}}
            """
        )
        #expect(settings.owner == "ops" && settings.irreversible)
        #expect(settings.deadlineMilliseconds == 100 && settings.actMilliseconds == 1_000)
        #expect(settings.effectMilliseconds == 2_000 && settings.windowSeconds == 3_600)
        #expect(settings.execEnvironment == ["HOME", "PATH"])
        #expect(settings.mcpTools?.map(\.tool) == ["ls", "wipe"])
        let wipe = try #require(settings.tool("wipe"))
        #expect(wipe.action == "delete" && wipe.targetType == "Project" && wipe.targetID == .pointer("/project"))
        #expect(wipe.key == ["/id", "/a~1b"])
        #expect(settings.tool("ls")?.targetID == .constant("shop") && settings.tool("ls")?.key == [])
        #expect(settings.tool("lost") == nil)
    }

    /// Members of the design that belong to later releases, and misspelt ones.
    @Test(arguments: [
        "until", "redaction", "labels", "sinks", "routes", "upstream", "hold_seconds", "irreversable", "Mode",
        "audience ",
        "$schema", "credentials", "pin", "null", "http",
    ])
    func unknownMemberIsRefusedByName(_ name: String) {
        let problems = problems("\"\(name)\":1")
        #expect(problems.map(\.code) == [.unknownMember])
        #expect(problems[0].message.contains("`\(name)`") && problems[0].line == 1 && problems[0].column == 36)
    }

    @Test func shadowModeIsRefusedByName() {
        let problems = Sample.with(\.settings, #"{"mode":"shadow","audience":["g"]}"#).problems
        #expect(problems.map(\.code) == [.unsupported] && problems[0].message.contains("`shadow`"))
    }

    @Test(arguments: [#""Enforce""#, #""off""#, "\"\"", "true", "null", "1", "[]"])
    func otherModesAreRefused(_ mode: String) {
        #expect(codes(#"{"mode":\#(mode),"audience":["g"]}"#) == [.invalidMember])
    }

    @Test func modeAndAudienceAreRequired() {
        #expect(codes(#"{"audience":["g"]}"#) == [.invalidMember])
        #expect(codes(#"{"mode":"enforce"}"#) == [.invalidMember])
        #expect(codes("{}") == [.invalidMember, .invalidMember])
        #expect(codes("[]") == [.invalidMember])
        #expect(codes("") == [.json])
        #expect(codes(#"{"mode":"enforce","mode":"enforce","audience":["g"]}"#) == [.json])
    }

    @Test(arguments: [
        ("deadline_milliseconds", 1, 5_000), ("act_milliseconds", 100, 60_000), ("effect_milliseconds", 1, 86_400_000),
        ("window_seconds", 3_600, 315_360_000),
    ])
    func numbersKeepTheirBounds(_ name: String, _ low: Int, _ high: Int) {
        for value in [low, low + 1, high - 1, high] { #expect(problems("\"\(name)\":\(value)").isEmpty) }
        for value in ["\(low - 1)", "\(high + 1)", "-1", "1.5", "1e3", "\"\(low)\"", "null", "true"] {
            #expect(problems("\"\(name)\":\(value)").map(\.code) == [.invalidMember], "\(value)")
        }
    }

    @Test func audienceHas1To16DifferentNames() {
        func codes(_ names: [String]) -> [PolicyProblem.Code] {
            let list = names.map { "\"\($0)\"" }.joined(separator: ",")
            return self.codes(#"{"mode":"enforce","audience":[\#(list)]}"#)
        }
        let names = (1...17).map { "g\($0)" }
        #expect(codes([]) == [.invalidMember])
        #expect(codes(Array(names.prefix(1))).isEmpty)
        #expect(codes(Array(names.prefix(15))).isEmpty)
        #expect(codes(Array(names.prefix(16))).isEmpty)
        #expect(codes(names) == [.invalidMember])
        #expect(codes(["g", "g"]) == [.invalidMember])
        #expect(codes(["g", ""]) == [.invalidMember])
        #expect(self.codes(#"{"mode":"enforce","audience":"g"}"#) == [.invalidMember])
        #expect(self.codes(#"{"mode":"enforce","audience":[1]}"#) == [.invalidMember])
    }

    @Test(arguments: ["1", "null", #""true""#])
    func irreversibleIsATruthValue(_ value: String) {
        #expect(problems("\"irreversible\":\(value)").map(\.code) == [.invalidMember])
    }

    @Test func namespaceMustBeOneOfCedars() {
        for name in ["a b", "1a", "a-b", "a::", "if", ""] {
            #expect(!problems("\"namespace\":\"\(name)\"").isEmpty, "\(name)")
        }
    }

    /// Tools whose mapping is wrong, one member at a time.
    @Test(
        arguments: [
            (#"{"action":"list","target":{"type":"Project","id":"x"}}"#, []),
            (#"{"action":"list","target":{"type":"Project","id":"x"},"key":["/a"]}"#, []),
            (#"{"action":"list"}"#, [.invalidMember]), (#"{"target":{"type":"Project","id":"x"}}"#, [.invalidMember]),
            ("{}", [.invalidMember, .invalidMember]), ("1", [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"id":"x"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x","pointer":"/a"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":""}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","pointer":""}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","pointer":"a"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","pointer":"/a~"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","pointer":"/a~2"}}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x"},"key":[]}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x"},"key":["a"]}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x"},"key":["/a","/a"]}"#, [.invalidMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x"},"more":1}"#, [.unknownMember]),
            (#"{"action":"list","target":{"type":"Project","id":"x","more":1}}"#, [.unknownMember]),
            (#"{"action":"lost","target":{"type":"Project","id":"x"}}"#, [.undeclared]),
            (#"{"action":"list","target":{"type":"Lost","id":"x"}}"#, [.undeclared]),
            (#"{"action":"list","target":{"type":"Stage","id":"x"}}"#, [.undeclared]),
        ] as [(String, [PolicyProblem.Code])]
    )
    func toolIsMappedCompletelyOrRefused(_ tool: String, _ codes: [PolicyProblem.Code]) {
        #expect(problems(#""mcp":{"tools":{"t":\#(tool)}}"#).map(\.code) == codes)
    }

    @Test func mcpAndExecAreStrict() {
        #expect(problems(#""mcp":{}"#).map(\.code) == [.invalidMember])
        #expect(problems(#""mcp":{"tools":{},"pins":{}}"#).map(\.code) == [.unknownMember])
        #expect(problems(#""mcp":{"tools":[]}"#).map(\.code) == [.invalidMember])
        #expect(problems(#""mcp":{"tools":{}}"#).isEmpty)
        #expect(problems(#""exec":{}"#).map(\.code) == [.invalidMember])
        #expect(problems(#""exec":{"environment":["A=B"]}"#).map(\.code) == [.invalidMember])
        #expect(problems(#""exec":{"environment":["PATH","PATH"]}"#).map(\.code) == [.invalidMember])
        #expect(problems(#""exec":{"environment":[],"shell":"sh"}"#).map(\.code) == [.unknownMember])
        #expect(problems(#""exec":{"environment":[]}"#).isEmpty)
    }

    @Test func bundleSettingsAreStrict() {
        func codes(_ text: String) -> [PolicyProblem.Code] { Sample.with(\.bundle, text).problems.map(\.code) }
        #expect(codes(#"{"name":"a-b_c.1"}"#).isEmpty)
        #expect(codes("{}") == [.invalidMember])
        #expect(codes(#"{"name":""}"#) == [.invalidMember])
        #expect(codes(#"{"name":"a/b"}"#) == [.invalidMember])
        #expect(codes(#"{"name":".a"}"#) == [.invalidMember])
        #expect(codes("{\"name\":\"\(String(repeating: "x", count: 64))\"}").isEmpty)
        #expect(codes("{\"name\":\"\(String(repeating: "x", count: 65))\"}") == [.invalidMember])
        for member in ["owners", "signers", "threshold", "defaults", "version", "expires"] {
            #expect(codes(#"{"name":"demo","\#(member)":1}"#) == [.unknownMember], "\(member)")
        }
        #expect(codes(#"{"name":"demo","namespace":"not one"}"#) == [.invalidMember])
        #expect(codes(#"{"name":"demo","namespace":"Acme"}"#) == [.schema])
    }
}
