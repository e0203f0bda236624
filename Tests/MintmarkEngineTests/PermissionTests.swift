import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// Which rule refuses what; and that nothing else is refused.
@Suite struct PermissionTests {
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture()
    }

    private func become(_ permissions: Permissions, _ id: String = "local") {
        fixture.caller = Caller(
            session: SessionCaller(clientID: Array(id.utf8), policy: fixture.caller.policy),
            permissions: permissions
        )
    }

    private func rule(of answer: EngineFixture.Answer) -> PermissionRule? {
        guard answer.status == .notPermitted else { return nil }
        return answer.error?.rule.flatMap { PermissionRule(rawValue: $0) }
    }

    private func expect(
        _ request: some WireRequest,
        _ rule: PermissionRule?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try fixture.perform(request)
        #expect(self.rule(of: answer) == rule, sourceLocation: sourceLocation)
        if let rule {
            // What is refused whatever is in it is told by its name.
            let details = ["\(rule.rawValue)", "\(rule.rawValue): \(type(of: request).kind.name)"]
            let messages = details.map { "the caller may not do this (\($0))" }
            #expect(
                (rule == .operations ? messages.suffix(1) : messages[...]).contains(answer.error?.message ?? ""),
                sourceLocation: sourceLocation
            )
        } else {
            #expect(answer.error == nil, "\(String(describing: answer.error))", sourceLocation: sourceLocation)
        }
    }

    @Test func eachOperationIsPermittedByItself() throws {
        let session = try fixture.open()
        let requests: [(Kind, any WireRequest)] = [
            (.sign, SignRequest(subject: "user-1", audience: ["api"])),
            (.verify, VerifyRequest(accessToken: session.accessToken, expectedAudience: .any)),
            (.open, OpenRequest(subject: "user-1", audience: ["api"])),
            (.introspect, IntrospectRequest(refreshToken: session.refreshToken)),
            (.refresh, RefreshRequest(refreshToken: session.refreshToken)),
            (.revoke, RevokeRequest(.refreshToken(session.refreshToken))),
            (.keys, KeysRequest()),
            (.stats, StatsRequest()),
        ]
        for (kind, request) in requests {
            become(Permissions(operations: OperationSet.all.subtracting(OperationSet(kind)), isAdministrator: true))
            try expect(request, .operations)
            try expect(PingRequest(), nil)
        }
        for (kind, request) in requests {
            become(Permissions(operations: OperationSet(kind), isAdministrator: false))
            try expect(request, nil)
        }
    }

    /// A body with a fault tells nothing to somebody who may not ask at all.
    @Test func operationsAreJudgedBeforeTheBody() throws {
        become(Permissions(operations: [], isAdministrator: false))
        var writer = FrameWriter()
        writer.begin(request: .sign, requestID: EngineFixture.requestID)
        try writer.end()
        #expect(rule(of: try fixture.perform(frame: writer.bytes)) == .operations)
    }

    @Test(arguments: [true, false])
    func administrationIsForAdministrators(isAdministrator: Bool) throws {
        let own = try fixture.open()
        let rule: PermissionRule? = isAdministrator ? nil : .admin
        become(Permissions(operations: OperationSet(.revoke), isAdministrator: isAdministrator))
        try expect(ForceRotationRequest(.sessionID(own.sessionID)), rule)
        try expect(ForceRotationRequest(.all), rule)
        try expect(RevokeRequest(.subject("user-9")), rule)
        try expect(RevokeRequest(.clientID("web")), rule)
        try expect(RevokeRequest(.all), rule)
        try expect(RevokeRequest(.sessionID([UInt8](repeating: 1, count: 16))), nil)
        let unconfigured: [any WireRequest] = [
            SnapshotRequest(), KeyListRequest(), KeyPrepareRequest(), KeyRevokeRequest(keyID: "k"),
        ]
        for request in unconfigured {
            let answer = try fixture.perform(request)
            #expect(answer.status == (isAdministrator ? .notConfigured : .notPermitted))
            #expect(answer.error?.rule == rule?.rawValue)
        }
    }

    /// By whatever of theirs was found.
    @Test(arguments: [true, false], [true, false])
    func sessionsOfOthersAreRevokedByAdministratorsAlone(isAdministrator: Bool, byToken: Bool) throws {
        let session = try fixture.open()
        become(Permissions(isAdministrator: isAdministrator), "other")
        let target: RevokeRequest.Target =
            byToken ? .refreshToken(session.refreshToken) : .sessionID(session.sessionID)
        let answer = try fixture.perform(RevokeRequest(target))
        #expect(answer.status == (isAdministrator ? nil : .clientMismatch))
        become(Permissions(isAdministrator: false))
        #expect(try fixture.refusal(of: session.accessToken) == (isAdministrator ? .tokenRevoked : nil))
        try expect(RevokeRequest(.sessionID(session.sessionID)), nil)
        #expect(try fixture.refusal(of: session.accessToken) == .tokenRevoked)
    }

    private static let restricted = Permissions(
        operations: .all,
        isAdministrator: false,
        subjects: ["user-*"],
        audiences: ["api", "files"],
        scopes: ["read", "write"],
        claims: ["role", "é"]
    )

    struct Grant: Sendable {
        var subject = "user-1"
        var audience = ["api"]
        var scope: String?
        var claims: String?
        var rule: PermissionRule?
    }

    @Test(arguments: [
        Grant(),
        Grant(subject: "user-"),
        Grant(subject: "user", rule: .subjects),
        Grant(subject: "User-1", rule: .subjects),
        Grant(audience: ["files", "api"]),
        Grant(audience: ["api", "other"], rule: .audiences),
        Grant(audience: ["ap"], rule: .audiences),
        Grant(audience: ["apis"], rule: .audiences),
        Grant(scope: "write read"),
        Grant(scope: "read admin", rule: .scopes),
        Grant(scope: "rea", rule: .scopes),
        Grant(claims: "{}"),
        Grant(claims: #"{"role":{"admin":1}}"#),
        Grant(claims: #"{"r\u006fle":1,"\u00e9":2}"#),
        Grant(claims: #"{"role":1,"Role":2}"#, rule: .claims),
        Grant(claims: #"{"admin":true}"#, rule: .claims),
        Grant(subject: "x", audience: ["x"], scope: "x", claims: #"{"x":1}"#, rule: .subjects),
        Grant(audience: ["x"], scope: "x", claims: #"{"x":1}"#, rule: .audiences),
        Grant(scope: "x", claims: #"{"x":1}"#, rule: .scopes),
    ])
    func tokensSayOnlyWhatIsAllowed(grant: Grant) throws {
        become(Self.restricted)
        let claims = grant.claims.map { Array($0.utf8) }
        try expect(
            SignRequest(claims: claims, subject: grant.subject, audience: grant.audience, scope: grant.scope),
            grant.rule
        )
        try expect(
            OpenRequest(claims: claims, subject: grant.subject, audience: grant.audience, scope: grant.scope),
            grant.rule
        )
        #expect(fixture.engine.sessions.count == (grant.rule == nil ? 1 : 0))
        // Nobody else is bound by it.
        become(Permissions(isAdministrator: false))
        try expect(
            SignRequest(claims: claims, subject: grant.subject, audience: grant.audience, scope: grant.scope),
            nil
        )
    }

    /// Each of the four is kept where none of the others is set.
    @Test(arguments: PermissionRule.allCases)
    func eachRestrictionCountsByItself(rule: PermissionRule) throws {
        let permissions = Permissions(
            operations: .all,
            isAdministrator: false,
            subjects: rule == .subjects ? ["user-2"] : nil,
            audiences: rule == .audiences ? ["files"] : nil,
            scopes: rule == .scopes ? ["write"] : nil,
            claims: rule == .claims ? ["role"] : nil
        )
        become(permissions)
        let refusing: PermissionRule? = rule == .operations || rule == .admin ? nil : rule
        let claims = Array(#"{"admin":1}"#.utf8)
        try expect(SignRequest(claims: claims, subject: "user-1", audience: ["api"], scope: "read"), refusing)
        try expect(OpenRequest(claims: claims, subject: "user-1", audience: ["api"], scope: "read"), refusing)
    }

    /// What was allowed when a session was opened and is not any more is not given again; less of it is.
    @Test func refreshGivesNoMoreThanIsAllowedNow() throws {
        let request = OpenRequest(subject: "user-1", audience: ["api", "other"], scope: "read")
        let session = try fixture.call(request).grant
        become(Self.restricted)
        try expect(RefreshRequest(refreshToken: session.refreshToken), .audiences)
        try expect(RefreshRequest(refreshToken: session.refreshToken), .audiences)
        let seen = try fixture.call(IntrospectRequest(refreshToken: session.refreshToken))
        #expect(seen.isActive && seen.generation == 0)
        let narrowed = try fixture.call(RefreshRequest(refreshToken: session.refreshToken, audience: ["api"]))
        #expect(narrowed.refreshOutcome == .rotated)
    }

    @Test(arguments: [299, 300, 301] as [UInt32])
    func theGreatestTTLIsThePolicys(seconds: UInt32) throws {
        become(Permissions(isAdministrator: false))
        let answer = try fixture.perform(SignRequest(subject: "a", audience: ["b"], accessTokenTTLSeconds: seconds))
        #expect(answer.status == (seconds > 300 ? .ttlTooLong : nil))
    }

    struct Match: Sendable {
        var pattern: String
        var subject: String
        var matches: Bool
    }

    @Test(arguments: [
        Match(pattern: "a", subject: "a", matches: true),
        Match(pattern: "a", subject: "ab", matches: false),
        Match(pattern: "*", subject: "", matches: true),
        Match(pattern: "*", subject: "anything", matches: true),
        Match(pattern: "a*", subject: "a", matches: true),
        Match(pattern: "*a", subject: "ba", matches: true),
        Match(pattern: "*a", subject: "ab", matches: false),
        Match(pattern: "a*a", subject: "a", matches: false),
        Match(pattern: "a*a", subject: "aa", matches: true),
        Match(pattern: "ab*ba", subject: "aba", matches: false),
        Match(pattern: "a*b*c", subject: "abc", matches: true),
        Match(pattern: "a*b*c", subject: "a-b-b-c", matches: true),
        Match(pattern: "a*b*c", subject: "a-c-b", matches: false),
        Match(pattern: "a*bb*b", subject: "abbb", matches: true),
        Match(pattern: "a*bb*b", subject: "abb", matches: false),
        Match(pattern: "a**b", subject: "ab", matches: true),
        Match(pattern: "", subject: "", matches: true),
        Match(pattern: "", subject: "a", matches: false),
    ])
    func starsStandForAnyRun(row: Match) {
        #expect(SubjectPattern(row.pattern).matches(Array(row.subject.utf8).span.bytes) == row.matches)
    }
}
