/// Numbers as people read them at a glance.
enum TopNumber {
    /// The nearest number there is: a server may tell anything.
    static func whole(_ value: Double) -> UInt64 {
        UInt64(exactly: value.rounded()) ?? (value > 0 ? .max : 0)
    }

    /// `0`, `7`, `0.4`, `1,234`: a decimal below 10 where there is one.
    static func rate(_ value: Double) -> String {
        guard value < 9.95 else { return grouped(whole(value)) }
        let tenths = whole(value * 10)
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// With a comma behind each thousand.
    static func grouped(_ value: UInt64) -> String {
        var groups: [Substring] = []
        var digits = Substring("\(value)")
        while !digits.isEmpty {
            groups.append(digits.suffix(3))
            digits = digits.dropLast(3)
        }
        return groups.reversed().joined(separator: ",")
    }

    /// `512 B`, `64.0 KiB`, `1.5 GiB`.
    static func size(_ bytes: Double) -> String {
        var (value, unit) = (bytes, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 {
            (value, unit) = (value / 1024, unit + 1)
        }
        guard unit > 0 else { return "\(whole(value)) B" }
        let tenths = whole(value * 10)
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// `45 s`, `12 min`, `3 h`, `2 d`.
    static func age(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// A character for each value, from nothing to the greatest.
    static func sparkline(_ values: [Double]) -> String {
        let steps: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        let greatest = values.max() ?? 0
        return String(
            values.map { value in
                guard greatest > 0 else { return steps[0] }
                return steps[min(steps.count - 1, Int(value / greatest * Double(steps.count - 1) + 0.5))]
            }
        )
    }
}
