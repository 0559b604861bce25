import Bytes
import Cedar
import Foundation
import Testing

/// Cedar's own conformance data: decision, reasons and errors have to agree in every request.
@Suite struct ConformanceTests {
    private static let shardCount = 8
    private static let corpus = Result { try Fixtures.lines(Fixtures.decompressed("corpus.jsonl.gz")) }

    @Test func theCorpusIsComplete() throws {
        let lines = try Self.corpus.get()
        #expect(lines.count == 4667)
    }

    @Test(arguments: 0..<shardCount) func everyCorpusRequestIsDecidedAsByTheReference(shard: Int) throws {
        let lines = try Self.corpus.get()
        var requests = 0
        for index in stride(from: shard, to: lines.count, by: Self.shardCount) {
            let test = try JSONValue(parsing: lines[index], limits: .file)
            let id = try #require(test["id"]?.string)
            do {
                requests += try Self.run(test, id)
            } catch {
                Issue.record("\(id): \(error)")
            }
        }
        #expect(requests >= lines.count / Self.shardCount)
        ConformanceCount.report("corpus, decision, reasons and errors of a request", requests)
    }

    private static func run(_ test: JSONValue, _ id: Text) throws -> Int {
        let policyText = try #require(test["policy"]?.string)
        let schemaText = try #require(test["schema"]?.string)
        let entitiesJSON = try #require(test["entities"])
        let policies = try PolicySet(parsing: policyText)
        let schema = try Schema(parsing: schemaText)
        let entities = try Entities(entitiesJSON, schema: schema)
        let requests = try #require(test["requests"])
        for (index, json) in requests.elements.enumerated() {
            let expected = try ExpectedRequest(json, schema)
            let difference = expected.difference(policies, entities)
            #expect(difference == nil, "\(id) request \(index)")
        }
        return requests.count
    }

    @Test func theCorpusHasAllRequests() throws {
        let lines = try Self.corpus.get()
        let count = try lines.reduce(0) { try $0 + (JSONValue(parsing: $1, limits: .file)["requests"]?.count ?? 0) }
        #expect(count == 6755)
    }

    @Test func everyHandwrittenTestIsDecidedAsByTheReference() throws {
        let enumerator = try #require(
            FileManager.default.enumerator(at: Fixtures.url("tests"), includingPropertiesForKeys: nil)
        )
        let files = enumerator.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
        #expect(files.count == 22)
        var requests = 0
        for file in files {
            let test = try JSONValue(parsing: Array(try Data(contentsOf: file)), limits: .file)
            let known: Set<Text> = ["policies", "entities", "schema", "shouldValidate", "requests"]
            for member in test.members { #expect(known.contains(member.name)) }
            let policyPath = try #require(test["policies"]?.string)
            let schemaPath = try #require(test["schema"]?.string)
            let entitiesPath = try #require(test["entities"]?.string)
            let policies = try PolicySet(parsing: Fixtures.bytes(policyPath.string))
            let schema = try Schema(parsing: Fixtures.bytes(schemaPath.string))
            let entities = try Entities(Fixtures.json(entitiesPath.string), schema: schema)
            let list = try #require(test["requests"])
            for request in list.elements {
                #expect(
                    try ExpectedRequest(request, schema).difference(policies, entities) == nil,
                    "\(file.lastPathComponent)"
                )
                requests += 1
            }
        }
        #expect(requests == 74)
        ConformanceCount.report("handwritten, decision, reasons and errors of a request", requests)
    }

    @Test(arguments: ["scoped_100", "unscoped_100"]) func setsOfManyPoliciesAreDecidedAsByTheReference(
        name: String
    ) throws {
        let policies = try PolicySet(parsing: Fixtures.decompressed("workloads/agent_\(name).cedar.gz"))
        let file = try JSONValue(
            parsing: Fixtures.decompressed("workloads/agent_\(name).requests.json.gz"),
            limits: .file
        )
        let store = try JSONValue(parsing: Fixtures.decompressed("workloads/agent_entities.json.gz"), limits: .file)
        let entities = try Entities(store)
        let requests = try #require(file["requests"])
        let expected = try #require(file["expected"])
        #expect(policies.policies.count == 100)
        #expect(requests.count == 500)
        #expect(expected.count == 500)
        for (json, expected) in zip(requests.elements, expected.elements) {
            let context = try #require(json["context"])
            guard case .record(let record) = try ValueDecoder().value(context) else { continue }
            let request = Request(
                principal: try ExpectedRequest.uid(json["principal"]),
                action: try ExpectedRequest.uid(json["action"]),
                resource: try ExpectedRequest.uid(json["resource"]),
                context: record
            )
            let evaluation = Authorizer.evaluate(request, policies, entities)
            #expect(evaluation.decision.rawValue == expected["decision"]?.string?.string)
            #expect(evaluation.determining.count == expected["reason"]?.count)
            #expect(evaluation.failures.count == expected["errors"]?.integer.map(Int.init))
        }
    }

    @Test(arguments: [
        (#""decision": "deny", "reason": ["policy0"], "errors": []"#, false),
        (#""decision": "allow", "reason": [], "errors": []"#, false),
        (#""decision": "allow", "reason": ["policy0"], "errors": ["policy0"]"#, false),
        (#""decision": "allow", "reason": ["policy0"], "errors": []"#, true),
    ])
    func anythingButTheExpectedAnswerIsNoticed(expectation: String, isMet: Bool) throws {
        let schema = try Schema(parsing: "entity U; action a appliesTo { principal: U, resource: U };")
        let text = """
            {"principal": {"type": "U", "id": "u"}, "action": {"type": "Action", "id": "a"},
             "resource": {"type": "U", "id": "u"}, "context": {}, \(expectation)}
            """
        let expected = try ExpectedRequest(JSONValue(parsing: Array(text.utf8)), schema)
        let policies = try PolicySet(parsing: "permit(principal, action, resource);")
        #expect((expected.difference(policies, .empty) == nil) == isMet)
    }
}
