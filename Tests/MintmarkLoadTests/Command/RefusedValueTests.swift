import Testing

@testable import MintmarkLoad

@Suite("Values that are refused")
struct RefusedValueTests {
    @Test(
        "a value that is refused is told what there is instead",
        arguments: [
            Row(
                "an unknown operation",
                ["peak", "--mix", "foo=1"],
                "sign, verify, refresh, ping, open, revoke, keys, hostile, with weights"
            ),
            Row("a weight too great", ["peak", "--mix", "ping=1001"], "weights from 0 to 1000, not all of them 0"),
            Row(
                "an unknown sort of hostile requests",
                ["peak", "--mix", "hostile=1", "--hostile", "foo"],
                "tampered, wrong_key, duplicate_member"
            ),
            Row(
                "a duration with an unknown unit",
                ["peak", "--duration", "10w"],
                "'--duration <seconds>': seconds are meant, such as 10, 0.5 or 5m"
            ),
            Row(
                "an objective the wrong way round",
                ["search", "--slo", "p99(verify) > 2ms"],
                "--slo bounds a time from above, such as 'p99(verify) < 2ms'"
            ),
            Row("a warm-up", ["peak", "--warmup", "1y"], "'--warmup <seconds>': seconds are meant"),
            Row("a timeout", ["peak", "--timeout", "1y"], "'--timeout <seconds>': seconds are meant"),
            Row(
                "the time to drain",
                ["peak", "--drain-timeout", "1y"],
                "'--drain-timeout <seconds>': seconds are meant"
            ),
            Row("a pause", ["peak", "--runs", "2", "--pause", "1y"], "'--pause <seconds>': seconds are meant"),
            Row(
                "a duration of handshakes",
                ["handshake", "--duration", "1y"],
                "'--duration <seconds>': seconds are meant"
            ),
            Row(
                "when a spike begins",
                ["spike", "--rate", "1", "--to", "2", "--at", "1 s"],
                "'--at <seconds>': seconds are meant"
            ),
            Row(
                "how long it lasts",
                ["spike", "--rate", "1", "--to", "2", "--for", "1 s"],
                "'--for <seconds>': seconds are meant"
            ),
            Row(
                "a duration of Redis",
                ["redis", "--server", "a:1", "--tokens", "/nonexistent", "--answer-bytes", "300", "--duration", "1y"],
                "'--duration <seconds>': seconds are meant"
            ),
        ] as [Row<[String], String>]
    )
    func refusedValues(row: Row<[String], String>) {
        let completion = LoadTool.run(row.given)
        #expect(completion.exitStatus == .usage)
        #expect(completion.errorOutput.contains(row.expected), "\(completion.errorOutput)")
    }
}
