package import MintmarkSessions
package import MintmarkWire

/// How long requests of one event loop took, by what they asked for. Only the owning loop records; any thread may read.
package final class RequestDurations: Sendable {
    /// What is measured: everything but the handshake, which is the connection's.
    package static let kinds = Kind.allCases.filter { $0 != .hello && $0 != .auth }

    /// By the number of the kind.
    private let histograms: [DurationHistogram]

    package init() {
        histograms = (0..<32).map { _ in DurationHistogram() }
    }

    package func record(_ kind: UInt8, nanoseconds: UInt64, count: UInt64 = 1) {
        histograms[Int(kind & 0x1F)].record(nanoseconds: nanoseconds, count: count)
    }

    /// Of all kinds, how many took no longer; see ``DurationHistogram/count(withinMicroseconds:)``.
    package func count(withinMicroseconds bound: UInt64) -> UInt64 {
        Self.kinds.reduce(0) { $0 &+ histograms[Int($1.rawValue)].count(withinMicroseconds: bound) }
    }

    package func counts(of kind: Kind) -> DurationCounts {
        histograms[Int(kind.rawValue)].now
    }
}
