/// How far an open loop has come.
struct Dispatcher {
    var share: ScheduleShare
    /// Where the search for room begins.
    var nextConnection = 0
    /// Whether all connections were full at the last try.
    var isCapped = false
    /// What was due before this instant may be late because all connections were full.
    var cappedUntil: Int64 = 0
    /// Connections with requests that were not written yet.
    var dirty: [Int] = []

    init(share: ScheduleShare) {
        self.share = share
    }
}
