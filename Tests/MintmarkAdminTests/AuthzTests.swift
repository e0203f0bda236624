import MintmarkAdmin
import NIOConcurrencyHelpers
import Testing

/// What `/authz` answers, whatever the server says of the token.
@Suite struct AuthzTests {
    private static let identity = BearerIdentity(
        issuer: Array("https://id.example".utf8),
        subject: Array("alice".utf8),
        clientID: Array("web".utf8),
        scope: Array("read write".utf8),
        audiences: [Array("orders".utf8), Array("a b".utf8)],
        expiresAt: 1_800_000_000
    )
    private static let challenge = "Bearer realm=\"mintmark\""

    private func answer(
        _ decision: TokenDecision = .active(identity),
        _ query: String = "",
        _ fields: [String] = ["Authorization: Bearer abc"],
        method: String = "GET",
        statistics: AdminStatistics = AdminStatistics()
    ) async throws -> HTTPClient.Answer {
        var source = FakeSource()
        source.decision = decision
        let lines = ["\(method) /authz\(query) HTTP/1.1", "Host: localhost"] + fields
        return try await withListener(source, statistics: statistics) { port in
            let client = try HTTPClient(port: port)
            try client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            return try client.receive(hasBody: method != "HEAD")
        }
    }

    @Test(arguments: ["GET", "HEAD"])
    func goodTokenIsToldInHeaders(method: String) async throws {
        let answer = try await answer(method: method)
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(answer.fields["x-auth-issuer"] == "https://id.example")
        #expect(answer.fields["x-auth-subject"] == "alice")
        #expect(answer.fields["x-auth-client-id"] == "web")
        #expect(answer.fields["x-auth-scope"] == "read write")
        #expect(answer.fields["x-auth-audience"] == "orders a%20b")
        #expect(answer.fields["x-auth-expires"] == "1800000000")
        #expect(answer.fields["cache-control"] == "no-store")
    }

    /// A proxy that copies the headers replaces what its client has sent under these names.
    @Test func whatATokenDoesNotSayIsAnEmptyHeader() async throws {
        var identity = Self.identity
        identity.clientID = nil
        identity.scope = nil
        let answer = try await answer(.active(identity))
        #expect(answer.status == 200)
        #expect(answer.fields["x-auth-client-id"]?.isEmpty == true && answer.fields["x-auth-scope"]?.isEmpty == true)
    }

    @Test(arguments: [
        ("a\r\nX-Auth-Scope: all", "a%0D%0AX-Auth-Scope:%20all"), ("é", "%C3%A9"), ("100%", "100%25"), ("\u{0}", "%00"),
        ("\u{7F}", "%7F"), ("~!", "~!"),
    ])
    func nothingCanBeInjected(subject: String, header: String) async throws {
        var identity = Self.identity
        identity.subject = Array(subject.utf8)
        identity.scope = nil
        let answer = try await answer(.active(identity))
        #expect(answer.fields["x-auth-subject"] == header && answer.fields["x-auth-scope"]?.isEmpty == true)
        #expect(answer.fields.keys.count { $0.hasPrefix("x-auth-") } == 6)
    }

    @Test func reasonIsTold() async throws {
        let answer = try await answer(.inactive(reason: "token_expired"))
        #expect(answer.status == 401)
        let expected = "\(Self.challenge), error=\"invalid_token\", error_description=\"token_expired\""
        #expect(answer.fields["www-authenticate"] == expected)
        #expect(answer.fields["cache-control"] == "no-store" && answer.body.isEmpty)
    }

    @Test(arguments: [[], ["Authorization: Basic YTpi"], ["Authorization: Basic"], ["X-Authorization: Bearer abc"]])
    func nobodyWithoutATokenIsToldMore(fields: [String]) async throws {
        let answer = try await answer(.active(Self.identity), "", fields)
        #expect(answer.status == 401 && answer.fields["www-authenticate"] == Self.challenge)
    }

