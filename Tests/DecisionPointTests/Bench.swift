import Authority
import Authorization
import Bytes
import Cryptography
import DecisionPoint
import Foundation
import Ledger
import Receipts
import Runtime
import State
import StrictPolicy
import Testing
import WritTesting

/// Words in a fixed order: the same seed gives the same ids and nonces.
final class SeededWords: WordSource {
    private let state: Guarded<UInt64>
    private let isBroken = Guarded(false)

    init(seed: UInt64) { state = Guarded(seed) }

    func breakDown() { isBroken.withLock { $0 = true } }

    func next() throws -> UInt64 {
        guard !isBroken.withLock({ $0 }) else { throw StateError.failed("no randomness") }
        return state.withLock { state in
            // SplitMix64.
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}

/// What a call was answered, once it was.
final class Answered<Reply: Sendable>: Sendable {
    private let replies = Guarded<[Reply]>([])

    func take(_ reply: Reply) { replies.withLock { $0.append(reply) } }

    /// The one reply; nil before it came, and a failure of the test if there were two.
    var reply: Reply? {
        replies.withLock { replies in
            #expect(replies.count <= 1, "a call was answered twice")
            return replies.first
        }
    }
}

/// A whole decision point with a stepped log, a real view, manual clocks and the policies of a demo platform.
final class Bench {
    static let origin: Text = "gate-1.example/2026"
    static let enforcer = Caller(name: "mcp-gateway", role: .enforcement, connection: "token:mcp-gateway")
    static let agent = Caller(name: "ops-bot", role: .actor, connection: "token:ops-bot")
    static let `operator` = Caller(name: "operator-0", role: .operator, connection: "peer:operator-0")

    let time = ManualTime()
    let words: SeededWords
    let log: SteppedLog
    let state: FaultyStateStore
    let lookups: HookedStateStore
    let pipeline: Pipeline
    /// What `settle` does with the log.
    enum Settling {
        case step, fail, stall
    }

    var settling = Settling.step
    /// The project that trials ask about.
    var project = "staging"
    private let audience: [String]
    private let embedded: EmbeddedState
    private let folder: String

    init(
        seed: UInt64 = 7,
        limits: PipelineLimits = PipelineLimits(),
        isOpen: Bool = true,
        audience: [String] = ["mcp-gateway"]
    ) throws {
        self.audience = audience
        folder = NSTemporaryDirectory() + "/writ-pipeline-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let signer = NoteSignerKey(
            name: try NoteKeyName(Bench.origin),
            algorithm: .ed25519,
            privateKey: try Ed25519PrivateKey(seed: Array(repeating: 1, count: 32))
        )
        log = SteppedLog(signer: signer)
        let opening = try EmbeddedState.open(path: folder + "/view.sqlite", origin: Bench.origin, logSize: 0)
        embedded = opening.state
        state = FaultyStateStore(embedded)
        lookups = HookedStateStore(state)
        words = SeededWords(seed: seed)
        let parts = PipelineParts(
            origin: Bench.origin,
            claimKeys: ClaimKeys(HMACSHA256Key(Array(repeating: 9, count: 32))),
            clock: time,
            random: words,
            log: log,
            state: lookups,
            limits: limits,
            ownUserID: 4_242,
            executor: { work in work() }
        )
        pipeline = Pipeline(parts: parts, authority: AuthorityState(ownUserID: 4_242), timeFloor: 0)
        log.observer = StateFeeder(state: state)
        if isOpen { try open() }
    }

    deinit {
        embedded.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Opens the pipeline with the demo policies and adds the agent and the gateway.
    func open() throws {
        let opened = Answered<GateReply>()
        pipeline.open(
            try DemoPolicies.bundle(audience: audience),
            clean: true,
            key: "key",
            configuration: .zero,
            reply: opened.take
        )
        try log.step()
        try log.step()
        try add(Identity(name: "ops-bot", role: .actor, credential: .token(sha256: .zero)))
        try add(
            Identity(
                name: "mcp-gateway",
                role: .enforcement,
                credential: .peer(userID: 77),
                actors: .all,
                surfaces: .all
            )
        )
    }

    /// Lets the log take what is queued, or fail, or stall until the commit budget is over.
    func settle() throws {
        switch settling {
        case .step: try log.step()
        case .fail: log.fail()
        case .stall:
            time.advance(milliseconds: 1_001)
            pipeline.tick()
        }
    }

    func add(_ identity: Identity) throws {
        let added = Answered<AuthorityReply>()
        pipeline.change(identity: .added(identity), caller: Bench.operator, reply: added.take)
        try log.step()
        guard case .recorded? = added.reply else {
            Issue.record("the identity was not added: \(String(describing: added.reply))")
            return
        }
    }

    /// Asks and lets the log take everything.
    func ask(_ request: Authorization.Request, as caller: Caller = Bench.enforcer) throws -> DecisionReply? {
        let answered = start(request, as: caller)
        try log.step()
        return answered.reply
    }

    /// Asks and leaves the log alone.
    func start(_ request: Authorization.Request, as caller: Caller = Bench.enforcer) -> Answered<DecisionReply> {
        let answered = Answered<DecisionReply>()
        pipeline.decide(request, caller: caller, reply: answered.take)
        return answered
    }

    /// Asks, lets the log take everything, and expects a ruling.
    func rule(_ request: Authorization.Request, as caller: Caller = Bench.enforcer) throws -> DecisionAnswer {
        let reply = try ask(request, as: caller)
        guard case .ruled(let answer)? = reply else {
            throw Failure("expected a ruling, got \(String(describing: reply))")
        }
        return answer
    }

    func redeem(_ id: Identifier, attempt: UInt64, as caller: Caller = Bench.enforcer) throws -> RedemptionReply? {
        let answered = Answered<RedemptionReply>()
        pipeline.redeem(id, attempt: Nonce((0, attempt)), caller: caller, reply: answered.take)
        try log.step()
        return answered.reply
    }

    func report(
        _ id: Identifier,
        attempt: UInt64,
        _ effect: ReportedEffect = .executed,
        as caller: Caller = Bench.enforcer
    ) throws -> EffectReply? {
        let answered = Answered<EffectReply>()
        pipeline.report(id, attempt: Nonce((0, attempt)), effect, result: nil, caller: caller, reply: answered.take)
        try log.step()
        return answered.reply
    }
}

/// A state store with something that happens before every lookup.
final class HookedStateStore: StateStore, @unchecked Sendable {
    private let store: any StateStore
    /// Set before the calls that it is for.
    var onLookup: @Sendable () -> Void = {}

    init(_ store: any StateStore) { self.store = store }

    func entry(claim key: Digest) throws(StateError) -> DecisionEntry? {
        onLookup()
        return try store.entry(claim: key)
    }

    func entry(id: Identifier) throws(StateError) -> DecisionEntry? {
        onLookup()
        return try store.entry(id: id)
    }

    func entry(index: UInt64) throws(StateError) -> DecisionEntry? {
        onLookup()
        return try store.entry(index: index)
    }

    func record(_ changes: [StateChange], size: UInt64) { store.record(changes, size: size) }
    func authorityEvents() throws(StateError) -> [State.AuthorityEvent] { try store.authorityEvents() }
    var lag: UInt64 { store.lag }
    var isOverloaded: Bool { store.isOverloaded }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A request to delete one variable of a project.
func deletion(
    of project: String = "staging",
    count: Int = 1,
    key: String? = nil,
    attempt: UInt64? = nil,
    action: String = "delete",
    surface: String = "platform"
) throws -> Authorization.Request {
    let keyMember = key.map { ",\"idempotency_key\":\"\($0)\"" } ?? ""
    let attemptMember = attempt.map { ",\"redeem\":{\"attempt\":\"\(Nonce((0, $0)).base64URL)\"}" } ?? ""
    return try Authorization.Request(
        parsing: Array(
            """
            {"actor":{"type":"Agent","id":"ops-bot"},"surface":"\(surface)","action":"\(action)",
            "target":{"type":"Project","id":"\(project)"},"context":{"count":\(count)}\(keyMember)\(attemptMember)}
            """.utf8
        )
    )
}

/// The policies of a platform with projects: staging may lose one variable at a time, production none in bulk.
enum DemoPolicies {
    static let policies = """
        @id("staging-delete") @reason("Staging variables may be deleted one at a time.") @permit_ttl("30s")
        permit (principal, action == platform::Action::"delete", resource == platform::Project::"staging") when { context.count == 1 };
        @id("no-bulk") @reason("Never more than ten at once.")
        forbid (principal, action == platform::Action::"delete", resource) when { context.count > 10 };
        @id("overflow")
        permit (principal, action == platform::Action::"delete", resource == platform::Project::"broken") when { context.count + 9223372036854775807 > 0 };
        """

    static func bundle(_ extra: String = "", audience: [String] = ["mcp-gateway"]) throws -> PolicyBundle {
        func file(_ path: Text, _ text: String) -> SourceFile { SourceFile(path: path, bytes: Array(text.utf8)) }
        let listed = audience.map { "\"\($0)\"" }.joined(separator: ",")
        let surface = SurfaceSources(
            name: "platform",
            settings: file("surfaces/platform/surface.json", #"{"mode":"enforce","audience":[\#(listed)]}"#),
            schema: file(
                "surfaces/platform/schema.cedarschema",
                """
                namespace platform {
                  entity Project;
                  action delete appliesTo { principal: [Agent], resource: [Project], context: { count: Long } };
                }
                """
            ),
            policies: [file("surfaces/platform/policies.cedar", policies + extra)]
        )
        let sources = PolicySources(
            settings: file("bundle.json", #"{"name":"demo"}"#),
            commonSchema: file("common.cedarschema", "entity Agent;"),
            commonPolicies: [],
            entities: [],
            surfaces: [surface]
        )
        return try PolicyBundle.compile(sources, digest: SHA256.digest(of: Array((policies + extra).utf8)))
    }
}
