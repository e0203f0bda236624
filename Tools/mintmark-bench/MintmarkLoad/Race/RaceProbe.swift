import MintmarkWire

/// Finds out before a race whether the server is set up for it: otherwise it would be called wrong for keeping other
/// rules than those the race knows.
struct RaceProbe {
    let plan: RacePlan
    private let connection: SetupConnection

    init(address: ServerAddress, plan: RacePlan) throws(LoadFailure) {
        self.plan = plan
        connection = try SetupConnection(to: address)
    }

    /// - Throws: `LoadFailure.usage` if the server's grace window, its uses or its rotation are not the race's, or the race may
    ///   not do there what it does.
    func check() throws(LoadFailure) {
        try checkPermission()
        let first = try opened()
        let second = try rotated(first, begin: "the server does not rotate at every refresh")
        let rotatedAt = MonotonicClock.now()
        guard try isAccepted(first) else { throw refusal("the server has no grace window") }
        try checkUses(first, rotatedAt)
        // The window must be over when the race says so, and not much before.
        MonotonicClock.sleep(until: plan.windowIsOver(after: MonotonicClock.now()))
        // Whoever has taken all retries is told so until then.
        let late = try status(ofRefresh: first)
        guard late != nil, late != StatusCode(.graceExhausted) else {
            throw refusal("the window is still open after \(milliseconds) ms: the server's grace window is longer")
        }
        _ = second
        try checkLength()
    }

    private var milliseconds: Int64 { plan.graceNanoseconds / 1_000_000 }

    /// Sessions are revoked by subject in some rounds, which only an administrator may do.
    private func checkPermission() throws(LoadFailure) {
        guard plan.scenarios.contains(.revocation) || plan.scenarios.contains(.cutOff) else { return }
        do throws(LoadFailure) {
            _ = try connection.ask(RevokeRequest(.subject("race-probe")))
        } catch {
            guard error.status == StatusCode(.notPermitted) else { throw error }
            throw .usage(
                """
                the race revokes sessions by subject, and this caller may not: that takes the permission `admin`, which \
                without clients in the configuration only who comes over the Unix socket has (--unix)
                """
            )
        }
    }

    /// So many retries as there may be are taken, and no more.
    private func checkUses(_ token: [UInt8], _ rotatedAt: Int64) throws(LoadFailure) {
        for use in 1...plan.graceUses {
            let status = try status(ofRefresh: token)
            // A machine too slow for this says nothing of the server.
            guard plan.isSurelyInside(from: rotatedAt, to: MonotonicClock.now()) else { return }
            let expected = use < plan.graceUses ? nil : StatusCode(.graceExhausted)
            guard status == expected else {
                throw refusal(
                    "the server allows \(use < plan.graceUses ? "fewer" : "more") than \(plan.graceUses) retries"
                )
            }
        }
    }

    /// In the middle of its window a retry is taken.
    private func checkLength() throws(LoadFailure) {
        let first = try opened()
        let sentAt = MonotonicClock.now()
        _ = try rotated(first, begin: "the server does not rotate at every refresh")
        MonotonicClock.sleep(until: plan.windowMiddle(after: sentAt))
        let isAccepted = try isAccepted(first)
        guard !isAccepted, plan.isSurelyInside(from: sentAt, to: MonotonicClock.now()) else { return }
        throw refusal("a retry is refused after \(milliseconds / 2) ms: the server's grace window is shorter")
    }

    private func opened() throws(LoadFailure) -> [UInt8] {
        try connection.ask(OpenRequest(subject: "race-probe", audience: [RaceRequest.audience])).grant.refreshToken
    }

    private func rotated(_ token: [UInt8], begin: String) throws(LoadFailure) -> [UInt8] {
        let answer = try connection.ask(RefreshRequest(refreshToken: token))
        guard answer.refreshOutcome == .rotated else { throw refusal(begin) }
        return answer.grant.refreshToken
    }

    private func isAccepted(_ token: [UInt8]) throws(LoadFailure) -> Bool {
        try status(ofRefresh: token) == nil
    }

    /// The error that REFRESH is answered with; nil if it is granted.
    private func status(ofRefresh token: [UInt8]) throws(LoadFailure) -> StatusCode? {
        do throws(LoadFailure) {
            _ = try connection.ask(RefreshRequest(refreshToken: token))
            return nil
        } catch {
            guard let status = error.status else { throw error }
            return status
        }
    }

    private func refusal(_ finding: String) -> LoadFailure {
        .usage(
            """
            the server is not set up for this race: \(finding). Start it with this configuration \
            (mintmark-bench race --print-config), or say what it has with --grace-window and --grace-uses:
            \(plan.serverConfiguration)
            """
        )
    }
}
