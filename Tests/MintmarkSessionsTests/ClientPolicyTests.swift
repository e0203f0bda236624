import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@Suite struct ClientPolicyTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let fault: ClientPolicyFault?
        let change: @Sendable (inout ClientPolicy) -> Void

        init(
            _ name: String,
            _ fault: ClientPolicyFault? = nil,
            _ change: @escaping @Sendable (inout ClientPolicy) -> Void
        ) {
            testDescription = name
            self.fault = fault
            self.change = change
        }
    }

    static let rows: [Row] = [
        Row("the defaults") { _ in },
        Row("a window just below a tenth of the TTL") { $0.grace.windowMilliseconds = 29_999 },
        Row("a window of a tenth of the TTL") { $0.grace.windowMilliseconds = 30_000 },
        Row(
            "a window above a tenth of the TTL",
            ClientPolicyFault(.graceWindowMilliseconds, .aboveLimit(30_000, of: .accessTokenTTLSeconds))
        ) { $0.grace.windowMilliseconds = 30_001 },
        Row("no window") { $0.grace.windowMilliseconds = 0 },
        Row("no uses") { $0.grace.uses = 0 },
        Row("a streak of one") { $0.grace.streak = 1 },
        Row("a streak of none", ClientPolicyFault(.graceStreak, .belowMinimum(1))) { $0.grace.streak = 0 },
        Row("idle as long as absolute") { $0.idleSeconds = 365 * 86_400 },
        Row(
            "idle longer than absolute",
            ClientPolicyFault(.idleSeconds, .aboveLimit(365 * 86_400, of: .absoluteSeconds))
        ) { $0.idleSeconds = 365 * 86_400 + 1 },
        Row("no idle", ClientPolicyFault(.idleSeconds, .belowMinimum(1))) { $0.idleSeconds = 0 },
        Row("no absolute", ClientPolicyFault(.absoluteSeconds, .belowMinimum(1))) { $0.absoluteSeconds = 0 },
        Row("ten years") { $0.absoluteSeconds = ClientPolicy.absoluteSecondsMax },
        Row(
            "more than ten years",
            ClientPolicyFault(.absoluteSeconds, .aboveMaximum(UInt64(ClientPolicy.absoluteSecondsMax)))
        ) { $0.absoluteSeconds = ClientPolicy.absoluteSecondsMax + 1 },
        Row("no TTL", ClientPolicyFault(.accessTokenTTLSeconds, .belowMinimum(1))) {
            $0.accessTokenTTLSeconds = 0
        },
        Row(
            "a TTL longer than absolute",
            ClientPolicyFault(.accessTokenTTLSeconds, .aboveLimit(400, of: .absoluteSeconds))
        ) {
            $0.absoluteSeconds = 400
            $0.idleSeconds = 400
            $0.accessTokenTTLSeconds = 401
        },
        Row("jitter of half") { $0.accessTokenTTLJitterPercent = 50 },
        Row("more jitter", ClientPolicyFault(.accessTokenTTLJitterPercent, .aboveMaximum(50))) {
            $0.accessTokenTTLJitterPercent = 51
        },
        Row("a cap of one") { $0.sessionsPerSubject = SubjectCap(limit: 1, rule: .reject) },
        Row("a cap of none", ClientPolicyFault(.sessionsPerSubject, .belowMinimum(1))) {
            $0.sessionsPerSubject = SubjectCap(limit: 0, rule: .reject)
        },
        Row("periodic up to absolute") { $0.rotation = .after(seconds: 365 * 86_400) },
        Row(
            "periodic beyond absolute",
            ClientPolicyFault(.rotation, .aboveLimit(365 * 86_400, of: .absoluteSeconds))
        ) { $0.rotation = .after(seconds: 365 * 86_400 + 1) },
        Row("periodic at once", ClientPolicyFault(.rotation, .belowMinimum(1))) { $0.rotation = .after(seconds: 0) },
        Row("a fraction") { $0.rotation = .afterFraction(0.7) },
        Row("the whole") { $0.rotation = .afterFraction(1) },
        Row("no fraction", ClientPolicyFault(.rotation, .notAFraction)) { $0.rotation = .afterFraction(0) },
        Row("more than the whole", ClientPolicyFault(.rotation, .notAFraction)) { $0.rotation = .afterFraction(1.01) },
        Row("not a number", ClientPolicyFault(.rotation, .notAFraction)) { $0.rotation = .afterFraction(.nan) },
        Row("never") { $0.rotation = .never },
    ]

    @Test(arguments: rows)
    func tellsWhatCannotBe(_ row: Row) {
        var policy = ClientPolicy()
        row.change(&policy)
        do {
            try policy.validate()
            #expect(row.fault == nil)
        } catch {
            #expect(error == row.fault)
        }
    }
}
