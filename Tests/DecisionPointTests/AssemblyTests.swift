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
import Testing
import WritTesting

/// A decision point on a real log and a real view in a folder of its own.
final class RealGate {
    let folder: String
    let time = ManualTime()
    private(set) var assembly: Assembly
    private let isKept: Bool

    static func signer() throws -> NoteSignerKey {
        NoteSignerKey(
            name: try NoteKeyName(Bench.origin),
            algorithm: .ed25519,
            privateKey: try Ed25519PrivateKey(seed: Array(repeating: 1, count: 32))
        )
    }

    init(in folder: String? = nil, seed: UInt64 = 7) throws {
        isKept = folder != nil
        let path = folder ?? NSTemporaryDirectory() + "/writ-gate-" + UUID().uuidString
        self.folder = path
        if !FileManager.default.fileExists(atPath: path + "/log") {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Log.create(at: path + "/log", origin: try NoteKeyName(Bench.origin), segmentBytes: 1 << 20)
        }
        assembly = try Self.assemble(path, time, seed)
        let opened = Guarded<GateReply?>(nil)
        assembly.open { reply in opened.withLock { $0 = reply } }
        try Self.wait { opened.withLock { $0 != nil } }
    }

    deinit {
        assembly.end()
        if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    }

    static func assemble(
        _ folder: String,
        _ time: ManualTime,
        _ seed: UInt64,
        claimKeys: ClaimKeys = ClaimKeys(HMACSHA256Key(Array(repeating: 9, count: 32)))
    ) throws -> Assembly {
        var log = LogConfiguration(directory: folder + "/log", signer: try signer())
        log.segmentBytes = 1 << 20
        var options = AssemblyOptions(
            log: log,
            statePath: folder + "/view.sqlite",
            claimKeys: claimKeys,
            bundle: try DemoPolicies.bundle(),
            configuration: .zero,
            ownUserID: 4_242
        )
        options.clock = time
        options.random = SeededWords(seed: seed)
        return try Assembly(options, executor: { work in work() })
    }

    static func wait(_ isDone: () -> Bool) throws {
        for _ in 0..<10_000 {
            if isDone() { return }
            usleep(1_000)
        }
        throw Failure("nothing came within ten seconds")
    }

    func addIdentities() throws {
        try change(.added(Identity(name: "ops-bot", role: .actor, credential: .token(sha256: .zero))))
        try change(
            .added(
                Identity(
                    name: "mcp-gateway",
                    role: .enforcement,
                    credential: .peer(userID: 77),
                    actors: .all,
                    surfaces: .all
                )
            )
        )
    }

    private func change(_ event: Authority.AuthorityEvent) throws {
        let changed = Guarded<AuthorityReply?>(nil)
        assembly.pipeline.change(identity: event, caller: Bench.operator) { reply in changed.withLock { $0 = reply } }
        try Self.wait { changed.withLock { $0 != nil } }
    }

    func rule(_ request: Authorization.Request, as caller: Caller = Bench.enforcer) throws -> DecisionAnswer {
        let answered = Guarded<DecisionReply?>(nil)
        assembly.pipeline.decide(request, caller: caller) { reply in answered.withLock { $0 = reply } }
        try Self.wait { answered.withLock { $0 != nil } }
        guard case .ruled(let answer)? = answered.withLock({ $0 }) else { throw Failure("no ruling") }
        return answer
    }

    func report(_ id: Identifier, attempt: UInt64) throws -> EffectReply? {
        let answered = Guarded<EffectReply?>(nil)
        assembly.pipeline.report(
            id,
            attempt: Nonce((0, attempt)),
            .executed,
            result: EffectResult(digest: .zero, durationMilliseconds: 3, sizeBytes: 4, status: 0),
            caller: Bench.enforcer
        ) { reply in answered.withLock { $0 = reply } }
        try Self.wait { answered.withLock { $0 != nil } }
        return answered.withLock { $0 }
    }

    /// Ends the run with or without a last statement, and starts the next.
    func restart(cleanly: Bool, deletingView: Bool = false) throws {
        if cleanly {
            let closed = Guarded(false)
            assembly.close { _ in closed.withLock { $0 = true } }
            try Self.wait { closed.withLock { $0 } }
        }
        assembly.end()
        if deletingView {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: folder + "/view.sqlite" + suffix)
            }
        }
        assembly = try Self.assemble(folder, time, 99)
        let opened = Guarded(false)
        assembly.open { _ in opened.withLock { $0 = true } }
        try Self.wait { opened.withLock { $0 } }
    }
}

