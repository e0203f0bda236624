import MintmarkCrypto

/// The 16 bytes that name a session. As text they are the 22 characters of the `sid` claim.
public struct SessionID: Hashable, Sendable {
    /// The 16 bytes.
    public let bytes: [UInt8]

    /// Nil unless there are 16 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Takes what the codec has checked.
    init(checked bytes: [UInt8]) {
        precondition(bytes.count == 16, "a session id of \(bytes.count) bytes passed the codec")
        self.bytes = bytes
    }
}

extension SessionID: LosslessStringConvertible {
    /// Reads the text of a `sid` claim.
    public init?(_ description: String) {
        var bytes: [UInt8] = []
        guard Base64URL.decode(Array(description.utf8).span.bytes, appendingTo: &bytes) else { return nil }
        self.init(bytes: bytes)
    }

    /// The text of the `sid` claim: base64url without padding.
    public var description: String {
        var characters: [UInt8] = []
        Base64URL.encode(bytes.span.bytes, appendingTo: &characters)
        return String(decoding: characters, as: UTF8.self)
    }
}
