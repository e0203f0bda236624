/// Numbers as people read them, with their units. What cannot be told is a dash.
package enum StatusText {
    package static let none = "–"
    /// Keeps a number and its unit on one line.
    static let space = "\u{A0}"

    /// `0`, `1.4`, `12.3`, `123`.
    private static func decimal(_ value: Double) -> String {
        guard value < 99.95 else {
            return grouped(whole(value))
        }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The nearest number there is.
    private static func whole(_ value: Double) -> UInt64 {
        UInt64(exactly: value.rounded()) ?? (value > 0 ? .max : 0)
    }

    private static func scaled(_ value: Double, by step: Double, _ units: [String]) -> String {
        guard value.isFinite, value >= 0 else {
            return none
        }
        var rest = value
        var place = 0
        while rest >= step - 0.5, place < units.count - 1 {
            rest /= step
            place += 1
        }
        return (value == 0 ? "0" : decimal(rest)) + units[place]
    }

    /// `1,234`: a comma behind each thousand.
    private static func grouped(_ value: UInt64) -> String {
        var rest = value
        var groups: [String] = []
        while rest >= 1_000 {
            let group = String(rest % 1_000)
            groups.append(String(repeating: "0", count: 3 - group.count) + group)
            rest /= 1_000
        }
        return ([String(rest)] + groups.reversed()).joined(separator: ",")
    }

    /// `1,234,567`; what is longer, as `12.3 M`.
    package static func count(_ value: UInt64) -> String {
        value < 10_000_000
            ? grouped(value) : scaled(Double(value), by: 1_000, ["", " k", " M", " G", " T", " P", " E"].map(unbroken))
    }

    private static func unbroken(_ text: String) -> String { text.isEmpty ? text : space + text.dropFirst() }

    /// `1 session`, `1,234 sessions`.
    static func counted(_ value: UInt64, _ noun: String) -> String { "\(count(value)) \(noun)\(value == 1 ? "" : "s")" }

    /// What happens in a second: `0`, `<0.1`, `12.3`, `12,345`, `12.3 M`.
    package static func rate(_ perSecond: Double) -> String {
        switch perSecond {
        // A tenth is the least that is shown; what happens more seldom happens nevertheless.
        case let rate where rate > 0 && rate < 0.05: "&lt;0.1"
        case 99.5...: count(whole(perSecond))
        default: scaled(perSecond, by: 1_000, [""])
        }
    }

    package static func duration(_ quantile: StatusSpread.Quantile?) -> String {
        switch quantile {
        case nil: none
        case .microseconds(let value): duration(microseconds: value)
        case .beyond(let bound): "&gt;\(space)" + duration(microseconds: Double(bound))
        }
    }

    /// `180 µs`, `1.4 ms`, `2.0 s`.
    package static func duration(microseconds: Double) -> String {
        scaled(microseconds, by: 1_000, ["\(space)µs", "\(space)ms", "\(space)s"])
    }

    /// `42 s`, `12 min 5 s`, `4 h 12 min`, `3 d 4 h`.
    package static func age(seconds: UInt64) -> String {
        switch seconds {
        case ..<60: "\(seconds)\(space)s"
        case ..<3_600: pair(seconds, 60, "min", 1, "s")
        case ..<86_400: pair(seconds, 3_600, "h", 60, "min")
        default: pair(seconds, 86_400, "d", 3_600, "h")
        }
    }

    private static func pair(_ seconds: UInt64, _ large: UInt64, _ name: String, _ small: UInt64, _ rest: String)
        -> String
    {
        let count = seconds % large / small
        return "\(seconds / large)\(space)\(name)" + (count == 0 ? "" : " \(count)\(space)\(rest)")
    }

    /// `512 B`, `8.0 MiB`.
    package static func bytes(_ value: UInt64) -> String {
        value < 1_000
            ? "\(value)\(space)B"
            : scaled(Double(value), by: 1_024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].map { space + $0 })
    }

    package static func bytes(_ value: Double) -> String { bytes(whole(value)) }

    /// `12 %` for 0.12; what is more than all, too.
    package static func percent(_ share: Double) -> String {
        let percents = share * 100
        return (percents > 0 && percents < 0.05 ? "&lt;0.1" : decimal(percents)) + "\(space)%"
    }

    /// `83 %`; one decimal where it matters. Only all is `100 %`.
    package static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else {
            return none
        }
        let value = Double(part) / Double(whole) * 100
        if part == 0 || part >= whole {
            return "\(part == 0 ? 0 : 100)\(space)%"
        }
        return (value >= 10 && value < 98.5 ? "\(Int(value.rounded()))" : decimal(max(0.1, min(value, 99.9))))
            + "\(space)%"
    }

    /// `2026-11-26 14:45:20 UTC`.
    package static func moment(milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        let (year, month, day) = date(daysSince1970: seconds / 86_400)
        let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(twoDigits).joined(separator: ":")
        return "\(year)-\(twoDigits(month))-\(twoDigits(day)) \(time) UTC"
    }

    private static func twoDigits(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Counts years from March on, so that a leap day is the last of its year.
    private static func date(daysSince1970 days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + shifted / 146_097 * 400 + (month <= 2 ? 1 : 0)
        return (year, month, ofYear - (153 * fromMarch + 2) / 5 + 1)
    }
}
