import Foundation
import Testing

@Suite struct ImportTableTests {
    @Test func everySourceFileImportsOnlyWhatItsModuleMay() throws {
        let files =
            Repository.files(below: "Sources", suffix: ".swift") + Repository.files(below: "Tools", suffix: ".swift")
        #expect(files.count > 50)
        for file in files {
            let source = try Repository.text(of: file)
            let breaches = ImportTable.breaches(in: source, of: Repository.module(of: file), file: file)
            #expect(breaches.isEmpty, "\(breaches)")
        }
    }

    /// One breach per ring, as its source would be written.
    struct Fixture: CustomTestStringConvertible, Sendable {
        var module: String
        var line: String
        var imported: String

        var testDescription: String { "\(module): \(line)" }
    }

    @Test(arguments: [
        Fixture(module: "MintmarkWire", line: "import MintmarkCrypto", imported: "MintmarkCrypto"),
        Fixture(module: "MintmarkWire", line: "public import Foundation", imported: "Foundation"),
        Fixture(module: "MintmarkCrypto", line: "internal import Dispatch", imported: "Dispatch"),
        Fixture(module: "MintmarkTokens", line: "import struct Foundation.Data", imported: "Foundation"),
        Fixture(module: "MintmarkTokens", line: "import MintmarkWire", imported: "MintmarkWire"),
        Fixture(module: "MintmarkSessions", line: "@preconcurrency import NIOCore", imported: "NIOCore"),
        Fixture(module: "MintmarkEngine", line: "package import NIOPosix", imported: "NIOPosix"),
        Fixture(module: "MintmarkEngine", line: "import CSodium", imported: "CSodium"),
        Fixture(module: "MintmarkServer", line: "import Foundation", imported: "Foundation"),
        Fixture(module: "MintmarkClient", line: "import MintmarkSessions", imported: "MintmarkSessions"),
        Fixture(module: "MintmarkCommand", line: "import MintmarkServer", imported: "MintmarkServer"),
        Fixture(module: "MintmarkLoad", line: "import MintmarkClient", imported: "MintmarkClient"),
        Fixture(module: "mintmarkd", line: "import NIOCore", imported: "NIOCore"),
        Fixture(module: "mintmark", line: "import MintmarkClient", imported: "MintmarkClient"),
        Fixture(module: "mintmark-bench", line: "import MintmarkWire", imported: "MintmarkWire"),
    ])
    func breachIsFound(fixture: Fixture) {
        let source = "// A file.\n\(fixture.line)\n"
        let breaches = ImportTable.breaches(in: source, of: fixture.module, file: "Fixture.swift")
        let expected = ImportTable.Breach(
            file: "Fixture.swift",
            line: 2,
            module: fixture.module,
            imported: fixture.imported
        )
        #expect(breaches == [expected])
    }

    /// Foundation and what it brings along belong in no part of the product: but one requirement of NIO's event loops
    /// names a queue of Dispatch.
    @Test(arguments: ImportTable.allowedImports.keys.sorted(), ["Foundation", "FoundationEssentials", "Dispatch"])
    func foundationIsFoundEverywhere(module: String, imported: String) {
        guard (module, imported) != ("MintmarkServer", "Dispatch") else { return }
        let source = "#if canImport(\(imported))\n    internal import \(imported)\n#endif\n"
        let breaches = ImportTable.breaches(in: source, of: module, file: "Fixture.swift")
        #expect(breaches.map(\.imported) == [imported])
    }

    @Test func moduleMissingInTheTableIsFound() {
        #expect(ImportTable.breaches(in: "", of: "MintmarkNovelty", file: "Fixture.swift").count == 1)
    }
}
