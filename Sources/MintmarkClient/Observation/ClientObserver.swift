import Logging
import MintmarkWire

/// Who is told what happens in a client: its metrics and its log, each where there is one.
///
/// Levels: `debug` for what belongs to an ordinary day, `info` where a connection was lost, `warning` where calls fail
/// because no server is reached, `error` where that will not mend itself. No log line has a token or a claim in it.
struct ClientObserver: Sendable {
    let metrics: ClientMetrics?
    private let logger: Logger?

    init(metrics: ClientMetrics?, logger: Logger?) {
        self.metrics = metrics
        self.logger = logger
    }
}

extension ClientObserver {
    /// So many more calls are in progress than were told the last time; or fewer.
    func callsChanged(by difference: Int) {
        metrics?.callsChanged(by: difference)
    }

    /// A connection is open.
    func connectionOpened(to endpoint: Endpoint) {
        metrics?.connectionOpened()
        logger?.debug("connection opened", metadata: ["endpoint": "\(endpoint)"])
    }

    /// An attempt to open a connection failed.
    ///
    /// - Parameter refusedCalls: How many calls were told that there is no connection.
    func connectionFailed(to endpoint: Endpoint, _ error: MintmarkError, refusedCalls: Int) {
        metrics?.connectionFailed()
        guard let logger else { return }
        let metadata: Logger.Metadata = ["endpoint": "\(endpoint)", "reason": "\(error.message)"]
        if error.isTerminal {
            logger.error("this server is not spoken to", metadata: metadata)
        } else if refusedCalls > 0 {
            let calls = metadata.merging(["calls": "\(refusedCalls)"]) { $1 }
            logger.warning("no server is reached, and calls fail", metadata: calls)
        } else {
            logger.debug("a connection could not be opened", metadata: metadata)
        }
    }

    /// An open connection has ended.
    ///
    /// - Parameter unanswered: How many of its requests were not answered.
    func connectionEnded(to endpoint: Endpoint, _ error: MintmarkError, unanswered: Int) {
        let isLost = error.code != .shutDown
        metrics?.connectionEnded(isLost: isLost)
        guard let logger else { return }
        guard isLost else {
            return logger.debug("connection closed", metadata: ["endpoint": "\(endpoint)"])
        }
        let metadata: Logger.Metadata = [
            "endpoint": "\(endpoint)", "reason": "\(error.message)", "unanswered": "\(unanswered)",
        ]
        if error.code == .protocolViolation {
            logger.error("connection ended: the server does not keep to the protocol", metadata: metadata)
        } else {
            logger.info("connection lost", metadata: metadata)
        }
    }

    /// A request is sent again.
    func repeated(_ kind: Kind, after error: MintmarkError) {
        metrics?.repeated(kind)
        logger?.debug(
            "a request is sent again",
            metadata: ["operation": "\(kind.name.lowercased())", "reason": "\(error.message)"]
        )
    }
}
