import MintmarkWire

extension StatusCode {
    /// What the status means, for people: a sentence without its capital letter and its full stop.
    var sentence: String { status?.sentence ?? "a status that this version does not know" }

    /// The same of a refresh token that was looked at and not used: nothing has happened to its session.
    var sentenceBeforeUse: String {
        status == .reused ? "the refresh token was rotated away before; using it would end its session" : sentence
    }
}

extension JSONObject {
    /// Why a token is inactive: the status by name and number, and its sentence.
    mutating func add(reason: StatusCode, sentence: String) {
        add("reason", reason.description)
        add("reason_number", reason.rawValue)
        add("reason_description", sentence)
    }
}

extension Status {
    fileprivate var sentence: String {
        switch self {
        case .frameLength: "a frame was shorter or longer than the server takes"
        case .helloExpected: "the server expected a greeting first"
        case .helloInvalid: "the server did not take the greeting"
        case .helloRepeated: "the server was greeted twice"
        case .versionUnsupported: "the server speaks other versions of the protocol"
        case .pipelineTooEarly: "requests came too early behind the greeting"
        case .authRequired: "the server wants clients to authenticate"
        case .authFailed: "the server did not take the authentication"
        case .requestIDZero: "a request had the id 0"
        case .handshakeTimeout: "the handshake took too long"
        case .frameTimeout: "a frame took too long to arrive"
        case .shuttingDown: "the server is stopping"
        case .tlsRequired: "the server takes TLS only at this address"
        case .clientGone: "the server's configuration no longer has this client, or what identified it"
        case .clientUnknown: "no client of the server has this user id or certificate"
        case .kindUnknown: "the server does not know this operation"
        case .flagsUnsupported: "the server does not know a flag of the request"
        case .fieldUnknown: "the server does not know a field of the request"
        case .fieldOrder: "fields of the request are in the wrong order"
        case .fieldDuplicate: "a field of the request is there twice"
        case .fieldLengthForm: "a field's length is spelled wrongly"
        case .fieldTruncated: "the request ends inside a field"
        case .fieldSize: "a value is shorter or longer than it may be"
        case .fieldValue: "a value is not one of those allowed"
        case .fieldMissing: "a value is missing that must be there"
        case .fieldConflict: "values exclude one another, or one of several is missing"
        case .claimsInvalid: "the claims are not one strict JSON object within the limits"
        case .claimsDuplicate: "a name occurs twice in the claims"
        case .claimsReserved: "the claims use a name that the server sets itself"
        case .ttlTooLong: "the access token shall live longer than the policy allows"
        case .tokenTooLarge: "the token would get too large"
        case .notPermitted: "the caller may not do this"
        case .authNotOwed: "the server asked for no authentication"
        case .notConfigured: "the server is not set up for this: it keeps sessions in memory alone"
        case .keyState: "the key is not in a state that allows this, or there are too many keys"
        case .keyNotFound: "the server has no such key, or no such file in its key directory"
        case .keyFileRefused: "the file is no Ed25519 private key that only the server can read; its log says why"
        case .invalid: "this is no refresh token of the server"
        case .unknown: "the server does not know the session"
        case .revoked: "the session was revoked"
        case .expired: "the session has expired"
        case .reused: "the refresh token was rotated away before; its session is revoked now"
        case .clientMismatch: "the session belongs to another client"
        case .contextMismatch: "the context is not the session's"
        case .scopeExceeded: "the session has less scope or audience than asked for"
        case .graceExhausted: "the refresh token was rotated away and its retries are used up; the session lives"
        case .sessionCap: "the subject has as many sessions as it may"
        case .tokenMalformed: "it is no JWT in compact serialization"
        case .tokenOversize: "it is longer than access tokens may be"
        case .algorithmRefused: "its signature algorithm is not accepted"
        case .headerRefused: "its header has a member that must not be there"
        case .typeRefused: "its typ is not that of access tokens"
        case .keyUnknown: "its kid names no key of the server"
        case .keyRevoked: "its key was revoked"
        case .signatureInvalid: "its signature does not verify"
        case .claimsRefused: "a claim is missing or has the wrong type"
        case .issuerRefused: "it has another issuer"
        case .audienceRefused: "it is for another audience"
        case .tokenExpired: "it has expired"
        case .tokenNotYetValid: "it is not valid yet"
        case .tokenRevoked: "its session, subject or client was revoked"
        case .sessionNotLive: "its session does not live, or it has none"
        case .notReady: "the server cannot serve this now; mintmark stats says why"
        case .busy: "the server is overloaded"
        case .storeFull: "the server holds as many sessions as it may"
        case .rateLimited: "the client has used up its rate of such requests"
        case .cutOffsFull: "the server holds as many revocations or forced rotations as it may"
        case .storage: "the server could not write to its disk"
        case .internal: "the server has failed"
        case .audit: "the server cannot write its audit log and changes nothing without it"
        }
    }
}
