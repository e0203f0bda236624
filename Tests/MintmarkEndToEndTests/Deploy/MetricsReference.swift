import Foundation

/// What `Sources/METRICS.md` says there is.
struct MetricsReference {
    struct Metric {
        let type: String
        /// The names of its labels, and the values that are told.
        let labels: [String: Set<String>]
    }

    private static let path = BuiltProducts.repository.appendingPathComponent("Sources/METRICS.md").path
    static let isThere = FileManager.default.fileExists(atPath: path)

    let metrics: [String: Metric]

    init() throws {
        var metrics: [String: Metric] = [:]
        for line in try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 6, cells[1].hasPrefix("`") else { continue }
            metrics[cells[1].filter { $0 != "`" }] = Metric(type: cells[2], labels: Self.labels(cells[3]))
        }
        self.metrics = metrics
    }

    /// `` `name`: `value`, `value`; `name` ``
    private static func labels(_ cell: String) -> [String: Set<String>] {
        var labels: [String: Set<String>] = [:]
        for part in cell.split(separator: ";") {
            let words = part.matches(of: /`([^`]+)`/).map { String($0.1) }
            // Without a colon each word is the name of a label.
            let names = part.contains(":") ? Array(words.prefix(1)) : words
            for name in names {
                // What refers to another row tells no values of its own.
                labels[name] = part.contains("those above") ? [] : Set(words.dropFirst(names.count))
            }
        }
        return labels
    }

    /// A metric and what a query asks of its labels.
    struct Use: Hashable {
        var name: String
        var label: String?
        var values: [String]
    }

    /// The uses of metrics in a query.
    static func uses(in query: String) -> Set<Use> {
        var uses: Set<Use> = []
        for match in query.matches(of: /\b((?:mintmark|process)_[a-z_]+)(?:\{([^}]*)\})?/) {
            let name = String(match.1)
            uses.insert(Use(name: name, label: nil, values: []))
            for matcher in match.2?.matches(of: /([a-z_]+)\s*=~?\s*\\?"([^"\\]*)\\?"/) ?? [] {
                let values = matcher.2.split(separator: "|").map(String.init)
                uses.insert(Use(name: name, label: String(matcher.1), values: values))
            }
        }
        return uses
    }

    /// What is wrong with a use; nil if nothing is.
    func objection(to use: Use, statuses: Set<String>) -> String? {
        let suffixes = ["_bucket", "_sum", "_count"]
        let base = suffixes.first { use.name.hasSuffix($0) }.map { String(use.name.dropLast($0.count)) }
        guard let metric = metrics[use.name] ?? base.flatMap({ metrics[$0] }) else {
            return "there is no metric \(use.name)"
        }
        if metrics[use.name] == nil, metric.type != "histogram" {
            return "\(use.name) is no histogram"
        }
        guard let label = use.label, !["job", "instance", "le"].contains(label) else { return nil }
        guard var known = metric.labels[label] else {
            return "\(use.name) has no label \(label)"
        }
        if use.name == "mintmark_refusals_total" {
            known = statuses
        } else if known.isEmpty {
            // Told elsewhere, as the operations are.
            known = metrics.values.reduce(into: []) { $0.formUnion($1.labels[label] ?? []) }
        }
        let unknown = use.values.filter { !known.contains($0) }
        return unknown.isEmpty ? nil : "the label \(label) of \(use.name) is never \(unknown)"
    }
}