@Suite("Assembly: a decision point on real files")
struct AssemblyTests {
    @Test(arguments: [(true, false), (true, true), (false, false), (false, true)])
    func whatWasDecidedIsRememberedAcrossRestarts(cleanly: Bool, deletingView: Bool) throws {
        let gate = try RealGate()
        try gate.addIdentities()
        let redeemed = try gate.rule(try deletion(key: "redeemed", attempt: 1))
        let executed = try gate.rule(try deletion(key: "executed", attempt: 2))
        guard case .recorded? = try gate.report(executed.id, attempt: 2) else { throw Failure("no report") }
        let denied = try gate.rule(try deletion(of: "production", count: 22, key: "denied"))
        #expect(redeemed.dispatch && executed.dispatch && denied.cause == .forbidden)

        try gate.restart(cleanly: cleanly, deletingView: deletingView)
        #expect(gate.assembly.log.opening.endedClean == cleanly)
        if deletingView { #expect(gate.assembly.caughtUp == gate.assembly.log.opening.size) }

        let again = try gate.rule(try deletion(key: "redeemed", attempt: 1))
        #expect(again.dispatch)
        #expect(again.proof == redeemed.proof, "the first receipt, byte for byte")
        let other = try gate.rule(try deletion(key: "redeemed", attempt: 3))
        #expect(other.cause == .permitRedeemed && !other.dispatch)
        #expect(other.original == redeemed.proof?.receipt)
        guard case .found(let shown, _) = gate.assembly.pipeline.lookUp(executed.id) else { throw Failure("forgotten") }
        #expect(shown.state == .executed)
        #expect(
            shown.effect?.result
                == Array(
                    #"{"digest":"sha256:\#(Digest.zero.hex)","duration_milliseconds":3,"size_bytes":4,"status":0}"#.utf8
                )
        )
        #expect(try gate.rule(try deletion(of: "production", count: 22, key: "denied")).proof == denied.proof)
        #expect(try gate.rule(try deletion(of: "production", count: 21, key: "denied")).cause == .idempotencyConflict)
    }

    @Test func haltsAndIdentitiesSurviveARestart() throws {
        let gate = try RealGate()
        try gate.addIdentities()
        let halted = Guarded(false)
        gate.assembly.pipeline.halt(.surface("platform"), reason: "a reason", caller: Bench.operator) { _ in
            halted.withLock { $0 = true }
        }
        try RealGate.wait { halted.withLock { $0 } }
        try gate.restart(cleanly: false)
        #expect(try gate.rule(try deletion(attempt: 1)).cause == .halted)
    }

    @Test func everyReceiptVerifiesWithTheKeyAlone() throws {
        let gate = try RealGate()
        try gate.addIdentities()
        let key = try RealGate.signer().verifierKey
        for attempt in 1...20 {
            let answer = try gate.rule(try deletion(key: "k\(attempt)", attempt: UInt64(attempt)))
            let proof = try #require(answer.proof)
            let receipt = try Receipt(parsing: proof.receipt)
            _ = try receipt.verified(by: key)
            #expect(receipt.index == proof.index)
        }
    }

    @Test func sameRequestsAndFactsGiveTheSameStatementsInTwoGates() throws {
        func statements() throws -> [[UInt8]] {
            let gate = try RealGate(seed: 11)
            try gate.addIdentities()
            for attempt in 1...5 { _ = try gate.rule(try deletion(key: "k\(attempt)", attempt: UInt64(attempt))) }
            _ = try gate.rule(try deletion(of: "production", count: 22))
            let size = gate.assembly.log.size
            return try (0..<size).map { try gate.assembly.log.statement(at: try gate.assembly.log.position(of: $0)) }
        }
        #expect(try statements() == statements())
    }

    @Test func anotherKeyForClaimsIsRefusedAtStart() throws {
        let gate = try RealGate()
        try gate.addIdentities()
        #expect(try gate.rule(try deletion(key: "invoice", attempt: 1)).dispatch)
        gate.assembly.end()
        let other = ClaimKeys(HMACSHA256Key(Array(repeating: 8, count: 32)))
        #expect(throws: AssemblyError.otherClaimKey(index: 4)) {
            _ = try RealGate.assemble(gate.folder, gate.time, 5, claimKeys: other)
        }
    }

    @Test func aViewOfAnotherLogIsRebuiltAndOneThatIsAheadIsRefused() throws {
        let gate = try RealGate()
        try gate.addIdentities()
        _ = try gate.rule(try deletion(key: "k", attempt: 1))
        gate.assembly.end()
        let size = gate.assembly.log.size
        #expect(throws: StateError.self) {
            _ = try EmbeddedState.open(path: gate.folder + "/view.sqlite", origin: Bench.origin, logSize: size - 1)
        }
    }
}
