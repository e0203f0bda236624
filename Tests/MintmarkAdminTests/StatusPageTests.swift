import Foundation
import MintmarkAdmin
import Testing

@Suite("The status page")
struct StatusPageTests {
    /// Five minutes of a busy server; samples a minute apart.
    private func model(_ change: (inout StatusSnapshot) -> Void = { _ in }) -> StatusModel {
        var snapshot = StatusSnapshot()
        snapshot.operations = ["verify", "open"]
        snapshot.refusals = ["busy", "token_expired"]
        snapshot.boundsMicroseconds = [1, 2, 4]
        snapshot.build = "mintmarkd/0.1.0"
        snapshot.wallMilliseconds = 1_000_000_000_000
        snapshot.startMilliseconds = 999_999_700_000
        snapshot.sessions = .init(1_234, of: 1_000_000)
        snapshot.cacheBytes = .init(1_048_576, of: 4_194_304)
        snapshot.keys = [.init("key-1", .active, ageSeconds: 90_000)]
        func counts(_ minutes: UInt64) -> StatusCounts {
            var counts = StatusCounts()
            counts.uptimeNanoseconds = minutes * 60_000_000_000
            counts.requests = [minutes * 738_000, 0]
            counts.errors = [minutes, 0]
            counts.durations = [[0, minutes * 738_000, 0, 0], [0, 0, 0, 0]]
            counts.refusals = [0, minutes * 3]
            counts.cacheHits = minutes * 83
            counts.cacheMisses = minutes * 17
            return counts
        }
        snapshot.counts = counts(6)
        change(&snapshot)
        return StatusModel(newest: snapshot, earlier: (1...5).map(counts), isLive: true)
    }

    @Test func itTellsWhatTheServerDoes() {
        let page = StatusPage.html(model(), nonce: "abc")
        for part in [
            "<html lang=\"en\">", "<title>Ready · Mintmark</title>", "<style nonce=\"abc\">",
            "<meta http-equiv=\"refresh\" content=\"5\">", ">12.3k/s</p>", ">1.5\u{A0}µs</p>", ">83\u{A0}%</p>",
            ">1,234</p>", "<code>key-1</code>", "active, signs", ">1\u{A0}d 1\u{A0}h</td>", "up 5\u{A0}min",
            "<code>token_expired</code></th><td>15</td><td>18</td>", "As of 2001-09-09 01:46:40 UTC",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("<script") && !page.contains(" style=") && !page.contains("Why not"))
        #expect(!page.contains("<code>busy</code>") && !page.contains("<code>open</code>"))
    }

    @Test func textOfOthersIsEscaped() {
        let hostile = #"</title><script>alert('x')&"#
        let page = StatusPage.html(
            model {
                $0.build = hostile
                $0.reasons = [hostile]
                $0.operations[0] = hostile
                $0.refusals[1] = hostile
                $0.keys[0].keyID = hostile
            },
            nonce: hostile
        )
        #expect(!page.contains("<script"))
        #expect(page.components(separatedBy: "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&amp;").count == 8)
        #expect(page.components(separatedBy: "</title>").count == 2)
    }

