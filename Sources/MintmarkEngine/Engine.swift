package import MintmarkSessions

/// What all event loops share: the tokens' keys, the sessions, what is counted, and whether the server is ready.
///
/// Immutable references to parts that guard themselves; `RequestExecutor` does the work.
package final class Engine: Sendable {
    package struct Settings: Sendable {
        /// Name and version of the server software.
        package var serverBuild: String
        /// Announced as `frame_length_limit`.
        package var frameLengthMax: Int
        /// Announced as `in_flight_limit`.
        package var inFlightMax: Int
        /// Fills the server nonce of one connection with fresh random bytes.
        package var fillNonce: @Sendable (UnsafeMutableRawBufferPointer) -> Void
        /// Reads the wall clock, in seconds since 1970: a revocation by subject, client or all must not be judged by
        /// the clock of the burst.
        package var wallSeconds: @Sendable () -> UInt64
        /// What STATS tells of build and settings, as they are now.
        package var profile: @Sendable () -> ServerProfile

        package init(
            serverBuild: String,
            frameLengthMax: Int,
            inFlightMax: Int,
            fillNonce: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void,
            wallSeconds: @escaping @Sendable () -> UInt64,
            profile: @escaping @Sendable () -> ServerProfile = { ServerProfile() }
        ) {
            self.serverBuild = serverBuild
            self.frameLengthMax = frameLengthMax
            self.inFlightMax = inFlightMax
            self.fillNonce = fillNonce
            self.wallSeconds = wallSeconds
            self.profile = profile
        }
    }

    package let settings: Settings
    package let tokens: CurrentTokenService
    package let sessions: SessionStore
    let revocations: SessionRevocations
    package let statistics: ServerStatistics
    package let readiness: Readiness
    /// Nil: this server keeps no files.
    package let snapshots: (any SnapshotRequests)?
    /// Nil: this server keeps no audit log.
    package let audit: (any AuditTrail)?
    /// Nil: the keys of this server are what they are.
    package let keys: (any KeyAdministration)?

    package init(
        settings: Settings,
        tokens: CurrentTokenService,
        sessions: SessionStore,
        statistics: ServerStatistics,
        readiness: Readiness,
        snapshots: (any SnapshotRequests)? = nil,
        audit: (any AuditTrail)? = nil,
        keys: (any KeyAdministration)? = nil
    ) {
        self.settings = settings
        self.tokens = tokens
        self.keys = keys
        self.sessions = sessions
        revocations = SessionRevocations(sessions: sessions)
        self.statistics = statistics
        self.readiness = readiness
        self.snapshots = snapshots
        self.audit = audit
    }
}
