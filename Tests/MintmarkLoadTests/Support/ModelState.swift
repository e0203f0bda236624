import Glibc

/// What a model server remembers.
struct ModelState: Sendable {
    struct Session: Sendable {
        var subject: String
        var generation: UInt32 = 0
        /// By the monotonic clock.
        var rotatedAt: Int64 = 0
        var graceUses = 0
        var isRevoked = false
        var refreshExpiresAt: UInt64 = 1_000_000
    }

    struct AccessToken: Sendable {
        var claims: [UInt8]
        var subject: String
        var session: Int?
        var order: Int
    }

    var sessions: [Session] = []
    var accessTokens: [[UInt8]: AccessToken] = [:]
    /// For each subject the last token that was made before its revocation.
    var cutOffs: [String: Int] = [:]
    var order = 0
    /// Seconds; goes on like every clock.
    var serverTime: UInt64 { 10_000 + UInt64((Self.milliseconds - Self.startedAt) / 1_000) }

    private static let startedAt = milliseconds

    static func sessionID(_ session: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + (0..<8).map { UInt8(truncatingIfNeeded: session >> ($0 * 8)) }
    }

    static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
