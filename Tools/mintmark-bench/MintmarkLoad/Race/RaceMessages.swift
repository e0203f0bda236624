import MintmarkWire

/// A request of a round.
enum RaceRequest: Hashable, Sendable {
    case open(subject: String)
    case refresh([UInt8])
    case revoke(RevokeRequest.Target)
    case introspect([UInt8])
    case verify([UInt8])
    case sign(subject: String)

    /// The audience of all tokens of the race.
    static let audience = "mintmark-bench"

    /// Adds the request to those that the link writes next.
    func queue(on link: FrameLink, requestID: UInt32) throws(LoadFailure) {
        switch self {
        case .open(let subject):
            try link.queue(OpenRequest(subject: subject, audience: [Self.audience]), requestID: requestID)
        case .refresh(let token):
            try link.queue(RefreshRequest(refreshToken: token), requestID: requestID)
        case .revoke(let target):
            try link.queue(RevokeRequest(target), requestID: requestID)
        case .introspect(let token):
            try link.queue(IntrospectRequest(refreshToken: token), requestID: requestID)
        case .verify(let token):
            try link.queue(VerifyRequest(accessToken: token, expectedAudience: .any), requestID: requestID)
        case .sign(let subject):
            try link.queue(SignRequest(subject: subject, audience: [Self.audience]), requestID: requestID)
        }
    }

    var kind: Kind {
        switch self {
        case .open: .open
        case .refresh: .refresh
        case .revoke: .revoke
        case .introspect: .introspect
        case .verify: .verify
        case .sign: .sign
        }
    }
}

/// What a request was answered.
enum RaceOutcome: Hashable, Sendable {
    case opened(SessionGrant)
    case refreshed(RefreshResponse)
    case revoked
    case introspected(IntrospectResponse)
    case verified(VerifyResponse)
    case signed(SignResponse)
    case refused(StatusCode, ReuseClass?)

    init(_ request: RaceRequest, _ header: FrameHeader, _ body: RawSpan) throws(WireError) {
        if header.isError {
            let error = try ErrorResponse(decoding: body)
            self = .refused(error.status, error.reuseClass)
            return
        }
        guard header.responseKind == request.kind, header.flags == 0 else {
            throw WireError(.kindUnknown, found: UInt64(header.kindByte))
        }
        self =
            switch request {
            case .open: .opened(try OpenResponse(decoding: body).grant)
            case .refresh: .refreshed(try RefreshResponse(decoding: body))
            case .revoke: try Self.revoked(body)
            case .introspect: .introspected(try IntrospectResponse(decoding: body))
            case .verify: .verified(try VerifyResponse(decoding: body))
            case .sign: .signed(try SignResponse(decoding: body))
            }
    }

    private static func revoked(_ body: RawSpan) throws(WireError) -> RaceOutcome {
        _ = try RevokeResponse(decoding: body)
        return .revoked
    }
}

/// A request, its answer, and between which instants the server dealt with it: by the monotonic clock, in nanoseconds.
struct RaceAnswer: Sendable {
    let request: RaceRequest
    let outcome: RaceOutcome
    let sentAt: Int64
    let answeredAt: Int64

    var refreshed: RefreshResponse? {
        if case .refreshed(let response) = outcome { return response }
        return nil
    }

    /// Why it was refused.
    var status: Status? {
        if case .refused(let status, _) = outcome { return status.status }
        return nil
    }

    /// The access token that came with it.
    var accessToken: [UInt8]? {
        switch outcome {
        case .opened(let grant): grant.accessToken
        case .refreshed(let response): response.grant.accessToken
        case .signed(let response): response.accessToken
        case .revoked, .introspected, .verified, .refused: nil
        }
    }

    /// The refresh token that came with it.
    var refreshToken: [UInt8]? {
        switch outcome {
        case .opened(let grant): grant.refreshToken
        case .refreshed(let response): response.grant.refreshToken
        case .signed, .revoked, .introspected, .verified, .refused: nil
        }
    }
}
