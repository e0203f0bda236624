/// Times on the command line: seconds, or a number with a unit as settings have them.
package enum SecondsText {
    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400),
    ]

    /// Reads `10`, `0.5`, `500ms`, `90s`, `1.5m`, `1h` or `30d`; nil for anything else. Whether a number makes sense is for whoever
    /// asked for it: it may be negative.
    package static func seconds(_ text: String) -> Double? {
        // The unit ms ends as s does, and comes first.
        let unit = units.first { text.hasSuffix($0.name) }
        let number = text.dropLast(unit?.name.utf8.count ?? 0)
        let digits = number.hasPrefix("-") ? number.dropFirst() : number
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(number).map { $0 * (unit?.seconds ?? 1) }
    }

    /// The same where it is a whole number of seconds, from 0 to 2^32 - 1.
    package static func wholeSeconds(_ text: String) -> UInt32? {
        guard let seconds = seconds(text) else { return nil }
        // 1.1 hours are 3 960 of them, and 1.1 times 3 600 is a little more in floating point.
        let whole = seconds.rounded()
        // But next to nothing is not nothing, which means something else in most places.
        guard abs(seconds - whole) < 1e-6, whole != 0 || seconds == 0 else { return nil }
        return UInt32(exactly: whole)
    }
}
