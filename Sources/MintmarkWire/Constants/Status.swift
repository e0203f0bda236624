/// The status numbers of version 1: what went wrong, as data.
///
/// The hundreds say whose business it is: 1xx the connection's, 2xx the request's, 3xx the token's, 4xx the server's
/// for now, 5xx the server's fault. A peer may send numbers that are not listed here; `StatusCode` holds those.
public enum Status: UInt16, CaseIterable, Hashable, Sendable {
    /// The length is below 6 or above the limit.
    case frameLength = 101

    /// The first frame is no HELLO, or is longer than hello_length_max.
    case helloExpected = 102

    /// HELLO has a wrong magic, a wrong field, or a lowest version above its highest.
    case helloInvalid = 103

    /// A second HELLO.
    case helloRepeated = 104

    /// No common version; lowest_version and highest_version say what the server speaks.
    case versionUnsupported = 105

    /// Requests behind HELLO before its answer, in breach of the rule for them.
    case pipelineTooEarly = 106

    /// Authentication is owed and the request is not AUTH.
    case authRequired = 107

    /// The signature does not verify, or the client is not known.
    case authFailed = 108

    /// A request with id 0, which belongs to errors.
    case requestIDZero = 109

    /// No complete handshake within handshake_timeout_seconds.
    case handshakeTimeout = 110

    /// A frame was begun and not finished within frame_timeout_seconds.
    case frameTimeout = 111

    /// The server is stopping. Nothing that is not answered was begun.
    case shuttingDown = 112

    /// The port takes TLS only, and what came is none.
    case tlsRequired = 113

    /// The server's new configuration no longer has the caller, or what identified it. Nothing that is not answered was
    /// begun.
    case clientGone = 114

    /// The identity of the channel, a user id or a certificate, belongs to no client.
    case clientUnknown = 115

    /// No such request.
    case kindUnknown = 201

    /// The flags byte is not zero.
    case flagsUnsupported = 202

    /// A tag below 0x80 that this message does not have.
    case fieldUnknown = 203

    /// A tag below the one before it.
    case fieldOrder = 204

    /// A tag twice.
    case fieldDuplicate = 205

    /// A LEB128 length that is not the shortest form, or is longer than 3 bytes.
    case fieldLengthForm = 206

    /// The body ends inside a field.
    case fieldTruncated = 207

    /// A value shorter or longer than its field allows.
    case fieldSize = 208

    /// A value its field does not allow: not UTF-8, not 00 or 01, out of range, a malformed list or scope.
    case fieldValue = 209

    /// A required field is absent.
    case fieldMissing = 210

    /// Fields that exclude one another, or none of several of which one is needed.
    case fieldConflict = 211

    /// The claims are not one strict JSON object within the limits.
    case claimsInvalid = 212

    /// A member name occurs twice in the claims.
    case claimsDuplicate = 213

    /// The claims use a name that the server sets itself.
    case claimsReserved = 214

    /// The access-token TTL asked for is above the policy's.
    case ttlTooLong = 215

    /// The token or answer to be made would be above its limit.
    case tokenTooLarge = 216

    /// The caller may not do this; the rule says which permission refused.
    case notPermitted = 217

    /// AUTH where no authentication is owed.
    case authNotOwed = 218

    /// The server is not set up for this: SNAPSHOT where sessions are kept in memory alone.
    case notConfigured = 219

    /// The key is not in a state that allows this, or there are too many keys.
    case keyState = 220

    /// There is no such key, or no such file in the key directory.
    case keyNotFound = 221

    /// The file is not an Ed25519 private key that only the server can read; the server's log says why.
    case keyFileRefused = 222

    /// Not a refresh token of this server: malformed or with a wrong tag. Nothing changed.
    case invalid = 301

    /// The session is not known.
    case unknown = 302

    /// The session was revoked.
    case revoked = 303

    /// The session's idle or absolute expiry has passed.
    case expired = 304

    /// The token was rotated away before: the session is revoked now.
    case reused = 305

    /// The session belongs to another client.
    case clientMismatch = 306

    /// The caller's context is not the session's.
    case contextMismatch = 307

    /// Scope or audience asked for is more than the session's.
    case scopeExceeded = 308

    /// The token was rotated away, and its retries inside the grace window are used up.
    case graceExhausted = 309

    /// The subject has its greatest number of sessions at this client.
    case sessionCap = 310

    /// Not three parts of strict base64url, or not strict JSON objects inside.
    case tokenMalformed = 320

    /// Longer than access_token_length_max.
    case tokenOversize = 321

    /// alg is absent or neither EdDSA nor Ed25519.
    case algorithmRefused = 322

    /// A header member that must not be there: crit, jwk, jku, x5u, x5c, zip, b64.
    case headerRefused = 323

    /// typ is absent or not the configured type.
    case typeRefused = 324

    /// kid is absent or names no key that verifies.
    case keyUnknown = 325

    /// kid names a revoked key.
    case keyRevoked = 326

    /// The signature does not verify.
    case signatureInvalid = 327

    /// A claim the verifier needs is absent or has the wrong type.
    case claimsRefused = 328

    /// iss is not the configured issuer.
    case issuerRefused = 329

    /// aud does not contain the expected audience.
    case audienceRefused = 330

    /// exp has passed.
    case tokenExpired = 331

    /// nbf or iat lies in the future.
    case tokenNotYetValid = 332

    /// The token's session, subject or client was revoked, or everything.
    case tokenRevoked = 333

    /// A live session was asked for, and the token names none or a dead one.
    case sessionNotLive = 334

    /// The server cannot serve this operation yet, or now; STATS says why.
    case notReady = 401

    /// The server is overloaded.
    case busy = 402

    /// The greatest number of sessions is reached.
    case storeFull = 403

    /// The table of revocation cut-offs or forced rotations is full.
    case cutOffsFull = 404

    /// The caller has used up its rate of such requests.
    case rateLimited = 405

    /// Writing to the disk failed: the operation may or may not survive a restart.
    case storage = 501

    /// A fault of the server; the operation may or may not have happened.
    case `internal` = 502

    /// The audit log cannot be written, so the administrative operation was refused. Nothing changed.
    case audit = 503
}
