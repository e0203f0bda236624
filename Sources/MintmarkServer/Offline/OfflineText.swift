import Glibc

/// Numbers, instants and names as the offline tools print them.
enum OfflineText {
    /// An instant as RFC 3339 writes it, in UTC.
    ///
    /// - Parameter seconds: since 1970-01-01T00:00:00Z.
    static func instant(_ seconds: UInt64) -> String {
        var time = time_t(clamping: seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "second \(seconds)" }
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))Z"
    }

    /// A span by its two greatest units, such as `4m 59s`.
    static func span(_ seconds: UInt64) -> String {
        let units = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ]
        guard let first = units.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
        return units[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    /// `1 box`, `2 boxes`.
    static func count(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}

/// Lines of a name and a value, the values in one column.
struct OfflineLines {
    private var lines: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String) {
        lines.append((name, value))
    }

    var text: String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { line in
            line.name + String(repeating: " ", count: width - line.name.count) + "  " + line.value + "\n"
        }.joined()
    }
}
