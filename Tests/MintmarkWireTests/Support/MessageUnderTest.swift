import MintmarkWire

/// A message of the registry and the Swift type that stands for it.
struct MessageUnderTest: Sendable {
    let shape: MessageShape
    /// Decodes a body.
    let decode: @Sendable ([UInt8]) throws(WireError) -> AnyHashable
    /// Makes the message that has these fields.
    let make: @Sendable (FieldMap) throws -> AnyHashable
    /// Makes the message that has these fields and encodes its frame.
    let encode: @Sendable (FieldMap, UInt32) throws -> [UInt8]

    /// What the codec says of a body: nil if it is good.
    func fault(of body: [UInt8]) -> Fault? {
        do {
            _ = try decode(body)
            return nil
        } catch {
            return Fault(error)
        }
    }

    static func of(_ shape: MessageShape) -> MessageUnderTest {
        guard let type = types["\(shape.name) \(shape.direction)"] else {
            preconditionFailure("\(shape.name) \(shape.direction) has no Swift type")
        }
        return type.underTest(shape)
    }

    private static let types: [String: any MadeOfFields.Type] = [
        "HELLO request": HelloRequest.self, "HELLO response": HelloResponse.self,
        "AUTH request": AuthRequest.self, "AUTH response": AuthResponse.self,
        "PING request": PingRequest.self, "PING response": PingResponse.self,
        "SIGN request": SignRequest.self, "SIGN response": SignResponse.self,
        "VERIFY request": VerifyRequest.self, "VERIFY response": VerifyResponse.self,
        "OPEN request": OpenRequest.self, "OPEN response": OpenResponse.self,
        "REFRESH request": RefreshRequest.self, "REFRESH response": RefreshResponse.self,
        "REVOKE request": RevokeRequest.self, "REVOKE response": RevokeResponse.self,
        "INTROSPECT request": IntrospectRequest.self, "INTROSPECT response": IntrospectResponse.self,
        "KEYS request": KeysRequest.self, "KEYS response": KeysResponse.self,
        "STATS request": StatsRequest.self, "STATS response": StatsResponse.self,
        "FORCE_ROTATION request": ForceRotationRequest.self, "FORCE_ROTATION response": ForceRotationResponse.self,
        "SNAPSHOT request": SnapshotRequest.self, "SNAPSHOT response": SnapshotResponse.self,
        "KEY_LIST request": KeyListRequest.self, "KEY_LIST response": KeyListResponse.self,
        "KEY_PREPARE request": KeyPrepareRequest.self, "KEY_PREPARE response": KeyPrepareResponse.self,
        "KEY_ACTIVATE request": KeyActivateRequest.self, "KEY_ACTIVATE response": KeyActivateResponse.self,
        "KEY_REVOKE request": KeyRevokeRequest.self, "KEY_REVOKE response": KeyRevokeResponse.self,
        "KEY_IMPORT request": KeyImportRequest.self, "KEY_IMPORT response": KeyImportResponse.self,
        "ERROR response": ErrorResponse.self,
    ]
}

/// What is wrong with a body: a status and the tag it names.
struct Fault: Hashable, CustomStringConvertible {
    let status: String
    let field: UInt8?

    init(_ status: String, _ field: UInt8?) {
        self.status = status
        self.field = field
    }

    init(_ error: WireError) {
        self.init(error.status.name, error.field)
    }

    var description: String { "\(status) in \(field.map(String.init) ?? "none")" }
}

/// A message that can be made from fields by their names, decoded, and encoded.
protocol MadeOfFields: Hashable, Sendable {
    init(fields: FieldMap) throws
    init(decoding body: RawSpan) throws(WireError)
    func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError)
}

extension MadeOfFields {
    fileprivate static func underTest(_ shape: MessageShape) -> MessageUnderTest {
        MessageUnderTest(
            shape: shape,
            decode: { body throws(WireError) in AnyHashable(try Self(decoding: body.span.bytes)) },
            make: { AnyHashable(try Self(fields: $0)) },
            encode: { fields, requestID in
                var writer = FrameWriter()
                try Self(fields: fields).encode(requestID: requestID, into: &writer)
                return writer.bytes
            }
        )
    }
}
