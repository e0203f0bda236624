import ArgumentParser
import Foundation
import MintmarkWire
import Testing

@testable import MintmarkClient
@testable import MintmarkCommand

/// What `top` makes of given statistics.
@Suite struct TopTests {
    private func sample(
        _ counters: [String: UInt64],
        at seconds: Double = 0,
        reasons: [String] = []
    ) -> TopSample {
        let response = StatsResponse(
            serverBuild: "mintmarkd/9",
            serverTime: 1_000,
            counters: counters.sorted { $0.key < $1.key }.map { Counter(name: $0.key, value: $0.value) },
            isReady: reasons.isEmpty,
            readinessReasons: reasons
        )
        return TopSample(ServerStatistics(response), atNanoseconds: UInt64(seconds * 1e9))
    }

    private let first: [String: UInt64] = [
        "requests_sign": 100, "requests_verify": 1_000, "requests_refresh": 7, "status_busy": 1, "status_reused": 2,
        "verify_cache_hits": 500, "verify_cache_misses": 100, "verify_cache_bytes": 5, "sessions": 9,
        "connections_open": 16, "connections_opened": 20, "journal_events": 10, "journal_bytes": 1_000,
    ]

    private let last: [String: UInt64] = [
        "requests_sign": 300, "requests_verify": 25_690, "requests_refresh": 8, "status_busy": 1, "status_reused": 22,
        "verify_cache_hits": 10_400, "verify_cache_misses": 200, "verify_cache_bytes": 3 << 20, "sessions": 1_234_567,
        "connections_open": 15, "connections_opened": 20, "journal_events": 11, "journal_bytes": 5_121_000,
        "journal_lag_events": 3, "journal_failures": 0, "journal_syncs": 0, "snapshot_age_seconds": 125,
        "snapshot_bytes": 2_048, "snapshot_sessions": 1_000, "snapshot_failures": 1, "sessions_revoked": 4,
        "cut_offs": 0,
        "connections_held_bytes": 0, "durations_measured": 24_000, "durations_within_64_microseconds": 23_688,
        "durations_within_1024_microseconds": 23_999, "durations_within_16384_microseconds": 24_000,
    ]

