import Glibc

/// Whether two samples come from one distribution: the test of Mann and Whitney, in the normal approximation with
/// corrections for ties and continuity, two-sided.
enum MannWhitney {
    /// With fewer on either side the approximation says nothing.
    static let samplesMin = 5

    /// The probability of a difference at least as great between samples of one distribution; nil for too few.
    static func probability(_ left: [Double], _ right: [Double]) -> Double? {
        guard left.count >= samplesMin, right.count >= samplesMin else { return nil }
        let all = (left.map { ($0, true) } + right.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var (rankSum, tieSum) = (0.0, 0.0)
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            let rank = Double(start + end + 1) / 2
            rankSum += rank * Double(all[start..<end].count { $0.1 })
            let tied = Double(end - start)
            tieSum += tied * tied * tied - tied
            start = end
        }
        let (first, second) = (Double(left.count), Double(right.count))
        let total = first + second
        let statistic = rankSum - first * (first + 1) / 2
        let variance = first * second / 12 * (total + 1 - tieSum / (total * (total - 1)))
        guard variance > 0 else { return 1 }
        let distance = max(0, abs(statistic - first * second / 2) - 0.5)
        return erfc(distance / variance.squareRoot() / 2.0.squareRoot())
    }
}
