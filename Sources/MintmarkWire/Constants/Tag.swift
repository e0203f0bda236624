/// The field tags of version 1. What each field's value looks like is in `Fields`.
public enum Tag: UInt8, CaseIterable, Hashable, Sendable {
    /// The eight ASCII bytes MINTMARK.
    case magic = 0x01

    /// Lowest protocol version the sender speaks.
    case lowestVersion = 0x02

    /// Highest protocol version the sender speaks.
    case highestVersion = 0x03

    /// Name of the client software, for logs; no identity.
    case clientName = 0x04

    /// Fresh random bytes of the client.
    case clientNonce = 0x05

    /// The protocol version this connection speaks from here on.
    case version = 0x06

    /// Name and version of the server software.
    case serverBuild = 0x07

    /// The server's wall clock, seconds since 1970-01-01T00:00:00Z.
    case serverTime = 0x08

    /// Greatest frame length the server reads or writes on this connection.
    case frameLengthLimit = 0x09

    /// Most requests the server has read and not yet answered on this connection: 1 to 65535.
    case inFlightLimit = 0x0A

    /// Fresh random bytes of the server.
    case serverNonce = 0x0B

    /// Whether AUTH must come next.
    case authenticationRequired = 0x0C

    /// Ed25519 signature over the AUTH transcript.
    case signature = 0x0D

    /// A JWT in compact serialization. Judged by VERIFY, not by the field check.
    case accessToken = 0x10

    /// A refresh token. Judged by its operation, not by the field check.
    case refreshToken = 0x11

    /// One JSON object. In requests at most claims_length_max bytes of custom claims; in answers all claims of the
    /// token.
    case claims = 0x12

    /// The sub claim.
    case subject = 0x13

    /// The aud claim: 1 to 16 items of 1 to 256 bytes.
    case audience = 0x14

    /// The audience that must be among the token's.
    case expectedAudience = 0x15

    /// True: accept whatever audience the token names.
    case anyAudience = 0x16

    /// Scope tokens separated by single spaces (RFC 6749 section 3.3).
    case scope = 0x17

    /// Seconds the access token shall live; at least 1, never more than the policy's.
    case accessTokenTTL = 0x18

    /// The access token's exp claim.
    case expiresAt = 0x1B

    /// expires_at less server_time, in seconds.
    case expiresIn = 0x1C

    /// Whether the token may be used now.
    case active = 0x1D

    /// Why not: a status number.
    case reason = 0x1E

    /// True: answer without claims.
    case omitClaims = 0x1F

    /// True: the session the token names must be known and alive.
    case requireLiveSession = 0x20

    /// Seconds of clock difference to forgive; the server's setting when absent.
    case leeway = 0x21

    /// Identifies a session.
    case sessionID = 0x22

    /// Identifies a caller.
    case clientID = 0x23

    /// Opaque fingerprint of the caller's context; only a hash of it is kept.
    case context = 0x24

    /// Random; makes OPEN repeatable for a minute.
    case attemptID = 0x25

    /// When the refresh token expires if it is not used: the earlier of idle and absolute expiry.
    case refreshExpiresAt = 0x26

    /// refresh_expires_at less server_time, in seconds.
    case refreshExpiresIn = 0x27

    /// The session's absolute expiry.
    case sessionExpiresAt = 0x28

    /// session_expires_at less server_time, in seconds.
    case sessionExpiresIn = 0x29

    /// 1 rotated, 2 same_successor, 3 unchanged, 4 fast_forward.
    case refreshOutcome = 0x2A

    /// How many rotations led to the token.
    case generation = 0x2B

    /// When the session was opened.
    case createdAt = 0x2C

    /// When the session was last refreshed, or opened.
    case lastUsedAt = 0x2D

    /// True: everything. False is an error.
    case all = 0x2E

    /// A JWK Set (RFC 7517 section 5).
    case jwks = 0x30

    /// Items of a u64 value followed by the counter's name in ASCII.
    case counters = 0x31

    /// Whether every operation is served.
    case ready = 0x32

    /// Why not ready; empty when ready.
    case readinessReasons = 0x33

    /// Which build of its software the server is; two programs with the same are the same.
    case buildID = 0x34

    /// What the server runs with, as far as it changes how fast it is: each a name, = and a value.
    case settings = 0x35

    /// Digest of all settings in effect but those that say where something is.
    case settingsDigest = 0x36

    /// What went wrong: a status number.
    case status = 0x40

    /// The same for people. Never a token, a key or a claim.
    case message = 0x41

    /// Tag of the field at fault.
    case field = 0x42

    /// 1 previous_after_window, 2 older_generation, 3 older_epoch.
    case reuseClass = 0x43

    /// The permission that refused.
    case rule = 0x44

    /// Milliseconds to wait before the request is repeated.
    case retryAfter = 0x45

    /// Items that describe a signing key each.
    case signingKeys = 0x50

    /// The `kid` of a signing key.
    case keyID = 0x51

    /// From when on everybody knows the key.
    case usableAt = 0x52

    /// True: also when the key was published too recently for everybody to know it.
    case immediately = 0x53

    /// Name of a file in the server's key directory.
    case keyFile = 0x54
}

extension Tag {
    /// The first tag that a receiver which does not know it skips. Lower tags must be known.
    public static let firstSkippable: UInt8 = 0x80
}
