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
        let cells = ["`\(name)`\(flagText)", "\(type): \(range)\(unitText)", "`\(defaultText)`", meaning]
        precondition(cells.allSatisfy { !$0.contains("|") }, "a bar would end its cell")
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
