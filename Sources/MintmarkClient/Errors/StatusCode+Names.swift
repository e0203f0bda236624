public import MintmarkWire

// The statuses of version 1 by their names, so that a status that came is matched as any value is:
// `reason == .audienceRefused`, `case .inactive(reason: .tokenExpired)`. `StatusCode` is no enumeration, as a server
// of another version may send others.

// MARK: - 100 to 199: the connection

extension StatusCode {
    /// The length is below 6 or above the limit.
    public static let frameLength = StatusCode(.frameLength)

    /// The first frame is no HELLO, or is longer than hello_length_max.
    public static let helloExpected = StatusCode(.helloExpected)

    /// HELLO has a wrong magic, a wrong field, or a lowest version above its highest.
    public static let helloInvalid = StatusCode(.helloInvalid)

    /// A second HELLO.
    public static let helloRepeated = StatusCode(.helloRepeated)

    /// No common version; lowest_version and highest_version say what the server speaks.
    public static let versionUnsupported = StatusCode(.versionUnsupported)

    /// Requests behind HELLO before its answer, in breach of the rule for them.
    public static let pipelineTooEarly = StatusCode(.pipelineTooEarly)

    /// Authentication is owed and the request is not AUTH.
    public static let authRequired = StatusCode(.authRequired)

    /// The signature does not verify, or the client is not known.
    public static let authFailed = StatusCode(.authFailed)

    /// A request with id 0, which belongs to errors.
    public static let requestIDZero = StatusCode(.requestIDZero)

    /// No complete handshake within handshake_timeout_seconds.
    public static let handshakeTimeout = StatusCode(.handshakeTimeout)

    /// A frame was begun and not finished within frame_timeout_seconds.
    public static let frameTimeout = StatusCode(.frameTimeout)

    /// The server is stopping. Nothing that is not answered was begun.
    public static let shuttingDown = StatusCode(.shuttingDown)

    /// The port takes TLS only, and what came is none.
    public static let tlsRequired = StatusCode(.tlsRequired)

    /// The server's new configuration no longer has the caller, or what identified it.
    public static let clientGone = StatusCode(.clientGone)

    /// The identity of the channel, a user id or a certificate, belongs to no client.
    public static let clientUnknown = StatusCode(.clientUnknown)
}

// MARK: - 200 to 299: the request

extension StatusCode {
    /// No such request.
    public static let kindUnknown = StatusCode(.kindUnknown)

    /// The flags byte is not zero.
    public static let flagsUnsupported = StatusCode(.flagsUnsupported)

    /// A tag below 0x80 that this message does not have.
    public static let fieldUnknown = StatusCode(.fieldUnknown)

    /// A tag below the one before it.
    public static let fieldOrder = StatusCode(.fieldOrder)

    /// A tag twice.
    public static let fieldDuplicate = StatusCode(.fieldDuplicate)

    /// A LEB128 length that is not the shortest form, or is longer than 3 bytes.
    public static let fieldLengthForm = StatusCode(.fieldLengthForm)

    /// The body ends inside a field.
    public static let fieldTruncated = StatusCode(.fieldTruncated)

    /// A value shorter or longer than its field allows.
    public static let fieldSize = StatusCode(.fieldSize)

    /// A value its field does not allow: not UTF-8, not 00 or 01, out of range, a malformed list or scope.
    public static let fieldValue = StatusCode(.fieldValue)

    /// A required field is absent.
    public static let fieldMissing = StatusCode(.fieldMissing)

    /// Fields that exclude one another, or none of several of which one is needed.
    public static let fieldConflict = StatusCode(.fieldConflict)

    /// The claims are not one strict JSON object within the limits.
    public static let claimsInvalid = StatusCode(.claimsInvalid)

    /// A member name occurs twice in the claims.
    public static let claimsDuplicate = StatusCode(.claimsDuplicate)

    /// The claims use a name that the server sets itself.
    public static let claimsReserved = StatusCode(.claimsReserved)

    /// The access-token TTL asked for is above the policy's.
    public static let ttlTooLong = StatusCode(.ttlTooLong)

    /// The token or answer to be made would be above its limit.
    public static let tokenTooLarge = StatusCode(.tokenTooLarge)

    /// The caller may not do this.
    public static let notPermitted = StatusCode(.notPermitted)

    /// AUTH where no authentication is owed.
    public static let authNotOwed = StatusCode(.authNotOwed)

