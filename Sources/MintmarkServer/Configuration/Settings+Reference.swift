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

            """
        for group in groups {
            document += "\n## \(group.title)\n\n| setting | value | default | meaning |\n|---|---|---|---|\n"
            document += group.settings.map(\.description.referenceRow).joined()
        }
        return document
    }
}

extension SettingDescription {
    fileprivate var referenceRow: String {
        let flagText = flag.map { ", `\($0)`" } ?? ""
        let unitText = unit.isEmpty ? "" : "; \(unit)"
        // What `local` can have, every client can.
        let local = "clients.\(Configuration.localClientID)."
        let name = name.hasPrefix(local) ? "clients.ID.\(name.dropFirst(local.count))" : name
        let cells = ["`\(name)`\(flagText)", "\(type): \(range)\(unitText)", "`\(defaultText)`", meaning]
        precondition(cells.allSatisfy { !$0.contains("|") }, "a bar would end its cell")
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
