extension Settings {
    /// Every setting that a file, an environment or flags can hold, as a Markdown document.
    package static var referenceDocument: String {
        var document = """
            # Settings

            Every setting of `mintmarkd`, as `mintmarkd --print-settings` prints them. A setting comes from its flag, else \
            from its environment variable, else from the YAML file given with `--config`, else it has its default. The \
            variable of a setting is `MINTMARK_` and its name in upper case with underscores for dots, such as \
            `MINTMARK_TOKENS_LEEWAY` for `tokens.leeway`; items of a list are separated by commas there. In the file a dot \
            is a level:

            ```yaml
            tokens:
              leeway: 10s
            ```

            Every client has its settings below `clients` and its id: 1 to 64 letters, digits, `-` and `_`. Variables \
            are for the client `local` alone. Without any other client, and without identities of its own, `local` is \
            who everybody is that can connect; a client with another id needs identities, and then `local` needs them, too.

            No setting is a secret: those that need one name the file that holds it. `mintmarkd --print-config` prints what \
            every setting is and where that was set. In the column SIGHUP, *yes* means that a reload takes the setting over; \
            of those with *no* a reload that finds them changed says so, and they take effect at the next start.

            """
        for group in groups {
            document += "\n## \(group.title)\n\n\(SettingDescription.referenceHead)"
            document += group.settings.map(\.description.referenceRow).joined()
        }
        return document
    }
}

extension SettingDescription {
    fileprivate static let referenceHead = """
        | setting | type | range | unit | default | SIGHUP | meaning |
        |---|---|---|---|---|---|---|

        """

    /// In the order of the head.
    fileprivate var referenceRow: String {
        let flagText = flag.map { ", `\($0)`" } ?? ""
        // What `local` can have, every client can.
        let local = "clients.\(Configuration.localClientID)."
        let name = name.hasPrefix(local) ? "clients.ID.\(name.dropFirst(local.count))" : name
        let cells = [
            "`\(name)`\(flagText)", type, range, unit.isEmpty ? "–" : unit, "`\(defaultText)`",
            isReloaded ? "yes" : "no",
            meaning,
        ]
        precondition(cells.allSatisfy { !$0.contains("|") }, "a bar would end its cell")
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
