import Bytes
import Cedar
import Foundation
import Testing

/// The examples of `docs/cedar.md`, compiled and run.
@Suite struct EmbeddingTests {
    @Test func theExampleOfTheDocumentDecides() throws {
        let schema = try Schema(
            parsing: """
                entity User { clearance: Long };
                entity Document { owner: User, level: Long };
                action read appliesTo { principal: User, resource: Document, context: { mfa: Bool } };
                """
        )
        let policies = try PolicySet(
            parsing: """
                permit (principal, action == Action::"read", resource) when { principal == resource.owner };
                permit (principal, action == Action::"read", resource)
                when { context.mfa && principal.clearance >= resource.level };
                """
        )
        let validation = Validator(schema).validate(policies)
        precondition(validation.isValid, "\(validation.findings)")

        let data = """
            [{"uid": {"type": "User", "id": "alice"}, "attrs": {"clearance": 3}, "parents": []},
             {"uid": {"type": "User", "id": "bob"}, "attrs": {"clearance": 1}, "parents": []},
             {"uid": {"type": "Document", "id": "plan"},
              "attrs": {"owner": {"type": "User", "id": "alice"}, "level": 2}, "parents": []}]
            """
        let entities = try Entities(JSONValue(parsing: Array(data.utf8), limits: .file), schema: schema)

        // Made once, for as long as policies and entities stay; shared by all threads.
        let authorizer = PreparedAuthorizer(policies, entities)

        func decide(_ principal: String, mfa: Bool) throws -> (Decision, reasons: [Text], failed: [Text]) {
            guard let principal = EntityUID(principal), let action = EntityUID(#"Action::"read""#),
                let resource = EntityUID(#"Document::"plan""#), let context = Record([Record.Field("mfa", .bool(mfa))])
            else { return (.deny, [], []) }
            let request = Request(principal: principal, action: action, resource: resource, context: context)
            try schema.validate(request)
            let evaluation = authorizer.evaluate(request)
            return (
                evaluation.decision,
                evaluation.determining.map { policies.policies[$0.policy].id },
                // Stock Cedar skips these; whoever wants to fail closed denies if there are any.
                evaluation.failures.map { policies.policies[$0.policy.policy].id }
            )
        }
        #expect(try decide(#"User::"alice""#, mfa: false) == (.allow, ["policy0"], []))
        #expect(try decide(#"User::"bob""#, mfa: true) == (.deny, [], []))
        #expect(throws: RequestError.self) { try decide(#"Document::"plan""#, mfa: true) }
        try evaluateInPart(schema, policies, entities)
    }

    private func evaluateInPart(_ schema: Schema, _ policies: PolicySet, _ entities: Entities) throws {
        let (user, read, plan) = (entityType("User"), uid("Action", "read"), uid("Document", "plan"))
        let context = try #require(Record([Record.Field("mfa", .bool(true))]))
        var printed: [String] = []
        func print(_ text: Text) { printed.append(text.string) }

        let partial = try PartialRequest(
            principal: PartialEntityUID(type: user),
            action: read,
            resource: PartialEntityUID(plan),
            context: context,
            schema: schema
        )
        let evaluation = try policies.partiallyEvaluate(
            partial,
            PartialEntities(entities, schema: schema),
            schema: schema
        )
        for policy in evaluation.nontrivialResiduals.policies.indices {
            print(evaluation.nontrivialResiduals.cedarText(ofPolicyAt: policy))
        }
        #expect(evaluation.decision == nil)
        #expect(
            printed == [
                "permit (principal, action, resource)\nwhen { principal == User::\"alice\" };",
                "permit (principal, action, resource)\nwhen { principal.clearance >= 2 };",
            ]
        )
    }

    /// Every block of code in the document stands in this file, so that it is compiled and run.
    @Test func theDocumentShowsWhatIsCompiled() throws {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let document = try String(contentsOf: root.appending(path: "docs/cedar.md"), encoding: .utf8)
        let source = Self.lines(try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8))
        let blocks = document.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
        #expect(blocks.count == 2)
        for block in blocks {
            let wanted = Self.lines(block).filter { !$0.hasPrefix("import ") }
            let starts = source.indices.filter { source[$0...].starts(with: wanted) }
            #expect(starts.count == 1, "\(block)")
        }
    }

    /// The lines without their indentation and without empty ones.
    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
    }
}
