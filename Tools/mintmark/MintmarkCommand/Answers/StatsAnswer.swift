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
        object.add("build_id", buildID)
        object.add("server_time", statistics.serverTime)
        object.add("settings", settingsObject)
        object.add("settings_digest", statistics.settingsDigest.map(Self.hexadecimal))
        object.add("counters", counters)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var head = AlignedLines()
        head.add("server", statistics.serverBuild)
        head.add("build", buildID)
        head.add("time", TimeText.instant(statistics.serverTime))
        head.add("ready", statistics.isReady ? "yes" : "no")
        for reason in statistics.readinessReasons {
            head.add("because", reason)
        }
        var table = AlignedLines(alignsToTheRight: true)
        for counter in statistics.counters where showsZeros || counter.value > 0 {
            table.add(counter.name, "\(counter.value)")
        }
        var settings = AlignedLines()
        for (name, value) in named {
            settings.add(name, value)
        }
        return [head, settings, table].filter { !$0.isEmpty }.map(\.text).joined(separator: "\n\n")
    }

    private var buildID: String? { statistics.buildID.map(Self.hexadecimal) }

    /// The settings by name; what is no name, = and value has none.
    private var named: [(name: String, value: String)] {
        statistics.settings.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    private var settingsObject: JSONObject {
        var object = JSONObject()
        for (name, value) in named {
            object.add(name, value)
        }
        return object
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
