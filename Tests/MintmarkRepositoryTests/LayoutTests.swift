import Foundation
import Testing

@Suite struct LayoutTests {
    @Test func topLevelHoldsOnlyWhatBelongsThere() throws {
        let expected: Set<String> = ["Package.swift", "Sources", "Tests", "Protocol", "Tools", "README.md", "LICENSE"]
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path)
        let visible = Set(names.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" })
        #expect(visible == expected)
    }

    @Test func readmeNamesTheTwoCommands() throws {
        let text = try Repository.text(of: "README.md")
        #expect(text.contains("Tools/quickstart") && text.contains("Tools/test"))
    }
}
