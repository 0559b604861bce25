// The pure ruling.

import Authorization
import Bytes
import Runtime
import StrictPolicy

/// Rules the same request again and again, with facts that change: no clock, no disk, one thread.
enum RuleBench {
    /// How many rulings are measured.
    private static let repetitionsPerOption = 20

    static func run(_ bundle: PolicyBundle, _ options: BenchOptions) throws -> Measurement {
        let count = options.repetitions * repetitionsPerOption
        let caller = Caller(name: Text(BenchPolicies.gateway), role: .enforcement, connection: "token:bench-gateway")
        let request = try BenchPolicies.request(1)
        let attempt = RedemptionFact(by: caller.name, attempt: .zero)
        var latencies: [UInt32] = []
        latencies.reserveCapacity(count)
        let begin = Clock.now()
        for number in 0..<UInt64(count) {
            let instant = 1_800_000_000_000 + Int64(number)
            let facts = Facts(
                instant: instant,
                id: Identifier(milliseconds: instant, random: (number, ~number)),
                nonce: Nonce((number, ~number)),
                asOf: number,
                caller: caller,
                actor: .active,
                isHalted: false,
                claim: .own(key: .zero, parent: nil),
                redemption: attempt
            )
            let start = Clock.now()
            let ruling = rule(request, facts, bundle)
            latencies.append(Clock.since(start))
            guard ruling.outcome == .permit else { throw BenchError("the request is not permitted: \(ruling.cause)") }
        }
        let seconds = Double(Clock.now() - begin) / 1e9
        return Measurement(
            "rule",
            "decide, in process, \(BenchPolicies.count) policies",
            Latencies(latencies),
            seconds: seconds,
            isDurable: false
        )
    }
}
