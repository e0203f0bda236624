import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// What refuses a REFRESH before its token is looked at, and after.
@Suite struct RefusedDecisionTests {
    @Test(arguments: dead + late)
    func decides(_ row: DecisionRow) {
        row.check()
    }

    static let dead: [DecisionRow] = [
        DecisionRow("revoked wins over everything", .refuse(.revoked)) {
            $0.session.revocation = .requested
            $0.facts.isOwnClient = false
            $0.storeSeconds = 5_000
        },
        DecisionRow("cut off wins over a foreign client", .refuse(.revoked)) {
            $0.surroundings.isCutOff = true
            $0.facts.isOwnClient = false
        },
        DecisionRow("a foreign client wins over expiry and reuse", .refuse(.clientMismatch)) {
            $0.facts.isOwnClient = false
            $0.storeSeconds = 5_000
            $0.presentOld()
        },
        DecisionRow("a foreign client, where the owner revokes", .revokeForeign) {
            $0.facts.isOwnClient = false
            $0.facts.ownerRevokes = true
        },
        DecisionRow("expired wins over reuse", .refuse(.expired)) {
            $0.storeSeconds = 2_000
            $0.presentOld()
        },
        DecisionRow("a second before idle expiry", .rotate) { $0.storeSeconds = 1_999 },
        DecisionRow("at idle expiry", .refuse(.expired)) { $0.storeSeconds = 2_000 },
        DecisionRow("a second after idle expiry", .refuse(.expired)) { $0.storeSeconds = 2_001 },
        DecisionRow("a second before absolute expiry", .rotate) {
            $0.session.idleExpirySeconds = 3_000
            $0.storeSeconds = 2_999
        },
        DecisionRow("at absolute expiry", .refuse(.expired)) {
            $0.session.idleExpirySeconds = 3_000
            $0.storeSeconds = 3_000
        },
    ]

    static let late: [DecisionRow] = [
        DecisionRow("scope or audience grown", .refuse(.scopeExceeded)) { $0.facts.isWithinTerms = false },
        DecisionRow("grown on a retry", .refuse(.scopeExceeded)) {
            $0.presentPrevious()
            $0.facts.isWithinTerms = false
        },
        DecisionRow("scope wins over context", .refuse(.scopeExceeded)) {
            $0.facts.isWithinTerms = false
            $0.policy.context = .refuse
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("another context, where it is refused", .refuse(.contextMismatch)) {
            $0.policy.context = .refuse
            $0.facts.contextHash = DecisionScene.context("other")
        },
        DecisionRow("context wins over TTL", .refuse(.contextMismatch)) {
            $0.policy.context = .refuse
            $0.session.contextHash = DecisionScene.context("home")
            $0.facts.accessTokenTTLSeconds = 301
        },
        DecisionRow("a TTL as long as the policy's", .rotate) { $0.facts.accessTokenTTLSeconds = 300 },
        DecisionRow("a TTL a second longer", .refuse(.accessTokenTTLTooLong)) { $0.facts.accessTokenTTLSeconds = 301 },
    ]
}
