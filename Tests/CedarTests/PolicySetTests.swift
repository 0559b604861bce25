import Bytes
import Cedar
import Testing

/// Identifiers, templates, links and merging.
@Suite struct PolicySetTests {
    private static let alice = EntityUID(type: entityType("User"), id: "alice")
    private static let bob = EntityUID(type: entityType("User"), id: "bob")
    private static let photo = EntityUID(type: entityType("Photo"), id: "p")

    private static func library() throws -> PolicySet {
        try PolicySet(
            parsing: """
                permit (principal == ?principal, action, resource) when { context.ok };
                permit (principal == User::"carol", action, resource);
                permit (principal, action, resource is Photo in ?resource);
                forbid (principal in ?principal, action, resource == ?resource) unless { 1 + 1 == 2 };
                """
        )
    }

    private static func decision(_ set: PolicySet, _ principal: EntityUID, ok: Bool = true) throws -> Decision {
        let request = Request(
            principal: principal,
            action: EntityUID(type: entityType("Action"), id: "view"),
            resource: photo,
            context: try #require(Record([Record.Field("ok", .bool(ok))]))
        )
        return Authorizer.evaluate(request, set, .empty).decision
    }

    @Test func policiesAreNamedByPlace() throws {
        let set = try Self.library()
        #expect(set.policies.map(\.id) == ["policy0", "policy1", "policy2", "policy3"])
        #expect(set.index(of: "policy2") == 2)
        #expect(set["policy1"]?.effect == .permit)
        #expect(set["policy4"] == nil)
        #expect(set.templates.map(\.id) == ["policy0", "policy2", "policy3"])
    }

    @Test func aTemplateAloneDecidesNothing() throws {
        #expect(try Self.decision(Self.library(), Self.alice) == .deny)
    }

    @Test func aLinkedPolicyDecidesWithItsSlotFilled() throws {
        var set = try Self.library()
        try set.link(template: "policy0", id: "link", slots: [.principal: Self.alice])
        #expect(try Self.decision(set, Self.alice) == .allow)
        #expect(try Self.decision(set, Self.bob) == .deny)
        #expect(try Self.decision(set, Self.alice, ok: false) == .deny)
        let link = try #require(set["link"])
        #expect(link.principal == .equal(.entity(Self.alice)))
        #expect(!link.isTemplate)
        #expect(link.link == TemplateLink(id: "link", template: "policy0", slots: [.principal: Self.alice]))
        #expect(set["policy0"]?.isTemplate == true)
    }

    @Test func everyKindOfSlotIsFilled() throws {
        let set = try Self.library().linking([
            TemplateLink(id: "a", template: "policy2", slots: [.resource: Self.photo]),
            TemplateLink(id: "b", template: "policy3", slots: [.principal: Self.bob, .resource: Self.photo]),
        ])
        #expect(set["a"]?.resource == .isTypeIn(entityType("Photo"), .entity(Self.photo)))
        #expect(set["b"]?.principal == .isIn(.entity(Self.bob)))
        #expect(set["b"]?.resource == .equal(.entity(Self.photo)))
        #expect(try Self.decision(set, Self.alice) == .allow)
        #expect(try Self.decision(set, Self.bob) == .allow)
    }

    @Test(
        arguments: [
            (TemplateLink(id: "policy1", template: "policy0", slots: [.principal: alice]), .duplicateID("policy1")),
            (TemplateLink(id: "x", template: "policy9", slots: [.principal: alice]), .unknownTemplate("policy9")),
            (TemplateLink(id: "x", template: "policy1", slots: [.principal: alice]), .notATemplate("policy1")),
            (TemplateLink(id: "x", template: "policy0", slots: [:]), .missingSlot(.principal, template: "policy0")),
            (
                TemplateLink(id: "x", template: "policy3", slots: [.principal: alice]),
                .missingSlot(.resource, template: "policy3")
            ),
            (
                TemplateLink(id: "x", template: "policy0", slots: [.principal: alice, .resource: photo]),
                .superfluousSlot(.resource, template: "policy0")
            ),
        ] as [(TemplateLink, PolicySetError)]
    )
    func aLinkThatDoesNotFitItsTemplateIsRefused(link: TemplateLink, error: PolicySetError) throws {
        let set = try Self.library()
        #expect(throws: error) { try set.linking([link]) }
        #expect(!error.description.isEmpty)
    }

