import MintmarkAdmin

extension ServerMetric {
    /// Every metric, as a Markdown document.
    package static var referenceDocument: String {
        var document = """
            # Metrics

            What `/metrics` of the admin listener tells, in Prometheus' text format 0.0.4, as `mintmarkd --print-metrics` \
            prints it. Durations are in seconds, sizes in bytes, moments in seconds since 1970. A counter only grows, and \
            begins at 0 with the process. All series of a metric are there from the start, except where the table says when \
            they are. Every name but those of the process itself begins with `mintmark_`.

            Metrics named here keep their names and meanings; others may come.

            """
        for group in groups {
            document += "\n## \(group.title)\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n"
            document += group.metrics.map(\.referenceRow).joined()
        }
        return document
    }

    private var referenceRow: String {
        let labels = labels.map(\.referenceText).joined(separator: "; ")
        let cells = ["`\(name)`", kind.rawValue, labels, meaning]
        precondition(cells.allSatisfy { !$0.contains("|") }, "a bar would end its cell")
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
