/// The status page as HTML: a pure function of a model. Everything that is not the program's own text is escaped.
package enum StatusPage {
    /// So often a browser without scripts asks again.
    static let refreshSeconds = 5
    /// The most rows of a table that could have any number of them.
    package static let rowsMax = 12

    package static func html(_ model: StatusModel) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <noscript><meta http-equiv="refresh" content="\(refreshSeconds)"></noscript>
        <title>\(StatusHTML.escaped(state(model))) · Mintmark</title>
        <link rel="icon" href="\(icon(model))">
        <style>\(StatusStyle.sheet)</style>
        </head>
        <body>
        <p class="stale" role="alert">The server does not answer: what is shown here is old.</p>
        <div id="page">
        \(header(model))
        <main>
        \(reasons(model))<div class="grid tiles">
        \(tiles(model))
        </div>
        <div class="grid panels">
        \(operations(model))
        \(refusals(model))
        \(storage(model))
        \(keys(model))
        \(process(model))
        </div>
        </main>
        \(footer(model))
        </div>
        <script>\(StatusScript.text)</script>
        </body>
        </html>

        """
    }

    // MARK: Health

    private static func state(_ model: StatusModel) -> String {
        let ready = model.isReady ? "Ready" : "Not ready: \(model.newest.reasons.joined(separator: ", "))"
        return model.isLive ? ready : "Not live · \(ready)"
    }

    /// A coin with an M, in the colour of the state.
    private static func icon(_ model: StatusModel) -> String {
        let color = model.isReady && model.isLive ? "%231a9c78" : "%23d9730d"
        return """
            data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'%3E%3Ccircle cx='14' cy='14' \
            r='13' fill='\(color)'/%3E%3Cpath d='M8 19v-9l6 6 6-6v9' fill='none' stroke='white' stroke-width='2.4' \
            stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E
            """
    }

    private static func header(_ model: StatusModel) -> String {
        let snapshot = model.newest
        return """
            <header>
            <h1><svg class="mark" viewBox="0 0 28 28" aria-hidden="true"><circle cx="14" cy="14" r="12.5"/>\
            <path d="M8 19v-9l6 6 6-6v9"/></svg>Mintmark</h1>
            <p class="states" role="status">\(pill(model.isReady, "Ready"))\(pill(model.isLive, "Live"))</p>
            <p class="facts"><span>\(StatusHTML.escaped(snapshot.build))</span> \
            <span>up \(StatusText.age(seconds: snapshot.uptimeMilliseconds / 1_000))</span> \
            <span>\(StatusText.moment(milliseconds: snapshot.wallMilliseconds))</span></p>
            </header>
            """
    }

    private static func pill(_ isWell: Bool, _ word: String) -> String {
        // A tick and a bang: shapes, for those who see no colours.
        let shape = isWell ? "M2.5 7.5l3 3L11.5 4" : "M7 2v6M7 11.8v.2"
        let words = isWell ? word : "Not \(word.lowercased())"
        return """
            <span class="state\(isWell ? "" : " not")"><svg viewBox="0 0 14 14" aria-hidden="true">\
            <path d="\(shape)"/></svg>\(words)</span>
            """
    }

    private static func reasons(_ model: StatusModel) -> String {
        guard !model.isReady || !model.isLive else {
            return ""
        }
        let live =
            model.isLive
            ? [] : ["An event loop that serves requests does not answer: the process hangs, or has far too much to do."]
        let items = (live + model.newest.reasons.map(explanation)).map { "<li>\($0)</li>" }.joined(separator: "\n")
        return """
            <section class="why" aria-labelledby="why">
            <h2 id="why">\(model.isReady ? "Why it is not live" : "Why it is not ready")</h2>
            <ul>
            \(items)
            </ul>
            </section>

            """
    }

    private static func explanation(_ reason: String) -> String {
        let meaning =
            switch reason {
            case "starting": "The listeners are not bound yet."
            case "stopping": "A stop was asked for; what was accepted is still answered."
            case "storage": "The journal cannot be written: what would change a session is refused, the rest goes on."
            case "storage_full":
                "The disk is full, so the journal cannot be written: what would change a session is refused, the rest goes on."
            case "storage_slow":
                "The disk does not answer: what would change a session is refused until it does, the rest goes on."
            case "audit": "The audit log cannot be written, so administration is refused; the rest goes on."
            default: ""
            }
        return "<code>\(StatusHTML.escaped(reason))</code> \(meaning)"
    }

    private static func footer(_ model: StatusModel) -> String {
        let links = Endpoint.forMachines.map { "<a href=\"\($0)\">\($0)</a>" }.joined(separator: " ")
        return """
            <footer>
            <p>Lines show the last five minutes, as far as somebody looked. Refreshes itself.</p>
            <nav aria-label="For machines">\(links)</nav>
            </footer>
            """
    }
}

extension Endpoint {
    static let forMachines = [livez, readyz, metrics, jwks].compactMap(\.path)
}
