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
        Fixture(module: "mintmarkd", line: "import NIOCore", imported: "NIOCore"),
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

    @Test func moduleMissingInTheTableIsFound() {
        #expect(ImportTable.breaches(in: "", of: "MintmarkNovelty", file: "Fixture.swift").count == 1)
    }
}
