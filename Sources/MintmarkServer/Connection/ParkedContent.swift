import MintmarkWire

/// What a connection holds back until the journal is durable.
enum ParkedContent: Equatable {
    /// The whole frame of an answer.
    case answer([UInt8])
    /// A request that is to be executed again, with its body.
    case request(FrameHeader, body: [UInt8])

    /// The bytes that it keeps alive.
    var byteCount: Int {
        switch self {
        case .answer(let frame): frame.count
        case .request(_, let body): body.count
        }
    }
}