    /// The server is not set up for this: SNAPSHOT where sessions are kept in memory alone.
    public static let notConfigured = StatusCode(.notConfigured)

    /// The key is not in a state that allows this, or there are too many keys.
    public static let keyState = StatusCode(.keyState)

    /// There is no such key, or no such file in the key directory.
    public static let keyNotFound = StatusCode(.keyNotFound)

    /// The file is not an Ed25519 private key that only the server can read; the server's log says why.
    public static let keyFileRefused = StatusCode(.keyFileRefused)
}

// MARK: - 300 to 399: the token

extension StatusCode {
    /// Not a refresh token of this server: malformed or with a wrong tag. Nothing changed.
    public static let invalid = StatusCode(.invalid)

    /// The session is not known.
    public static let unknown = StatusCode(.unknown)

    /// The session was revoked.
    public static let revoked = StatusCode(.revoked)

    /// The session's idle or absolute expiry has passed.
    public static let expired = StatusCode(.expired)

    /// The token was rotated away before: the session is revoked now.
    public static let reused = StatusCode(.reused)

    /// The session belongs to another client.
    public static let clientMismatch = StatusCode(.clientMismatch)

    /// The caller's context is not the session's.
    public static let contextMismatch = StatusCode(.contextMismatch)

    /// Scope or audience asked for is more than the session's.
    public static let scopeExceeded = StatusCode(.scopeExceeded)

    /// The token was rotated away, and its retries inside the grace window are used up.
    public static let graceExhausted = StatusCode(.graceExhausted)

    /// The subject has its greatest number of sessions at this client.
    public static let sessionCap = StatusCode(.sessionCap)

    /// Not three parts of strict base64url, or not strict JSON objects inside.
    public static let tokenMalformed = StatusCode(.tokenMalformed)

    /// Longer than access_token_length_max.
    public static let tokenOversize = StatusCode(.tokenOversize)

    /// alg is absent or neither EdDSA nor Ed25519.
    public static let algorithmRefused = StatusCode(.algorithmRefused)

    /// A header member that must not be there: crit, jwk, jku, x5u, x5c, zip, b64.
    public static let headerRefused = StatusCode(.headerRefused)

    /// typ is absent or not the configured type.
    public static let typeRefused = StatusCode(.typeRefused)

    /// kid is absent or names no key that verifies.
    public static let keyUnknown = StatusCode(.keyUnknown)

    /// kid names a revoked key.
    public static let keyRevoked = StatusCode(.keyRevoked)

    /// The signature does not verify.
    public static let signatureInvalid = StatusCode(.signatureInvalid)

    /// A claim the verifier needs is absent or has the wrong type.
    public static let claimsRefused = StatusCode(.claimsRefused)

    /// iss is not the configured issuer.
    public static let issuerRefused = StatusCode(.issuerRefused)

    /// aud does not contain the expected audience.
    public static let audienceRefused = StatusCode(.audienceRefused)

    /// exp has passed.
    public static let tokenExpired = StatusCode(.tokenExpired)

    /// nbf or iat lies in the future.
    public static let tokenNotYetValid = StatusCode(.tokenNotYetValid)

    /// The token's session, subject or client was revoked, or everything.
    public static let tokenRevoked = StatusCode(.tokenRevoked)

    /// A live session was asked for, and the token names none or a dead one.
    public static let sessionNotLive = StatusCode(.sessionNotLive)
}

// MARK: - 400 to 499: the server for now

extension StatusCode {
    /// The server cannot serve this operation yet, or now; STATS says why.
    public static let notReady = StatusCode(.notReady)

    /// The server is overloaded.
    public static let busy = StatusCode(.busy)

    /// The greatest number of sessions is reached.
    public static let storeFull = StatusCode(.storeFull)

    /// The table of revocation cut-offs or forced rotations is full.
    public static let cutOffsFull = StatusCode(.cutOffsFull)

    /// The caller has used up its rate of such requests.
    public static let rateLimited = StatusCode(.rateLimited)
}

// MARK: - 500 to 599: the server's fault

extension StatusCode {
    /// Writing to the disk failed: the operation may or may not survive a restart.
    public static let storage = StatusCode(.storage)

    /// A fault of the server; the operation may or may not have happened.
    public static let `internal` = StatusCode(.internal)

    /// The audit log cannot be written, so the administrative operation was refused. Nothing changed.
    public static let audit = StatusCode(.audit)
}
