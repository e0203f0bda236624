import Glibc

/// How values become places on an axis.
struct ChartScale: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case linear
        case logarithmic
    }

    let kind: Kind
    let low: Double
    let high: Double

    /// A scale that has room for all values; nil if there are none that it can show.
    init?(_ kind: Kind, for values: some Sequence<Double>) {
        let shown = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }
        guard let least = shown.min(), let greatest = shown.max() else { return nil }
        self.kind = kind
        switch kind {
        case .linear:
            low = min(0, least)
            high = greatest > low ? low + Self.roundedUp(greatest - low) : low + 1
        case .logarithmic:
            low = pow(10, log10(least).rounded(.down))
            high = max(low * 10, pow(10, log10(greatest).rounded(.up)))
        }
    }

    /// From 0 at the low end to 1 at the high end.
    func place(of value: Double) -> Double {
        switch kind {
        case .linear: (value - low) / (high - low)
        case .logarithmic: log10(max(value, low) / low) / log10(high / low)
        }
    }

    /// Where lines are drawn and values written.
    var ticks: [Double] {
        switch kind {
        case .linear:
            let step = Self.step((high - low) / 5)
            return stride(from: low, through: high + step / 1_000, by: step).map { $0 }
        case .logarithmic:
            let decades = Int(log10(high / low).rounded())
            return (0...decades).map { low * pow(10, Double($0)) }
        }
    }

    /// The next of 1, 2, 5, 10 … from a value on.
    private static func step(_ least: Double) -> Double {
        let magnitude = pow(10, log10(least).rounded(.down))
        return [1.0, 2, 5, 10].map { $0 * magnitude }.first { $0 >= least * 0.999 } ?? magnitude
    }

    private static func roundedUp(_ value: Double) -> Double {
        let step = step(value / 5)
        return (value / step).rounded(.up) * step
    }
}
