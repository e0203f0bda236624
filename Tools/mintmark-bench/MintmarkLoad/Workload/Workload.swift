/// The requests of a run, prepared: shared by its threads, and never changed.
struct Workload: Sendable {
    /// SIGN, of several subjects.
    var signFrames = FrameTable()
    /// VERIFY, one frame for each token.
    var verifyFrames = FrameTable()
    /// How many bytes of claims the answer to each VERIFY has; empty if it has none.
    var claimsLengths: [Int32] = []
    /// PING.
    var pingFrames = FrameTable()
    /// What the access tokens of answers to SIGN and REFRESH are checked with.
    var keys = VerificationKeys(jwks: [])
    /// The sessions to refresh.
    var sessions: [RefreshSession] = []

    /// The size of the greatest request.
    var frameBytesMax: Int {
        let refreshBytesMax = sessions.map(\.frame.count).max() ?? 0
        // A refresh token may be followed by a longer one, but not without bound.
        return max(
            signFrames.frameBytesMax,
            verifyFrames.frameBytesMax,
            pingFrames.frameBytesMax,
            refreshBytesMax + 1_024
        )
    }
}
