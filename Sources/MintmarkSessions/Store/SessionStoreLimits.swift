/// The bounds of a session store.
package struct SessionStoreLimits: Equatable, Sendable {
    /// The most records, revoked ones that must be remembered included; and the most attempt ids remembered at a time,
    /// of which each has opened a session.
    package var sessionCountMax = 10_000_000

    /// The most revocations by subject, client and all.
    package var cutOffCountMax = 100_000

    /// The most forced rotations by subject, client and all.
    package var forcedMarkCountMax = 100_000

    /// How long an attempt id is remembered.
    package var attemptMemoryMilliseconds: UInt64 = 60_000

    /// A power of two, at least 256. A shard holds up to 64 MiB, some 300 000 sessions.
    package var shardCount = 256

    /// The longest access-token TTL that any client has ever been given.
    package var accessTokenTTLSecondsMax = ClientPolicy().accessTokenTTLSeconds

    /// The longest absolute lifetime that any client has ever been given.
    package var absoluteSecondsMax = ClientPolicy().absoluteSeconds

    /// What verifiers forgive beyond `exp`.
    package var leewaySeconds: UInt32 = 300

    package init() {}
}