    @Test func twoLinksOfOneNameAreRefused() throws {
        let link = TemplateLink(id: "x", template: "policy0", slots: [.principal: Self.alice])
        #expect(throws: PolicySetError.duplicateID("x")) { try Self.library().linking([link, link]) }
        var set = try Self.library().linking([link])
        #expect(throws: PolicySetError.duplicateID("x")) {
            try set.link(template: "policy0", id: "x", slots: [.principal: Self.bob])
        }
        #expect(set.policies.count == 5)
    }

    @Test func aLinkedPolicyIsNoTemplate() throws {
        let set = try Self.library().linking([
            TemplateLink(id: "x", template: "policy0", slots: [.principal: Self.alice])
        ])
        #expect(throws: PolicySetError.notATemplate("x")) {
            try set.linking([TemplateLink(id: "y", template: "x", slots: [:])])
        }
    }

    // MARK: Merging

    @Test func mergingKeepsTheMeaningOfBothSets() throws {
        let first = try Self.library().linking([
            TemplateLink(id: "x", template: "policy0", slots: [.principal: Self.alice])
        ])
        let second = try PolicySet(
            parsing: """
                permit (principal == ?principal, action, resource)
                when { {"a": [1, 2].contains(1), b: "x" like "x*", c: if true then ip("::1").isIpv6() else -1 < 2 * 3}.a };
                forbid (principal == User::"alice", action, resource) when { resource is T in T::"x" || context has a.b };
                forbid (principal == User::"bob", action, resource) when { context.ok && !(context has n.b) };
                """
        ).linking([TemplateLink(id: "y", template: "policy0", slots: [.principal: Self.bob])])
        let (merged, renamed) = try first.merging(second, .rename)
        #expect(renamed == ["policy0": "policy4", "policy1": "policy5", "policy2": "policy6"])
        #expect(merged["y"]?.link?.template == "policy4")
        #expect(merged.policies.count == 9)
        #expect(try Self.decision(second, Self.bob, ok: false) == .allow)
        #expect(try Self.decision(merged, Self.bob, ok: false) == .allow)
        #expect(try Self.decision(merged, Self.bob) == .deny)
        #expect(try Self.decision(merged, Self.alice) == .allow)
        #expect(throws: PolicySetError.duplicateID("policy0")) { try first.merging(second) }
    }

    @Test func setsWithoutCommonNamesMergeAsTheyAre() throws {
        let second = try PolicySet(parsing: "@id(\"other\") permit (principal, action, resource);").namedByAnnotation()
        let (merged, renamed) = try Self.library().merging(second)
        #expect(renamed.isEmpty)
        #expect(merged.policies.map(\.id) == ["policy0", "policy1", "policy2", "policy3", "other"])
        #expect(try PolicySet.empty.merging(second).set.policies.count == 1)
    }

    @Test func theAnnotationNamesAPolicy() throws {
        var set = try PolicySet(
            parsing: """
                @id("t") permit (principal == ?principal, action, resource);
                permit (principal, action, resource);
                """
        )
        try set.link(template: "policy0", id: "link", slots: [.principal: Self.alice])
        let named = try set.namedByAnnotation()
        #expect(named.policies.map(\.id) == ["t", "policy1", "link"])
        #expect(named["link"]?.link?.template == "t")
    }

    @Test func twoPoliciesOfOneAnnotatedNameAreRefused() throws {
        let texts: [Text] = [
            "@id(\"a\") permit (principal, action, resource); @id(\"a\") forbid (principal, action, resource);",
            "permit (principal, action, resource); @id(\"policy0\") forbid (principal, action, resource);",
        ]
        for text in texts {
            let set = try PolicySet(parsing: text)
            #expect(throws: PolicySetError.self) { try set.namedByAnnotation() }
        }
    }

    // MARK: Limits

    @Test func theNumberOfPoliciesIsLimited() throws {
        let template = try PolicySet(parsing: "permit (principal == ?principal, action, resource);")
        func links(_ count: Int) -> [TemplateLink] {
            (0..<count).map { TemplateLink(id: Text("l\($0)"), template: "policy0", slots: [.principal: Self.alice]) }
        }
        let most = try template.linking(links(SourceLimits.declarationsMax - 1))
        #expect(most.policies.count == SourceLimits.declarationsMax)
        #expect(throws: PolicySetError.tooManyPolicies) { try template.linking(links(SourceLimits.declarationsMax)) }
        #expect(throws: PolicySetError.tooManyPolicies) { try most.merging(template, .rename) }
        #expect(try most.merging(.empty).set.policies.count == SourceLimits.declarationsMax)
    }
}
