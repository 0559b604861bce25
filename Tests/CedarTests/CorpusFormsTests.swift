import Bytes
import Cedar
import Testing

/// The corpus' policies and schemas in all their forms.
@Suite struct CorpusFormsTests {
    private static let shardCount = 8
    private static let corpus = Result { try Fixtures.lines(Fixtures.decompressed("corpus.jsonl.gz")) }

    /// One test of the corpus, with a name for messages.
    private static func forEachTest(
        shard: Int,
        _ part: String,
        _ body: (JSONValue, Text) throws -> Void
    ) throws {
        var count = 0
        let lines = try corpus.get()
        try #require(lines.count == 4667)
        for index in stride(from: shard, to: lines.count, by: shardCount) {
            let test = try JSONValue(parsing: lines[index], limits: .policies)
            let id = try #require(test["id"]?.string)
            do {
                try body(test, id)
                count += 1
            } catch {
                Issue.record("\(id): \(error)")
            }
        }
        ConformanceCount.report("corpus, \(part)", count)
    }

    private static func canonical(_ bytes: [UInt8]) throws -> [UInt8] {
        try #require(CanonicalJSON.encode(JSONValue(parsing: bytes, limits: .policies)))
    }

    @Test(arguments: 0..<shardCount) func everyPolicyIsWrittenInJSONAsByTheReference(shard: Int) throws {
        try Self.forEachTest(shard: shard, "a policy in JSON, written and read") { test, id in
            let json = try #require(test["est"])
            let expected = try #require(CanonicalJSON.encode(json))
            let set = try PolicySet(parsing: #require(test["policy"]?.string))
            let written = try Self.canonical(set.json())
            #expect(written == expected, "\(id)")
            let back = try PolicySet(json: json)
            #expect(try Self.canonical(back.json()) == expected, "\(id), read back")
            #expect(try Self.canonical(PolicySet(parsingJSON: set.json()).json()) == expected, "\(id), round trip")
        }
    }

    @Test(arguments: 0..<shardCount) func everyPolicyInJSONDecidesAsItsText(shard: Int) throws {
        try Self.forEachTest(shard: shard, "a policy read from JSON decides as its text") { test, id in
            let schema = try Schema(parsing: #require(test["schema"]?.string))
            let entities = try Entities(#require(test["entities"]), schema: schema)
            let set = try PolicySet(json: #require(test["est"]))
            for request in try #require(test["requests"]).elements {
                #expect(try ExpectedRequest(request, schema).difference(set, entities) == nil, "\(id)")
            }
        }
    }

    @Test(arguments: 0..<shardCount) func everyPolicyIsWrittenAsTextThatReadsTheSame(shard: Int) throws {
        try Self.forEachTest(shard: shard, "a policy as text, written and read") { test, id in
            let set = try PolicySet(parsing: #require(test["policy"]?.string))
            let text = try #require(set.cedarText())
            let back = try PolicySet(parsing: text)
            #expect(back.cedarText() == text, "\(id)")
            let expected = String(decoding: set.json(), as: UTF8.self)
            #expect(String(decoding: back.json(), as: UTF8.self) == expected, "\(id)")
            let fromJSON = try PolicySet(json: #require(test["est"]))
            let translated = try PolicySet(parsing: #require(fromJSON.cedarText()))
            #expect(String(decoding: translated.json(), as: UTF8.self) == expected, "\(id), from JSON")
        }
    }

    /// What a schema means.
    private static func meaning(_ schema: Schema) -> ([EntityTypeDeclaration], [ActionDeclaration]) {
        (schema.entityTypes, schema.actions)
    }

    @Test(arguments: 0..<shardCount) func everySchemaTranslatesAsByTheReference(shard: Int) throws {
        var count = 0
        try Self.forEachTest(shard: shard, "a schema, written in both formats and read") { test, id in
            let fragment = try SchemaFragment(parsing: #require(test["schema"]?.string))
            let schema = try fragment.resolved()
            let text = try fragment.cedarText()
            #expect(try Self.meaning(Schema(parsing: text)) == Self.meaning(schema), "\(id)")
            // Some tests do not say what their schema is in JSON.
            guard let json = test["schemaJSON"] else { return }
            count += 1
            let expected = try #require(CanonicalJSON.encode(json))
            #expect(try Self.canonical(fragment.json()) == expected, "\(id)")
            let fromJSON = try SchemaFragment(json: json)
            #expect(try Self.meaning(fromJSON.resolved()) == Self.meaning(schema), "\(id)")
            #expect(try Self.canonical(fromJSON.json()) == expected, "\(id)")
            #expect(try fromJSON.cedarText() == text, "\(id)")
        }
        #expect(count > 550)
        ConformanceCount.report("corpus, a schema in JSON equal to its Cedar form", count)
    }
}
