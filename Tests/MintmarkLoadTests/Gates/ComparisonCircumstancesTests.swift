import Testing

@testable import MintmarkLoad

/// Two runs of the same load, against servers that are the same or not.
@Suite("What is compared with what")
struct ComparisonCircumstancesTests {
    private static func document(_ change: (inout ServerSoftware) -> Void = { _ in }) throws -> RunDocument {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 6)
        var report = try VirtualRun.report(plan, VirtualServer(threads: .max) { _ in 1_000_000 })
        change(&report.server.software)
        return try RunDocument(report.json)
    }

    /// Without the members that reports of older tools lack.
    private static func older() throws -> RunDocument {
        let members = try document().json.members.map { name, value in
            guard name == "server" else { return (name: name, value: value) }
            let kept = value.members.filter { !["build_id", "settings", "settings_digest"].contains($0.name) }
            return (name: name, value: .object(kept))
        }
        return try RunDocument(.object(members))
    }

    /// What the second server has, and what is said of that.
    static let differences: [Row<@Sendable (inout ServerSoftware) -> Void, [String]>] = [
        Row("the same", { _ in }, []),
        Row("another build is none", { $0.buildID = "ffff" }, []),
        Row(
            "a setting",
            { $0.settings[1].value = "snapshot" },
            ["the server's storage.durability was always and is snapshot"]
        ),
        Row(
            "a setting that only one knows",
            { $0.settings.append(("audit", "true")) },
            ["the server's audit was unknown and is true"]
        ),
        Row(
            "one that went away",
            { $0.settings.removeLast() },
            ["the server's storage.durability was always and is unknown"]
        ),
        Row(
            "one that is not named",
            { $0.settingsDigest = "00fe" },
            ["the server's settings differ in what the reports do not name"]
        ),
        Row(
            "a named one, which the digest tells as well",
            {
                $0.settings[0].value = "2"
                $0.settingsDigest = "00fe"
            },
            ["the server's threads was 1 and is 2"]
        ),
    ]

    @Test(
        "servers with different settings are compared only where that is the question",
        arguments: differences.indices
    )
    func settings(index: Int) throws {
        let row = Self.differences[index]
        let (base, new) = (try Self.document(), try Self.document(row.given))
        #expect(Comparison.serverDifferences(base, new) == row.expected)
        if row.expected.isEmpty {
            _ = try Comparison(base, new, metrics: [], .init())
        } else {
            let failure = #expect(throws: LoadFailure.self) { try Comparison(base, new, metrics: [], .init()) }
            #expect(failure?.exitStatus == .usage)
            #expect(failure?.message.contains(row.expected[0]) == true)
            #expect(failure?.message.contains("--across-settings") == true)
        }
        let comparison = try Comparison(base, new, metrics: [], .init(), acrossSettings: true)
        #expect(comparison.notes.suffix(row.expected.count) == row.expected[...])
        #expect(comparison.text.hasPrefix(comparison.notes.joined(separator: "\n")))
    }

    @Test("a report that does not tell the settings is compared with one that does only when asked to")
    func olderReports() throws {
        let (base, new) = (try Self.older(), try Self.document())
        #expect(throws: LoadFailure.self) { try Comparison(base, new, metrics: [], .init()) }
        #expect(throws: LoadFailure.self) { try Comparison(new, base, metrics: [], .init()) }
        _ = try Comparison(base, base, metrics: [], .init())
        _ = try Comparison(base, new, metrics: [], .init(), acrossSettings: true)
    }

    @Test("builds are told, and whether they are the same")
    func builds() throws {
        let base = try Self.document()
        let other = try Self.document { $0.buildID = "fedcba9876543210" }
        #expect(Comparison.builds(base, base)[0] == "server: the same build, virtual (0123456789ab)")
        #expect(Comparison.builds(base, other)[0] == "server: virtual (0123456789ab) → virtual (fedcba987654)")
        #expect(Comparison.builds(try Self.older(), try Self.older())[0] == "server: virtual, of unknown builds")
        #expect(Comparison.builds(base, base)[1].hasPrefix("generator: "))
    }

    @Test("what the server runs with is in every output")
    func outputs() throws {
        let document = try Self.document()
        #expect(document.markdown.contains("`threads=1` `storage.durability=always`"))
        #expect(document.markdown.contains("virtual (0123456789ab)"))
        let page = try HTMLReport([document], names: ["a"]).text
        #expect(page.contains("<code>storage.durability=always</code>"))
        #expect(page.contains("virtual (0123456789ab)"))
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 2)
        let report = try VirtualRun.report(plan, VirtualServer(threads: .max) { _ in 1_000_000 })
        #expect(report.text.contains("software    virtual (0123456789ab), threads=1, storage.durability=always"))
    }
}
