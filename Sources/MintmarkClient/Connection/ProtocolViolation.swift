import MintmarkWire

/// What a server did that the protocol does not allow. The connection ends over it.
enum ProtocolViolation: Error, Hashable, Sendable {
    /// Bytes that are no frame.
    case frame(WireError)
    /// A frame whose flags byte is not zero.
    case flags(UInt8)
    /// An answer to a request that was not made, or was answered before.
    case unknownRequestID(UInt32)
    /// An answer of another kind than its request's.
    case unexpectedKind(UInt8, requestID: UInt32)
    /// A body that is not what its kind says.
    case body(WireError, kindByte: UInt8)
    /// A version that HELLO did not offer.
    case version(UInt16)
    /// Limits that the protocol does not allow.
    case limits(frameLengthMax: UInt32, inFlightMax: UInt32)
}

extension ProtocolViolation: CustomStringConvertible {
    var description: String {
        switch self {
        case .frame(let error) where error.found == Self.lengthOfHTTP:
            "the server speaks HTTP, and no frames; the address may be that of mintmarkd's admin listener"
        case .frame(let error): "the server sent no frame: \(error)"
        case .flags(let flags): "the server sent a frame with flags \(flags)"
        case .unknownRequestID(let id): "the server answered request \(id), which is not unanswered"
        case .unexpectedKind(let kind, let id): "the server answered request \(id) with a frame of kind \(kind)"
        case .body(let error, let kind): "the server sent a wrong body in a frame of kind \(kind): \(error)"
        case .version(let version): "the server speaks version \(version), which was not offered"
        case .limits(let frame, let inFlight):
            "the server announced a frame limit of \(frame) and an in-flight limit of \(inFlight)"
        }
    }

    /// The length of a frame that begins like an answer over HTTP/1: `HTTP`.
    private static let lengthOfHTTP: UInt64 = 0x4854_5450
}
