import Authority
import Authorization
import Bytes
import Testing

/// A request of an actor on a surface, as the pipeline would read it.
func request(actor: String, type: String = "Agent", surface: String = "platform") throws -> Request {
    let body = """
        {"actor":{"type":"\(type)","id":"\(actor)"},"surface":"\(surface)","action":"a","target":{"type":"T","id":"t"},\
        "context":{}}
        """
    return try Request(parsing: Array(body.utf8))
}

/// A digest that differs for different seeds.
func digest(_ seed: UInt8) throws -> Digest {
    try #require(Digest(bytes: [UInt8](repeating: seed, count: 32)))
}

/// An authority with an actor, an enforcement point, an operator and an auditor.
func populated() throws -> AuthorityState {
    var state = AuthorityState(ownUserID: 1000)
    try state.apply(.added(Identity(name: "ops-bot", role: .actor, credential: .token(sha256: digest(1)))))
    try state.apply(.added(Identity(name: "billing-bot", role: .actor, credential: .peer(userID: 1001))))
    try state.apply(
        .added(
            Identity(
                name: "gateway",
                role: .enforcement,
                credential: .token(sha256: digest(2)),
                actors: #require(NameList(["ops-bot", "stranger", "admin"])),
                surfaces: #require(NameList(["platform"]))
            )
        )
    )
    try state.apply(.added(Identity(name: "admin", role: .operator, credential: .peer(userID: 1000))))
    try state.apply(.added(Identity(name: "reader", role: .auditor, credential: .token(sha256: digest(3)))))
    return state
}

@Suite struct IdentitiesTests {
    @Test func tokenAndPeerIdentifyTheirIdentityAndNoOther() throws {
        let snapshot = try populated().snapshot
        let bot = try #require(snapshot.caller(tokenHash: digest(1)))
        #expect(bot == Caller(name: "ops-bot", role: .actor, connection: "token:ops-bot"))
        let peer = try #require(snapshot.caller(peerUID: 1001))
        #expect(peer == Caller(name: "billing-bot", role: .actor, connection: "peer:billing-bot"))
        #expect(try snapshot.caller(tokenHash: digest(9)) == nil)
        #expect(snapshot.caller(peerUID: 0) == nil)
    }

