import Foundation
import MintmarkAdmin
import Testing

/// What the status page shows, and what it does not.
@Suite struct StatusPageTests {
    /// Where a sample of `StatusPageTests.model` stands.
    private static func counts(atMinute minutes: UInt64) -> StatusCounts {
        var counts = StatusCounts()
        counts.uptimeNanoseconds = minutes * 60_000_000_000
        counts.requests = [minutes * 740_740, 0]
        counts.errors = [minutes * 2, 0]
        counts.durations = [[0, minutes * 740_740, 0, 0], [0, 0, 0, 0]]
        counts.refusals = [0, minutes * 3]
        counts.journalSyncs = [0, 0, minutes, 0]
        counts.journalEvents = minutes * 600
        counts.journalBytes = minutes * 60 << 20
        counts.cacheHits = minutes * 83
        counts.cacheMisses = minutes * 17
        counts.processorSeconds = Double(minutes) * 15
        counts.sessions = minutes * 100
        return counts
    }

    /// Six minutes of a busy server; samples a minute apart.
    static func model(_ change: (inout StatusSnapshot) -> Void = { _ in }) -> StatusModel {
        var snapshot = StatusSnapshot()
        snapshot.operations = ["verify", "open"]
        snapshot.refusals = ["busy", "token_expired"]
        snapshot.boundsMicroseconds = [1, 2, 4]
        snapshot.build = "mintmarkd/0.1.0"
        snapshot.wallMilliseconds = 1_000_000_000_000
        snapshot.startMilliseconds = 999_999_640_000
        snapshot.sessions = .init(1_234, of: 1_000_000)
        snapshot.connections = .init(9_000, of: 10_000)
        snapshot.cacheBytes = .init(1_048_576, of: 4_194_304)
        snapshot.snapshotsPublished = 1
        snapshot.snapshotAgeSeconds = 125
        snapshot.snapshotIntervalSeconds = 300
        snapshot.snapshotBytes = 3 << 20
        snapshot.snapshotSessions = 1
        snapshot.journalSegments = 2
        snapshot.keys = [.init("key-1", .active, ageSeconds: 90_000)]
        snapshot.counts = counts(atMinute: 6)
        change(&snapshot)
        return StatusModel(newest: snapshot, earlier: (1...5).map(counts(atMinute:)), isLive: true)
    }

    @Test func itTellsWhatTheServerDoes() {
        let page = StatusPage.html(Self.model())
        for part in [
            "<html lang=\"en\">", "<title>Ready · Mintmark</title>", ">Live</span>", "up 6\u{A0}min",
            "2001-09-09 01:46:40 UTC", "<p class=\"figure\">12,346<small>/s</small></p>",
            "12,346/s in the last minute", "<p class=\"figure\">1.5<small>µs</small></p>",
            "p99 2.0\u{A0}µs in the last",
            "<p class=\"figure\">1,234</p>", "of 1,000,000; 0 revoked", "<p class=\"figure\">83<small>%</small></p>",
            "<code>verify</code>", "<td class=\"bad\">2</td>", "<td class=\"wide\">4,444,440</td>",
            "<code>token_<wbr>expired</code></th><td>3</td><td>18</td>", "<th scope=\"col\">Last minute</th>",
            "<dd>10.0 events <small>1.0\u{A0}MiB</small></dd>", "<dd>3.0\u{A0}µs <small>p99 4.0\u{A0}µs</small></dd>",
            "<dd>360\u{A0}MiB <small>in 2 segments</small></dd>",
            "<dd>2\u{A0}min 5\u{A0}s ago <small>every 5\u{A0}min</small></dd>",
            "<dd>3.0\u{A0}MiB <small>1 session</small></dd>", "<dt>Failures</dt><dd>none</dd>",
            "<code>key-1</code>", "active</span></td><td>1\u{A0}d 1\u{A0}h</td>", "Replaced on demand",
            "<span class=\"bad\">9,000</span> <small>of 10,000</small>", "<dd>25.0\u{A0}% <small>of one</small></dd>",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("Why it is not") && !page.contains("<code>busy</code>"))
        #expect(!page.contains("<code>open</code>"), "nobody has asked for it")
    }

    @Test func textOfOthersIsEscaped() {
        let hostile = #"</title><script>alert('x')&""#
        let page = StatusPage.html(
            Self.model {
                $0.build = hostile
                $0.reasons = [hostile]
                $0.operations[0] = hostile
                $0.refusals[1] = hostile
                $0.keys[0].keyID = hostile
            }
        )
        #expect(page.components(separatedBy: "<script").count == 2, "the page's own one")
        #expect(page.components(separatedBy: "</title>").count == 2)
        let escaped = "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;"
        #expect(page.components(separatedBy: escaped).count - 1 == 6)
        #expect(!page.contains("alert('"))
    }

    @Test func emptyServerHasAPage() {
        let page = StatusPage.html(StatusModel(newest: StatusSnapshot(), earlier: [], isLive: true))
        for part in [
            "Nobody has asked", "Nothing was refused", "There are no keys", "there is no cache", "none since the start",
            "<p class=\"figure\">0<small>/s</small></p>", "on average since the start",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("nan") && !page.contains(">inf"))
    }

