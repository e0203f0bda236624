import Glibc

/// A run that goes on, in a line: what is due and answered, times of the last second, errors, and the last seconds' p99
/// as a curve, and how late requests were sent. It costs as much as counting a second's histogram, once a second.
struct LiveView {
    private static let columnsMax = 24
    private static let steps: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    private let isColored: Bool
    private var lastSecond = -1
    private var lastText = ""
    /// The p99 of the last seconds, in microseconds.
    private var curve: [Double] = []

    /// - Parameter isColored: Nil: unless the variable `NO_COLOR` forbids it.
    init(isColored: Bool? = nil) {
        self.isColored = isColored ?? (getenv("NO_COLOR").map { $0[0] == 0 } ?? true)
    }

    mutating func text(_ watch: RunWatch) -> String {
        let intervals = watch.progress.intervals
        let second = (intervals.last?.second ?? -1) - (watch.plan.threads > 1 ? 1 : 0)
        let parts = intervals.suffix(3 * watch.plan.threads).filter { $0.second == second }
        if second > lastSecond, parts.count == watch.plan.threads {
            lastSecond = second
            lastText = describe(parts.reduce(into: IntervalSlice(second: second)) { $0.add($1) })
        }
        let elapsed = Text.number(Double(watch.elapsedNanoseconds) / 1e9, decimals: 1)
        let isWarmup = watch.elapsedNanoseconds < watch.plan.warmupNanoseconds
        return "\(elapsed) s\(isWarmup ? " (warm-up)" : "")  \(lastText)\(errorText(watch.progress.errors))  "
            + paint(Self.sparkline(curve), "36")
    }

    private mutating func describe(_ slice: IntervalSlice) -> String {
        let response = slice.allResponse
        let figures = [50.0, 99].map { percentile -> String in
            guard response.count >= LatencyHistogram.samplesNeeded(forPercentile: percentile) else { return "n/a" }
            return response.value(atPercentile: percentile).map { Text.number(Double($0) / 1_000, decimals: 0) }
                ?? "n/a"
        }
        if let value = response.value(atPercentile: 99) {
            curve = Array((curve + [Double(value) / 1_000]).suffix(Self.columnsMax))
        }
        let due = slice.offered > 0 ? "due \(Text.number(Double(slice.offered), decimals: 0))/s  " : ""
        return "\(due)answered \(Text.number(Double(slice.completedCount), decimals: 0))/s  p50 \(figures[0])  p99 "
            + "\(figures[1]) µs  underway \(slice.inFlight)  "
            + lagText(slice)
    }

    /// How late requests were sent; marked where it is more than a sound run has.
    private func lagText(_ slice: IntervalSlice) -> String {
        guard slice.lag.count >= LatencyHistogram.samplesNeeded(forPercentile: 99) else { return "" }
        guard let value = slice.lag.value(atPercentile: 99) else { return "" }
        let microseconds = Double(value) / 1_000
        let text = "lag \(Text.number(microseconds, decimals: 0)) µs"
        return (microseconds > Verdict.lagMicrosecondsFloor ? paint("\(text) late", "33") : text) + "  "
    }

    private func errorText(_ count: Int) -> String {
        count > 0 ? paint("\(count) errors", "31") : "0 errors"
    }

    private func paint(_ text: String, _ code: String) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// A character for each value, from the least to the greatest.
    static func sparkline(_ values: [Double]) -> String {
        guard let least = values.min(), let greatest = values.max() else { return "" }
        return String(
            values.map { value in
                let share = greatest > least ? (value - least) / (greatest - least) : 0
                return steps[min(steps.count - 1, Int(share * Double(steps.count)))]
            }
        )
    }
}
