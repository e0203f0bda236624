/// 16 random bytes that make opening a session repeatable: for a minute, the server answers a second request with the
/// same attempt id with the session that the first one opened.
public struct AttemptID: Hashable, Sendable {
    /// The 16 bytes.
    public let bytes: [UInt8]

    /// Fresh random bytes from the system's generator.
    public init() {
        var generator = SystemRandomNumberGenerator()
        bytes = .random(count: 16, using: &generator)
    }

    /// Nil unless there are 16 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }
}
