/// A line over the last minutes, the present at its right end, from zero to the largest value.
struct StatusCurve {
    /// A second wide is a unit.
    private static let width = StatusModel.curveSeconds

    let points: [StatusPoint]
    /// The value at the upper edge; nil: the largest.
    var top: Double?
    var height = 36.0

    /// - Parameter label: what it shows, escaped; nil: the numbers beside it say it.
    func svg(_ label: String?) -> String {
        let role = label.map { "role=\"img\" aria-label=\"\($0)\"" } ?? "aria-hidden=\"true\""
        let (width, height) = (Self.text(Self.width), Self.text(height))
        return """
            <svg class="curve" viewBox="0 0 \(width) \(height)" preserveAspectRatio="none" \(role)>\
            \(line)<path class="base" d="M0 \(height)H\(width)"/></svg>
            """
    }

    private var line: String {
        guard points.count > 1 else {
            return ""
        }
        let most = top ?? points.reduce(0) { max($0, $1.value) }
        let places = points.map { point in
            let share = most > 0 && point.value.isFinite ? min(1, max(0, point.value / most)) : 0
            let x = max(0, Self.width - point.ageSeconds)
            // A line has a width, too.
            return (x: Self.text(x), y: Self.text(height - 1 - share * (height - 2)))
        }
        let path = places.map { "\($0.x) \($0.y)" }.joined(separator: "L")
        let (first, last) = (places.first?.x ?? "0", places.last?.x ?? "0")
        let base = Self.text(height)
        return """
            <path class="area" d="M\(first) \(base)L\(path)L\(last) \(base)Z"/><path class="line" d="M\(path)"/>
            """
    }

    /// One decimal at most.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
