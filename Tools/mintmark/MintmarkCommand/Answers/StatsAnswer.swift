import MintmarkClient
import MintmarkWire

/// How the server is.
struct StatsAnswer: CommandAnswer {
    var statistics: ServerStatistics
    /// Whether people are shown counters that are 0.
    var showsZeros: Bool

    var json: String {
        var counters = JSONObject()
        for counter in statistics.counters {
            counters.add(counter.name, counter.value)
        }
        var object = JSONObject()
        object.add("ready", statistics.isReady)
        object.add("readiness_reasons", statistics.readinessReasons)
        object.add("server_build", statistics.serverBuild)
        object.add("server_time", statistics.serverTime)
        object.add("counters", counters)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var head = AlignedLines()
        head.add("server", statistics.serverBuild)
        head.add("time", TimeText.instant(statistics.serverTime))
        head.add("ready", statistics.isReady ? "yes" : "no")
        for reason in statistics.readinessReasons {
            head.add("because", reason)
        }
        var table = AlignedLines(alignsToTheRight: true)
        for counter in statistics.counters where showsZeros || counter.value > 0 {
            table.add(counter.name, "\(counter.value)")
        }
        return head.text + (table.isEmpty ? "" : "\n\n" + table.text)
    }
}
