import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkCommand

@Suite("Times for people")
struct TimeTextTests {
    @Test(
        "an instant is written as RFC 3339 says",
        arguments: [
            Row("the first", 0, "1970-01-01T00:00:00Z"),
            Row("the last second of a day", 86_399, "1970-01-01T23:59:59Z"),
            Row("a leap day of a century", 951_782_400, "2000-02-29T00:00:00Z"),
            Row("the day behind it", 951_868_800, "2000-03-01T00:00:00Z"),
            Row("the end of a year", 1_735_689_599, "2024-12-31T23:59:59Z"),
            Row("no leap day in 2100", 4_107_542_400, "2100-03-01T00:00:00Z"),
            Row("the last but one", 253_402_300_798, "9999-12-31T23:59:58Z"),
            Row("the last", 253_402_300_799, "9999-12-31T23:59:59Z"),
            Row("one too late", 253_402_300_800, "behind the year 9999"),
            Row("the greatest number", UInt64.max, "behind the year 9999"),
        ]
    )
    func instants(row: Row<UInt64, String>) {
        #expect(TimeText.instant(row.given) == row.expected)
    }

    @Test("instants are those that Foundation writes", arguments: [UInt64(1), 2, 3])
    func instantsAsFoundation(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let formatter = ISO8601DateFormatter()
        for _ in 0..<500 {
            let seconds = UInt64.random(in: 0...TimeText.instantMax, using: &generator)
            let date = Date(timeIntervalSince1970: Double(seconds))
            #expect(TimeText.instant(seconds) == formatter.string(from: date))
        }
    }

    @Test(
        "a span has its two greatest units",
        arguments: [
            Row("nothing", 0, "0s"),
            Row("seconds", 59, "59s"),
            Row("a minute", 60, "1m"),
            Row("minutes and seconds", 299, "4m 59s"),
            Row("hours without minutes", 3_601, "1h"),
            Row("hours and minutes", 3_661, "1h 1m"),
            Row("one second below a day", 86_399, "23h 59m"),
            Row("days", 2_592_000, "30d"),
            Row("days and hours", 90_061, "1d 1h"),
        ]
    )
    func spans(row: Row<UInt64, String>) {
        #expect(TimeText.span(row.given) == row.expected)
    }

    @Test(
        "the distance of an instant has a direction",
        arguments: [
            Row("ahead", 1_299, "1970-01-01T00:21:39Z, in 4m 59s"),
            Row("one second ahead", 1_001, "1970-01-01T00:16:41Z, in 1s"),
            Row("now", 1_000, "1970-01-01T00:16:40Z, now"),
            Row("behind", 999, "1970-01-01T00:16:39Z, 1s ago"),
        ]
    )
    func distances(row: Row<UInt64, String>) {
        #expect(TimeText.instant(row.given, from: 1_000) == row.expected)
    }
}
