/// Names a connection of a client from the first attempt to open it on. Never used again.
struct ConnectionID: Hashable, Sendable {
    let number: UInt64
}
