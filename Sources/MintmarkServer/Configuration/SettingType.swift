/// What the text of a setting must look like, and what it stands for. Immutable.
struct SettingType<Value: Sendable>: Sendable {
    /// Such as `duration`.
    let name: String
    /// What may be written, such as `1s to 5m`.
    let range: String
    var unit = ""
    /// What an error message says was expected, such as `a duration from 1s to 5m`.
    let expectation: String
    /// Whether a value can be any text, which a file may have to quote.
    var isText = false
    /// False where quotes would make another type of it: numbers.
    var acceptsQuotes = true
    /// Throws for text that is no value of this type.
    let parse: @Sendable (String) throws(SettingMismatch) -> Value
    /// The text that ``parse`` would read as this value.
    let render: @Sendable (Value) -> String
}

/// Words that stand for values.
enum SettingText {
    /// What an optional setting shows that is not set.
    static let none = "none"
}

/// Why a text is no value of a setting's type.
enum SettingMismatch: Error, Sendable, Equatable {
    /// It does not look like what was expected.
    case unexpected
    /// It looks right and is refused nevertheless; the rest of the sentence that begins with the text.
    case refused(String)
    /// It holds a secret, so it is not repeated; the sentence that says so.
    case secret(String)
}

extension SettingType {
    /// `type` for a setting that is nil unless it is set.
    static func optional<Wrapped>(_ type: SettingType<Wrapped>) -> Self where Value == Wrapped? {
        Self(
            name: type.name,
            range: type.range,
            unit: type.unit,
            expectation: type.expectation,
            isText: type.isText,
            acceptsQuotes: type.acceptsQuotes,
            parse: { text throws(SettingMismatch) in try type.parse(text) },
            render: { $0.map(type.render) ?? SettingText.none }
        )
    }

    /// `type` with one word more, which means nil.
    static func either<Wrapped>(_ word: String, or type: SettingType<Wrapped>) -> Self where Value == Wrapped? {
        Self(
            name: "\(word) or \(type.name)",
            range: "\(word), \(type.range)",
            unit: type.unit,
            expectation: "\(word) or \(type.expectation)",
            acceptsQuotes: type.acceptsQuotes,
            parse: { text throws(SettingMismatch) in text == word ? nil : try type.parse(text) },
            render: { $0.map(type.render) ?? word }
        )
    }
}

extension SettingType {
    /// The end of an expectation with what could be written, if there is any.
    private static func suchAs(_ examples: [String]) -> String {
        guard let last = examples.last else { return "" }
        let others = examples.dropLast().joined(separator: ", ")
        return others.isEmpty ? ", such as \(last)" : ", such as \(others) or \(last)"
    }
}

extension SettingType where Value == Int {
    /// Digits only: no sign, no separators.
    static func count(_ range: ClosedRange<Int>, of unit: String) -> Self {
        Self(
            name: "number",
            range: "\(range.lowerBound) to \(range.upperBound)",
            unit: unit,
            expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            acceptsQuotes: false,
            parse: { text throws(SettingMismatch) in
                guard let value = Int(decimalDigits: text), range.contains(value) else { throw .unexpected }
                return value
            },
            render: { String($0) }
        )
    }

    /// Bytes, as a bare number or with the unit `KiB`, `MiB` or `GiB`.
    static func size(_ range: ClosedRange<Int>) -> Self {
        let (least, most) = (SizeText.render(range.lowerBound), SizeText.render(range.upperBound))
        let examples = [64 << 10, 64 << 20].filter(range.contains).map(SizeText.render)
        return Self(
            name: "size",
            range: "\(least) to \(most)",
            unit: "bytes",
            expectation: "a size from \(least) to \(most)\(suchAs(examples))",
            parse: { text throws(SettingMismatch) in
                guard let value = SizeText.parse(text), range.contains(value) else { throw .unexpected }
                return value
            },
            render: SizeText.render
        )
    }

    /// A whole number of hundredths with a percent sign.
    static func percentage(_ range: ClosedRange<Int>) -> Self {
        Self(
            name: "percentage",
            range: "\(range.lowerBound)% to \(range.upperBound)%",
            unit: "percent",
            expectation: "a percentage from \(range.lowerBound)% to \(range.upperBound)%, such as 5%",
            parse: { text throws(SettingMismatch) in
                guard text.hasSuffix("%"), let value = Int(decimalDigits: text.dropLast()), range.contains(value) else {
                    throw .unexpected
                }
                return value
            },
            render: { "\($0)%" }
        )
    }
}

extension SettingType where Value == Double {
    /// A part of a whole, neither none nor all of it, with at most three decimals.
    static var fraction: Self {
        Self(
            name: "fraction",
            range: "0.001 to 0.999",
            unit: "parts of 1",
            expectation: "a fraction from 0.001 to 0.999, such as 0.7",
            acceptsQuotes: false,
            parse: { text throws(SettingMismatch) in
                let decimals = text.dropFirst(2)
                guard text.hasPrefix("0."), decimals.utf8.count <= 3, Int(decimalDigits: decimals) ?? 0 > 0,
                    let value = Double(text)
                else { throw .unexpected }
                return value
            },
            render: { "\($0)" }
        )
    }
}

extension SettingType where Value == Duration {
    /// A whole number with the unit `ms`, `s`, `m`, `h` or `d`.
    ///
    /// - Parameter step: the value must be a multiple of it.
    static func duration(_ range: ClosedRange<Duration>, step: Duration = .milliseconds(1)) -> Self {
        let (least, most) = (DurationText.render(range.lowerBound), DurationText.render(range.upperBound))
        let isWholeSeconds = step == .seconds(1)
        let precision = isWholeSeconds ? " in whole seconds" : ""
        @Sendable func duration(_ text: String) -> Duration? {
            guard let value = DurationText.parse(text), range.contains(value) else { return nil }
            return value.wholeMilliseconds % step.wholeMilliseconds == 0 ? value : nil
        }
        let examples = ["500ms", "30s", "5m", "24h", "30d"].filter { duration($0) != nil }
        return Self(
            name: "duration",
            range: "\(least) to \(most)\(precision)",
            unit: isWholeSeconds ? "s, m, h, d" : "ms, s, m, h, d",
            expectation: "a duration from \(least) to \(most)\(precision)\(suchAs(examples))",
            parse: { text throws(SettingMismatch) in
                guard let value = duration(text) else { throw .unexpected }
                return value
            },
            render: DurationText.render
        )
    }
}

extension SettingType where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of a few words.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: "choice",
            range: words,
            expectation: "one of \(words)",
            parse: { text throws(SettingMismatch) in
                guard let value = Value(rawValue: text) else { throw .unexpected }
                return value
            },
            render: { $0.rawValue }
        )
    }
}
