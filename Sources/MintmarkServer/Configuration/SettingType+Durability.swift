import MintmarkStorage

extension SettingType where Value == DurabilityMode {
    private static var always: String { "always" }
    private static var snapshot: String { "snapshot" }
    private static var intervalPrefix: String { "interval:" }
    private static var intervals: ClosedRange<Duration> { .milliseconds(1)...(.hours(1)) }

    /// A word, or `interval:` and a duration.
    static var durability: Self {
        let (least, most) = (DurationText.render(intervals.lowerBound), DurationText.render(intervals.upperBound))
        return Self(
            name: "durability",
            range: "\(always), \(intervalPrefix)T with T from \(least) to \(most), \(snapshot)",
            unit: "ms, s, m, h",
            expectation:
                "one of \(always), \(intervalPrefix)1s (or another time from \(least) to \(most)), \(snapshot)",
            parse: { text throws(SettingMismatch) in
                switch text {
                case always: return .always
                case snapshot: return .snapshot
                default: break
                }
                guard text.hasPrefix(intervalPrefix),
                    let interval = DurationText.parse(String(text.dropFirst(intervalPrefix.count))),
                    intervals.contains(interval)
                else { throw .unexpected }
                return .interval(milliseconds: UInt64(interval.wholeMilliseconds))
            },
            render: { mode in
                switch mode {
                case .always: always
                case .snapshot: snapshot
                case .interval(let milliseconds):
                    intervalPrefix + DurationText.render(.milliseconds(Int(clamping: milliseconds)))
                }
            }
        )
    }
}
