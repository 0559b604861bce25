import Bytes
import Cedar
import Testing

/// Re-authorizing what is left of policies equals authorizing them, whatever was known; and so do batches.
@Suite struct PartialViewTests {
    private static let shardCount = 8
    private static let corpus = Result { try Fixtures.lines(Fixtures.decompressed("corpus.jsonl.gz")) }

    /// One test of the corpus, as values.
    private struct Case {
        let policies: PolicySet
        let schema: Schema
        let entities: Entities
        let requests: [Request]
        let isStrict: Bool

        init(_ line: [UInt8]) throws {
            let test = try JSONValue(parsing: line, limits: .file)
            let schema = try Schema(parsing: try #require(test["schema"]?.string))
            self.schema = schema
            policies = try PolicySet(parsing: try #require(test["policy"]?.string))
            entities = try Entities(try #require(test["entities"]), schema: schema)
            requests = try #require(test["requests"]).elements.map { try ExpectedRequest($0, schema).request }
            let isStrict = try #require(test["shouldValidate"])
            self.isStrict = isStrict.boolean == true
        }
    }

    private static func run(shard: Int, _ body: (Case, inout SeededRandom) throws -> Int) throws -> Int {
        let lines = try corpus.get()
        var count = 0
        for index in stride(from: shard, to: lines.count, by: shardCount) {
            var random = SeededRandom(UInt64(index))
            do {
                count += try body(Case(lines[index]), &random)
            } catch {
                Issue.record("line \(index): \(error)")
            }
        }
        return count
    }

    @Test(arguments: 0..<shardCount) func whatIsLeftOfTheCorpusDecidesAsThePolicies(shard: Int) throws {
        let count = try Self.run(shard: shard) { test, random in
            guard test.isStrict else { return 0 }
            for request in test.requests {
                let view = try PartialView(of: request, test.entities, test.schema, &random)
                let evaluation = try test.policies.partiallyEvaluate(view.request, view.entities, schema: test.schema)
                let expected = Authorizer.evaluate(request, test.policies, test.entities)
                let found = try evaluation.reauthorize(request, test.entities)
                #expect(found == expected)
                #expect((evaluation.decision ?? expected.decision) == expected.decision)
                try view.checkOutcomes(evaluation, expected)
            }
            return test.requests.count
        }
        #expect(count > 400)
    }

    @Test(arguments: 0..<shardCount) func batchesDecideTheCorpusAsIfAllEntitiesWereThere(shard: Int) throws {
        let count = try Self.run(shard: shard) { test, _ in
            var decided = 0
            for request in test.requests {
                var asked: Set<EntityUID> = []
                do throws(BatchedAuthorizationError) {
                    let decision = try test.policies.isAuthorizedBatched(request, schema: test.schema) { uids in
                        #expect(!uids.isEmpty && asked.isDisjoint(with: uids))
                        asked.formUnion(uids)
                        return uids.compactMap { test.entities[$0] }
                    }
                    #expect(decision == Authorizer.evaluate(request, test.policies, test.entities).decision)
                    decided += 1
                } catch {
                    // Policies that are not strictly valid for the request are refused, and no others.
                    guard case .evaluation(.invalidPolicy) = error, !test.isStrict else { throw error }
                }
            }
            return decided
        }
        #expect(count > 500)
    }
}

/// A request and entities of which a part, chosen at random, is hidden.
struct PartialView {
    let request: PartialRequest
    let entities: PartialEntities

    init(of request: Request, _ entities: Entities, _ schema: Schema, _ random: inout SeededRandom) throws {
        func hidden(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        let share = Int.random(in: 0...100, using: &random)
        self.request = try PartialRequest(
            principal: PartialEntityUID(type: request.principal.type, id: hidden(share) ? nil : request.principal.id),
            action: request.action,
            resource: PartialEntityUID(type: request.resource.type, id: hidden(share) ? nil : request.resource.id),
            context: hidden(share) ? nil : request.context,
            schema: schema
        )
        var known: [PartialEntity] = []
        for entity in entities.all where !entity.uid.type.isAction && !hidden(share) {
            known.append(
                PartialEntity(
                    uid: entity.uid,
                    attributes: hidden(share) ? nil : entity.attributes,
                    parents: hidden(share) ? nil : entity.parents,
                    tags: hidden(share) ? nil : entity.tags
                )
            )
        }
        self.entities = try PartialEntities(known, schema: schema)
    }

    /// What is sure of a policy has to come true.
    func checkOutcomes(_ evaluation: PartialEvaluation, _ expected: Evaluation) throws {
        let satisfied = Set((expected.permits + expected.forbids).map(\.policy))
        let failed = Set(expected.failures.map(\.policy.policy))
        for policy in evaluation.policies {
            switch policy.outcome {
            case .satisfied: #expect(satisfied.contains(policy.index))
            case .failed: #expect(failed.contains(policy.index))
            case .unsatisfied: #expect(!satisfied.contains(policy.index) && !failed.contains(policy.index))
            case .residual: continue
            }
        }
    }
}
