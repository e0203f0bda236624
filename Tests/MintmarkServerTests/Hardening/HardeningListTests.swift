import Foundation
import Testing

@Suite struct HardeningListTests {
    @Test(arguments: HardeningList.trials)
    func trialIsATest(_ trial: HardeningList.Trial) throws {
        #expect(try Self.tests(in: "\(trial.folder)/\(trial.suite).swift").contains(trial.test))
    }

    @Test(arguments: HardeningList.Line.allCases)
    func lineIsTried(_ line: HardeningList.Line) {
        #expect(!HardeningList.trials(of: line).isEmpty)
    }

    /// The names of the functions of a file that stand behind `@Test`.
    private static func tests(in file: String) throws -> Set<String> {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(3).joined(separator: "/")
        let source = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
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
