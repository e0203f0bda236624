import Foundation
import MintmarkProgram
import Testing

@testable import MintmarkServer

@Suite("The reference of settings")
struct ConfigurationReferenceTests {
    @Test func everySettingIsDescribed() {
        for setting in Settings.reference {
            #expect(!setting.type.isEmpty && !setting.range.isEmpty && !setting.defaultText.isEmpty, "\(setting.name)")
            #expect(setting.meaning.hasSuffix("."), "\(setting.name)")
        }
    }

    /// Everything that is counted or measured says in what.
    @Test func whatHasANumberHasAUnit() {
        let measures = ["number", "duration", "size", "percentage", "rate", "fraction"]
        for setting in Settings.reference where measures.contains(where: { setting.type.contains($0) }) {
            #expect(!setting.unit.isEmpty, "\(setting.name)")
        }
    }

    /// Each row of the document has every column filled.
    @Test func theDocumentTellsEverythingOfEverySetting() {
        let rows = Settings.referenceDocument.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == Settings.reference.count)
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells.count == 7 && cells.allSatisfy { !$0.isEmpty }, "\(row)")
            #expect(["yes", "no"].contains(cells[5]), "\(row)")
        }
    }

    /// No part takes over what is not a setting, and the reference says yes for what a part takes over, and for no other.
    @Test func theReferenceSaysWhatAReloadTakesOver() {
        let names = Settings.reference.map(\.name)
        let taken = Reloads.parts.flatMap { $0.settings }
        for entry in taken {
            #expect(names.contains { $0 == entry || $0.hasPrefix("\(entry).") }, "\(entry)")
        }
        let reloaded = Settings.reference.filter(\.isReloaded).map(\.name)
        #expect(reloaded == names.filter { name in taken.contains { name == $0 || name.hasPrefix("\($0).") } })
        #expect(
            reloaded.contains("log.level") && reloaded.contains("clients.local.idle") && !reloaded.contains("threads")
        )
    }

    /// `mintmarkd --print-settings > Sources/SETTINGS.md` brings it up to date.
    @Test func theDocumentIsOfTheseSettings() throws {
        let path = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
        let document = try String(contentsOfFile: "\(path)/Sources/SETTINGS.md", encoding: .utf8)
        #expect(document == Settings.referenceDocument)
    }

    @Test func namesAreUnique() {
        let reference = Settings.reference
        #expect(Set(reference.map(\.name)).count == reference.count)
        #expect(Set(reference.map(\.environmentName)).count == reference.count)
        #expect(Set(reference.compactMap(\.flag)).count == 11)
    }

    @Test func aDescriptionSaysWhatMayBeWritten() throws {
        let leeway = try #require(Settings.reference.first { $0.name == "tokens.leeway" })
        #expect(leeway.type == "duration")
        #expect(leeway.range == "0s to 5m in whole seconds")
        #expect(leeway.defaultText == "30s")
        #expect(leeway.environmentName == "MINTMARK_TOKENS_LEEWAY")
        #expect(leeway.flag == nil)
    }

    /// What the reference prints as a default can be written into a file and means the same.
    @Test func defaultsCanBeWrittenAsTheyArePrinted() throws {
        let effective = try load().effective
        for setting in Settings.reference where !setting.defaultText.contains("DIRECTORY") {
            let isConstant = setting.defaultText != "none" && !setting.isList && setting.name != "threads"
            // Defaults that depend on another setting.
            let isPlain =
                !setting.name.hasSuffix("when_full") && !setting.name.hasSuffix("permissions.admin")
                && setting.name != "keys.rotation"
            guard isConstant, isPlain else { continue }
            let keys = setting.name.split(separator: ".")
            let yaml =
                keys.map { "{\($0): " }.joined() + setting.defaultText + String(repeating: "}", count: keys.count)
            let written = try load(yaml).effective
            #expect(written.map(\.value) == effective.map(\.value), "\(setting.name)")
        }
    }

    @Test(arguments: [
        ("leeway", "leeway"), ("leway", "leeway"), ("leewya", "leeway"), ("leexxy", "leeway"), ("lxxxay", nil),
        ("", nil), ("l", nil), ("TYPE", nil), ("tyqe", "type"), (String(repeating: "leeway", count: 11), nil),
        ("ca", nil), ("cac", "cache_size"), ("cache_size_of", "cache_size"), ("cache_size_of_all", nil),
        ("max", nil), ("maximum_a", "maximum_age_seconds"),
    ])
    func suggestionsAreSlipsOfTheFinger(name: String, suggestion: String?) {
        let candidates = ["type", "leeway", "cache_size", "maximum_age_seconds", "maximum_number"]
        #expect(NameSuggestion.nearest(to: name, among: candidates) == suggestion)
    }
}
