import MintmarkAdmin
import Testing

/// What is answered to whom.
@Suite struct EndpointTests {
    @Test func livenessTellsWhetherTheLoopsAnswer() async throws {
        try await withListener { port in
            let answer = try ask(port, "/livez")
            #expect(answer.status == 200 && answer.body == "{\"live\": true}\n")
        }
        try await withListener(FakeSource(isAlive: false)) { port in
            let answer = try ask(port, "/livez")
            #expect(answer.status == 503 && answer.body == "{\"live\": false}\n")
        }
    }

    @Test func readinessTellsItsReasons() async throws {
        try await withListener { port in
            let answer = try ask(port, "/readyz")
            #expect(answer.status == 200 && answer.body == "{\"ready\": true, \"reasons\": []}\n")
            #expect(answer.fields["content-type"] == "application/json")
            #expect(answer.fields["cache-control"] == "no-store")
        }
        try await withListener(FakeSource(readinessReasons: ["storage", "audit"])) { port in
            let answer = try ask(port, "/readyz")
            #expect(answer.status == 503)
            #expect(answer.body == "{\"ready\": false, \"reasons\": [\"storage\", \"audit\"]}\n")
        }
    }

    @Test func metricsAreText() async throws {
        let family = MetricFamily(name: "a_total", kind: .counter, help: "A.", samples: [MetricSample(.integer(7))])
        try await withListener(FakeSource(families: [family])) { port in
            let answer = try ask(port, "/metrics")
            #expect(answer.body == "# HELP a_total A.\n# TYPE a_total counter\na_total 7\n")
            #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    @Test func keysMayBeKeptAsLongAsConfigured() async throws {
        try await withListener { port in
            let answer = try ask(port, "/.well-known/jwks.json")
            #expect(answer.status == 200 && answer.body == #"{"keys":[]}"#)
            #expect(answer.fields["content-type"] == "application/jwk-set+json")
            #expect(answer.fields["cache-control"] == "public, max-age=3600, must-revalidate")
            #expect(answer.fields["etag"] == "\"abc\"")
            #expect(answer.fields["access-control-allow-origin"] == nil)
        }
        var source = FakeSource()
        source.keys = KeySet(json: [], tag: "abc", cacheSeconds: 0)
        try await withListener(source) { port in
            let answer = try ask(port, "/.well-known/jwks.json")
            #expect(answer.fields["cache-control"] == "no-cache")
        }
    }

    @Test(arguments: [
        ("\"abc\"", 304), ("W/\"abc\"", 304), ("\"x\", \"abc\"", 304), ("*", 304), ("\"x\"", 200), ("abc", 200),
        ("\"ab\"", 200),
    ])
    func keysThatAreKnownAreNotSentAgain(tags: String, status: Int) async throws {
        try await withListener { port in
            let client = try HTTPClient(port: port)
            let answer = try client.ask("GET", "/.well-known/jwks.json", "If-None-Match: \(tags)")
            #expect(answer.status == status)
            #expect(answer.fields["etag"] == "\"abc\"")
            // The connection goes on where it should.
            #expect(try client.ask("GET", "/livez").status == 200)
        }
    }

    @Test(arguments: ["", "/livez/", "/LIVEZ", "/%6civez", "//livez", "/metrics/x", "*"])
    func otherPathsAreNotFound(target: String) async throws {
        try await withListener { port in
            let status = try ask(port, target).status
            #expect(status == 400 || status == 404, "\(target): \(status)")
        }
    }

    /// RFC 9112 section 3.2.2: a server takes the absolute form, too.
    @Test func absoluteFormIsTheSame() async throws {
        try await withListener { port in
            let status = try ask(port, "http://localhost/livez").status
            #expect(status == 200)
        }
    }

    @Test func queryChangesNothing() async throws {
        try await withListener { port in
            let answer = try ask(port, "/livez?verbose=1")
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    func nothingIsChangedHere(method: String) async throws {
        try await withListener { port in
            let answer = try HTTPClient(port: port).ask(method, "/metrics", "Content-Length: 0")
            #expect(answer.status == 405)
            #expect(answer.fields["allow"] == "GET, HEAD")
        }
    }

    @Test func headIsTheSameWithoutTheBody() async throws {
        try await withListener { port in
            let client = try HTTPClient(port: port)
            let head = try client.ask("HEAD", "/readyz")
            let get = try client.ask("GET", "/readyz")
            #expect(head.status == 200 && head.body.isEmpty && get.body.utf8.count == 31)
            #expect(head.fields == get.fields && get.fields["content-length"] == "31")
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("LOCALHOST:7421", 200), ("localhost.", 200), ("127.0.0.1", 200), ("[::1]:80", 200),
        ("mintmark.internal", 200), ("Mintmark.Internal:1", 200),
        ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.2", 421), ("10.0.0.1", 421),
        ("localhost:x", 421), ("[::1", 421), ("a@localhost", 421), ("localhost, evil.example", 421),
    ])
    func onlyItsOwnNamesAreAnswered(host: String, status: Int) async throws {
        try await withListener(FakeSource()) {
            $0.hosts = ["mintmark.internal"]
        } _: { port in
            let answer = try ask(port, "/metrics", host: host)
            #expect(answer.status == status)
        }
    }

    @Test func listenerForOneThingAnswersNothingElse() async throws {
        try await withListener(FakeSource()) {
            $0.endpoints = [.livez]
        } _: { port in
            let alive = try ask(port, "/livez")
            #expect(alive.status == 200)
            let metrics = try ask(port, "/metrics")
            #expect(metrics.status == 404)
        }
    }

    @Test func answersAreCounted() async throws {
        let statistics = AdminStatistics()
        try await withListener(statistics: statistics) { port in
            _ = try ask(port, "/livez")
            _ = try ask(port, "/nothing")
            _ = try HTTPClient(port: port).ask("POST", "/livez", "Content-Length: 0")
        }
        #expect(statistics.count(of: .init(endpoint: .livez, statusClass: 2)) == 1)
        #expect(statistics.count(of: .init(endpoint: .livez, statusClass: 4)) == 1)
        #expect(statistics.count(of: .init(endpoint: .other, statusClass: 4)) == 1)
        #expect(statistics.connections == 0)
    }
}