    @Test func rotatedTokenEndsAtOnceAndNeverComesBack() throws {
        var state = try populated()
        try state.apply(.rotated(name: "ops-bot", credential: .token(sha256: digest(4))))
        #expect(try state.snapshot.caller(tokenHash: digest(1)) == nil)
        #expect(try state.snapshot.caller(tokenHash: digest(4))?.name == "ops-bot")
        #expect(throws: AuthorityError.credentialTaken) {
            try state.apply(.rotated(name: "ops-bot", credential: .token(sha256: digest(1))))
        }
        #expect(throws: AuthorityError.credentialTaken) {
            try state.apply(.added(Identity(name: "new", role: .actor, credential: .token(sha256: digest(1)))))
        }
    }

    @Test func retiredIdentityProvesNothingAndItsNameIsGone() throws {
        var state = try populated()
        try state.apply(.retired(name: "ops-bot"))
        #expect(try state.snapshot.caller(tokenHash: digest(1)) == nil)
        #expect(state.snapshot.retiredNames == ["ops-bot"])
        let again = Identity(name: "ops-bot", role: .actor, credential: .token(sha256: try digest(5)))
        #expect(throws: AuthorityError.nameTaken("ops-bot")) { try state.apply(.added(again)) }
        #expect(throws: AuthorityError.retiredIdentity("ops-bot")) { try state.apply(.retired(name: "ops-bot")) }
        #expect(throws: AuthorityError.retiredIdentity("ops-bot")) {
            try state.apply(.rotated(name: "ops-bot", credential: .token(sha256: digest(6))))
        }
    }

    @Test func retiredPeerFreesItsUserForAnotherName() throws {
        var state = try populated()
        let second = Identity(name: "second-bot", role: .actor, credential: .peer(userID: 1001))
        #expect(throws: AuthorityError.credentialTaken) { try state.apply(.added(second)) }
        try state.apply(.retired(name: "billing-bot"))
        try state.apply(.added(second))
        #expect(state.snapshot.caller(peerUID: 1001)?.name == "second-bot")
    }

    @Test func unknownIdentityIsNeitherRotatedNorRetired() throws {
        var state = try populated()
        #expect(throws: AuthorityError.unknownIdentity("nobody")) { try state.apply(.retired(name: "nobody")) }
        #expect(throws: AuthorityError.unknownIdentity("nobody")) {
            try state.apply(.rotated(name: "nobody", credential: .token(sha256: digest(7))))
        }
    }

    @Test func refusedEventChangesNothing() throws {
        var state = try populated()
        let before = state.epoch
        let taken = Identity(name: "reader", role: .actor, credential: .token(sha256: try digest(8)))
        #expect(throws: AuthorityError.nameTaken("reader")) { try state.apply(.added(taken)) }
        #expect(state.epoch == before)
        #expect(try state.snapshot.caller(tokenHash: digest(8)) == nil)
        try state.apply(.retired(name: "reader"))
        #expect(state.epoch == before + 1)
    }

    @Test func ownUserIsNeverAnActor() throws {
        var state = AuthorityState(ownUserID: 1000)
        let own = Identity(name: "self", role: .actor, credential: .peer(userID: 1000))
        #expect(throws: AuthorityError.ownUserAsActor) { try state.check(.added(own)) }
        #expect(throws: Never.self) {
            try state.check(.added(Identity(name: "self", role: .operator, credential: .peer(userID: 1000))))
        }
        // A log from another user's time maps it; it still finds nobody.
        try state.apply(.added(own))
        #expect(state.snapshot.caller(peerUID: 1000) == nil)
    }

    @Test func rotationToTheOwnUserIsRefusedForActorsOnly() throws {
        var state = AuthorityState(ownUserID: 1000)
        try state.apply(.added(Identity(name: "bot", role: .actor, credential: .peer(userID: 5))))
        try state.apply(.added(Identity(name: "admin", role: .operator, credential: .peer(userID: 6))))
        let own = Credential.peer(userID: 1000)
        #expect(throws: AuthorityError.ownUserAsActor) { try state.check(.rotated(name: "bot", credential: own)) }
        #expect(throws: Never.self) { try state.check(.rotated(name: "admin", credential: own)) }
    }

    @Test func checkChangesNothing() throws {
        let state = try populated()
        try state.check(.halted(.all))
        #expect(state.snapshot.haltsInForce.isEmpty)
        #expect(state.epoch == 5)
    }

    @Test func onlyEnforcementListsNamesAndItMust() throws {
        var state = AuthorityState(ownUserID: 1000)
        for role in Role.allCases where role != .enforcement {
            let identity = Identity(
                name: "x",
                role: role,
                credential: .token(sha256: try digest(1)),
                actors: .all,
                surfaces: .none
            )
            #expect(throws: AuthorityError.listsNotAllowed(role)) { try state.apply(.added(identity)) }
        }
        for lists in [(NameList.none, NameList.all), (.all, .none), (.none, .none)] {
            let identity = Identity(
                name: "x",
                role: .enforcement,
                credential: .token(sha256: try digest(1)),
                actors: lists.0,
                surfaces: lists.1
            )
            #expect(throws: AuthorityError.listsMissing) { try state.apply(.added(identity)) }
        }
    }

    @Test(arguments: ["a", "ops-bot", "spiffe://acme.example/bot", "A.b_c:d/e@f-1", String(repeating: "x", count: 128)])
    func nameIsAccepted(_ name: String) {
        #expect(Identity.isName(Text(name)))
    }

    @Test(arguments: [
        "", "*", "-a", ".", "..", "/etc", "a b", "a\n", "é", "a\u{0}", "a%2f", "a?b",
        String(repeating: "x", count: 129),
    ])
    func nameIsRefused(_ name: String) throws {
        #expect(!Identity.isName(Text(name)))
        var state = AuthorityState(ownUserID: 1000)
        let identity = Identity(name: Text(name), role: .actor, credential: .token(sha256: try digest(1)))
        #expect(throws: AuthorityError.invalidName(Text(name))) { try state.apply(.added(identity)) }
    }

    @Test func nameListTakesTheWildcardAlone() throws {
        #expect(NameList(["*"]) == .all)
        #expect(NameList(["b", "a"]) == .listed(["a", "b"]))
        #expect(NameList(["b", "a"])?.names == ["a", "b"])
        #expect(NameList.all.names == ["*"])
        #expect(NameList(["*", "a"]) == nil)
        #expect(NameList(["a", "a"]) == nil)
        #expect(NameList([""]) == nil)
        #expect(NameList(["a\u{7}"]) == nil)
        let many = (0..<AuthorityLimits.listedNamesMax).map { Text("n\($0)") }
        #expect(NameList(many) != nil)
        #expect(NameList(many.dropLast()) != nil)
        #expect(NameList(many + ["one-more"]) == nil)
    }
}

@Suite struct BearerTokenTests {
    @Test func tokenIsMadeOfExactly32RandomBytes() throws {
        let token = try #require(BearerToken.text(random: [UInt8](0..<32)))
        #expect(token == "writ_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
        #expect(token.byteCount == BearerToken.characterCount)
        #expect(BearerToken.text(random: [UInt8](0..<31)) == nil)
        #expect(BearerToken.text(random: [UInt8](0..<33)) == nil)
    }

    @Test func digestIsOfTheWholeToken() throws {
        let digest = try #require(BearerToken.digest(of: "writ_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))
        // printf %s writ_AAEC… | sha256sum
        #expect(digest.hex == "ec640dee268dd529cecfdc93c5c45c6deb2e49df5c4e8c5298ab57f6846607a1")
    }

    @Test(arguments: [
        "", "writ_", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "writ_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
        "writ_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "WRIT_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "writ_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+",
    ])
    func textThatIsNoTokenHasNoDigest(_ text: String) {
        #expect(BearerToken.digest(of: Text(text)) == nil)
    }
}
