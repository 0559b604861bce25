import Foundation
import Testing

/// The sandboxes of Cedar's own command-line tool, run through `writ cedar` as their instructions say.
@Suite struct CedarSandboxTests {
    /// One command in a sandbox, and how it ends.
    struct Case: Sendable, CustomTestStringConvertible {
        let folder: String
        let words: [String]
        let status: Int32
        /// A part of what it prints.
        var output = ""

        var testDescription: String { "\(folder): \(words.joined(separator: " "))" }
    }

    /// The sandboxes, which belong to the tests of the library.
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("CedarTests/Fixtures/cedar/cli")

    /// Runs `writ cedar` in a sandbox.
    private static func run(_ words: [String], in folder: String) throws -> (status: Int32, output: String) {
        // The tests run from the folder that the binaries were built into.
        let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let process = Process()
        process.executableURL = binaries.appendingPathComponent("writ")
        process.arguments = ["cedar"] + words
        process.currentDirectoryURL = root.appendingPathComponent(folder)
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationReason == .exit)
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private static func check(_ test: Case) throws {
        let (status, output) = try run(test.words, in: test.folder)
        #expect(status == test.status, "\(output)")
        #expect(test.output.isEmpty || output.contains(test.output), "\(output)")
        // For `scripts/conformance`; one write, so that no other output comes between.
        FileHandle.standardOutput.write(Data("conformance: command-line sandboxes, a command: 1\n".utf8))
    }

    // MARK: Authorization

    private static func authorize(
        _ folder: String,
        _ policies: String,
        _ principal: String,
        _ action: String,
        _ resource: String,
        _ status: Int32,
        _ more: [String] = []
    ) -> Case {
        let words = [
            "authorize", "--policies", policies, "--entities", "entities.json", "--principal", "User::\"\(principal)\"",
            "--action", "Action::\"\(action)\"", "--resource", resource,
        ]
        let output = status == 0 ? "ALLOW\n" : status == 2 ? "DENY\n" : "writ: "
        return Case(folder: folder, words: words + more, status: status, output: output)
    }

    private static let photo = #"Photo::"VacationPhoto94.jpg""#
    private static let album = #"Album::"jane_vacation""#

