/// Numbers for people.
enum Text {
    /// Two digits for each byte.
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { padded(String($0, radix: 16), to: 2, with: "0") }.joined()
    }

    /// With a fixed number of decimals, and spaces between thousands.
    static func number(_ value: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard value.isFinite, abs(value) < 1e15 else { return "n/a" }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + grouped(scaled) }
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int(scale))
        return sign + grouped(whole) + "." + padded(String(rest), to: decimals, with: "0")
    }

    static func percent(_ share: Double) -> String { number(share * 100, decimals: 1) + " %" }

    /// Spaces in front, up to a width.
    static func padded(_ text: String, to width: Int, with character: Character = " ") -> String {
        String(repeating: character, count: max(0, width - text.count)) + text
    }

    private static func grouped(_ number: Int) -> String {
        guard number >= 1_000 else { return String(number) }
        return grouped(number / 1_000) + " " + padded(String(number % 1_000), to: 3, with: "0")
    }
}
