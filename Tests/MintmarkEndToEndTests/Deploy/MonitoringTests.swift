import Foundation
import Testing

/// What operators watch Mintmark with: the alert rules and the dashboard.
@Suite("Monitoring") struct MonitoringTests {
    private static let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy")
    private static let promtool = ["/usr/bin/promtool", "\(BuiltProducts.repository.path)/.build/tools/promtool"]
        .first(where: FileManager.default.isExecutableFile)

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    }

    /// Lines that are no comments.
    private static func rules() throws -> String {
        try text("prometheus/rules.yaml").split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }

    private static func alerts() throws -> [String] {
        try rules().matches(of: /- alert: (\w+)/).map { String($0.1) }
    }

    /// The queries of the dashboard, and of its annotations and variables.
    private static func queries() throws -> [String] {
        let object = try JSONSerialization.jsonObject(with: Data(text("grafana/dashboard.json").utf8))
        var queries: [String] = []
        func walk(_ value: Any) {
            if let object = value as? [String: Any] {
                if let query = object["expr"] as? String {
                    queries.append(query)
                }
                object.values.forEach(walk)
            } else if let list = value as? [Any] {
                list.forEach(walk)
            }
        }
        walk(object)
        return queries
    }

    private static func statuses() throws -> Set<String> {
        let path = BuiltProducts.repository.appendingPathComponent("Protocol/registry.json")
        let registry = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
        let statuses = registry?["statuses"] as? [[String: Any]] ?? []
        return Set(statuses.compactMap { ($0["name"] as? String)?.lowercased() })
    }

    @Test(.enabled(if: promtool != nil, "there is no promtool on this machine"))
    func rulesAreSound() throws {
        let program = URL(fileURLWithPath: try #require(Self.promtool))
        let rules = Self.folder.appendingPathComponent("prometheus/rules.yaml").path
        let checked = try run(program, ["check", "rules", "--lint-fatal", rules])
        #expect(checked.exitCode == 0, "\(checked)")
        let tested = try run(
            program,
            ["test", "rules", Self.folder.appendingPathComponent("prometheus/rules_test.yaml").path]
        )
        #expect(tested.exitCode == 0, "\(tested)")
    }

    /// Each alert fires in a test of `rules_test.yaml`.
    @Test func everyAlertIsTested() throws {
        let tests = try Self.text("prometheus/rules_test.yaml")
        let fires = Set(tests.matches(of: /alertname="(\w+)"/).map { String($0.1) })
        let alerts = try Self.alerts()
        #expect(Set(alerts) == fires)
        #expect(alerts.count == Set(alerts).count)
        #expect(alerts.count >= 20)
    }

    @Test func everyAlertSaysWhatToDo() throws {
        for rule in try Self.rules().split(separator: "- alert: ").dropFirst() {
            let name = rule.prefix { $0 != "\n" }
            #expect(rule.contains("for: "), "\(name)")
            #expect(rule.firstMatch(of: /labels: \{severity: (critical|warning|info)\}/) != nil, "\(name)")
            #expect(rule.contains("summary: \"") && rule.contains("{{ $labels.instance }}"), "\(name)")
            #expect(
                rule.contains("runbook: /usr/share/doc/mintmark/README.md#\(name.lowercased())\n")
                    || rule.hasSuffix("#\(name.lowercased())"),
                "\(name)"
            )
        }
    }

    @Test func everyPanelAsksOneThing() throws {
        let queries = try Self.queries()
        #expect(queries.count >= 30)
        for query in queries {
            #expect(query.filter { $0 == "(" }.count == query.filter { $0 == ")" }.count, "\(query)")
            #expect(query.contains("$instance"), "\(query)")
        }
    }

    /// Names of metrics, labels and their values are those of the reference.
    @Test(.enabled(if: MetricsReference.isThere, "Sources/METRICS.md is not in this tree"))
    func everyNameIsThatOfAMetric() throws {
        let reference = try MetricsReference()
        #expect(reference.metrics.count >= 50)
        let statuses = try Self.statuses()
        let uses =
            try ([Self.rules()] + Self.queries()).reduce(into: []) { $0.formUnion(MetricsReference.uses(in: $1)) }
            as Set<MetricsReference.Use>
        #expect(uses.count >= 50)
        for use in uses.sorted(by: { $0.name < $1.name }) {
            let objection = reference.objection(to: use, statuses: statuses)
            #expect(objection == nil, "\(objection ?? "")")
        }
    }

    /// The judge of names is one.
    @Test(
        .enabled(if: MetricsReference.isThere, "Sources/METRICS.md is not in this tree"),
        arguments: [
            "mintmark_no_such_thing", #"mintmark_ready{reason="storage"}"#, "mintmark_ready_bucket",
            #"mintmark_not_ready{reason="tired"}"#, #"mintmark_refusals_total{reason=~"busy|tired"}"#,
        ]
    )
    func namesThatAreWrongAreFound(query: String) throws {
        let reference = try MetricsReference()
        let statuses = try Self.statuses()
        #expect(MetricsReference.uses(in: query).contains { reference.objection(to: $0, statuses: statuses) != nil })
    }
}
