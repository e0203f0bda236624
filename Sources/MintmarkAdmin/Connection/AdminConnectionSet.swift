/// The open connections of one listener. Confined to its event loop.
///
/// No peer keeps others out by holding connections: where all places are taken another connection takes that of one which
/// is not being answered, or whose peer asks for more than it takes.
final class AdminConnectionSet {
    private var connections: [ObjectIdentifier: AdminConnection] = [:]
    private let countMax: Int
    private let statistics: AdminStatistics

    init(countMax: Int, statistics: AdminStatistics) {
        self.countMax = countMax
        self.statistics = statistics
    }

    /// Takes a connection in. Where there is no place, another gives way (``AdminConnection/givesWay(before:)``); false: all
    /// of them are being answered.
    func add(_ connection: AdminConnection) -> Bool {
        statistics.opened()
        let isFull = connections.count >= countMax
        let first = isFull ? connections.values.filter(\.mayGiveWay).min { $0.givesWay(before: $1) } : nil
        guard !isFull || first != nil else {
            statistics.refusedConnection()
            return false
        }
        connections[ObjectIdentifier(connection)] = connection
        if let first {
            connections[ObjectIdentifier(first)] = nil
            statistics.evictedConnection()
            first.close()
        }
        return true
    }

    /// Must follow each `add`, once.
    func remove(_ connection: AdminConnection) {
        connections[ObjectIdentifier(connection)] = nil
        statistics.closed()
    }
}
