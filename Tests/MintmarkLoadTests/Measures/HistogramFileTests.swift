import Foundation
import Testing

@testable import MintmarkLoad

/// Files of HdrHistogram, beside what its implementation for Java makes of the same values.
@Suite("Files of histograms")
struct HistogramFileTests {
    private static func golden(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Golden")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// The values of one of the six seconds.
    private static func second(_ number: Int64) -> HistogramSnapshot {
        var histogram = LatencyHistogram()
        for index in 0..<500 as Range<Int64> {
            let value = (index * index * (number + 1) * 7_919 + index * 104_729) % 50_000_000 + 1
            histogram.record(nanoseconds: value)
        }
        return histogram.snapshot
    }

    private static let sum = (0..<6 as Range<Int64>).reduce(into: HistogramSnapshot(.runs)) { $0.add(second($1)) }

    @Test("another implementation's log is read to the count, compressed as it is")
    func foreignLog() throws {
        let log = try HistogramLog.parse(Self.golden("tagged.hlog"))
        #expect(log.startTime == 1_700_000_000)
        #expect(log.lines.map(\.tag) == [nil, "A", nil, "A", nil, "A"])
        #expect(log.lines.map(\.startSeconds) == [0, 1, 2, 3, 4, 5])
        for (number, line) in log.lines.enumerated() {
            #expect(line.histogram == Self.second(Int64(number)))
        }
    }

    @Test("what was read is written, read again, and adds up")
    func roundTrip() throws {
        let log = try HistogramLog.parse(Self.golden("tagged.hlog"))
        let again = try HistogramLog.parse(log.text)
        #expect(again == log)
        let merged = again.lines.reduce(into: HistogramSnapshot(.runs)) { $0.add($1.histogram) }
        #expect(merged == Self.sum)
        #expect(merged.count == 3_000)
    }

    @Test("a distribution by percentile is that of the other implementation, line by line")
    func distribution() throws {
        let ours = PercentileDistribution(histogram: Self.sum).text.split(separator: "\n")
        let theirs = try Self.golden("sum.hgrm").split(separator: "\n")
        #expect(ours.count == theirs.count)
        for (line, expected) in zip(ours, theirs) where !expected.hasPrefix("#") {
            #expect(line == expected)
        }
        #expect(ours.suffix(2) == theirs.suffix(2))
        // Its mean is of the same counters, and of other places in them.
        let means = [ours, theirs].compactMap {
            $0.first { $0.hasPrefix("#[Mean") }?.split(separator: " ")[2].dropLast()
        }
        #expect(means.count == 2 && abs((Double(means[0]) ?? 0) - (Double(means[1]) ?? 1)) < 0.01, "\(means)")
    }

    @Test("one value, and none, have a distribution, too")
    func fewValues() {
        #expect(!PercentileDistribution(histogram: HistogramSnapshot(.runs)).text.contains("1.000000000000"))
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: 5_000)
        let lines = PercentileDistribution(histogram: histogram.snapshot).text.split(separator: "\n")
        #expect(lines[1].hasSuffix("5.003 0.000000000000          1           1.00"), "\(lines)")
        #expect(lines[2].hasSuffix("5.003 1.000000000000          1"))
    }
}
