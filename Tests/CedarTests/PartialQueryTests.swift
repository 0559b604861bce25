import Bytes
import Cedar
import Testing

/// Partial requests and entities in JSON, re-authorization, permission queries and batches, on the example of RFC 95.
@Suite struct PartialQueryTests {
    private static let schema = Result { () throws(SyntaxError) in
        try Schema(
            parsing: """
                entity Team;
                entity User in [Team];
                entity Robot enum ["r2"];
                entity Document { "isPublic": Bool, "owner": User } tags String;
                action View appliesTo { principal: [User, Robot], resource: [Document], context: { "hasMFA": Bool } };
                action Delete appliesTo {
                    principal: [User], resource: [Document], context: { "hasMFA": Bool, "srcIP": ipaddr }
                };
                """
        )
    }

    private static let policies = Result { () throws(SyntaxError) in
        try PolicySet(
            parsing: """
                permit(principal, action == Action::"View", resource) when { resource.isPublic };
                permit(principal is User, action == Action::"View", resource)
                when { context.hasMFA && resource.owner == principal };
                permit(principal is User, action == Action::"Delete", resource)
                when { context.hasMFA && resource.owner == principal && context.srcIP.isInRange(ip("1.1.1.0/24")) };
                """
        )
    }

    private static func document(_ id: Text, isPublic: Bool, owner: Text) throws -> Entity {
        let attributes = [Record.Field("isPublic", .bool(isPublic)), .init("owner", .entity(uid("User", owner)))]
        return Entity(uid: uid("Document", id), attributes: try #require(Record(attributes)))
    }

    private static func entities() throws -> Entities {
        try Entities(
            try schema.get().actionEntities + [
                Entity(uid: uid("User", "Alice"), parents: [uid("Team", "a")]), Entity(uid: uid("User", "Bob")),
                document("public", isPublic: true, owner: "Bob"), document("hers", isPublic: false, owner: "Alice"),
                document("his", isPublic: false, owner: "Bob"),
            ]
        )
    }

    private static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private static let alice = #""principal_type": "User", "principal_eid": "Alice", "resource_type": "Document""#

    private static func request(_ more: String = "") throws -> PartialRequest {
        try PartialRequest(json(#"{\#(alice), "action": "Action::\"View\""\#(more)}"#), schema: schema.get())
    }

    private static let mfa = Record([.init("hasMFA", .bool(true))]) ?? .empty

    // MARK: JSON

    @Test func theExampleOfTheReferenceIsReadAndEvaluated() throws {
        let schema = try Self.schema.get()
        let users = #"[{"uid": {"type": "User", "id": "Alice"}, "attrs": {}, "parents": []}]"#
        let entities = try PartialEntities(Self.json(users), schema: schema)
        let evaluation = try Self.policies.get().partiallyEvaluate(Self.request(), entities, schema: schema)
        #expect(evaluation.policies.map(\.outcome) == [.residual, .residual, .unsatisfied])
        #expect(evaluation.decision == nil)
        let left = try PolicySet(
            parsing: """
                permit(principal, action, resource) when { resource.isPublic };
                permit(principal, action, resource) when { context.hasMFA && resource.owner == User::"Alice" };
                permit(principal, action, resource) when { false };
                """
        )
        for place in 0..<3 {
            #expect(evaluation.residuals.json(ofPolicyAt: place) == left.json(ofPolicyAt: place))
        }
    }

    @Test(arguments: [
        #", "context": {"hasMFA": 1}"#, #", "context": {}"#, #", "context": null"#, #", "resource_eid": 1"#,
        #", "x": 1"#,
    ])
    func aPartialRequestThatDoesNotConformIsRefused(more: String) throws {
        #expect(throws: PartialRequestJSONError.self) { try Self.request(more) }
        #expect(try Self.request(#", "context": {"hasMFA": true}"#).context == Self.mfa)
        #expect(try Self.request(#", "resource_eid": "d""#).resource.uid == uid("Document", "d"))
    }

    @Test(arguments: [
        #"{"principal_type": "Team", "resource_type": "Document", "action": "Action::\"View\""}"#,
        #"{"principal_type": "User", "resource_type": "User", "action": "Action::\"View\""}"#,
        #"{"principal_type": "User", "resource_type": "Document", "action": "Action::\"Other\""}"#,
        #"{"principal_type": "User", "resource_type": "Document", "action": "View"}"#,
        #"{"principal_type": "Us er", "resource_type": "Document", "action": "Action::\"View\""}"#,
        #"{"principal_type":"Robot","principal_eid":"x","resource_type":"Document","action":"Action::\"View\""}"#,
        #"{"resource_type": "Document", "action": "Action::\"View\""}"#, #"[]"#,
    ])
    func aPartialRequestOfOtherTypesIsRefused(text: String) throws {
        #expect(throws: PartialRequestJSONError.self) { try PartialRequest(Self.json(text), schema: Self.schema.get()) }
    }

    @Test(arguments: [
        (#"{"uid": {"type": "User", "id": "a"}}"#, true),
        (#"{"uid": {"type": "User", "id": "a"}, "attrs": null, "parents": null, "tags": null}"#, true),
        (#"{"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Team", "id": "t"}]}"#, true),
        (#"{"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Document", "id": "t"}]}"#, false),
        (#"{"uid": {"type": "User", "id": "a"}, "parents": {}}"#, false),
        (#"{"uid": {"type": "User", "id": "a"}, "attrs": {"x": 1}}"#, false),
        (#"{"uid": {"type": "Document", "id": "a"}, "attrs": {}}"#, false),
        (#"{"uid": {"type": "Document", "id": "a"}, "tags": {"x": "y"}}"#, true),
        (#"{"uid": {"type": "Document", "id": "a"}, "tags": {"x": 1}}"#, false),
        (#"{"uid": {"type": "User", "id": "a"}, "tags": {"x": "y"}}"#, false),
        (#"{"uid": {"type": "Robot", "id": "r2"}}"#, true), (#"{"uid": {"type": "Robot", "id": "x"}}"#, false),
        (#"{"uid": {"type": "Nobody", "id": "a"}}"#, false), (#"{"attrs": {}}"#, false), ("1", false),
        (#"{"uid": {"type": "Action", "id": "View"}, "attrs": {}, "parents": []}"#, false),
        (#"{"uid": {"type": "User", "id": "a"}, "more": 1}"#, false),
    ])
    func partialEntitiesHaveToConform(text: String, isRead: Bool) throws {
        let schema = try Self.schema.get()
        let json = try Self.json("[\(text)]")
        if isRead {
            _ = try PartialEntities(json, schema: schema)
            let twice = try Self.json("[\(text), \(text)]")
            #expect(throws: PartialEntitiesError.self) { try PartialEntities(twice, schema: schema) }
        } else {
            #expect(throws: PartialEntitiesError.self) { try PartialEntities(json, schema: schema) }
        }
    }

    // MARK: Re-authorization

    @Test func reauthorizationTakesOnlyWhatMayHaveBeenMeant() throws {
        let schema = try Self.schema.get()
        let entities = try Self.entities()
        let known = try PartialEntities(
            [
                PartialEntity(uid: uid("Document", "hers"), tags: .empty),
                PartialEntity(uid: uid("User", "Bob"), parents: []),
            ],
            schema: schema
        )
        let evaluation = try Self.policies.get().partiallyEvaluate(Self.request(), known, schema: schema)
        func reauthorize(
            _ principal: EntityUID = uid("User", "Alice"),
            _ resource: EntityUID = uid("Document", "hers"),
            _ context: Record = PartialQueryTests.mfa,
            _ entities: [Entity] = []
        ) throws -> Evaluation {
            let request = Request(
                principal: principal,
                action: uid("Action", "View"),
                resource: resource,
                context: context
            )
            let others = try Self.entities().all.filter { each in !entities.contains { $0.uid == each.uid } }
            return try evaluation.reauthorize(request, Entities(others + entities))
        }
        #expect(try reauthorize().decision == .allow)
        #expect(try reauthorize(uid("User", "Alice"), uid("Document", "his")).decision == .deny)
        #expect(throws: ReauthorizationError.contradictoryRequest) { try reauthorize(uid("User", "Bob")) }
        #expect(throws: ReauthorizationError.contradictoryRequest) { try reauthorize(uid("Robot", "r2")) }
        #expect(throws: ReauthorizationError.self) { try reauthorize(uid("User", "Alice"), uid("User", "Bob")) }
        #expect(throws: ReauthorizationError.self) {
            try reauthorize(uid("User", "Alice"), uid("Document", "hers"), .empty)
        }
        let bob = Entity(uid: uid("User", "Bob"), parents: [uid("Team", "b")])
        #expect(throws: ReauthorizationError.contradictoryEntity(bob.uid)) {
            try reauthorize(uid("User", "Alice"), uid("Document", "hers"), Self.mfa, [bob])
        }
        let stranger = Entity(uid: uid("User", "Eve"), attributes: Self.mfa)
        #expect(throws: ReauthorizationError.self) {
            try reauthorize(uid("User", "Alice"), uid("Document", "hers"), Self.mfa, [stranger])
        }
        let request = Request(
            principal: uid("User", "Alice"),
            action: uid("Action", "View"),
            resource: uid("Document", "hers"),
            context: Self.mfa
        )
        let fewer = try Entities(entities.all.filter { $0.uid != uid("Document", "hers") })
        #expect(throws: ReauthorizationError.contradictoryEntity(uid("Document", "hers"))) {
            try evaluation.reauthorize(request, fewer)
        }
    }

    // MARK: Queries

    @Test func queriesFindWhatIsAllowed() throws {
        let schema = try Self.schema.get()
        let policies = try Self.policies.get()
        let entities = try Self.entities()
        func resources(_ principal: Text, _ context: Record) throws -> [Text] {
            let query = ResourceQuery(
                principal: uid("User", principal),
                action: uid("Action", "View"),
                resource: entityType("Document"),
                context: context
            )
            return try policies.queryResource(query, entities, schema: schema).map(\.id)
        }
        #expect(try resources("Alice", Self.mfa) == ["hers", "public"])
        #expect(try resources("Bob", Self.mfa) == ["his", "public"])
        #expect(try resources("Bob", Self.mfa.setting("hasMFA", to: .bool(false))) == ["public"])
        #expect(throws: PermissionQueryError.self) { try resources("Bob", .empty) }
        func principals(_ resource: Text, _ type: String = "User") throws -> [Text] {
            let query = PrincipalQuery(
                principal: entityType(type),
                action: uid("Action", "View"),
                resource: uid("Document", resource),
                context: Self.mfa
            )
            return try policies.queryPrincipal(query, entities, schema: schema).map(\.id)
        }
        #expect(try principals("public") == ["Alice", "Bob"])
        #expect(try principals("hers") == ["Alice"])
        #expect(try principals("none") == [])
        #expect(try principals("public", "Robot") == [])
    }

    @Test func actionsAreListedAsFarAsTheyAreCertain() throws {
        let schema = try Self.schema.get()
        let policies = try Self.policies.get()
        func actions(_ principal: PartialEntityUID, _ resource: Text, _ context: Record?) throws -> [String] {
            let query = ActionQuery(
                principal: principal,
                resource: PartialEntityUID(uid("Document", resource)),
                context: context
            )
            let entities = try PartialEntities(Self.entities(), schema: schema)
            return try policies.queryAction(query, entities, schema: schema).map { "\($0.action.id) \($0.isCertain)" }
        }
        let alice = PartialEntityUID(uid("User", "Alice"))
        // An access may fail, so that what follows it does not settle the question.
        #expect(try actions(alice, "public", nil) == ["Delete false", "View true"])
        #expect(try actions(alice, "hers", nil) == ["Delete false", "View false"])
        #expect(try actions(alice, "hers", Self.mfa) == ["View true"])
        #expect(try actions(PartialEntityUID(type: entityType("User")), "his", Self.mfa) == ["View false"])
        #expect(try actions(PartialEntityUID(type: entityType("Robot")), "public", nil) == ["View true"])
        #expect(try actions(PartialEntityUID(type: entityType("Team")), "public", nil) == [])
    }

    // MARK: Batches

    /// A chain of teams of which the last has the permission: each batch finds the parents of the next.
    private static func chain(
        _ length: Int,
        iterationsMax: Int = PartialLimits.iterationsMax,
        load: ((Set<EntityUID>) throws -> [Entity])? = nil
    ) throws -> Decision {
        let schema = try Schema(parsing: "entity T in [T]; action a appliesTo { principal: T, resource: T };")
        let policies = try PolicySet(parsing: Text("permit(principal in T::\"\(length)\", action, resource);"))
        let store = try Entities(
            (0..<length).map { Entity(uid: uid("T", Text("\($0)")), parents: [uid("T", Text("\($0 + 1)"))]) }
        )
        let request = Request(principal: uid("T", "0"), action: uid("Action", "a"), resource: uid("T", "0"))
        return try policies.isAuthorizedBatched(request, schema: schema, iterationsMax: iterationsMax) { uids in
            try load?(uids) ?? uids.compactMap { store[$0] }
        }
    }

    @Test func batchesEndAtTheirLimit() throws {
        #expect(try Self.chain(5) == .allow)
        #expect(try Self.chain(5, iterationsMax: 5) == .allow)
        let undecided = #expect(throws: BatchedAuthorizationError.self) { try Self.chain(5, iterationsMax: 4) }
        guard case .undecided = undecided else {
            Issue.record("\(String(describing: undecided))")
            return
        }
        #expect(throws: BatchedAuthorizationError.self) { try Self.chain(1, iterationsMax: 0) }
        #expect(throws: BatchedAuthorizationError.self) { try Self.chain(1, iterationsMax: -1) }
    }

    @Test func iterationsAreLimitedWhateverTheCallerAllows() throws {
        #expect(try Self.chain(PartialLimits.iterationsMax, iterationsMax: .max) == .allow)
        #expect(throws: BatchedAuthorizationError.self) {
            try Self.chain(PartialLimits.iterationsMax + 1, iterationsMax: .max)
        }
    }

    /// The principal itself is loaded, and then its parents, of which none is the one that is asked for.
    @Test func loadedEntitiesAreLimited() throws {
        func load(_ parents: Int) throws -> Decision {
            let entity = Entity(uid: uid("T", "0"), parents: (0..<parents).map { uid("T", Text("p\($0)")) })
            return try Self.chain(1) { uids in uids.contains(entity.uid) ? [entity] : [] }
        }
        #expect(try load(PartialLimits.loadedEntitiesMax - 1) == .deny)
        #expect(throws: BatchedAuthorizationError.self) { try load(PartialLimits.loadedEntitiesMax) }
    }

    @Test func whatIsNotLoadedDoesNotExist() throws {
        #expect(try Self.chain(5) { _ in [] } == .deny)
        // What was not asked for is not taken.
        #expect(try Self.chain(5) { _ in [Entity(uid: uid("T", "9"), parents: [uid("T", "5")])] } == .deny)
    }

    @Test func aBatchThatIsWrongHasNoDecision() throws {
        struct Fault: Error {}
        #expect(throws: BatchedAuthorizationError.self) { try Self.chain(5) { _ in throw Fault() } }
        let entity = Entity(uid: uid("T", "0"))
        #expect(throws: BatchedAuthorizationError.self) { try Self.chain(5) { _ in [entity, entity] } }
        let other = Entity(uid: uid("T", "0"), attributes: Self.mfa)
        #expect(throws: BatchedAuthorizationError.self) { try Self.chain(5) { _ in [other] } }
    }

    @Test func aRequestThatDoesNotConformIsNotDecided() throws {
        let request = Request(
            principal: uid("User", "Alice"),
            action: uid("Action", "View"),
            resource: uid("Document", "hers")
        )
        #expect(throws: BatchedAuthorizationError.self) {
            try Self.policies.get().isAuthorizedBatched(request, schema: Self.schema.get()) { _ in [] }
        }
    }
}
