import Foundation
import Testing

@Suite struct AcceptanceListTests {
    @Test(arguments: AcceptanceList.trials)
    func trialIsATest(_ trial: AcceptanceList.Trial) throws {
        #expect(try Self.tests(in: trial.file).contains(trial.test))
    }

    @Test(arguments: AcceptanceList.Line.allCases)
    func lineIsTried(_ line: AcceptanceList.Line) {
        #expect(AcceptanceList.trials.contains { $0.line == line })
    }

    /// The names of the functions of a file that stand behind `@Test`.
    private static func tests(in file: String) throws -> Set<String> {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "..")
        let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        var names: Set<String> = []
        var isTest = false
        for line in source.split(separator: "\n") {
            isTest = isTest || line.hasPrefix("    @Test")
            guard isTest, let name = line.firstMatch(of: /^    (?:@Test.* )?func (\w+)\(/)?.1 else { continue }
            names.insert(String(name))
            isTest = false
        }
        return names
    }
}
