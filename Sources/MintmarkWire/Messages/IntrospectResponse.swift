/// What is known of a refresh token and its session. What the caller may not see is absent.
public struct IntrospectResponse: WireResponse {
    /// The server's clock, in seconds since 1970.
    public var serverTime: UInt64
    /// The session's own claims: one JSON object.
    public var claims: [UInt8]?
    /// The session's subject.
    public var subject: String?
    /// The session's audience.
    public var audience: [String]?
    /// The session's scope.
    public var scope: String?
    /// Whether a refresh would succeed now.
    public var isActive: Bool
    /// Why not.
    public var reason: StatusCode?
    /// The session's 16 bytes.
    public var sessionID: [UInt8]?
    /// Whose session it is.
    public var clientID: String?
    /// When the refresh token expires, in seconds since 1970.
    public var refreshExpiresAt: UInt64?
    /// The same from `serverTime` on.
    public var refreshExpiresInSeconds: UInt32?
    /// When the session expires, in seconds since 1970.
    public var sessionExpiresAt: UInt64?
    /// The same from `serverTime` on.
    public var sessionExpiresInSeconds: UInt32?
    /// What a refresh would do now.
    public var refreshOutcome: RefreshOutcome?
    /// How many rotations led to the token.
    public var generation: UInt32?
    /// When the session was opened, in seconds since 1970.
    public var createdAt: UInt64?
    /// When the session was last refreshed, or opened, in seconds since 1970.
    public var lastUsedAt: UInt64?

    /// Makes an INTROSPECT answer. What is nil is left out of the frame.
    public init(
        serverTime: UInt64,
        claims: [UInt8]? = nil,
        subject: String? = nil,
        audience: [String]? = nil,
        scope: String? = nil,
        isActive: Bool,
        reason: StatusCode? = nil,
        sessionID: [UInt8]? = nil,
        clientID: String? = nil,
        refreshExpiresAt: UInt64? = nil,
        refreshExpiresInSeconds: UInt32? = nil,
        sessionExpiresAt: UInt64? = nil,
        sessionExpiresInSeconds: UInt32? = nil,
        refreshOutcome: RefreshOutcome? = nil,
        generation: UInt32? = nil,
        createdAt: UInt64? = nil,
        lastUsedAt: UInt64? = nil
    ) {
        self.serverTime = serverTime
        self.claims = claims
        self.subject = subject
        self.audience = audience
        self.scope = scope
        self.isActive = isActive
        self.reason = reason
        self.sessionID = sessionID
        self.clientID = clientID
        self.refreshExpiresAt = refreshExpiresAt
        self.refreshExpiresInSeconds = refreshExpiresInSeconds
        self.sessionExpiresAt = sessionExpiresAt
        self.sessionExpiresInSeconds = sessionExpiresInSeconds
        self.refreshOutcome = refreshOutcome
        self.generation = generation
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }

    /// Decodes the body of an INTROSPECT answer.
    public init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        serverTime = try reader.requiredCopy(Fields.serverTime, in: body)
        claims = try reader.optionalCopy(Fields.claims, in: body)
        subject = try reader.optionalCopy(Fields.subject, in: body)
        audience = try reader.optionalCopy(Fields.audience, in: body)
        scope = try reader.optionalCopy(Fields.scope, in: body)
        isActive = try reader.requiredCopy(Fields.active, in: body)
        reason = try reader.optionalCopy(Fields.reason, in: body)
        sessionID = try reader.optionalCopy(Fields.sessionID, in: body)
        clientID = try reader.optionalCopy(Fields.clientID, in: body)
        refreshExpiresAt = try reader.optionalCopy(Fields.refreshExpiresAt, in: body)
        refreshExpiresInSeconds = try reader.optionalCopy(Fields.refreshExpiresIn, in: body)
        sessionExpiresAt = try reader.optionalCopy(Fields.sessionExpiresAt, in: body)
        sessionExpiresInSeconds = try reader.optionalCopy(Fields.sessionExpiresIn, in: body)
        refreshOutcome = try reader.optionalCopy(Fields.refreshOutcome, in: body)
        generation = try reader.optionalCopy(Fields.generation, in: body)
        createdAt = try reader.optionalCopy(Fields.createdAt, in: body)
        lastUsedAt = try reader.optionalCopy(Fields.lastUsedAt, in: body)
        try reader.finish(in: body)
    }

    /// Appends the frame of an INTROSPECT answer.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(response: .introspect, requestID: requestID)
        writer.write(Fields.serverTime, serverTime)
        writer.write(Fields.claims, claims)
        writer.write(Fields.subject, subject)
        writer.write(Fields.audience, audience)
        writer.write(Fields.scope, scope)
        writer.write(Fields.active, isActive)
        writer.write(Fields.reason, reason)
        writer.write(Fields.sessionID, sessionID)
        writer.write(Fields.clientID, clientID)
        writer.write(Fields.refreshExpiresAt, refreshExpiresAt)
        writer.write(Fields.refreshExpiresIn, refreshExpiresInSeconds)
        writer.write(Fields.sessionExpiresAt, sessionExpiresAt)
        writer.write(Fields.sessionExpiresIn, sessionExpiresInSeconds)
        writer.write(Fields.refreshOutcome, refreshOutcome)
        writer.write(Fields.generation, generation)
        writer.write(Fields.createdAt, createdAt)
        writer.write(Fields.lastUsedAt, lastUsedAt)
        try writer.end()
    }
}
