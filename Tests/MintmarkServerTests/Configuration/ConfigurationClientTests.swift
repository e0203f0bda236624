import Testing

@testable import MintmarkServer

@Suite("Client policies")
struct ConfigurationClientTests {
    private func client(_ policy: String) throws -> Configuration.Client {
        let configuration = try load("clients:\n  local: \(policy)\n")
        return try #require(configuration.clients[Configuration.localClientID])
    }

    @Test(arguments: [
        ("always", Configuration.Client.Rotation.always),
        ("never", .never),
        ("\"never\"", .never),
        ("{after: 24h}", .after(.seconds(86_400))),
        ("{after: 1s}", .after(.seconds(1))),
        ("{after: 365d}", .after(.seconds(31_536_000))),
        ("{after_fraction: 0.7}", .afterFraction(0.7)),
    ])
    func everyRotationStrategyCanBeConfigured(text: String, rotation: Configuration.Client.Rotation) throws {
        #expect(try client("{rotation: \(text)}").rotation == rotation)
    }

    @Test(arguments: [
        (
            "sometimes",
            "21: clients.local.rotation: expected always, never, {after: …} or {after_fraction: …}, found 'sometimes'"
        ),
        (
            "[always]",
            "21: clients.local.rotation: expected always, never, {after: …} or {after_fraction: …}, found a list"
        ),
        ("", "21: clients.local.rotation: expected always, never, {after: …} or {after_fraction: …}, found nothing"),
        ("{}", "21: clients.local.rotation: a mapping needs after or after_fraction"),
        (
            "{after: 1h, after_fraction: 0.5}",
            "49: clients.local.rotation: after and after_fraction exclude one another"
        ),
        (
            "{after_fraction: 0.5, after: 1h}",
            "50: clients.local.rotation: after and after_fraction exclude one another"
        ),
        (
            "{after_fraction: 1.0}",
            "38: clients.local.rotation.after_fraction: expected a fraction from 0.001 to 0.999, such as 0.7, found '1.0'"
        ),
    ])
    func anyOtherRotationIsRefused(text: String, fault: String) {
        #expect(faults("clients:\n  local: {rotation: \(text)}\n") == ["m.yaml:2:\(fault)"])
    }

    @Test func anUnknownStrategyIsReportedOnceAsWhatItIs() {
        #expect(
            faults("clients: {local: {rotation: {afterr: 1h}}}") == [
                "m.yaml:1:29: clients.local.rotation: a mapping needs after or after_fraction",
                "m.yaml:1:30: unknown setting 'afterr' in clients.local.rotation; did you mean 'after'?",
            ]
        )
    }

    @Test func graceIsConfigurable() throws {
        let grace = try client("{grace: {window: 1500ms, uses: 0, streak: 8}}").grace
        #expect(grace == Configuration.Client.Grace(window: .milliseconds(1500), uses: 0, streak: 8))
        #expect(try client("{grace: {streak: off}}").grace.streak == nil)
    }

    @Test(arguments: [
        ("1s", "99ms", true), ("1s", "100ms", true), ("1s", "101ms", false),
        ("5m", "29999ms", true), ("5m", "30s", true), ("5m", "30001ms", false),
        ("24h", "8639999ms", true), ("24h", "144m", true),
    ])
    func graceIsAtMostATenthOfTheTTL(ttl: String, window: String, isAccepted: Bool) {
        let report = faults("clients: {local: {access_token_ttl: \(ttl), grace: {window: \(window)}}}")
        #expect(report.isEmpty == isAccepted)
    }

    @Test(arguments: [("364d", true), ("365d", true), ("31536001s", false)])
    func idleNeverExceedsAbsolute(idle: String, isAccepted: Bool) {
        #expect(faults("clients: {local: {idle: \(idle), absolute: 365d}}").isEmpty == isAccepted)
    }

    @Test(arguments: [("99s", true), ("100s", true), ("101s", false)])
    func theTTLNeverExceedsAbsolute(ttl: String, isAccepted: Bool) {
        let policy = "{access_token_ttl: \(ttl), idle: 1s, absolute: 100s, grace: {window: 1s}}"
        #expect(faults("clients: {local: \(policy)}").isEmpty == isAccepted)
    }

    @Test(arguments: [("364d", true), ("365d", true), ("31536001s", false)])
    func rotationHappensBeforeTheEnd(after: String, isAccepted: Bool) {
        #expect(faults("clients: {local: {rotation: {after: \(after)}, absolute: 365d}}").isEmpty == isAccepted)
    }

    @Test(arguments: [
        ("ignore", Configuration.Client.ContextRule.ignore), ("rotate", .rotate), ("refuse", .refuse),
    ])
    func everyContextRuleCanBeConfigured(text: String, rule: Configuration.Client.ContextRule) throws {
        #expect(try client("{context: \(text)}").context == rule)
    }

    @Test(arguments: [("keep", Configuration.Client.ClientMismatchRule.keep), ("revoke", .revoke)])
    func everyMismatchRuleCanBeConfigured(text: String, rule: Configuration.Client.ClientMismatchRule) throws {
        #expect(try client("{client_mismatch: \(text)}").clientMismatch == rule)
    }

    @Test(arguments: [
        ("{}", nil as Configuration.Client.SessionsPerSubject?),
        ("{max: unlimited}", nil),
        ("{max: 3}", Configuration.Client.SessionsPerSubject(max: 3, whenFull: .reject)),
        ("{max: 3, when_full: reject}", Configuration.Client.SessionsPerSubject(max: 3, whenFull: .reject)),
        (
            "{max: 3, when_full: revoke_oldest}",
            Configuration.Client.SessionsPerSubject(max: 3, whenFull: .revokeOldest)
        ),
    ])
    func sessionsPerSubjectAreConfigurable(text: String, cap: Configuration.Client.SessionsPerSubject?) throws {
        #expect(try client("{sessions_per_subject: \(text)}").sessionsPerSubject == cap)
    }

    @Test func timesAndJitterAreConfigurable() throws {
        let client = try client("{access_token_ttl: 2m, idle: 1h, absolute: 2h, ttl_jitter: 5%}")
        #expect(client.accessTokenTTL == .seconds(120))
        #expect(client.idle == .seconds(3600))
        #expect(client.absolute == .seconds(7200))
        #expect(client.ttlJitterPercent == 5)
    }
}
