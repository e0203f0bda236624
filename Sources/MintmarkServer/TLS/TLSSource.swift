import NIOConcurrencyHelpers

/// Where TLS listeners get their certificates from: the newest ones that could be used. Thread-safe.
final class TLSSource: Sendable {
    /// The time of day, in seconds since 1970.
    let wallSeconds: @Sendable () -> UInt64
    private let state: NIOLockedValueBox<TLSContext>

    init(_ context: TLSContext, wallSeconds: @escaping @Sendable () -> UInt64) {
        state = NIOLockedValueBox(context)
        self.wallSeconds = wallSeconds
    }

    /// What a connection that begins now is given.
    var current: TLSContext { state.withLockedValue { $0 } }

    /// Connections that begin from now on are given `context`; the others keep theirs.
    func replace(by context: TLSContext) {
        state.withLockedValue { $0 = context }
    }

    /// How long the server's certificate is still valid, in seconds.
    var validForSeconds: UInt64 {
        UInt64(clamping: current.validThroughSeconds - Int64(clamping: wallSeconds()))
    }
}