    static let decisions: [Case] = [
        authorize("sandbox_a", "policies_1.cedar", "alice", "view", photo, 0),
        authorize("sandbox_a", "policies_1.cedar", "tim", "view", photo, 2),
        authorize("sandbox_a", "policies_1.cedar", "bob", "view", photo, 2),
        authorize("sandbox_a", "policies_2.cedar", "alice", "view", photo, 0),
        authorize("sandbox_a", "policies_2.cedar", "alice", "edit", photo, 0),
        authorize("sandbox_a", "policies_2.cedar", "alice", "delete", photo, 0),
        authorize("sandbox_a", "policies_2.cedar", "alice", "comment", photo, 2),
        authorize("sandbox_a", "policies_2.cedar", "bob", "view", photo, 0),
        authorize("sandbox_a", "policies_2.cedar", "bob", "edit", photo, 2),
        authorize("sandbox_a", "policies_2.cedar", "bob", "delete", photo, 2),
        authorize("sandbox_a", "policies_2.cedar", "bob", "comment", photo, 2),
        authorize("sandbox_a", "policies_3.cedar", "alice", "view", photo, 0),
        authorize("sandbox_a", "policies_3.cedar", "bob", "view", photo, 0),
        authorize("sandbox_a", "policies_3.cedar", "tim", "view", photo, 0),
        authorize("sandbox_a", "policies_3.cedar", "alice", "listPhotos", album, 0),
        authorize("sandbox_a", "policies_3.cedar", "bob", "listPhotos", album, 0),
        authorize("sandbox_a", "policies_3.cedar", "tim", "listPhotos", album, 0),
        authorize("sandbox_b", "policies_4.cedar", "alice", "view", #"Photo::"prototype_v0.jpg""#, 0),
        authorize("sandbox_b", "policies_4.cedar", "stacey", "view", #"Photo::"prototype_v0.jpg""#, 2),
        authorize("sandbox_b", "policies_4.cedar", "ahmad", "view", #"Photo::"prototype_v0.jpg""#, 2),
        authorize("sandbox_b", "policies_5.cedar", "stacey", "view", #"Photo::"alice_w2.jpg""#, 2),
        authorize("sandbox_b", "policies_5.cedar", "alice", "view", #"Photo::"alice_w2.jpg""#, 0),
        authorize("sandbox_b", "policies_5.cedar", "stacey", "view", #"Photo::"vacation.jpg""#, 0),
        authorize(
            "sandbox_b",
            "policies_6.cedar",
            "alice",
            "view",
            #"Photo::"vacation.jpg""#,
            0,
            ["-c", "context.json"]
        ),
        authorize(
            "sandbox_b",
            "policies_6.cedar",
            "alice",
            "view",
            #"Photo::"vacation.jpg""#,
            2,
            ["-c", "context_deny.json"]
        ),
        authorize("sandbox_b", "policies_6.cedar", "alice", "view", #"Photo::"vacation.jpg""#, 1, ["-c", "none.json"]),
        authorize("sandbox_c", "policies.cedar", "alice", "view", photo, 2),
        authorize("sandbox_c", "none.cedar", "alice", "view", photo, 1),
        authorize("sandbox_c", "policies.cedar", "alice", "view", "invalid", 1),
    ]

    @Test(arguments: decisions) func aRequestIsDecidedAsTheSandboxSays(test: Case) throws { try Self.check(test) }

    /// The small sandboxes: a request, its decision, and an expression with its value.
    static let samples: [(Int, Int32, String, String)] = [
        (1, 0, #"principal in UserGroup::"jane_friends""#, "true"), (2, 0, "resource.owner", #"User::"bob""#),
        (3, 2, #"if 10 > 5 then "good" else "bad""#, #""good""#), (4, 0, #"resource.owner == User::"bob""#, "true"),
        (5, 0, "principal.addr.isLoopback()", "true"), (6, 2, "principal.account.age >= 17", "true"),
        (7, 0, #"context.role.contains("admin")"#, "true"),
        (8, 0, #"principal.score.lessThan(decimal("1.2345"))"#, "true"), (9, 0, "resource.owner == principal", "true"),
    ]

    @Test(arguments: samples)
    func aSampleIsDecidedValidatedAndEvaluated(number: Int, status: Int32, expression: String, value: String) throws {
        let folder = "tiny_sandboxes/sample\(number)"
        let request = ["--entities", "entity.json", "--request-json", "request.json"]
        let authorize = ["authorize", "-p", "policy.cedar", "--verbose"] + request
        try Self.check(Case(folder: folder, words: authorize, status: status, output: "note: "))
        for schema in [["-s", "schema.cedarschema"], ["-s", "schema.cedarschema.json", "--schema-format", "json"]] {
            let validate = ["validate", "-p", "policy.cedar"] + schema
            try Self.check(Case(folder: folder, words: validate, status: 0, output: "policy set validation passed"))
            // The entities of these sandboxes do not conform to their schemas.
            let doesConform = ![1, 3, 7].contains(number)
            try Self.check(Case(folder: folder, words: authorize + schema, status: doesConform ? status : 1))
        }
        let evaluate = ["evaluate"] + request + [expression]
        try Self.check(Case(folder: folder, words: evaluate, status: 0, output: "\(value)\n"))
    }

    @Test(
        arguments: [
            (
                [
                    "-l", #"User::"alice""#, "-a", #"Action::"view""#, "-r", photo,
                    #"principal in UserGroup::"jane_friends""#,
                ], 0
            ),
            (["--request-json", "request.json", #"["a",true,10].contains(10)"#], 0),
            (["--request-json", "request.json", "parse error"], 1),
            (["--request-json", "request.json", #"1 + "type error""#], 1),
            (["--request-json", "none.json", "true"], 1),
        ] as [([String], Int32)]
    ) func anExpressionHasTheValueThatTheSandboxSays(words: [String], status: Int32) throws {
        let entities = ["evaluate", "--entities", "entity.json"]
        let output = status == 0 ? "true\n" : "writ: "
        try Self.check(Case(folder: "tiny_sandboxes/sample1", words: entities + words, status: status, output: output))
    }

    // MARK: Validation

    private static func validate(_ folder: String, _ policies: String, _ status: Int32, _ more: [String] = []) -> Case {
        let output = "policy set validation \(status == 0 ? "passed" : "failed")\n"
        let words = ["validate", "--policies", policies, "--schema", "schema.cedarschema"]
        return Case(folder: folder, words: words + more, status: status, output: output)
    }

    static let validations: [Case] = [
        validate("sandbox_a", "policies_1.cedar", 0), validate("sandbox_a", "policies_2.cedar", 0),
        validate("sandbox_a", "policies_3.cedar", 0), validate("sandbox_a", "policies_1_bad.cedar", 3),
        validate("sandbox_b", "policies_4.cedar", 0), validate("sandbox_b", "policies_5.cedar", 0),
        validate("sandbox_b", "policies_6.cedar", 0), validate("sandbox_b", "policies_5_bad.cedar", 3),
        validate("sandbox_c", "policies.cedar", 0), validate("sandbox_c", "policies_edited.cedar", 0),
        validate("tiny_sandboxes/sample9", "policy_bad.cedar", 3),
        validate("tiny_sandboxes/sample11", "valid_policy.cedar", 0),
        validate("tiny_sandboxes/sample11", "invalid_policy.cedar", 3),
    ]
    private static let levelPolicies: [(Int, Int, Int32)] = [
        (0, 0, 0), (1, 1, 0), (1, 0, 3), (2, 2, 0), (2, 1, 3), (2, 0, 3),
    ]
    static let levels: [Case] = levelPolicies.map { policy, level, status in
        validate("tiny_sandboxes/level-validation", "policy-level-\(policy).cedar", status, ["--level", "\(level)"])
    }

    @Test(arguments: validations + levels) func policiesValidateAsTheSandboxSays(test: Case) throws {
        try Self.check(test)
    }

    // MARK: Tests, JSON and translation

    @Test(
        arguments: [
            ("sample1", "policy.cedar", "tests-combined.json", 0), ("sample1", "policy.cedar", "tests-named.json", 0),
            ("sample1", "policy.cedar", "tests-fail.json", 1),
            ("sample1", "policy.cedar", "tests-format-error.json", 1),
            ("sample1", "policy.cedar", "tests-format-error2.json", 1),
            ("sample1", "policy.cedar", "tests-missing-reason.json", 1),
            ("sample1", "policy.cedar", "tests-unexpected-error.json", 1),
            ("sample2", "policy.cedar", "tests-combined.json", 0),
            ("sample2", "policy.cedar", "tests-unexpected-error.json", 1),
            ("sample3", "policy.cedar", "tests-combined.json", 0),
            ("sample4", "policy.cedar", "tests-combined.json", 0),
            ("sample6", "policy.cedar", "tests-combined.json", 0),
            ("sample7", "policy.cedar", "tests-combined.json", 0),
            ("sample9", "policy.cedar", "tests-combined.json", 0),
            ("sample10", "policy.cedar", "tests-error.json", 1),
            ("sample11", "invalid_policy.cedar", "test-policy-error.json", 1),
            ("sample11", "valid_policy.cedar", "test-schema-error.json", 1),
        ] as [(String, String, String, Int32)]
    ) func testsEndAsTheSandboxSays(folder: String, policies: String, tests: String, status: Int32) throws {
        let words = ["run-tests", "-p", policies, "--tests", tests, "-s", "schema.cedarschema"]
        try Self.check(Case(folder: "tiny_sandboxes/\(folder)", words: words, status: status))
    }

    @Test(
        arguments: [
            ("policy_mixed_properties", 1), ("policy_no_matching_properties", 1), ("policy_set", 0),
            ("policy_template", 0),
            ("static_policy", 0),
        ] as [(String, Int32)]
    ) func policiesInJSONAreReadAsTheSandboxSays(name: String, status: Int32) throws {
        let words = ["check-parse", "--policy-format", "json", "-p", "\(name).cedar.json"]
        try Self.check(Case(folder: "tiny_sandboxes/json-check-parse", words: words, status: status))
    }

    @Test func policiesInJSONDecideAsTheSandboxSays() throws {
        let words = [
            "authorize", "--policy-format", "json", "--policies", "policy.cedar.json", "--entities", "entity.json",
            "--principal", #"User::"bob""#, "--action", #"Action::"view""#, "--resource", Self.photo, "-v",
        ]
        let output = "ALLOW\nnote: this decision was due to the following policies:\n  JSON policy\n"
        try Self.check(Case(folder: "tiny_sandboxes/json-authorize", words: words, status: 0, output: output))
    }

    @Test func policiesTranslateAsTheSandboxSays() throws {
        let folder = "tiny_sandboxes/translate-policy"
        let expected = try String(
            contentsOf: Self.root.appendingPathComponent("\(folder)/policy.cedar.json"),
            encoding: .utf8
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let words = ["translate-policy", "--direction", "cedar-to-json", "-p", "policy.cedar"]
        let (status, output) = try Self.run(words, in: folder)
        #expect(status == 0)
        #expect(output == expected + "\n")
        let back = ["translate-policy", "--direction", "json-to-cedar", "-p", "policy.cedar.json"]
        try Self.check(Case(folder: folder, words: back, status: 0, output: "principal == User::\"alice\","))
    }

    @Test func schemasTranslateAsTheSandboxSays() throws {
        let folder = "tiny_sandboxes/translate-schema"
        let file = "tinytodo.cedarschema"
        let toJSON = ["translate-schema", "--direction", "cedar-to-json", "-s", file]
        try Self.check(Case(folder: folder, words: toJSON, status: 0, output: #""memberOfTypes":["Application"]"#))
        let toCedar = ["translate-schema", "--direction", "json-to-cedar", "-s", "\(file).json"]
        let output = "entity Team in [Team, Application];\n"
        try Self.check(Case(folder: folder, words: toCedar, status: 0, output: output))
        let wrong = ["translate-schema", "--direction", "json-to-cedar", "-s", file]
        try Self.check(Case(folder: folder, words: wrong, status: 1, output: "writ: `tinytodo.cedarschema`: "))
    }

    @Test func policiesAreFormattedAsTheSandboxSays() throws {
        let folder = "tiny_sandboxes/format"
        let formatted = try String(
            contentsOf: Self.root.appendingPathComponent("\(folder)/formatted.cedar"),
            encoding: .utf8
        )
        let (status, output) = try Self.run(["format", "-p", "unformatted.cedar"], in: folder)
        #expect(status == 0)
        #expect(output == formatted)
        try Self.check(Case(folder: folder, words: ["format", "-p", "formatted.cedar", "--check"], status: 0))
        try Self.check(Case(folder: folder, words: ["format", "-p", "unformatted.cedar", "--check"], status: 1))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("writ-format-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try FileManager.default.copyItem(at: Self.root.appendingPathComponent("\(folder)/unformatted.cedar"), to: file)
        try Self.check(Case(folder: folder, words: ["format", "-p", file.path, "--write"], status: 0))
        #expect(try String(contentsOf: file, encoding: .utf8) == formatted)
        let both = ["format", "-p", file.path, "--write", "--check"]
        try Self.check(Case(folder: folder, words: both, status: 64, output: "exclude each other"))
    }

    // MARK: Templates and partial evaluation

    @Test func templatesAreLinkedAsTheSandboxSays() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("writ-links-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        func link(_ id: String, _ uid: String, _ policies: String = "policies.cedar") -> [String] {
            [
                "link", "--policies", policies, "--template-linked", file, "--template-id", "AccessVacation",
                "--new-id",
                id, "--arguments", "{ \"?principal\" : \"\(uid)\" }",
            ]
        }
        func decide(_ user: String, _ status: Int32, _ policies: String = "policies.cedar") throws {
            try Self.check(
                Self.authorize("sandbox_c", policies, user, "view", Self.photo, status, ["--template-linked", file])
            )
        }
        try decide("alice", 2)
        try Self.check(Case(folder: "sandbox_c", words: link("AliceAccess", "x", "none.cedar"), status: 1))
        try Self.check(Case(folder: "sandbox_c", words: link("AliceAccess", "invalid"), status: 1))
        try Self.check(Case(folder: "sandbox_c", words: link("AliceAccess", #"User::\"alice\""#), status: 0))
        try decide("alice", 0)
        try decide("bob", 2)
        let again = link("AliceAccess", #"User::\"bob\""#)
        try Self.check(Case(folder: "sandbox_c", words: again, status: 1, output: "two policies or templates"))
        try Self.check(Case(folder: "sandbox_c", words: link("BobAccess", #"User::\"bob\""#), status: 0))
        try decide("alice", 0)
        try decide("bob", 0)
        try decide("alice", 2, "policies_edited.cedar")
        try decide("bob", 0, "policies_edited.cedar")
    }

    @Test(
        arguments: [
            (["--request-json", "request.json"], 4, "UNKNOWN\n"),
            (["--principal-type", "User", "-a", #"Action::"View""#, "--resource-type", "Document"], 4, "UNKNOWN\n"),
            (
                [
                    "--principal-type", "User", "-a", #"Action::"Delete""#, "--resource-type", "Document", "-c",
                    "context.json",
                ], 2, "DENY\n"
            ),
            (["--principal-type", "Usr", "-a", #"Action::"View""#, "--resource-type", "Document"], 1, "writ: "),
            (["--principal-type", "User", "-a", #"Action::"View""#], 64, "`--resource-type` is missing"),
        ] as [([String], Int32, String)]
    ) func whatIsKnownInPartIsDecidedAsFarAsItCanBe(words: [String], status: Int32, output: String) throws {
        let policies = ["tpe", "-p", "policies.cedar", "-s", "schema.cedarschema", "--entities", "entities.json"]
        try Self.check(Case(folder: "tpe_rfc", words: policies + words, status: status, output: output))
    }

    @Test(arguments: [
        (["authorize", "-p", "policies_1.cedar"], "`--entities` is missing"),
        (["authorize", "-p", "policies_1.cedar", "--entities", "entities.json"], "`--action` is missing"),
        (["authorize", "--policy-format", "yaml"], "`yaml` is no value of `--policy-format`"),
        (["validate", "-p", "policies_1.cedar"], "`--schema` is missing"),
        (["translate-schema", "-s", "schema.cedarschema"], "`--direction` is missing"),
        (["authorise"], "did you mean `cedar authorize`?"),
    ]) func wrongWordsAreSaidToBe(words: [String], message: String) throws {
        try Self.check(Case(folder: "sandbox_a", words: words, status: 64, output: message))
    }
}
