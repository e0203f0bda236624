/// Why a session operation was refused. The raw value is the status number of the protocol.
package enum SessionRefusal: UInt16, Error, CaseIterable, Sendable {
    /// An attempt id came again for another subject.
    case attemptConflict = 211
    case accessTokenTTLTooLong = 215
    case tokenTooLarge = 216
    case notPermitted = 217

    case invalid = 301
    case unknown = 302
    case revoked = 303
    case expired = 304
    case reused = 305
    case clientMismatch = 306
    case contextMismatch = 307
    case scopeExceeded = 308
    case graceExhausted = 309
    case sessionCap = 310

    case notReady = 401
    case busy = 402
    case storeFull = 403
    case cutOffsFull = 404
    case rateLimited = 405
    case storage = 501
}

/// How a reused refresh token relates to the session's current one. The raw value is that of the protocol.
package enum ReuseKind: UInt8, CaseIterable, Sendable {
    /// The token before the current one, after its grace window.
    case previousAfterWindow = 1

    /// Another generation of the current epoch.
    case olderGeneration = 2

    /// A token of another epoch than the current one.
    case olderEpoch = 3
}

/// Why a session was revoked. The raw value is that of the record's encoding.
package enum RevocationReason: UInt8, CaseIterable, Sendable {
    /// By REVOKE, for one session.
    case requested = 1

    /// A refresh token was used again after it had been rotated away.
    case reuse = 2

    /// Another client presented a refresh token of the session, and the policy says to revoke then.
    case clientMismatch = 3

    /// The subject opened another session and had its greatest number of them.
    case replaced = 4
}
