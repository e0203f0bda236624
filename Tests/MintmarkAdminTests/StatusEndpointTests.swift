import Foundation
import MintmarkAdmin
import Testing

/// The status page over HTTP.
@Suite struct StatusEndpointTests {
    @Test func headersKeepThePageToItself() async throws {
        try await withListener { port in
            let answer = try ask(port, "/")
            #expect(answer.status == 200 && answer.body.hasPrefix("<!DOCTYPE html>"))
            #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
            #expect(answer.fields["cache-control"] == "no-store")
            #expect(answer.fields["x-content-type-options"] == "nosniff")
            #expect(answer.fields["cross-origin-resource-policy"] == "same-origin")
            #expect(!answer.fields.keys.contains { $0.hasPrefix("access-control") })
            #expect(answer.body.contains("<meta name=\"referrer\" content=\"no-referrer\">"))
            let policy = try #require(answer.fields["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
            #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
        }
    }

    /// Whatever the policy does not know would not run, and must not be there.
    @Test func nothingIsInlineButOneStyleAndOneScript() async throws {
        var source = FakeSource()
        source.snapshot = StatusPageTests.model().newest
        try await withListener(source) { port in
            let page = try ask(port, "/").body
            #expect(page.components(separatedBy: "<style").count == 2 && page.contains("<style>"))
            #expect(page.components(separatedBy: "<script").count == 2 && page.contains("<script>"))
            #expect(page.firstMatch(of: #/ (style|on[a-z]+)=/#) == nil)
            // The namespace of SVG is a name and no address.
            let addresses = page.matches(of: #/(src|href|url|import|action)[=( ]["']?([^"' )>]+)/#).map { "\($0.2)" }
            let own = ["/livez", "/readyz", "/metrics", "/.well-known/jwks.json"]
            #expect(addresses.filter { !$0.hasPrefix("data:image/svg+xml") } == own)
        }
    }

    @Test(arguments: [
        ("GET", "localhost", 200), ("HEAD", "localhost", 200), ("POST", "localhost", 405), ("GET", "evil.example", 421),
    ])
    func pageHasTheRulesOfTheOthers(method: String, host: String, status: Int) async throws {
        try await withListener { port in
            let answer = try HTTPClient(port: port).ask(method, "/?x=1", host: host, "Content-Length: 0")
            #expect(answer.status == status)
            #expect(answer.body.contains("<html") == (method == "GET" && status == 200))
        }
        try await withListener(FakeSource()) {
            $0.endpoints = [.livez]
        } _: { port in
            let answer = try ask(port, "/")
            #expect(answer.status == 404)
        }
    }

    /// The second look has something to compare with.
    @Test func looksAreSamples() async throws {
        var source = FakeSource()
        source.snapshot = StatusPageTests.model().newest
        let first = source.snapshot.counts.uptimeNanoseconds
        let clock = SteppingClock(first)
        source.change = { $0.counts.uptimeNanoseconds = clock.next() }
        try await withListener(source) { port in
            let pages = try (0..<3).map { _ in try ask(port, "/").body }
            #expect(pages[0].contains("on average since the start"))
            #expect(pages[1].contains("in the last 7\u{A0}s"))
            #expect(pages[2].contains("in the last 14\u{A0}s"))
        }
    }

    @Test func stuckServerIsTold() async throws {
        try await withListener(FakeSource(isAlive: false)) { port in
            let answer = try ask(port, "/")
            #expect(answer.status == 200 && answer.body.contains("Not live</span>"))
        }
    }
}
