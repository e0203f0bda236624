/// A plot of lines, as SVG inside a page.
struct Chart: Sendable {
    struct Series: Sendable {
        var name: String
        var points: [(x: Double, y: Double)]
        /// Which of the page's colours, from 0.
        var color: Int
        var isDashed = false
        /// Whether every point is marked.
        var hasMarks = false
    }

    var title: String
    var xTitle: String
    var yTitle: String
    var xKind = ChartScale.Kind.linear
    var yKind = ChartScale.Kind.linear
    /// Places with names on the x axis, instead of numbers.
    var xTicks: [(value: Double, text: String)] = []
    /// Lines across, with names: a limit.
    var limits: [(value: Double, text: String)] = []
    var series: [Series]

    private static let width = 720.0
    private static let height = 320.0
    private static let left = 72.0
    private static let right = 36.0
    private static let top = 12.0
    private static let bottom = 56.0

    /// The figure with its title and legend; nil if there is nothing to show.
    var html: String? {
        // What was too seldom to be told has no place in the legend.
        let series = series.filter { !$0.points.isEmpty }
        let points = series.flatMap(\.points)
        guard
            let xScale = ChartScale(xKind, for: points.map(\.x) + xTicks.map(\.value)),
            let yScale = ChartScale(yKind, for: points.map(\.y) + limits.map(\.value))
        else { return nil }
        let drawing = (grid(xScale, yScale) + series.map { line($0, xScale, yScale) }).joined(separator: "\n")
        let legend = series.map { series in
            "<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><line x1=\"0\" y1=\"4\" x2=\"24\" y2=\"4\" "
                + "class=\"c\(series.color % 8)\(series.isDashed ? " dashed" : "")\"/></svg>\(HTML.escaped(series.name))</li>"
        }
        return """
            <figure>
            <figcaption>\(HTML.escaped(title))</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(HTML.escaped(title))">
            \(drawing)
            </svg>
            <ul class="legend">\(legend.joined())</ul>
            </figure>
            """
    }

    private func x(_ value: Double, _ scale: ChartScale) -> Double {
        Self.left + scale.place(of: value) * (Self.width - Self.left - Self.right)
    }

    private func y(_ value: Double, _ scale: ChartScale) -> Double {
        Self.height - Self.bottom - scale.place(of: value) * (Self.height - Self.top - Self.bottom)
    }

    private func grid(_ xScale: ChartScale, _ yScale: ChartScale) -> [String] {
        let (end, base) = (Self.width - Self.right, Self.height - Self.bottom)
        var parts: [String] = []
        for tick in yScale.ticks {
            let place = HTML.place(y(tick, yScale))
            parts.append(
                "<line class=\"grid\" x1=\"\(HTML.place(Self.left))\" y1=\"\(place)\" x2=\"\(HTML.place(end))\" y2=\"\(place)\"/>"
            )
            parts.append(
                "<text x=\"\(HTML.place(Self.left - 6))\" y=\"\(place)\" class=\"y\">\(HTML.tick(tick))</text>"
            )
        }
        let ticks = xTicks.isEmpty ? xScale.ticks.map { ($0, HTML.tick($0)) } : xTicks.map { ($0.value, $0.text) }
        for (value, text) in ticks {
            let place = HTML.place(x(value, xScale))
            parts.append(
                "<line class=\"grid\" x1=\"\(place)\" y1=\"\(HTML.place(Self.top))\" x2=\"\(place)\" y2=\"\(HTML.place(base))\"/>"
            )
            parts.append("<text x=\"\(place)\" y=\"\(HTML.place(base + 24))\" class=\"x\">\(text)</text>")
        }
        for limit in limits {
            let place = y(limit.value, yScale)
            // Near the top edge there is room for words below the line only.
            let wordsPlace = place < 24 ? place + 18 : place - 5
            parts.append(
                "<line class=\"limit\" x1=\"\(HTML.place(Self.left))\" y1=\"\(HTML.place(place))\" x2=\"\(HTML.place(end))\" y2=\"\(HTML.place(place))\"/>"
            )
            parts.append(
                "<text x=\"\(HTML.place(end - 4))\" y=\"\(HTML.place(wordsPlace))\" class=\"note\">\(HTML.escaped(limit.text))</text>"
            )
        }
        let middle = HTML.place((Self.left + end) / 2)
        parts.append(
            "<text x=\"\(middle)\" y=\"\(HTML.place(Self.height - 8))\" class=\"x title\">\(HTML.escaped(xTitle))</text>"
        )
        let half = HTML.place((Self.top + base) / 2)
        parts.append(
            "<text transform=\"translate(15 \(half)) rotate(-90)\" class=\"x title\">\(HTML.escaped(yTitle))</text>"
        )
        return parts
    }

    private func line(_ series: Series, _ xScale: ChartScale, _ yScale: ChartScale) -> String {
        let shown = series.points.filter { yKind == .linear || $0.y > 0 }
        let places = shown.map { (HTML.place(x($0.x, xScale)), HTML.place(y($0.y, yScale))) }
        let style = "c\(series.color % 8)\(series.isDashed ? " dashed" : "")"
        let path = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
        let marks = series.hasMarks || places.count == 1 ? places : []
        return "<polyline class=\"\(style)\" points=\"\(path)\"/>"
            + marks.map { "<circle class=\"\(style)\" cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"3\"/>" }.joined()
    }
}

/// Text inside pages.
enum HTML {
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A place in a drawing: one decimal is less than anybody sees.
    static func place(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// A value at an axis.
    static func tick(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e6 { return trimmed(value / 1e6) + " M" }
        if size >= 1e4 { return trimmed(value / 1e3) + " k" }
        return trimmed(value)
    }

    private static func trimmed(_ value: Double) -> String {
        let text = Text.number(value, decimals: abs(value) < 1 ? 3 : 1)
        guard text.contains(".") else { return text }
        let short = text.reversed().drop { $0 == "0" }
        return String((short.first == "." ? short.dropFirst() : short).reversed())
    }
}