    @Test func itSaysWhyItIsNotReady() {
        let page = StatusPage.html(Self.model { $0.reasons = ["storage_full", "audit", "tired"] })
        #expect(page.contains("<title>Not ready: storage_full, audit, tired · Mintmark</title>"))
        for part in ["Not ready</span>", "Why it is not ready", "<code>storage_full</code> The disk is full", "tired"] {
            #expect(page.contains(part), "\(part)")
        }
        let stuck = StatusPage.html(StatusModel(newest: StatusSnapshot(), earlier: [], isLive: false))
        for part in ["<title>Not live · Ready", "Not live</span>", "Why it is not live", "An event loop"] {
            #expect(stuck.contains(part), "\(part)")
        }
    }

    @Test func hugeNumbersHaveAPage() {
        let page = StatusPage.html(
            Self.model {
                $0.counts.requests = [.max, .max]
                $0.counts.errors = [.max, .max]
                $0.counts.refusals = [.max, .max]
                $0.counts.durations = [[.max, .max, .max, .max], [.max, .max, .max, .max]]
                $0.counts.journalSyncs = [.max, .max]
                $0.counts.journalEvents = .max
                $0.counts.journalBytes = .max
                $0.counts.processorSeconds = .greatestFiniteMagnitude
                $0.counts.cacheHits = .max / 2
                $0.counts.sessions = .max
                $0.counts.privateBytes = .max
                $0.residentBytes = .max
                $0.sessions = .init(.max, of: .max)
                $0.wallMilliseconds = .max
                $0.snapshotAgeSeconds = .max
                $0.journalLagEvents = .max
                $0.journalFailures = .max
                $0.keys[0].ageSeconds = .max
            }
        )
        #expect(page.contains("18.4\u{A0}E</span></p>") && page.contains("16.0\u{A0}EiB"))
    }

    @Test(arguments: [(-1, 0), (0, 0), (1, 1)])
    func tablesHaveALimit(beyond: Int, hidden: Int) {
        let count = StatusPage.rowsMax + beyond
        let page = StatusPage.html(
            Self.model { snapshot in
                snapshot.keys = (0..<count).map { .init("k\($0)-", .retired, ageSeconds: 1) }
                snapshot.refusals = (0..<count).map { "r\($0)-" }
                snapshot.counts.refusals = (0..<count).map { _ in 7 }
            }
        )
        #expect(page.components(separatedBy: "<code>k").count - 1 == count - hidden)
        #expect(page.components(separatedBy: "<code>r").count - 1 == count - hidden)
        #expect(page.components(separatedBy: "; \(hidden) more</caption>").count - 1 == (hidden > 0 ? 2 : 0))
    }

    /// The largest page that there can be is no burden.
    @Test func pageIsSmall() {
        let samples = (0..<UInt64(AdminLimits().statusSamplesMax)).map { place in
            var counts = Self.counts(atMinute: 1)
            counts.uptimeNanoseconds += place * 4_000_000_000
            counts.requests = (0..<10).map { $0 * 977 + place * place % 13 }
            return counts
        }
        var snapshot = Self.model().newest
        snapshot.operations = (0..<10).map { "operation\($0)" }
        snapshot.refusals = (0..<80).map { "reason_of_a_refusal_\($0)" }
        snapshot.counts.requests = (0..<10).map { _ in 99_999 }
        snapshot.counts.refusals = (0..<80).map { _ in 99_999 }
        snapshot.keys = (0..<20).map { .init(String(repeating: "\($0 % 10)", count: 64), .retired, ageSeconds: 1) }
        let page = StatusPage.html(StatusModel(newest: snapshot, earlier: samples, isLive: true))
        #expect(page.utf8.count < 64 << 10)
    }

    /// Tables and lines say what they are to those who do not see them.
    @Test func partsHaveNames() {
        let page = StatusPage.html(Self.model())
        #expect(page.components(separatedBy: "<table>").count == page.components(separatedBy: "<caption>").count)
        #expect(page.components(separatedBy: "<h1>").count == 2)
        let headings = Set(page.matches(of: /<h2 id="([a-z-]+)">/).map { String($0.1) })
        let sections = page.matches(of: /<section aria-labelledby="([a-z-]+)"/).map { String($0.1) }
        #expect(sections.count == 9 && Set(sections) == headings)
        for image in page.matches(of: /<svg [^>]*>/) {
            let isNamed = image.0.contains("role=\"img\" aria-label=\"") != image.0.contains("aria-hidden=\"true\"")
            #expect(isNamed, "\(image.0)")
        }
    }

    /// WCAG 2.2, 1.4.3.
    @Test(arguments: [
        ("ink", "card"), ("ink", "back"), ("soft", "card"), ("soft", "back"), ("accent", "card"), ("accent", "back"),
        ("accent", "wash"), ("warn", "card"), ("warn", "warnwash"), ("ink", "warnwash"), ("card", "warn"),
    ])
    func textIsLegible(text: String, ground: String) throws {
        let sheets = StatusPage.html(Self.model()).components(separatedBy: ":root{").dropFirst()
        #expect(sheets.count == 2, "light and dark")
        for sheet in sheets {
            let pairs = sheet.prefix { $0 != "}" }.matches(of: /--([a-z]+):#([0-9a-f]+)/)
            let colors = Dictionary(pairs.map { (String($0.1), String($0.2)) }) { first, _ in first }
            let lights = try [text, ground].map { luminance(try #require(colors[$0])) }.sorted()
            #expect((lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5, "\(text) on \(ground)")
        }
    }

    /// Of a colour with three or six hexadecimal digits.
    private func luminance(_ color: String) -> Double {
        let digits = color.count == 3 ? color.map { "\($0)\($0)" }.joined() : color
        let number = Int(digits, radix: 16) ?? 0
        let parts = [number >> 16, number >> 8 & 255, number & 255].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
