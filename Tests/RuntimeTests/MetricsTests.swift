import Runtime
import Testing

private func text(_ metrics: Metrics) -> String {
    var output: [UInt8] = []
    metrics.append(to: &output)
    return String(decoding: output, as: UTF8.self)
}

@Suite("Metrics")
struct MetricsTests {
    @Test func seriesAreWrittenSortedAndEscaped() {
        let metrics = Metrics()
        metrics.counter("b_total", "Second.", ["outcome": "PERMIT", "surface": "a\"b\\c\nd"]).add(2)
        metrics.counter("b_total", "Second.", ["outcome": "DENY", "surface": "x"]).add()
        metrics.gauge("a", "First \\ line.").set(1.5)
        #expect(
            text(metrics) == """
                # HELP a First \\\\ line.
                # TYPE a gauge
                a 1.5
                # HELP b_total Second.
                # TYPE b_total counter
                b_total{outcome="DENY",surface="x"} 1
                b_total{outcome="PERMIT",surface="a\\"b\\\\c\\nd"} 2

                """
        )
    }

    @Test func histogramAddsUp() {
        let metrics = Metrics()
        let buckets = MetricBuckets(bounds: [1_000_000, 10_000_000], unitsPerShown: 1_000_000_000)
        let histogram = metrics.histogram("d_seconds", "Times.", ["stage": "rule"], buckets: buckets)
        for value in [1, 1_000_000, 1_000_001, 10_000_000, 10_000_001] as [UInt64] {
            histogram.observe(value)
        }
        #expect(histogram.count == 5)
        #expect(
            text(metrics) == """
                # HELP d_seconds Times.
                # TYPE d_seconds histogram
                d_seconds_bucket{stage="rule",le="0.001"} 2
                d_seconds_bucket{stage="rule",le="0.01"} 4
                d_seconds_bucket{stage="rule",le="+Inf"} 5
                d_seconds_sum{stage="rule"} 0.022000003
                d_seconds_count{stage="rule"} 5

                """
        )
    }

    @Test func sameLabelsNameTheSameSeries() {
        let metrics = Metrics()
        #expect(metrics.counter("a", "A.", ["x": "1"]) === metrics.counter("a", "A.", ["x": "1"]))
        #expect(metrics.counter("a", "A.", ["x": "1"]) !== metrics.counter("a", "A.", ["x": "2"]))
    }

    @Test func seriesOfAFamilyAreBounded() {
        let metrics = Metrics()
        for number in 0..<(Metrics.seriesPerFamilyMax - 1) {
            metrics.counter("a", "A.", ["x": "\(number)"]).add()
        }
        #expect(!text(metrics).contains(Metrics.overflowLabel))
        metrics.counter("a", "A.", ["x": "beyond"]).add()
        metrics.counter("a", "A.", ["x": "further"]).add()
        metrics.counter("a", "A.", ["x": "0"]).add()
        let lines = text(metrics).split(separator: "\n")
        #expect(lines.count == Metrics.seriesPerFamilyMax + 2)
        #expect(lines.contains("a{x=\"_other\"} 2"))
        #expect(lines.contains("a{x=\"0\"} 2"))
    }

    @Test func numbersAreWrittenAsPrometheusReadsThem() {
        let metrics = Metrics()
        let gauge = metrics.gauge("g", "G.")
        for (value, shown) in [
            (0.0, "0"), (-2, "-2"), (0.25, "0.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] {
            gauge.set(value)
            #expect(text(metrics).hasSuffix("\ng \(shown)\n"))
        }
    }

    @Test func misnamedMetricIsABug() async {
        await #expect(processExitsWith: .failure) {
            _ = Metrics().counter("a-b", "A.")
        }
        await #expect(processExitsWith: .failure) {
            let metrics = Metrics()
            _ = metrics.counter("a", "A.")
            _ = metrics.gauge("a", "A.")
        }
    }
}
