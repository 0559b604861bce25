// A decision with its durable receipt, in process.

import Authority
import Authorization
import Bytes
import Cryptography
import DecisionPoint
import Ledger
import Receipts
import Runtime
import State
import StrictPolicy

/// A decision point on a real log and a real view, asked by one thread, without any server around it.
final class PipelineBench {
    private let assembly: Assembly
    private let caller = Caller(
        name: Text(BenchPolicies.gateway),
        role: .enforcement,
        connection: "token:bench-gateway"
    )
    private var number: UInt64 = 0

    private static let origin: Text = "bench.example/in-process"

    /// What the asking thread and the log's thread share.
    private struct Flight: Sendable {
        var free: Int
        var latencies: [UInt32] = []
        var failure: String?
    }

    init(directory: String, bundle: PolicyBundle) throws {
        let name = try NoteKeyName(Self.origin)
        try Log.create(at: "\(directory)/log", origin: name)
        let key = try Ed25519PrivateKey(seed: try RandomSource.bytes(32))
        let signer = NoteSignerKey(name: name, algorithm: .ed25519, privateKey: key)
        let options = AssemblyOptions(
            log: LogConfiguration(directory: "\(directory)/log", signer: signer),
            statePath: "\(directory)/view.sqlite",
            claimKeys: ClaimKeys(HMACSHA256Key(try RandomSource.bytes(32))),
            bundle: bundle,
            configuration: .zero,
            ownUserID: .max - 1
        )
        assembly = try Assembly(options, executor: { work in work() })
        try open()
    }

    /// Ends the log and the state.
    func end() { assembly.end() }

    private func open() throws {
        let opened = Monitor<Bool?>(nil)
        assembly.open { reply in
            if case .recorded = reply { opened.changeForAll { $0 = true } } else { opened.changeForAll { $0 = false } }
        }
        guard opened.wait(until: { $0 != nil }, { $0 }) == true else { throw BenchError("the log takes nothing") }
        try add(Identity(name: "bench-bot", role: .actor, credential: .token(sha256: .zero)))
        let gateway = Credential.peer(userID: .max - 2)
        try add(Identity(name: caller.name, role: .enforcement, credential: gateway, actors: .all, surfaces: .all))
    }

    private func add(_ identity: Identity) throws {
        let added = Monitor<Bool?>(nil)
        let person = Caller(name: "operator-0", role: .operator, connection: "peer:operator-0")
        assembly.pipeline.change(identity: .added(identity), caller: person) { reply in
            if case .recorded = reply { added.changeForAll { $0 = true } } else { added.changeForAll { $0 = false } }
        }
        guard added.wait(until: { $0 != nil }, { $0 }) == true else { throw BenchError("no identity was added") }
    }

    /// Asks with a number of requests in flight at once, each with a fresh key and a redemption.
    func run(inFlight: Int, count: Int) throws -> Measurement {
        let flight = Monitor(Flight(free: inFlight))
        let begin = Clock.now()
        for _ in 0..<count {
            number += 1
            flight.wait(until: { $0.free > 0 }, { $0.free -= 1 })
            let start = Clock.now()
            assembly.pipeline.decide(try BenchPolicies.request(number), caller: caller) { reply in
                let latency = Clock.since(start)
                flight.change { flight in
                    flight.free += 1
                    flight.latencies.append(latency)
                    if let failure = Self.failure(of: reply) { flight.failure = failure }
                }
            }
        }
        let latencies = flight.wait(until: { $0.free == inFlight }, { $0 })
        if let failure = latencies.failure { throw BenchError(failure) }
        return Measurement(
            "decide_durable_\(inFlight)",
            "decide + durable receipt, in process, \(inFlight) in flight",
            Latencies(latencies.latencies),
            seconds: Double(Clock.now() - begin) / 1e9
        )
    }

    private static func failure(of reply: DecisionReply) -> String? {
        switch reply {
        case .ruled(let answer):
            answer.dispatch && answer.proof != nil ? nil : "a request was not permitted: \(answer.cause)"
        case .pending: "a request was told to ask again"
        }
    }

    /// The bytes of a batch of one decision, as the last ones show.
    func frameBytes() throws -> Int {
        let size = assembly.log.size
        let last = try assembly.log.position(of: size - 1)
        let before = try assembly.log.position(of: size - 2)
        guard last.segment == before.segment, last.offset > before.offset else { return Self.frameBytesDefault }
        return Int(last.offset - before.offset)
    }

    /// About what a decision takes, where nothing was measured in process.
    static let frameBytesDefault = 2_048
}
