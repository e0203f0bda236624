/// Parts of a page. What they are given is HTML already, unless it says otherwise.
enum StatusHTML {
    /// Text as it may stand anywhere in a page, in quotes, too.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else {
            return text
        }
        // By scalars: a bracket with an accent above it is a bracket.
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    /// Words with underscores between them, which a narrow line may break. Text, not HTML.
    static func breakable(_ text: String) -> String {
        escaped(text).split(separator: "_", omittingEmptySubsequences: false).joined(separator: "_<wbr>")
    }

    static func small(_ text: String) -> String { "<small>\(text)</small>" }

    /// What an operator should look at.
    static func bad(_ text: String) -> String { "<span class=\"bad\">\(text)</span>" }

    /// - Parameter id: of the heading.
    static func panel(_ id: String, _ heading: String, classes: String = "", _ body: String) -> String {
        """
        <section aria-labelledby="\(id)" class="\(classes.isEmpty ? "panel" : "panel \(classes)")">
        <h2 id="\(id)">\(heading)</h2>
        \(body)
        </section>
        """
    }

    static func none(_ text: String) -> String { "<p class=\"none\">\(text)</p>" }

    struct Column {
        let name: String
        var classes = ""
        /// Left out where the screen is narrow.
        var isWide = false

        var allClasses: String { [classes, isWide ? "wide" : ""].filter { !$0.isEmpty }.joined(separator: " ") }
    }

    struct Cell {
        let text: String
        var classes = ""

        init(_ text: String, _ classes: String = "") {
            self.text = text
            self.classes = classes
        }
    }

    /// The first cell of each row is its heading.
    static func table(_ caption: String, _ columns: [Column], _ rows: [[Cell]]) -> String {
        let head = columns.map { "<th scope=\"col\"\(attribute($0.allClasses))>\($0.name)</th>" }.joined()
        return """
            <table>
            <caption>\(caption)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(rows.map { row($0, columns) }.joined(separator: "\n"))
            </tbody>
            </table>
            """
    }

    private static func row(_ cells: [Cell], _ columns: [Column]) -> String {
        let texts = zip(cells, columns).enumerated().map { place, pair in
            let (cell, column) = pair
            let classes = [cell.classes, column.allClasses].filter { !$0.isEmpty }.joined(separator: " ")
            return place == 0
                ? "<th scope=\"row\"\(attribute(classes))>\(cell.text)</th>"
                : "<td\(attribute(classes))>\(cell.text)</td>"
        }
        return "<tr>\(texts.joined())</tr>"
    }

    private static func attribute(_ classes: String) -> String { classes.isEmpty ? "" : " class=\"\(classes)\"" }

    /// Names and their values.
    static func list(_ rows: [(name: String, value: String)]) -> String {
        "<dl>\n" + rows.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" }.joined(separator: "\n") + "\n</dl>"
    }
}
