/// What a REVOKE request names, as it lies in the body. Decoding allocates nothing.
package struct RevokeRequestFields: Hashable, Sendable {
    /// The one thing to revoke.
    package enum Target: Hashable, Sendable {
        /// The session of this refresh token; any bytes are decoded.
        case refreshToken(Range<Int>)
        /// All sessions of this subject.
        case subject(Range<Int>)
        /// The session with these 16 bytes.
        case sessionID(Range<Int>)
        /// All sessions of this client.
        case clientID(Range<Int>)
        /// All sessions.
        case all
    }

    /// The one thing to revoke.
    package let target: Target

    /// Decodes the body of a REVOKE request.
    ///
    /// - Throws: FIELD_CONFLICT unless exactly one target is named.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        let refreshToken = try reader.optional(Fields.refreshToken, in: body)
        let subject = try reader.optional(Fields.subject, in: body)
        let sessionID = try reader.optional(Fields.sessionID, in: body)
        let clientID = try reader.optional(Fields.clientID, in: body)
        let all = try reader.optional(Fields.all, in: body)
        try reader.finish(in: body)

        target =
            switch (refreshToken, subject, sessionID, clientID, all) {
            case (let refreshToken?, nil, nil, nil, nil): .refreshToken(refreshToken)
            case (nil, let subject?, nil, nil, nil): .subject(subject)
            case (nil, nil, let sessionID?, nil, nil): .sessionID(sessionID)
            case (nil, nil, nil, let clientID?, nil): .clientID(clientID)
            case (nil, nil, nil, nil, .some): .all
            default: throw Fields.refreshToken.conflict
            }
    }
}

/// Ends a session, or many.
public struct RevokeRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = RevokeResponse

    /// REVOKE.
    public static var kind: Kind { .revoke }

    /// The one thing to revoke.
    public enum Target: Hashable, Sendable {
        /// The session of this refresh token.
        case refreshToken([UInt8])
        /// All sessions of this subject.
        case subject(String)
        /// The session with these 16 bytes.
        case sessionID([UInt8])
        /// All sessions of this client.
        case clientID(String)
        /// All sessions.
        case all
    }

    /// The one thing to revoke.
    public var target: Target

    /// Makes a REVOKE request.
    public init(_ target: Target) {
        self.target = target
    }

    /// Decodes the body of a REVOKE request.
    public init(decoding body: RawSpan) throws(WireError) {
        target =
            switch try RevokeRequestFields(decoding: body).target {
            case .refreshToken(let range): .refreshToken(body.array(range))
            case .subject(let range): .subject(body.string(range))
            case .sessionID(let range): .sessionID(body.array(range))
            case .clientID(let range): .clientID(body.string(range))
            case .all: .all
            }
    }

    /// Appends the frame of a REVOKE request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .revoke, requestID: requestID)
        switch target {
        case .refreshToken(let token): writer.write(Fields.refreshToken, token)
        case .subject(let subject): writer.write(Fields.subject, subject)
        case .sessionID(let sessionID): writer.write(Fields.sessionID, sessionID)
        case .clientID(let clientID): writer.write(Fields.clientID, clientID)
        case .all: writer.write(Fields.all, true)
        }
        try writer.end()
    }
}
