/// Histograms over time as HdrHistogram's tools read and write them: the log format, version 1.3.
///
/// ```
/// #[StartTime: 1700000000.000 (seconds since epoch)]
/// "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
/// Tag=verify,0.000,1.000,2.135,HISTFAAAA…
/// ```
/// Starts and lengths are seconds; the greatest value is told in milliseconds.
struct HistogramLog: Hashable, Sendable {
    struct Line: Hashable, Sendable {
        var tag: String?
        var startSeconds: Double
        var lengthSeconds: Double
        var histogram: HistogramSnapshot
    }

    /// Seconds since 1970-01-01T00:00:00Z; nil if it is not told.
    var startTime: Double?
    var lines: [Line]

    var text: String {
        var texts = ["#[Histogram log format version 1.3]"]
        if let startTime { texts.append("#[StartTime: \(Self.decimal(startTime)) (seconds since epoch)]") }
        texts.append(#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#)
        for line in lines {
            let maxMilliseconds = Double(line.histogram.maxValue ?? 0) / 1e6
            texts.append(
                (line.tag.map { "Tag=\($0)," } ?? "") + Self.decimal(line.startSeconds) + ","
                    + Self.decimal(line.lengthSeconds) + "," + Self.decimal(maxMilliseconds) + ","
                    + HistogramEncoding.encode(line.histogram)
            )
        }
        return texts.joined(separator: "\n") + "\n"
    }

    private static func decimal(_ value: Double) -> String {
        let thousandths = Int((value * 1_000).rounded())
        return "\(thousandths / 1_000).\(Text.padded(String(thousandths % 1_000), to: 3, with: "0"))"
    }

    /// Reads a log.
    static func parse(_ text: String) throws(HistogramEncoding.Fault) -> HistogramLog {
        var log = HistogramLog(startTime: nil, lines: [])
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let prefix = "#[StartTime: "
            if line.hasPrefix(prefix) {
                log.startTime = Double(line.dropFirst(prefix.count).prefix { $0.isNumber || $0 == "." })
            }
            guard !line.isEmpty, !line.hasPrefix("#"), !line.hasPrefix("\"") else { continue }
            do throws(HistogramEncoding.Fault) {
                log.lines.append(try parse(line: line))
            } catch {
                throw .init(description: "line \(number + 1): \(error)")
            }
        }
        return log
    }

    private static func parse(line: Substring) throws(HistogramEncoding.Fault) -> Line {
        var fields = line.split(separator: ",", omittingEmptySubsequences: false)
        var tag: String?
        if fields[0].hasPrefix("Tag=") {
            tag = String(fields[0].dropFirst(4))
            fields.removeFirst()
        }
        guard fields.count == 4, let start = Double(fields[0]), let length = Double(fields[1]) else {
            throw .init(description: "no interval of a histogram log")
        }
        return Line(
            tag: tag,
            startSeconds: start,
            lengthSeconds: length,
            histogram: try HistogramEncoding.decode(String(fields[3]))
        )
    }
}
