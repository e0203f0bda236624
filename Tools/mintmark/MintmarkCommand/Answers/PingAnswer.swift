/// A sign of life.
struct PingAnswer: CommandAnswer {
    /// The server's clock: seconds since 1970-01-01T00:00:00Z.
    var serverTime: UInt64
    /// From the request to its answer, on an open connection.
    var roundTrip: Duration

    var json: String {
        var object = JSONObject()
        object.add("server_time", serverTime)
        object.add("round_trip_us", roundTripMicroseconds)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var lines = AlignedLines()
        lines.add("server time", TimeText.instant(serverTime))
        lines.add("round trip", "\(roundTripMicroseconds) us")
        return lines.text
    }

    private var roundTripMicroseconds: Int64 { Int64(roundTrip / .microseconds(1)) }
}
