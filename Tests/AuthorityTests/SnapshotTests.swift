import Authority
import Authorization
import Bytes
import Testing

@Suite struct ActorFactTests {
    private let bot = Caller(name: "ops-bot", role: .actor, connection: "token:ops-bot")
    private let gateway = Caller(name: "gateway", role: .enforcement, connection: "token:gateway")

    @Test func actorAsksForItselfOnly() throws {
        let snapshot = try populated().snapshot
        #expect(try snapshot.actorFact(bot, request(actor: "ops-bot")) == .active)
        #expect(try snapshot.actorFact(bot, request(actor: "billing-bot")) == .mismatch)
        #expect(try snapshot.actorFact(bot, request(actor: "ops-bot", type: "Person")) == .mismatch)
        #expect(try snapshot.actorFact(bot, request(actor: "ops-bot", type: "agent")) == .mismatch)
    }

    @Test func enforcementAsksForListedActorsOnListedSurfaces() throws {
        let snapshot = try populated().snapshot
        #expect(try snapshot.actorFact(gateway, request(actor: "ops-bot")) == .active)
        #expect(try snapshot.actorFact(gateway, request(actor: "billing-bot")) == .mismatch)
        #expect(try snapshot.actorFact(gateway, request(actor: "ops-bot", surface: "payments")) == .mismatch)
    }

    @Test func wildcardListsEveryNameButKnowsNoStranger() throws {
        var state = try populated()
        try state.apply(
            .added(
                Identity(
                    name: "any",
                    role: .enforcement,
                    credential: .token(sha256: digest(9)),
                    actors: .all,
                    surfaces: .all
                )
            )
        )
        let any = Caller(name: "any", role: .enforcement, connection: "token:any")
        let snapshot = state.snapshot
        #expect(try snapshot.actorFact(any, request(actor: "billing-bot", surface: "payments")) == .active)
        #expect(try snapshot.actorFact(any, request(actor: "stranger", surface: "payments")) == .disabled)
    }

    @Test func actorThatIsNotAnActiveAgentIsDisabled() throws {
        var state = try populated()
        // Unknown, of another role, and of another type.
        #expect(try state.snapshot.actorFact(gateway, request(actor: "stranger")) == .disabled)
        #expect(try state.snapshot.actorFact(gateway, request(actor: "admin")) == .disabled)
        #expect(try state.snapshot.actorFact(gateway, request(actor: "ops-bot", type: "Acme::Agent")) == .disabled)
        try state.apply(.retired(name: "ops-bot"))
        #expect(try state.snapshot.actorFact(gateway, request(actor: "ops-bot")) == .disabled)
    }

    @Test func operatorAndAuditorAskForNobody() throws {
        let snapshot = try populated().snapshot
        let admin = Caller(name: "admin", role: .operator, connection: "peer:admin")
        let reader = Caller(name: "reader", role: .auditor, connection: "token:reader")
        #expect(try snapshot.actorFact(admin, request(actor: "ops-bot")) == .mismatch)
        #expect(try snapshot.actorFact(admin, request(actor: "admin")) == .mismatch)
        #expect(try snapshot.actorFact(reader, request(actor: "ops-bot")) == .mismatch)
    }

    @Test func callerThatWasRetiredSinceAsksForNobody() throws {
        var state = try populated()
        try state.apply(.retired(name: "gateway"))
        #expect(try state.snapshot.actorFact(gateway, request(actor: "ops-bot")) == .mismatch)
        let impostor = Caller(name: "ops-bot", role: .enforcement, connection: "token:ops-bot")
        #expect(try state.snapshot.actorFact(impostor, request(actor: "ops-bot")) == .mismatch)
    }
}

@Suite struct HaltTests {
    private let bot = Caller(name: "ops-bot", role: .actor, connection: "token:ops-bot")
    private let gateway = Caller(name: "gateway", role: .enforcement, connection: "token:gateway")

    /// Each scope with a request that it stops and one that it lets pass; the whole gate lets nothing pass.
    @Test(arguments: [
        (HaltScope.all, "ops-bot", "platform", true),
        (.surface("platform"), "ops-bot", "platform", true),
        (.surface("platform"), "ops-bot", "payments", false),
        (.surface("Platform"), "ops-bot", "platform", false),
        (.actor(EntityName(type: "Agent", id: "ops-bot")), "ops-bot", "platform", true),
        (.actor(EntityName(type: "Agent", id: "ops-bot")), "billing-bot", "platform", false),
        (.actor(EntityName(type: "Person", id: "ops-bot")), "ops-bot", "platform", false),
        (.actor(EntityName(type: "Agent", id: "gateway")), "ops-bot", "platform", true),
    ])
    func haltStopsWhatIsInScope(_ scope: HaltScope, _ actor: String, _ surface: String, _ stops: Bool) throws {
        var state = try populated()
        let request = try request(actor: actor, surface: surface)
        #expect(!state.snapshot.isHalted(request, gateway))
        try state.apply(.halted(scope))
        #expect(state.snapshot.isHalted(request, gateway) == stops)
        try state.apply(.resumed(scope))
        #expect(!state.snapshot.isHalted(request, gateway))
    }

    @Test func resumeEndsExactlyItsScope() throws {
        var state = try populated()
        try state.apply(.halted(.all))
        try state.apply(.halted(.surface("platform")))
        try state.apply(.halted(.surface("platform")))
        #expect(throws: AuthorityError.notHalted) { try state.apply(.resumed(.surface("payments"))) }
        try state.apply(.resumed(.all))
        #expect(try state.snapshot.isHalted(request(actor: "ops-bot"), bot))
        try state.apply(.resumed(.surface("platform")))
        #expect(try !state.snapshot.isHalted(request(actor: "ops-bot"), bot))
        #expect(throws: AuthorityError.notHalted) { try state.apply(.resumed(.surface("platform"))) }
    }

    @Test func haltsAreListedInOneOrder() throws {
        var state = try populated()
        let scopes: [HaltScope] = [
            .all, .surface("a"), .surface("b"), .actor(EntityName(type: "Agent", id: "a")),
            .actor(EntityName(type: "Agent", id: "b")),
        ]
        for scope in scopes.reversed() { try state.apply(.halted(scope)) }
        #expect(state.snapshot.haltsInForce == scopes)
    }

    @Test func haltsAreLimitedAndOneInForceMayBeRepeated() throws {
        var state = AuthorityState(ownUserID: 1000)
        for index in 0..<AuthorityLimits.haltsMax - 1 { try state.apply(.halted(.surface(Text("s\(index)")))) }
        try state.apply(.halted(.all))
        #expect(throws: AuthorityError.limitReached("haltsMax")) { try state.apply(.halted(.surface("more"))) }
        try state.apply(.halted(.all))
    }

    @Test func everyChangeHasItsOwnEpoch() throws {
        var state = try populated()
        let before = state.snapshot
        try state.apply(.halted(.all))
        #expect(state.snapshot.epoch == before.epoch + 1)
        #expect(try !before.isHalted(request(actor: "ops-bot"), bot))
    }
}
