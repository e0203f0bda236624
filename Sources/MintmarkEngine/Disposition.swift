package import MintmarkSessions

/// What became of a request, and what the connection has to wait for.
package enum Disposition: Equatable, Sendable {
    /// Its answer was appended, and may leave once everything up to this number is durable.
    case answered(after: LogSequenceNumber)

    /// Nothing was appended and nothing changed: the same request is to be executed again once everything up to this
    /// number is durable.
    case again(after: LogSequenceNumber)

    /// Its answer was appended, and may leave once this snapshot is published. If that fails, STORAGE is answered in
    /// its place.
    case awaitingSnapshot(SnapshotNumber)

    /// Nothing was appended. Its answer is to be appended once this change of keys has its outcome.
    case awaitingKeys(KeyJob)

    /// Its answer was appended and tells of no change: it may leave at once.
    package static var ready: Disposition { .answered(after: .zero) }
}
