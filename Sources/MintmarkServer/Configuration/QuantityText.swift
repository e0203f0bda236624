/// Durations as settings spell them: a whole number and one unit.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static func parse(_ text: String) -> Duration? {
        let digits = text.prefix(while: \.isASCIIDigit)
        let unitName = text[digits.endIndex...]
        guard let unit = units.first(where: { $0.name == unitName }), let count = Int(decimalDigits: digits) else {
            return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// The value in the greatest unit that divides it.
    static func render(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        guard milliseconds != 0 else { return "0s" }
        let unit = units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Numbers of bytes as settings spell them: bare, or with a binary unit.
enum SizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    static func parse(_ text: String) -> Int? {
        let digits = text.prefix(while: \.isASCIIDigit)
        let unitName = text[digits.endIndex...]
        guard let unit = units.first(where: { $0.name == unitName }), let count = Int(decimalDigits: digits) else {
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// The value in the greatest unit that divides it.
    static func render(_ bytes: Int) -> String {
        guard bytes != 0 else { return "0" }
        let unit = units.last { bytes % $0.bytes == 0 } ?? units[0]
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

extension Duration {
    /// The duration in milliseconds, what is finer cut off.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// The duration in seconds, what is finer cut off.
    package var wholeSeconds: Int {
        Int(components.seconds)
    }

    static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }

    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

extension Int {
    /// The number that ASCII digits spell; nil for anything else, for none, and above `Int.max`.
    init?(decimalDigits text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else { return nil }
        self = value
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool {
        ("0"..."9").contains(self)
    }
}