    @Test func aFrameIsOfTheTimeBetweenTwoSamples() throws {
        var view = TopView(.text)
        let none = view.frame(of: sample(first))
        #expect(none?.json == nil, "one sample is no interval")
        let made = view.frame(of: sample(last, at: 2))
        let frame = try #require(made)
        #expect(
            frame.lines(isColored: false) == [
                "mintmarkd/9  ready  1970-01-01T00:16:40Z",
                "",
                "requests     12,446/s  █",
                "             sign 100/s  verify 12,345/s  open 0/s  refresh 0.5/s",
                "             revoke 0/s  introspect 0/s  keys 0/s  stats 0/s",
                "latency      98.7 % within 64 µs  99.9 % within 1 ms  100 % within 16 ms",
                "refused      10/s  reused 10/s",
                "cache        99 % hits  3.0 MiB  evicted 0/s",
                "sessions     1,234,567  revoked one by one 4  cut-offs 0",
                "connections  15 open  opened 0/s  closed 0/s  holding 0 B",
                "journal      0.5/s events  0/s syncs  2.4 MiB/s  waiting 3  failures 0",
                "snapshot     2 min old  2.0 KiB  1,000 sessions  failures 1",
            ]
        )
        #expect(
            frame.json.hasPrefix(
                #"{"server_time":1000,"ready":true,"readiness_reasons":[],"seconds":2.000,"requests":12445.500,"#
                    + #""refusals":10.000,"cache_hit_share":0.990,"rates":{"connections_opened":0.000,"#
            )
        )
        #expect(try parsed(frame.json)["values"] != nil)
    }

    @Test func whyItIsNotReadyIsSaidAndPainted() throws {
        var view = TopView(.screen(isColored: true))
        _ = view.frame(of: sample(first))
        let made = view.frame(of: sample(last, at: 1, reasons: ["storage_full", "\u{1B}[2Jx"]))
        let frame = try #require(made)
        let head = frame.lines(isColored: true)[0]
        #expect(head.contains("\u{1B}[31;1mNOT READY: storage_full, "))
        #expect(!head.contains("\u{1B}[2J"), "what the server sends moves no cursor")
        #expect(!frame.lines(isColored: false).joined().contains("\u{1B}"))
    }

    /// A server that was started again counts from nothing.
    @Test func aNewServerCountsFromItsStart() throws {
        var view = TopView(.text)
        _ = view.frame(of: sample(["requests_sign": 1_000, "requests_verify": 5], at: 0))
        let made = view.frame(of: sample(["requests_sign": 10, "requests_verify": 6], at: 1))
        let frame = try #require(made)
        #expect(frame.interval.rate("requests_sign") == 10)
        #expect(frame.interval.rate("requests_verify") == 6)
    }

    @Test func theCurveIsOfTheLastIntervals() throws {
        var view = TopView(.text)
        _ = view.frame(of: sample(["requests_sign": 0]))
        var curve: [Double] = []
        for second in 1...UInt64(TopFrame.curveLengthMax + 1) {
            let frame = view.frame(of: sample(["requests_sign": second * (second + 1) / 2], at: Double(second)))
            curve = try #require(frame).curve
        }
        #expect(curve.count == TopFrame.curveLengthMax)
        #expect(curve.first == 2 && curve.last == Double(TopFrame.curveLengthMax + 1))
    }

    @Test func noTimeIsNoInterval() {
        #expect(TopInterval(from: sample(first, at: 1), to: sample(last, at: 1)) == nil)
        #expect(TopInterval(from: sample(first, at: 2), to: sample(last, at: 1)) == nil)
    }

    @Test(arguments: [
        (0, "0"), (0.04, "0"), (0.06, "0.1"), (9.94, "9.9"), (9.95, "10"), (999.4, "999"), (1_000, "1,000"),
        (1_234_567, "1,234,567"),
    ])
    func ratesAreShort(value: Double, text: String) {
        #expect(TopNumber.rate(value) == text)
    }

    @Test(arguments: [
        (0.0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_572_864, "1.5 MiB"),
        (1_125_899_906_842_624, "1024.0 TiB"),
    ])
    func sizesAreShort(bytes: Double, text: String) {
        #expect(TopNumber.size(bytes) == text)
    }

    @Test(arguments: [
        (0 as UInt64, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"), (172_799, "47 h"),
        (172_800, "2 d"),
    ])
    func agesAreShort(seconds: UInt64, text: String) {
        #expect(TopNumber.age(seconds) == text)
    }

    @Test func aCurveBeginsAtNothing() {
        #expect(TopNumber.sparkline([]) == "")
        #expect(TopNumber.sparkline([0, 0]) == "▁▁")
        #expect(TopNumber.sparkline([0, 50, 100]) == "▁▅█")
    }

    /// Colours take no place, and are never cut in the middle.
    @Test(arguments: [
        (0, "\u{1B}[31m\u{1B}[0m"), (1, "\u{1B}[31m…\u{1B}[0m"), (3, "\u{1B}[31mab…\u{1B}[0m"),
        (4, "\u{1B}[31mabc\u{1B}[0md"), (9, "\u{1B}[31mabc\u{1B}[0md"),
    ])
    func linesAreCutAtTheEdge(columns: Int, text: String) {
        #expect(TopText.prefix(of: "\u{1B}[31mabc\u{1B}[0md", columns: columns) == text)
    }

    @Test(arguments: [
        ("0.09", false), ("0.1", true), ("0.11", true), ("3599", true), ("3600", true), ("3601", false), ("0", false),
    ])
    func intervalsHaveBounds(text: String, isGood: Bool) async throws {
        let command = try #require(try RootCommand.parseAsRoot(["top", "--interval", text]) as? TopCommand)
        let error = await usageError { try command.checkInterval() }
        #expect((error == nil) == isGood)
    }

    @Test func whoCannotBeReachedIsSaidAtOnce() async throws {
        for once in [[], ["--once"]] {
            let completion = try await complete(["top", "--unix", "/nonexistent/socket", "--timeout", "1"] + once)
            #expect(completion.exitStatus == .unreachable)
            #expect(completion.output.isEmpty && completion.errorOutput.hasPrefix("mintmark: "))
        }
    }
}
