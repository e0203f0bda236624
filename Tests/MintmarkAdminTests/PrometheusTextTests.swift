import Testing

@testable import MintmarkAdmin

@Suite struct PrometheusTextTests {
    private func text(_ family: MetricFamily) -> String {
        String(decoding: PrometheusText([family]).bytes, as: UTF8.self)
    }

    @Test func whatWouldEndALineOrAValueIsEscaped() {
        let family = MetricFamily(
            name: "a",
            kind: .gauge,
            help: "one\\two\n\"three\"",
            samples: [MetricSample(.integer(1), labels: [MetricSample.Label("l", "a\"b\\c\nd")])]
        )
        #expect(text(family) == "# HELP a one\\\\two\\n\"three\"\n# TYPE a gauge\na{l=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test func bucketsAddUp() {
        let distribution = MetricDistribution(bounds: [0.000001, 0.5], counts: [1, 2, 3], sum: 4.25)
        let family = MetricFamily(
            name: "d",
            kind: .histogram,
            help: "D.",
            samples: [MetricSample(.distribution(distribution), labels: [MetricSample.Label("o", "x")])]
        )
        #expect(
            text(family) == """
                # HELP d D.
                # TYPE d histogram
                d_bucket{o="x",le="1e-06"} 1
                d_bucket{o="x",le="0.5"} 3
                d_bucket{o="x",le="+Inf"} 6
                d_sum{o="x"} 4.25
                d_count{o="x"} 6

                """
        )
    }

    @Test func metricWithoutValuesIsNotMentioned() {
        #expect(text(MetricFamily(name: "a", kind: .counter, help: "A.", samples: [])).isEmpty)
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-2, "-2"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (1_700_000_000.25, "1700000000.25"), (1e300, "1e+300"),
    ])
    func numbersAreSpelledAsScrapersReadThem(value: Double, spelling: String) {
        #expect(PrometheusText.text(of: value) == spelling)
    }
}
