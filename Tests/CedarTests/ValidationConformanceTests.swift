import Bytes
import Cedar
import Foundation
import Testing

/// Cedar's own validation data: the verdict on every policy, entity and request has to agree, and so have the kinds of
/// what is wrong.
@Suite struct ValidationConformanceTests {
    private static let shardCount = 8
    private static let corpus = Result { try Fixtures.lines(Fixtures.decompressed("corpus.jsonl.gz")) }

    @Test(arguments: 0..<shardCount) func everyCorpusPolicyIsValidatedAsByTheReference(shard: Int) throws {
        let lines = try Self.corpus.get()
        var count = 0
        var strictCount = 0
        var entityCount = 0
        for place in stride(from: shard, to: lines.count, by: Self.shardCount) {
            let test = try JSONValue(parsing: lines[place], limits: .file)
            let id = try #require(test["id"]?.string)
            let policies = try PolicySet(parsing: try #require(test["policy"]?.string))
            let schema = try Schema(parsing: try #require(test["schema"]?.string))
            let isStrictlyValid = Validator(schema).validate(policies, mode: .strict).isValid
            #expect(isStrictlyValid == test["shouldValidate"]?.boolean, "\(id)")
            strictCount += 1
            // The same policies without any place in a text.
            let untexted = try PolicySet(json: try #require(test["est"]))
            #expect(Validator(schema).validate(untexted).isValid == isStrictlyValid, "\(id) in JSON")
            guard let validation = test["validation"] else { continue }
            let expected = try #require(validation["policyValidation"])
            count += try ExpectedVerdicts.compare(policies, schema, expected, "\(id)")
            let entities = try #require(test["entities"])
            entityCount += try ExpectedVerdicts.compare(entities, schema, validation["entityValidation"], "\(id)")
        }
        #expect(count >= 570)
        ConformanceCount.report("corpus, strict verdict on a policy set", strictCount)
        ConformanceCount.report("corpus, strict and permissive verdict on a policy", count)
        ConformanceCount.report("corpus, verdict on an entity", entityCount)
    }

    @Test func everyHandwrittenCaseIsValidatedAsByTheReference() throws {
        let cases = try ValidatorCase.all()
        #expect(cases.count == 62)
        var count = 0
        for test in cases {
            let expected = try #require(test.validation["policyValidation"])
            count += try ExpectedVerdicts.compare(test.policies, test.schema, expected, test.name)
        }
        #expect(count == 172)
        ConformanceCount.report("validator cases, strict and permissive verdict on a policy", count)
    }

    @Test func everyHandwrittenTestIsValidatedAsByTheReference() throws {
        let enumerator = try #require(
            FileManager.default.enumerator(at: Fixtures.url("tests"), includingPropertiesForKeys: nil)
        )
        let files = enumerator.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
        #expect(files.count == 22)
        for file in files {
            let test = try JSONValue(parsing: Array(try Data(contentsOf: file)), limits: .file)
            let policyPath = try #require(test["policies"]?.string)
            let schemaPath = try #require(test["schema"]?.string)
            let policies = try PolicySet(parsing: Fixtures.bytes(policyPath.string))
            let schema = try Schema(parsing: Fixtures.bytes(schemaPath.string))
            let result = Validator(schema).validate(policies)
            #expect(
                result.isValid == test["shouldValidate"]?.boolean,
                "\(file.lastPathComponent): \(result.findings)"
            )
        }
        ConformanceCount.report("handwritten, strict verdict on a policy set", files.count)
    }

    @Test func everyHandwrittenEntityIsCheckedAsByTheReference() throws {
        var count = 0
        for test in try ValidatorCase.all() {
            let expected = test.validation["entityValidation"]
            count += try ExpectedVerdicts.compare(test.entities, test.schema, expected, test.name)
        }
        #expect(count == 36)
        ConformanceCount.report("validator cases, verdict on an entity", count)
    }

    @Test func everyHandwrittenRequestIsCheckedAsByTheReference() throws {
        var count = 0
        for test in try ValidatorCase.all() {
            let verdicts = try #require(test.validation["requestValidation"])
            #expect(verdicts.count == test.requests.count)
            for (request, verdict) in zip(test.requests.elements, verdicts.elements) {
                #expect(request["description"]?.string == verdict["description"]?.string)
                let isValid = ExpectedVerdicts.isValid(request, test.schema)
                #expect(isValid == verdict["strict"]?.boolean, "\(test.name)")
                #expect(isValid == verdict["permissive"]?.boolean, "\(test.name)")
                count += 1
            }
        }
        #expect(count == 14)
        ConformanceCount.report("validator cases, verdict on a request", count)
    }
}

/// What the reference says of the policies of a test.
enum ExpectedVerdicts {
    /// Compares the verdicts on all policies of a set.
    ///
    /// - Returns: How many policies there are.
    static func compare(_ policies: PolicySet, _ schema: Schema, _ expected: JSONValue, _ test: String) throws -> Int {
        let validator = Validator(schema)
        let verdicts = try #require(expected["perPolicy"])
        for (mode, key) in [(ValidationMode.strict, Text("strict")), (.permissive, "permissive")] {
            let result = validator.validate(policies, mode: mode)
            #expect(result.isValid == expected[key]?.boolean, "\(test) \(mode)")
            for (place, policy) in policies.policies.enumerated() {
                let verdict = try #require(verdicts[policy.id])
                let isValid = result.isValid(place)
                #expect(isValid == verdict[key]?.boolean, "\(test) \(mode) \(policy.id): \(result.findings[place])")
                let errors = try messages(verdict[Text("\(key)Errors")])
                // How often a thing is reported depends on what the messages say; what is reported does not.
                let codes = Set(try errors.map(code))
                let found = Set(result.findings[place].filter { $0.severity == .error }.map(\.code.description))
                #expect(found == codes, "\(test) \(mode) \(policy.id): \(result.findings[place]) \(errors)")
            }
        }
        return policies.policies.count
    }

