import Foundation
import Testing

@Suite struct AttackListTests {
    /// Tests that show what is good, or how checks are ordered: no attacks.
    static let others: Set = [
        "goodTokenIsAccepted", "otherMemberIsIgnored", "optionalClaimMayBeAbsent", "escapedIssuerIsComparedUnescaped",
        "revocationsAreAskedWithUnescapedTexts",
    ]

    @Test(arguments: AttackList.attacks)
    func attackHasItsTest(_ row: AttackList.Attack) throws {
        #expect(try Self.tests(in: "../\(row.target)/\(row.suite).swift").contains(row.test))
    }

    @Test(arguments: AttackList.Rule.allCases)
    func ruleIsAttacked(_ rule: AttackList.Rule) {
        #expect(!AttackList.attacks(on: rule).isEmpty)
    }

    @Test func everyHostileTestIsOnTheList() throws {
        let listed = Set(AttackList.attacks.map(\.test))
        let files = try FileManager.default.contentsOfDirectory(atPath: testFolder.path).filter {
            $0.hasPrefix("Hostile")
        }
        #expect(files.count == 4)
        for file in files {
            #expect(try Self.tests(in: file).subtracting(listed).isSubset(of: Self.others))
        }
    }

    /// The names of the functions of a file that stand behind `@Test`.
    private static func tests(in file: String) throws -> Set<String> {
        let source = try String(contentsOf: testFolder.appending(path: file), encoding: .utf8)
        var names: Set<String> = []
        var isTest = false
        for line in source.split(separator: "\n") {
            isTest = isTest || line.hasPrefix("    @Test")
            guard isTest, let name = line.firstMatch(of: /^    (?:@Test )?func (\w+)\(/)?.1 else { continue }
            names.insert(String(name))
            isTest = false
        }
        return names
    }
}
