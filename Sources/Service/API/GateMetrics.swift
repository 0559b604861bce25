// The numbers of the gate: the names of the design's interfaces page that apply now.

import Authorization
import Bytes
package import DecisionPoint
package import Runtime

/// Counts what the pipeline does, and what is refused before it.
package final class GateMetrics: PipelineObserver {
    /// The registry.
    package let registry = Metrics()

    private struct Key: Hashable {
        let surface: Text?
        let cause: Cause
    }

    private struct Series {
        let count: MetricCounter
        let duration: MetricHistogram
    }

    private let series = Guarded<[Key: Series]>([:])
    private let failClosed: [Cause: MetricCounter]
    private let pending: MetricCounter
    private let redeemed: MetricCounter
    private let redemptionsRefused: MetricCounter
    private let effects: MetricCounter
    private let contradictions: MetricCounter
    private let batches: MetricHistogram
    private let problems: [Problem.Name: MetricCounter]

    /// The label of a surface that the bundle does not know.
    private static let unknownSurface = "_unknown"

    /// Makes the series that are always there.
    package init() {
        let registry = registry
        var failClosed: [Cause: MetricCounter] = [:]
        for cause in Cause.allCases where cause.causeClass == .infrastructure {
            failClosed[cause] = registry.counter(
                "writ_fail_closed_total",
                "Rulings of SILENCE because the gate could not know.",
                ["cause": cause.rawValue]
            )
        }
        self.failClosed = failClosed
        var problems: [Problem.Name: MetricCounter] = [:]
        for name in Problem.Name.allCases {
            problems[name] = registry.counter(
                "writ_problems_total",
                "Calls that were answered with a problem document.",
                ["problem": name.rawValue]
            )
        }
        self.problems = problems
        pending = registry.counter("writ_answers_pending_total", "Requests that were told to ask again.")
        func redemptions(_ result: String) -> MetricCounter {
            registry.counter("writ_redemptions_total", "Redemptions, by what came of them.", ["result": result])
        }
        redeemed = redemptions("redeemed")
        redemptionsRefused = redemptions("refused")
        func reports(_ result: String) -> MetricCounter {
            registry.counter("writ_effects_total", "Reports of effects, by what came of them.", ["result": result])
        }
        effects = reports("recorded")
        contradictions = reports("contradicts")
        batches = registry.histogram("writ_log_batch_size", "Statements of one sync.", buckets: .counts)
    }

    /// Counts what the pipeline did.
    package func observe(_ event: PipelineEvent) {
        switch event {
        case .ruled(let surface, let cause, _, let nanoseconds):
            let series = series(of: Key(surface: surface, cause: cause))
            series.count.add()
            series.duration.observe(nanoseconds)
            failClosed[cause]?.add()
        case .pending: pending.add()
        case .redeemed: redeemed.add()
        case .redemptionRefused: redemptionsRefused.add()
        case .effect: effects.add()
        case .effectContradicts: contradictions.add()
        }
    }

    /// Counts the statements of one sync.
    func observe(batch count: Int) {
        batches.observe(UInt64(count))
    }

    /// Counts a call that was answered with a problem.
    func observe(_ problem: Problem) {
        problems[problem.name]?.add()
    }

    /// Counts an attempt to load policies.
    package func observe(reload isLoaded: Bool) {
        registry.counter(
            "writ_bundle_loads_total",
            "Attempts to load policies, by what came of them.",
            ["result": isLoaded ? "loaded" : "refused"]
        ).add()
    }

    private func series(of key: Key) -> Series {
        series.withLock { known in
            if let found = known[key] { return found }
            let surface = key.surface?.string ?? Self.unknownSurface
            let made = Series(
                count: registry.counter(
                    "writ_decisions_total",
                    "Rulings.",
                    [
                        "surface": surface, "outcome": key.cause.outcome.rawValue, "cause": key.cause.rawValue,
                        "mode": "enforce",
                    ]
                ),
                duration: registry.histogram(
                    "writ_decision_duration_seconds",
                    "From the arrival of a request to its answer.",
                    ["surface": surface],
                    buckets: .durations
                )
            )
            known[key] = made
            return made
        }
    }
}
