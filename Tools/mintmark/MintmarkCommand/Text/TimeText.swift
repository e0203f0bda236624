/// Instants and spans of time for people.
enum TimeText {
    /// The last second that RFC 3339 can write: 9999-12-31T23:59:59Z.
    static let instantMax: UInt64 = 253_402_300_799

    /// An instant as RFC 3339 writes it, in UTC.
    ///
    /// - Parameter seconds: Seconds since 1970-01-01T00:00:00Z.
    static func instant(_ seconds: UInt64) -> String {
        guard seconds <= instantMax else { return "behind the year 9999" }
        let day = civilDay(Int(seconds / secondsPerDay))
        let second = seconds % secondsPerDay
        let date = [padded(day.year, 4), padded(day.month, 2), padded(day.day, 2)].joined(separator: "-")
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded(Int($0), 2) }.joined(separator: ":")
        return "\(date)T\(time)Z"
    }

    /// A span by its two greatest units, such as `4m 59s` or `30d`.
    static func span(_ seconds: UInt64) -> String {
        let units = [
            (seconds / secondsPerDay, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ]
        guard let first = units.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
        return units[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    /// An instant, and how far it is away from another.
    static func instant(_ seconds: UInt64, from now: UInt64) -> String {
        "\(instant(seconds)), \(distance(of: seconds, from: now))"
    }

    private static func distance(of seconds: UInt64, from now: UInt64) -> String {
        if seconds == now { return "now" }
        return seconds > now ? "in \(span(seconds - now))" : "\(span(now - seconds)) ago"
    }

    private static let secondsPerDay: UInt64 = 86_400

    /// The proleptic Gregorian date of a day since 1970-01-01, in years that begin in March, so that the day which is
    /// sometimes there is the last.
    private static func civilDay(_ daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