    @Test func emptyServerHasAPage() {
        let page = StatusPage.html(StatusModel(newest: StatusSnapshot(), earlier: [], isLive: true), nonce: "n")
        for part in ["Nobody has asked", "Nothing was refused", "There are no keys", "there is no cache", "–</p>"] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("nan") && !page.contains("inf,"))
    }

    @Test func itSaysWhyItIsNotReady() {
        let page = StatusPage.html(model { $0.reasons = ["storage_full", "audit"] }, nonce: "n")
        #expect(page.contains("<title>Not ready: storage_full, audit · Mintmark</title>"))
        #expect(page.contains("The disk is full") && page.contains("Why not ready"))
        let stuck = StatusModel(newest: StatusSnapshot(), earlier: [], isLive: false)
        #expect(StatusPage.html(stuck, nonce: "n").contains("<title>Not live · Ready"))
    }

    @Test func hugeNumbersHaveAPage() {
        let page = StatusPage.html(
            model {
                $0.counts.requests = [.max, .max]
                $0.counts.refusals = [.max, .max]
                $0.counts.durations = [[.max, .max, .max, .max], [.max, .max, .max, .max]]
                $0.counts.journalSyncs = [.max, .max]
                $0.counts.processorSeconds = .greatestFiniteMagnitude
                $0.counts.cacheHits = .max / 2
                $0.sessions = .init(.max, of: .max)
                $0.wallMilliseconds = .max
                $0.keys[0].ageSeconds = .max
            },
            nonce: "n"
        )
        #expect(page.contains("18.4E</p>"))
    }

    @Test(arguments: [(-1, 0), (0, 0), (1, 1)])
    func tablesHaveALimit(beyond: Int, hidden: Int) {
        let page = StatusPage.html(
            model { snapshot in
                snapshot.keys = (0..<StatusPage.rowsMax + beyond).map { .init("k\($0)-", .retired, ageSeconds: 1) }
            },
            nonce: "n"
        )
        #expect(page.components(separatedBy: "retired, verifies").count == StatusPage.rowsMax + min(beyond, 0) + 1)
        #expect(page.contains("\(hidden) more") == (hidden > 0))
    }

    @Test(arguments: [(-1, 1), (0, 1), (1, 2)])
    func ringForgetsItsOldest(beyond: Int, oldest: UInt64) {
        let limit = AdminLimits().statusSamplesMax
        var ring = StatusRing(countMax: limit)
        for moment in 0..<limit + beyond {
            var sample = StatusCounts()
            sample.uptimeNanoseconds = UInt64(moment) + 1
            ring.add(sample)
        }
        let moments = ring.ordered.map(\.uptimeNanoseconds)
        #expect(moments.count == min(limit, limit + beyond))
        #expect(moments == moments.sorted() && moments.first == oldest)
    }

    @Test func numbersHaveUnits() {
        #expect(StatusText.rate(12_345) == "12.3k/s" && StatusText.rate(0) == "0/s" && StatusText.rate(nil) == "–")
        #expect(StatusText.rate(999.7) == "1.0k/s" && StatusText.rate(0.01) == "<0.1/s")
        #expect(StatusText.duration(microseconds: 1_400) == "1.4\u{A0}ms")
        #expect(StatusText.percent(83, of: 100) == "83\u{A0}%" && StatusText.percent(0, of: 0) == "–")
        #expect(StatusText.percent(999_999, of: 1_000_000) == "99.9\u{A0}%")
        #expect(StatusText.bytes(8 << 20) == "8.0\u{A0}MiB" && StatusText.count(1_005) == "1,005")
        #expect(StatusText.moment(milliseconds: 951_782_400_000) == "2000-02-29 00:00:00 UTC")
        #expect(StatusModel.quantile(0.5, of: [0, 0, 4], boundsMicroseconds: [1, 2]) == .beyond(microseconds: 2))
        #expect(StatusModel.quantile(0.5, of: [0, 0], boundsMicroseconds: [1]) == nil)
    }

    @Test func headersKeepThePageToItself() async throws {
        try await withListener { port in
            let (one, other) = (try ask(port, "/"), try ask(port, "/?x"))
            #expect(one.status == 200 && one.body.contains("<h1>"))
            #expect(one.fields["content-type"] == "text/html; charset=utf-8")
            #expect(one.fields["cache-control"] == "no-store")
            #expect(one.fields["x-content-type-options"] == "nosniff")
            #expect(one.fields["referrer-policy"] == "no-referrer")
            let policy = try #require(one.fields["content-security-policy"])
            let nonce = try #require(policy.components(separatedBy: "'nonce-").last?.components(separatedBy: "'").first)
            #expect(
                policy.hasPrefix("default-src 'none'; style-src 'nonce-") && one.body.contains("nonce=\"\(nonce)\"")
            )
            #expect(policy != other.fields["content-security-policy"])
        }
    }

    private static let chromium = "/usr/bin/chromium"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: chromium), "chromium is not installed"))
    func browserDrawsIt() async throws {
        var source = FakeSource()
        source.snapshot = model().newest
        try await withListener(source) { port in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let picture = folder.appendingPathComponent("page.png")
            let browser = Process()
            browser.executableURL = URL(fileURLWithPath: Self.chromium)
            browser.arguments = [
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile",
                "--window-size=390,800", "--screenshot=\(picture.path)", "http://127.0.0.1:\(port)/",
            ]
            browser.standardOutput = FileHandle.nullDevice
            browser.standardError = FileHandle.nullDevice
            try browser.run()
            browser.waitUntilExit()
            let bytes = try Data(contentsOf: picture)
            #expect(browser.terminationStatus == 0 && bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            // A page without its style would be a few lines of text; one that is drawn is far more.
            #expect(bytes.count > 15_000)
        }
    }
}
