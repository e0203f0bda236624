/// The open connections of one listener. Confined to its event loop.
final class AdminConnectionSet {
    private var connections: [ObjectIdentifier: AdminConnection] = [:]
    private let countMax: Int
    private let statistics: AdminStatistics

    init(countMax: Int, statistics: AdminStatistics) {
        self.countMax = countMax
        self.statistics = statistics
    }

    /// Takes a connection in. Where there is no place, the one gives way that has been idle the longest; false: none is.
    func add(_ connection: AdminConnection) -> Bool {
        statistics.opened()
        let isFull = connections.count >= countMax
        let oldest = isFull ? connections.values.filter(\.isIdle).min { $0.idleSince < $1.idleSince } : nil
        guard !isFull || oldest != nil else {
            statistics.refusedConnection()
            return false
        }
        connections[ObjectIdentifier(connection)] = connection
        if let oldest {
            connections[ObjectIdentifier(oldest)] = nil
            statistics.evictedConnection()
            oldest.close()
        }
        return true
    }

    /// Must follow each `add`, once.
    func remove(_ connection: AdminConnection) {
        connections[ObjectIdentifier(connection)] = nil
        statistics.closed()
    }
}
