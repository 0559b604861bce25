// What is measured of one workload.

import Bytes
import Cedar
import Glibc

/// Times the decisions of one workload.
struct DecisionBench {
    private let workload: Workload
    private let prepared: [PreparedAuthorizer]

    /// How often the whole of a decision over JSON is timed for each request.
    private static let jsonRounds = 20

    init(_ workload: Workload) throws {
        self.workload = workload
        prepared = workload.worlds.map { PreparedAuthorizer(workload.policies, $0.entities) }
        try check()
    }

    /// Every answer has to be the reference engine's before anything is timed.
    private func check() throws {
        for (world, authorizer) in zip(workload.worlds, prepared) {
            for question in world.requests {
                let evaluation = authorizer.evaluate(question.request)
                let errors = evaluation.failures.map(\.policy.policy)
                guard evaluation.decision == question.decision,
                    evaluation.determining.map(\.policy) == question.reasons, errors == question.errors
                else {
                    throw BenchError("`\(workload.name)`: another answer than the reference's to \(question.request)")
                }
            }
        }
    }

    /// All measurements, as one line of JSON.
    func measure(_ rounds: Int) throws -> String {
        let overhead = Self.clockOverhead()
        let questions = zip(workload.worlds, prepared).flatMap { world, authorizer in
            world.requests.map { (authorizer, $0) }
        }
        let allowed = questions.filter { $0.1.decision == .allow }.count
        let single = decisions(questions, rounds, overhead)
        let medians = single.medians(ofEach: questions.count)
        let (perBatch, together) = throughput(questions)
        let json = try jsonDecisions(questions, overhead)
        let compile = try compilation()
        let plain = plainDecisions(overhead)
        let members: [(String, Double)] = [
            ("policies", Double(workload.policies.policies.count)), ("requests", Double(questions.count)),
            ("allowed", Double(allowed)), ("samples", Double(single.count)),
            ("p50_ns", single.quantile(0.5)), ("p90_ns", single.quantile(0.9)), ("p99_ns", single.quantile(0.99)),
            ("p999_ns", single.quantile(0.999)),
            ("request_p99_ns", medians.quantile(0.99)), ("request_max_ns", medians.quantile(1)),
            ("clock_ns", Double(overhead)), ("batch_mean_ns", perBatch),
            ("two_threads_per_second", together), ("json_p50_ns", json.quantile(0.5)),
            ("json_p99_ns", json.quantile(0.99)), ("plain_p50_ns", plain.quantile(0.5)),
            ("parse_ms", compile.parse), ("prepare_ms", compile.prepare),
            ("prepared_bytes", Double(prepared[0].byteCount)), ("resident_bytes", compile.resident),
        ]
        let body = members.map { "\"\($0.0)\":\(Self.text($0.1))" }.joined(separator: ",")
        return "{\"name\":\"\(workload.name)\",\(body)}"
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() ? "\(Int64(value))" : "\((value * 1000).rounded() / 1000)"
    }

    private typealias Asked = (PreparedAuthorizer, Workload.Question)

    /// The time of each decision: two clock readings around it, less what two readings around nothing take.
    private func decisions(_ questions: [Asked], _ rounds: Int, _ overhead: UInt64) -> Samples {
        var samples = Samples(capacity: questions.count * rounds)
        for round in 0..<rounds + 2 {
            for (authorizer, question) in questions {
                let start = Clock.now()
                let evaluation = authorizer.evaluate(question.request)
                let end = Clock.now()
                Sink.take(evaluation)
                // The first rounds fill the caches.
                if round > 1 { samples.add(end - start, less: overhead) }
            }
        }
        return samples
    }

    /// The plain loop over all policies, for comparison.
    private func plainDecisions(_ overhead: UInt64) -> Samples {
        var samples = Samples(capacity: 100)
        let world = workload.worlds[0]
        for question in world.requests.prefix(100) {
            let start = Clock.now()
            let evaluation = Authorizer.evaluate(question.request, workload.policies, world.entities)
            let end = Clock.now()
            Sink.take(evaluation)
            samples.add(end - start, less: overhead)
        }
        return samples
    }

    /// From the bytes of a request to the bytes of an answer.
    private func jsonDecisions(_ questions: [Asked], _ overhead: UInt64) throws -> Samples {
        var samples = Samples(capacity: questions.count * Self.jsonRounds)
        for _ in 0..<Self.jsonRounds {
            for (authorizer, question) in questions {
                let start = Clock.now()
                let request = try RequestReader.request(JSONValue(parsing: question.json))
                let evaluation = authorizer.evaluate(request)
                let answer = Answer.bytes(evaluation)
                let end = Clock.now()
                Sink.take(answer.count)
                samples.add(end - start, less: overhead)
            }
        }
        return samples
    }

    /// Nanoseconds of a decision among many in a row on one thread, and decisions a second on two.
    private func throughput(_ questions: [Asked]) -> (perDecision: Double, together: Double) {
        let rounds = max(1, 200_000 / questions.count)
        let start = Clock.now()
        Self.decide(questions, rounds)
        let alone = Double(Clock.now() - start) / Double(rounds * questions.count)
        let again = Clock.now()
        let threads = (0..<2).map { _ in Thread { Self.decide(questions, rounds) } }
        for thread in threads { thread.join() }
        let seconds = Double(Clock.now() - again) / 1e9
        return (alone, Double(2 * rounds * questions.count) / seconds)
    }

    private static func decide(_ questions: [Asked], _ rounds: Int) {
        for _ in 0..<rounds {
            for (authorizer, question) in questions { Sink.take(authorizer.evaluate(question.request)) }
        }
    }

    /// Decides until the time is over, for a profiler.
    func repeatDecisions(_ seconds: UInt64) {
        let questions = zip(workload.worlds, prepared).flatMap { world, authorizer in
            world.requests.map { (authorizer, $0) }
        }
        let end = Clock.now() + seconds * 1_000_000_000
        while Clock.now() < end { Self.decide(questions, 10) }
    }

    /// Milliseconds to read the policies and to compile them, and how much memory the process took for both.
    private func compilation() throws -> (parse: Double, prepare: Double, resident: Double) {
        let before = Memory.residentBytes()
        let start = Clock.now()
        let policies = try PolicySet(parsing: workload.text)
        let middle = Clock.now()
        let authorizer = PreparedAuthorizer(policies, workload.worlds[0].entities)
        let end = Clock.now()
        let resident = Memory.residentBytes() - before
        Sink.take(authorizer.byteCount)
        return (Double(middle - start) / 1e6, Double(end - middle) / 1e6, max(0, resident))
    }

    /// The least time between two readings of the clock that is seen often.
    private static func clockOverhead() -> UInt64 {
        var samples = Samples(capacity: 10_000)
        for _ in 0..<10_000 {
            let start = Clock.now()
            samples.add(Clock.now() - start, less: 0)
        }
        return UInt64(samples.quantile(0.5))
    }
}

/// The answer of the decision over JSON.
private enum Answer {
    static func bytes(_ evaluation: Evaluation) -> [UInt8] {
        let reasons = evaluation.determining.map { "\"policy\($0.policy)\"" }.joined(separator: ",")
        let errors = evaluation.failures.map { "\"policy\($0.policy.policy)\"" }.joined(separator: ",")
        let text = "{\"decision\":\"\(evaluation.decision.rawValue)\",\"reason\":[\(reasons)],\"errors\":[\(errors)]}"
        return Array(text.utf8)
    }
}
