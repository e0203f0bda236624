/// How uneven a choice of keys came out.
struct KeySkew: Hashable, Sendable {
    /// How many keys there are, how many of them were chosen at all, and how often altogether.
    let keys: Int
    let distinct: Int
    let draws: Int
    /// Which share of all draws the hundredth of the keys had that was chosen most often.
    let topShare: Double

    /// - Parameter counts: How often each key was chosen. Nil if none ever was.
    init?(_ counts: [UInt32]) {
        let draws = counts.reduce(0) { $0 + Int($1) }
        guard draws > 0 else { return nil }
        keys = counts.count
        distinct = counts.count { $0 > 0 }
        self.draws = draws
        let top = counts.sorted(by: >).prefix((counts.count + 99) / 100)
        topShare = Double(top.reduce(0) { $0 + Int($1) }) / Double(draws)
    }

    var json: JSONValue {
        .object([
            ("keys", .integer(keys)), ("distinct", .integer(distinct)), ("draws", .integer(draws)),
            ("top_percent_share", .number(topShare) as JSONValue),
        ])
    }

    /// In words, for people.
    var text: String {
        "\(Text.number(Double(distinct), decimals: 0)) of \(Text.number(Double(keys), decimals: 0)) tokens were used; the "
            + "most frequent 1 % had \(Text.percent(topShare)) of the requests"
    }
}

/// How long tokens are, in bytes.
struct TokenSizes: Hashable, Sendable {
    let count: Int
    let least: Int
    let greatest: Int
    let mean: Double

    /// Nil if there are none.
    init?(_ sizes: [Int]) {
        guard let least = sizes.min(), let greatest = sizes.max() else { return nil }
        count = sizes.count
        self.least = least
        self.greatest = greatest
        mean = Double(sizes.reduce(0, +)) / Double(sizes.count)
    }

    var json: JSONValue {
        .object([
            ("count", .integer(count)), ("min", .integer(least)), ("mean", .number(mean) as JSONValue),
            ("max", .integer(greatest)),
        ])
    }

    var text: String {
        least == greatest
            ? "\(count) of \(least) bytes"
            : "\(count) of \(least) to \(greatest) bytes, \(Text.number(mean, decimals: 0)) on average"
    }
}
