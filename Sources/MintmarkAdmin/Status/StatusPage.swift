/// The status page as HTML: a pure function of a model. Everything that is not the program's own text is escaped.
package enum StatusPage {
    /// So often a browser asks again.
    static let refreshSeconds = 5
    /// The most rows of a table that could have any number of them.
    package static let rowsMax = 12

    /// - Parameter nonce: what the content security policy lets the style through by; letters and digits.
    package static func html(_ model: StatusModel, nonce: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="refresh" content="\(refreshSeconds)">
        <title>\(escaped(state(model))) · Mintmark</title>
        <style nonce="\(escaped(nonce))">
        \(StatusStyle.sheet)
        </style>
        </head>
        <body>
        <div class="page">
        \(header(model))
        <main>
        \(reasons(model))<div class="grid tiles">
        \(tiles(model))
        </div>
        <div class="grid">
        \(operations(model))
        </div>
        <div class="grid pair">
        \(storage(model))
        \(keys(model))
        \(process(model))
        \(refusals(model))
        </div>
        </main>
        \(footer(model))
        </div>
        </body>
        </html>

        """
    }

    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    // MARK: Health

    private static func state(_ model: StatusModel) -> String {
        let ready = model.isReady ? "Ready" : "Not ready: \(model.newest.reasons.joined(separator: ", "))"
        return model.isLive ? ready : "Not live · \(ready)"
    }

    private static func header(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let isWell = model.isReady && model.isLive
        let words = !model.isLive ? "Not live" : model.isReady ? "Ready" : "Not ready"
        // A tick and a bang: shapes, for those who see no colours.
        let shape = isWell ? "M2 7.5l3.4 3.5L12 3.5" : "M7 1.5v6.5M7 12v.2"
        return """
            <header>
            <h1><svg class="mark" viewBox="0 0 28 28" aria-hidden="true"><circle cx="14" cy="14" r="12.5"/>\
            <path d="M8 19v-9l6 6 6-6v9"/></svg>Mintmark</h1>
            <p class="facts">\(escaped(snapshot.build)) · up \(StatusText.age(seconds: model.uptimeSeconds)) · \
            \(model.isLive ? "live" : "an event loop does not answer")</p>
            <p class="state\(isWell ? "" : " not")" role="status"><svg viewBox="0 0 14 14" aria-hidden="true">\
            <path d="\(shape)"/></svg>\(words)</p>
            </header>
            """
    }

    private static func reasons(_ model: StatusModel) -> String {
        guard !model.isReady || !model.isLive else {
            return ""
        }
        let live =
            model.isLive
            ? [] : ["An event loop that serves requests does not answer: the process hangs or is overloaded."]
        let items = (live + model.newest.reasons.map(explanation)).map { "<li>\($0)</li>" }.joined(separator: "\n")
        return """
            <div class="why">
            <h2>\(model.isReady ? "Why not live" : "Why not ready")</h2>
            <ul>
            \(items)
            </ul>
            </div>

            """
    }

    private static func explanation(_ reason: String) -> String {
        let meaning =
            switch reason {
            case "starting": "The listeners are not bound yet."
            case "stopping": "A stop was asked for; what was accepted is still answered."
            case "storage": "The journal cannot be written."
            case "storage_full": "The disk is full, so the journal cannot be written."
            case "audit": "The audit log cannot be written, so administration is refused."
            default: ""
            }
        return "<code>\(escaped(reason))</code> \(meaning)"
    }

    private static func footer(_ model: StatusModel) -> String {
        """
        <footer>
        <p>As of \(StatusText.moment(milliseconds: model.newest.wallMilliseconds)). Refreshes itself every \
        \(refreshSeconds) seconds.</p>
        <nav aria-label="For machines">\
        \(Endpoint.forMachines.map { "<a href=\"\($0)\">\($0)</a>" }.joined(separator: "\n"))</nav>
        </footer>
        """
    }

    // MARK: Parts

    /// A card with a heading. `id`: of the heading.
    static func card(_ id: String, _ heading: String, classes: String = "", _ body: String) -> String {
        """
        <section aria-labelledby="\(id)"\(classes.isEmpty ? "" : " class=\"\(classes)\"")>
        <h2 id="\(id)">\(heading)</h2>
        \(body)
        </section>
        """
    }

    static func table(_ label: String, _ columns: [String], _ rows: [String]) -> String {
        """
        <div class="scroll" tabindex="0" role="region" aria-label="\(label)">
        <table>
        <thead><tr>\(columns.joined())</tr></thead>
        <tbody>
        \(rows.joined(separator: "\n"))
        </tbody>
        </table>
        </div>
        """
    }

    static func column(_ name: String, isWide: Bool = false) -> String {
        "<th scope=\"col\"\(isWide ? " class=\"wide\"" : "")>\(name)</th>"
    }

    /// - Parameter rows: HTML.
    static func list(_ rows: [(name: String, value: String)]) -> String {
        "<dl>\n" + rows.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" }.joined(separator: "\n") + "\n</dl>"
    }

    static func meter(_ limited: StatusSnapshot.Limited) -> String {
        let share = limited.limit == 0 ? 0 : min(1, Double(limited.now) / Double(limited.limit))
        // A little is not nothing.
        let width = limited.now == 0 ? 0 : max(1, Int(share * 100))
        return """
            <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">\
            <rect class="track" width="100" height="6"/><rect class="fill" width="\(width)" height="6"/></svg>
            """
    }

    /// A line of values, the newest at the right, from zero to the largest.
    static func sparkline(_ values: [Double], _ label: String) -> String {
        let (width, height, leastSlots) = (240.0, 44.0, 12)
        let most = values.max() ?? 0
        let slots = Double(max(leastSlots, values.count) - 1)
        let points = values.enumerated().map { place, value in
            let x = width - Double(values.count - 1 - place) * width / slots
            let y = most > 0 ? height - 2 - value / most * (height - 4) : height - 2
            return "\(rounded(x)),\(rounded(y))"
        }
        let line =
            points.count < 2
            ? ""
            : """
            <polygon points="\(rounded(width - Double(values.count - 1) * width / slots)),44 \
            \(points.joined(separator: " ")) 240,44"/><polyline points="\(points.joined(separator: " "))"/>
            """
        return """
            <svg class="spark" viewBox="0 0 240 44" preserveAspectRatio="none" role="img" aria-label="\(label)">\
            <line x1="0" y1="44" x2="240" y2="44"/>\(line)</svg>
            """
    }

    private static func rounded(_ value: Double) -> String {
        value.isFinite ? "\((value * 10).rounded() / 10)" : "0"
    }
}

extension Endpoint {
    static let forMachines = [livez, readyz, metrics, jwks].compactMap(\.path)
}
