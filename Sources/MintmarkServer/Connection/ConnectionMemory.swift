import Synchronization

/// The bytes that all connections together hold: input that was not served, answers that wait for the disk, and output
/// that a peer did not take. Thread-safe.
///
/// Each connection reports what it holds when its loop has done what it could do for it. So a connection that is served
/// at once holds nothing and costs nothing here.
final class ConnectionMemory: Sendable {
    let bytesMax: Int
    private let connections: ConnectionBudget
    private let held = Atomic(0)

    init(bytesMax: Int, connections: ConnectionBudget) {
        self.bytesMax = bytesMax
        self.connections = connections
    }

    var heldBytes: Int { held.load(ordering: .relaxed) }

    /// Whether as much is held as may be: whoever holds more than a share of it gets BUSY for what would make it more.
    var isExhausted: Bool { heldBytes >= bytesMax }

    /// What each connection may hold while everything is held that may be.
    var shareBytes: Int { bytesMax / max(1, connections.openCount) }

    /// A connection holds so much more, or less, than it last said.
    func add(_ bytes: Int) {
        held.add(bytes, ordering: .relaxed)
    }
}
