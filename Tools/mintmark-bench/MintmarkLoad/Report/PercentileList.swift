/// The percentiles that a report shows, in order.
struct PercentileList: Hashable, Sendable {
    let values: [Double]

    static let countMax = 12
    static let `default` = PercentileList(values: [50, 90, 99, 99.9, 99.99])

    private init(values: [Double]) {
        self.values = values
    }

    /// Reads `50,99,99.9`. Nil unless it is 1 to `countMax` numbers above 0 and below 100 that ascend.
    init?(_ text: String) {
        var values: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard part.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }) else { return nil }
            guard let value = Double(part), value > values.last ?? 0, value < 100 else { return nil }
            values.append(value)
        }
        guard (1...Self.countMax).contains(values.count) else { return nil }
        self.values = values
    }

    /// `50` or `99.9`.
    static func name(_ percentile: Double) -> String {
        percentile == percentile.rounded() ? "\(Int(percentile))" : "\(percentile)"
    }

    /// `p50` or `p99.9`, for the heads of columns.
    var titles: [String] { values.map { "p\(Self.name($0))" } }
}