    /// Compares the verdicts on all entities.
    ///
    /// - Returns: How many entities there are.
    @discardableResult
    static func compare(_ json: JSONValue, _ schema: Schema, _ expected: JSONValue?, _ test: String) throws -> Int {
        let perEntity = try #require(expected?["perEntity"])
        for verdict in schema.verdicts(on: json) {
            let uid = try #require(verdict.uid)
            let errors = try #require(perEntity[Text("\(uid.type)::\(uid.id)")])["errors"]
            #expect(verdict.isValid == (errors == nil), "\(test) \(uid): \(verdict.errors)")
        }
        return perEntity.count
    }

    /// Whether a request with its context conforms.
    static func isValid(_ json: JSONValue, _ schema: Schema) -> Bool {
        do {
            let action = try ExpectedRequest.uid(json["action"])
            let context = try schema.context(try #require(json["context"]), for: action)
            let principal = try ExpectedRequest.uid(json["principal"])
            let resource = try ExpectedRequest.uid(json["resource"])
            try schema.validate(Request(principal: principal, action: action, resource: resource, context: context))
            return true
        } catch {
            return false
        }
    }

    private static func messages(_ json: JSONValue?) throws -> [String] {
        guard let json else { return [] }
        return try json.elements.map { try #require($0.string).string }
    }

    /// The code that stands for a message of the reference.
    private static func code(of message: String) throws -> String {
        for (part, code) in parts where message.contains(part) { return code }
        throw UnknownMessage(message: message)
    }

    private struct UnknownMessage: Error {
        let message: String
    }

    private static let parts = [
        ("unrecognized entity type", "unknown_entity_type"),
        ("unrecognized action", "unknown_action"),
        ("unable to find an applicable action", "no_applicable_action"),
        ("unexpected type: expected", "unexpected_type"),
        ("are not compatible", "incompatible_types"),
        ("unable to guarantee safety of access to optional attribute", "unguarded_attribute"),
        ("unable to guarantee safety of access to tag", "unguarded_tag"),
        ("because no `tags` were declared", "tags_not_declared"),
        ("wrong number of arguments", "wrong_argument_count"),
        ("error during extension function argument validation", "invalid_extension_literal"),
        ("extension constructors may not be called with non-literal", "extension_of_non_literal"),
        ("empty set literals are forbidden", "empty_set"),
        ("not found", "unknown_attribute"),
        ("is not a valid", "undeclared_entity"),
    ]
}

/// One of the reference's handwritten cases: a schema, policies, entities, requests and what is said of them.
struct ValidatorCase {
    let name: String
    let schema: Schema
    let policies: PolicySet
    let entities: JSONValue
    let requests: JSONValue
    let validation: JSONValue

    static func all() throws -> [ValidatorCase] {
        try Fixtures.lines(Fixtures.bytes("validator-cases.jsonl")).map { try ValidatorCase($0) }
    }

    private init(_ line: [UInt8]) throws {
        let json = try JSONValue(parsing: line, limits: .file)
        name = try #require(json["name"]?.string).string
        let files = try #require(json["files"])
        for member in files.members {
            #expect(["cedar", "cedarschema", "entities.json", "json", "validation.json"].contains(member.name.string))
        }
        schema = try Schema(parsing: try #require(files["cedarschema"]?.string))
        policies = try PolicySet(parsing: try #require(files["cedar"]?.string))
        entities = try Self.parsed(files, "entities.json")
        requests = try #require(try Self.parsed(files, "json")["requests"])
        validation = try Self.parsed(files, "validation.json")
    }

    private static func parsed(_ files: JSONValue, _ name: Text) throws -> JSONValue {
        try JSONValue(parsing: Array(try #require(files[name]?.string).utf8), limits: .file)
    }
}
