import Foundation
import Testing

/// What the package says of itself stands alone: it leads to nothing that only the repository has.
@Suite("The pages of the Debian package", .enabled(if: PackageTools.areThere, "there is no dpkg-dev on this machine"))
struct PackagedPagesTests {
    private let made: PackageTests.Made
    /// What lies in /usr/share/doc/mintmark.
    private let documents: URL

    init() throws {
        made = try PackageTests.Made()
        let files = "\(made.directory)/files"
        let extracted = try run(URL(fileURLWithPath: "/usr/bin/dpkg-deb"), ["--extract", made.package, files])
        try #require(extracted.exitCode == 0, "\(extracted)")
        documents = URL(fileURLWithPath: "\(files)/usr/share/doc/mintmark")
    }

    private static func links(of page: String) -> [String] {
        page.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }
    }

    /// Links with their anchors, of every page.
    @Test func everyLinkLeadsToWhatIsPacked() throws {
        let pages = FileManager.default.enumerator(atPath: documents.path)?.compactMap { $0 as? String } ?? []
        #expect(pages.count { $0.hasSuffix(".md") } >= 10)
        for name in pages where name.hasSuffix(".md") {
            let page = documents.appendingPathComponent(name)
            let text = try String(contentsOf: page, encoding: .utf8)
            for link in Self.links(of: text) where !link.contains("://") {
                let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
                let target =
                    parts[0].isEmpty ? page : page.deletingLastPathComponent().appendingPathComponent(parts[0])
                #expect(FileManager.default.fileExists(atPath: target.path), "\(name): \(link)")
                // A page that is read from the disk may lead nowhere outside of its directory.
                #expect(target.standardized.path.hasPrefix(documents.standardized.path), "\(name): \(link)")
                if parts.count == 2, let text = try? String(contentsOf: target, encoding: .utf8) {
                    #expect(OperatorPageTests.anchors(of: text).contains(parts[1]), "\(name): \(link)")
                }
            }
        }
    }

    /// No link of the operators' page is given up, and its text is as it was.
    @Test func theOperatorsPageIsWhole() throws {
        let source = BuiltProducts.repository.appendingPathComponent("Tools/deploy/README.md")
        let page = try String(contentsOf: source, encoding: .utf8)
        let packed = try String(contentsOf: documents.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(Self.links(of: packed).count == Self.links(of: page).count)
        #expect(packed == page.replacingOccurrences(of: "](../../", with: "](pages/"))
    }

    /// Paths below its directory that the files of the package name.
    @Test func everyPathThatIsNamedIsPacked() throws {
        let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy")
        for file in ["README.md", "mintmark.yaml", "mintmarkd.service", "prometheus/rules.yaml"] {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: #//usr/share/doc/mintmark/([A-Za-z0-9_/.-]*[A-Za-z0-9])/#) {
                let path = documents.appendingPathComponent(String(match.1)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(file): \(match.0)")
            }
        }
    }

    @Test func theChangelogIsOne() throws {
        let packed = documents.appendingPathComponent("changelog.gz").path
        let text = try run(URL(fileURLWithPath: "/bin/gzip"), ["--decompress", "--stdout", packed]).output
        let parsed = try run(URL(fileURLWithPath: "/usr/bin/dpkg-parsechangelog"), ["--file", "-"], input: text)
        #expect(parsed.exitCode == 0 && parsed.errors.isEmpty, "\(parsed)")
        let version = try run(URL(fileURLWithPath: "/usr/bin/dpkg-deb"), ["--field", made.package, "Version"]).output
        #expect(parsed.output.contains("\nVersion: \(version)"))
        #expect(text.count { $0 == "*" } >= 3)
        #expect(!text.contains(/@[A-Z_]+@/), "\(text)")
    }

    /// The page's command asks nobody which configuration is to stay: there may be no terminal.
    @Test func anUpgradeKeepsTheConfigurationUnasked() throws {
        let page = try String(contentsOf: documents.appendingPathComponent("README.md"), encoding: .utf8)
        let command = #/\napt-get install --yes --reinstall --option Dpkg::Options::=(--\S+) \.\/mintmark_/#
        #expect(try #require(page.firstMatch(of: command)).1 == "--force-confold")
    }
}
