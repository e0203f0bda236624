/// What a FORCE_ROTATION request names, as it lies in the body. Decoding allocates nothing.
package struct ForceRotationRequestFields: Hashable, Sendable {
    /// Whose next refresh shall rotate.
    package enum Target: Hashable, Sendable {
        /// All sessions of this subject.
        case subject(Range<Int>)
        /// The session with these 16 bytes.
        case sessionID(Range<Int>)
        /// All sessions of this client.
        case clientID(Range<Int>)
        /// All sessions.
        case all
    }

    /// Whose next refresh shall rotate.
    package let target: Target

    /// Decodes the body of a FORCE_ROTATION request.
    ///
    /// - Throws: FIELD_CONFLICT unless exactly one target is named.
    package init(decoding body: RawSpan) throws(WireError) {
        var reader = FieldReader()
        let subject = try reader.optional(Fields.subject, in: body)
        let sessionID = try reader.optional(Fields.sessionID, in: body)
        let clientID = try reader.optional(Fields.clientID, in: body)
        let all = try reader.optional(Fields.all, in: body)
        try reader.finish(in: body)

        target =
            switch (subject, sessionID, clientID, all) {
            case (let subject?, nil, nil, nil): .subject(subject)
            case (nil, let sessionID?, nil, nil): .sessionID(sessionID)
            case (nil, nil, let clientID?, nil): .clientID(clientID)
            case (nil, nil, nil, .some): .all
            default: throw Fields.subject.conflict
            }
    }
}

/// Makes the next refresh rotate, whatever the policy says.
public struct ForceRotationRequest: WireRequest {
    /// What answers it, if no error does.
    public typealias Response = ForceRotationResponse

    /// FORCE_ROTATION.
    public static var kind: Kind { .forceRotation }

    /// Whose next refresh shall rotate.
    public enum Target: Hashable, Sendable {
        /// All sessions of this subject.
        case subject(String)
        /// The session with these 16 bytes.
        case sessionID([UInt8])
        /// All sessions of this client.
        case clientID(String)
        /// All sessions.
        case all
    }

    /// Whose next refresh shall rotate.
    public var target: Target

    /// Makes a FORCE_ROTATION request.
    public init(_ target: Target) {
        self.target = target
    }

    /// Decodes the body of a FORCE_ROTATION request.
    public init(decoding body: RawSpan) throws(WireError) {
        target =
            switch try ForceRotationRequestFields(decoding: body).target {
            case .subject(let range): .subject(body.string(range))
            case .sessionID(let range): .sessionID(body.array(range))
            case .clientID(let range): .clientID(body.string(range))
            case .all: .all
            }
    }

    /// Appends the frame of a FORCE_ROTATION request.
    public func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError) {
        writer.begin(request: .forceRotation, requestID: requestID)
        switch target {
        case .subject(let subject): writer.write(Fields.subject, subject)
        case .sessionID(let sessionID): writer.write(Fields.sessionID, sessionID)
        case .clientID(let clientID): writer.write(Fields.clientID, clientID)
        case .all: writer.write(Fields.all, true)
        }
        try writer.end()
    }
}
