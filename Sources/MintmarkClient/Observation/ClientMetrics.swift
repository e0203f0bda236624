import CoreMetrics
import MintmarkWire
import NIOConcurrencyHelpers
import Synchronization

/// What a client counts, for the metrics backend of its process.
///
/// Metrics of an operation are made with its first call, so that a program that only verifies has no others. Their names
/// and labels are those of the server's own page where both count the same.
///
/// Isolation: `Sendable`. Calls end on the tasks of their callers; everything else is counted on the client's event loop.
final class ClientMetrics: Sendable {
    private let factory: any MetricsFactory
    private let timekeeper: any Timekeeper
    /// By the place of their kinds in `Kind.allCases`.
    private let operations: [OperationSlot]
    private let errors = NIOLockedValueBox<[String: CoreMetrics.Counter]>([:])

    private let requestsInFlight: Meter
    private let connections: Meter
    private let connectionsOpened: CoreMetrics.Counter
    private let connectionsFailed: CoreMetrics.Counter
    private let connectionsLost: CoreMetrics.Counter

    /// Nil where nobody listens: then a client does not even read the clock for its metrics.
    init?(factory: any MetricsFactory, timekeeper: any Timekeeper) {
        if factory is NOOPMetricsHandler { return nil }
        self.factory = factory
        self.timekeeper = timekeeper
        operations = Kind.allCases.map { _ in OperationSlot() }
        requestsInFlight = Meter(label: "mintmark_client_requests_in_flight", factory: factory)
        connections = Meter(label: "mintmark_client_connections", factory: factory)
        let attempts = "mintmark_client_connection_attempts_total"
        connectionsOpened = CoreMetrics.Counter(label: attempts, dimensions: [("outcome", "opened")], factory: factory)
        connectionsFailed = CoreMetrics.Counter(label: attempts, dimensions: [("outcome", "failed")], factory: factory)
        connectionsLost = CoreMetrics.Counter(label: "mintmark_client_connections_lost_total", factory: factory)
    }
}

// MARK: - Calls

extension ClientMetrics {
    /// How a call ended, for those who watch.
    enum Outcome: Hashable {
        case ok
        /// VERIFY or INTROSPECT told that a token is not good.
        case inactive
        /// Its caller stopped waiting.
        case cancelled
        case error(reason: String)
    }

    /// The moment at which a call begins.
    func start() -> Instant { timekeeper.now() }

    /// A call that began then has ended.
    func ended(_ kind: Kind, _ outcome: Outcome, since start: Instant) {
        let operation = operation(kind)
        operation.duration.recordNanoseconds(start.nanoseconds(until: timekeeper.now()))
        switch outcome {
        case .ok: operation.ok.increment()
        case .inactive: operation.inactive.increment()
        case .cancelled: operation.cancelled.increment()
        case .error(let reason):
            operation.failed.increment()
            errorCounter(reason).increment()
        }
    }

    /// A request is sent again.
    func repeated(_ kind: Kind) {
        operation(kind).repeated.increment()
    }

    private func operation(_ kind: Kind) -> OperationMetrics {
        let slot = operations[kind.place]
        if let known = slot.metrics.load() { return known }
        return slot.metrics.storeIfNil(OperationMetrics(kind.name.lowercased(), factory))
    }

    /// Two tasks may both make the first counter of a reason: to a backend they are the same.
    private func errorCounter(_ reason: String) -> CoreMetrics.Counter {
        if let known = errors.withLockedValue({ $0[reason] }) { return known }
        let label = "mintmark_client_errors_total"
        let counter = CoreMetrics.Counter(label: label, dimensions: [("reason", reason)], factory: factory)
        errors.withLockedValue { $0[reason] = counter }
        return counter
    }
}

// MARK: - Connections

extension ClientMetrics {
    /// So many more calls have come than have ended since the last time; or fewer.
    func callsChanged(by difference: Int) {
        // Backends ignore an increment that is negative.
        if difference > 0 { requestsInFlight.increment(by: Double(difference)) }
        if difference < 0 { requestsInFlight.decrement(by: Double(-difference)) }
    }

    /// A connection is open.
    func connectionOpened() {
        connectionsOpened.increment()
        connections.increment(by: 1)
    }

    /// An attempt to open a connection failed.
    func connectionFailed() {
        connectionsFailed.increment()
    }

    /// An open connection has ended.
    ///
    /// - Parameter isLost: Whether somebody else than this client has ended it.
    func connectionEnded(isLost: Bool) {
        connections.decrement(by: 1)
        if isLost { connectionsLost.increment() }
    }
}

// MARK: - One operation

/// The metrics of one operation, once it was called.
private final class OperationSlot: Sendable {
    let metrics = AtomicLazyReference<OperationMetrics>()
}

private final class OperationMetrics: Sendable {
    let ok: CoreMetrics.Counter
    let inactive: CoreMetrics.Counter
    let cancelled: CoreMetrics.Counter
    let failed: CoreMetrics.Counter
    let repeated: CoreMetrics.Counter
    let duration: CoreMetrics.Timer

    init(_ operation: String, _ factory: any MetricsFactory) {
        func counter(_ outcome: String) -> CoreMetrics.Counter {
            let dimensions = [("operation", operation), ("outcome", outcome)]
            return CoreMetrics.Counter(
                label: "mintmark_client_requests_total",
                dimensions: dimensions,
                factory: factory
            )
        }
        ok = counter("ok")
        inactive = counter("inactive")
        cancelled = counter("cancelled")
        failed = counter("error")
        let dimensions = [("operation", operation)]
        repeated = CoreMetrics.Counter(
            label: "mintmark_client_repetitions_total",
            dimensions: dimensions,
            factory: factory
        )
        duration = CoreMetrics.Timer(
            label: "mintmark_client_request_duration_seconds",
            dimensions: dimensions,
            preferredDisplayUnit: .seconds,
            factory: factory
        )
    }
}

extension Kind {
    /// The place among all kinds.
    fileprivate var place: Int {
        // Kinds have the numbers from 1 on, without a gap; `ClientMetricsTests` see to it.
        Int(rawValue) - 1
    }
}

extension Instant {
    /// The time until a later instant; 0 if that is earlier.
    fileprivate func nanoseconds(until later: Instant) -> UInt64 {
        later.nanoseconds > nanoseconds ? later.nanoseconds - nanoseconds : 0
    }
}
