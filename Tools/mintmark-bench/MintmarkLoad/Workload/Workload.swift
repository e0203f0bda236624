/// The requests of a run, prepared: shared by its threads, and never changed.
struct Workload: Sendable {
    /// SIGN, of several subjects.
    var signFrames = FrameTable()
    /// VERIFY, one frame for each token.
    var verifyFrames = FrameTable()
    /// When the first of the tokens that are verified expires, in seconds since 1970; nil if none does.
    var tokensExpireAt: UInt64?
    /// How long the tokens are that are verified; nil if none are.
    var tokenSizes: TokenSizes?
    /// How many bytes of claims the answer to each VERIFY has; empty if it has none.
    var claimsLengths: [Int32] = []
    /// PING.
    var pingFrames = FrameTable()
    /// OPEN, of several subjects.
    var openFrames = FrameTable()
    /// REVOKE, one for each session that was opened for it.
    var revokeFrames = FrameTable()
    /// KEYS.
    var keysFrames = FrameTable()
    /// Requests that must be refused, and of which sort each is.
    var hostileFrames = FrameTable()
    var hostileRequests: [HostileRequest] = []
    /// What the access tokens of answers to SIGN and REFRESH are checked with.
    var keys = VerificationKeys(jwks: [])
    /// The sessions to refresh.
    var sessions: [RefreshSession] = []

    /// The size of the greatest request.
    var frameBytesMax: Int {
        let tables = [signFrames, verifyFrames, pingFrames, openFrames, revokeFrames, keysFrames, hostileFrames]
        let refreshBytesMax = sessions.map(\.frame.count).max() ?? 0
        // A refresh token may be followed by a longer one, but not without bound.
        return max(refreshBytesMax + 1_024, tables.map(\.frameBytesMax).max() ?? 0)
    }
}