    @Test(arguments: [
        "Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", "  Bearer abc  ", "Bearer aZ09-._~+/==",
    ])
    func headerIsRead(value: String) async throws {
        #expect(try await answer(.active(Self.identity), "", ["Authorization: \(value)"]).status == 200)
    }

    @Test(arguments: [
        ["Authorization: Bearer a", "Authorization: Bearer a"], ["Authorization: Bearer a", "authorization: Basic a"],
        ["Authorization: Bearer"], ["Authorization: Bearer a b"], ["Authorization: Bearer a,b"],
        ["Authorization: Bearer a=b"], ["Authorization: Bearer ="], ["Authorization:"], ["Authorization: Bearer\ta"],
        ["Authorization: Bearer a\u{1}b"], ["Authorization: Bearer \u{7F}"], ["Authorization: Bearer é"],
        ["Authorization: Bearer a, Bearer b"], ["Authorization: \"Bearer\" a"],
    ])
    func malformedHeaderIsABadRequest(fields: [String]) async throws {
        #expect(try await answer(.active(Self.identity), "", fields).status == 400)
    }

    @Test(arguments: [
        "?scope=read", "?scope=write+read", "?scope=read%20write", "?scope=%72ead", "?audience=orders", "?",
        "?audience=a%26b&scope=read", "?audience=%C3%A9", "?issuer=https%3A%2F%2Fid.example",
        "?issuer=https://id.example",
        "?malformed=400", "?malformed=401&scope=read&audience=a&issuer=b",
    ])
    func queryIsRead(query: String) async throws {
        #expect(try await answer(.active(Self.identity), query).status == 200)
    }

