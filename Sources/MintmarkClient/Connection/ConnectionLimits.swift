import MintmarkWire

/// What the server's answer to HELLO allows on a connection.
struct ConnectionLimits: Hashable, Sendable {
    /// The greatest frame length in both directions, in bytes.
    let frameLengthMax: Int
    /// How many requests may be unanswered.
    let inFlightMax: Int
}