    @Test(arguments: [
        "?scope=", "?scope", "?scope=a++b", "?scope=+a", "?scope=%22", "?scope=%5C", "?scope=a%09b", "?scope=%C3%A9",
        "?scope=a&scope=a", "?audience=", "?audience=%FF", "?audience=a&audience=a", "?access_token=abc", "?x=1",
        "?scope=%4", "?scope=%zz", "?&", "?scope=read&", "?Scope=read",
        "?issuer=", "?issuer=a&issuer=a", "?issuer=%FF", "?malformed=", "?malformed=403",
        "?malformed=401&malformed=400",
        "?audience=a&audience=b", "?scope=a&scope=b",
    ])
    func malformedQueryIsABadRequest(query: String) async throws {
        let answer = try await answer(.active(Self.identity), query)
        #expect(answer.status == 400)
        #expect(answer.fields["www-authenticate"]?.hasPrefix("\(Self.challenge), error=\"invalid_request\"") == true)
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 400)])
    func textsHaveALimit(beyond: Int, status: Int) async throws {
        let text = String(repeating: "a", count: AuthzQuery.textLengthMax + beyond)
        for name in ["audience", "issuer", "scope"] {
            #expect(try await answer(.active(Self.identity), "?\(name)=\(text)").status == status, "\(name)")
        }
    }

    @Test(arguments: [(-1, 200), (0, 200), (1, 400)])
    func scopesHaveALimit(beyond: Int, status: Int) async throws {
        let scope = Array(repeating: "a", count: AuthzQuery.scopesMax + beyond).joined(separator: "+")
        #expect(try await answer(.active(Self.identity), "?scope=\(scope)").status == status)
    }

    /// nginx hands on 401 and 403 only.
    @Test func malformedHeaderIsUnauthorizedWhereTheProxyAsksForThat() async throws {
        let answer = try await answer(.active(Self.identity), "?malformed=401", ["Authorization: Bearer a b"])
        #expect(answer.status == 401)
        #expect(answer.fields["www-authenticate"]?.hasPrefix("\(Self.challenge), error=\"invalid_request\"") == true)
        let query = try await self.answer(.active(Self.identity), "?malformed=401&x=y", [])
        #expect(query.status == 400, "that is no fault of the proxy's client")
    }

    @Test func proxyAsksForWhatItsQuerySays() async throws {
        let asked = NIOLockedValueBox<TokenQuestion?>(nil)
        var source = FakeSource()
        source.decision = .active(Self.identity)
        source.onQuestion = { question in asked.withLockedValue { $0 = question } }
        try await withListener(source) { port in
            let target = "/authz?audience=%C3%A9+b&issuer=i%26&scope=write+read+write"
            let answer = try HTTPClient(port: port).ask("GET", target, "Authorization: Bearer a.b.c")
            #expect(answer.status == 200)
        }
        let question = try #require(asked.withLockedValue { $0 })
        #expect(question.token == Array("a.b.c".utf8))
        #expect(question.query.audience == Array("é b".utf8))
        #expect(question.query.issuer == Array("i&".utf8))
        #expect(question.query.scopes == [Array("write".utf8), Array("read".utf8)])
    }

    @Test func scopeThatIsMissingIsTold() async throws {
        let answer = try await answer(.insufficientScope(required: [Array("read".utf8), Array("admin".utf8)]))
        #expect(answer.status == 403)
        let expected = "\(Self.challenge), error=\"insufficient_scope\", scope=\"read admin\""
        #expect(answer.fields["www-authenticate"] == expected)
        #expect(answer.fields["x-auth-subject"] == nil)
    }

    @Test func nothingIsAllowedWhereTheServerSaysNothing() async throws {
        #expect(try await answer(.unavailable).status == 503)
        #expect(try await answer(.off).status == 404)
        let answer = try await answer(.tooOften(retryAfterSeconds: 3))
        #expect(answer.status == 429 && answer.fields["retry-after"] == "3")
    }

    /// Longer ones than the protocol allows reach the verifier, which says so.
    @Test(arguments: [-1, 0, 1])
    func longestTokenFitsIntoTheHeader(beyond: Int) async throws {
        let token = String(repeating: "a", count: 8_192 + beyond)
        #expect(try await answer(.active(Self.identity), "", ["Authorization: Bearer \(token)"]).status == 200)
    }

    @Test(arguments: [
        (TokenDecision.active(identity), "", ["Authorization: Bearer a"], AuthzOutcome.allowed),
        (.active(identity), "", [], .noToken),
        (.active(identity), "?x=y", ["Authorization: Bearer a"], .invalidRequest),
        (.active(identity), "", ["Authorization: Bearer"], .invalidRequest),
        (.inactive(reason: "token_expired"), "", ["Authorization: Bearer a"], .invalidToken),
        (.insufficientScope(required: []), "", ["Authorization: Bearer a"], .insufficientScope),
        (.tooOften(retryAfterSeconds: 1), "", ["Authorization: Bearer a"], .rateLimited),
        (.unavailable, "", ["Authorization: Bearer a"], .unavailable),
    ])
    func outcomesAreCounted(
        decision: TokenDecision,
        query: String,
        fields: [String],
        outcome: AuthzOutcome
    ) async throws {
        let statistics = AdminStatistics()
        _ = try await answer(decision, query, fields, statistics: statistics)
        for other in AuthzOutcome.allCases {
            #expect(statistics.count(of: other) == (other == outcome ? 1 : 0), "\(other)")
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS"])
    func otherMethodsLetNobodyIn(method: String) async throws {
        #expect(try await answer(.active(Self.identity), method: method).status == 405)
    }

    /// Proxies send whatever they like; where the listener tells nothing else, any name will do.
    @Test(arguments: [(true, 421), (false, 200)])
    func hostIsCheckedWhereOtherThingsAreTold(isChecked: Bool, status: Int) async throws {
        var source = FakeSource()
        source.decision = .active(Self.identity)
        try await withListener(source) {
            $0.endpoints = isChecked ? Set(Endpoint.allCases) : [.authz]
            $0.checksHost = isChecked
        } _: { port in
            for host in ["mintmark_authz", "shop.example", "a:b:c"] {
                let answer = try HTTPClient(port: port).ask("GET", "/authz", host: host, "Authorization: Bearer a")
                #expect(answer.status == status, "\(host)")
            }
        }
    }
}
