import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite struct JSONMutationTests {
    /// What this scanner accepts, Foundation accepts as well; the reverse does not hold.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func mutationIsRejectedOrReadAlikeByFoundation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let seeds = JSONTables.validDocuments.map(\.json) + [TestIssuer.claims().bytes]
        let alphabet = #"{}[]":,\u0123eE+-.abn /"#.bytes + [0x00, 0x1F, 0x80, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]
        for _ in 0..<2000 {
            var json = try #require(seeds.randomElement(using: &generator))
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<json.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: json[position] = try #require(alphabet.randomElement(using: &generator))
                case 1: json.insert(try #require(alphabet.randomElement(using: &generator)), at: position)
                default: if json.count > 1 { json.remove(at: position) }
                }
            }
            guard JSONScannerTests.error(json) == nil else { continue }
            let value = try JSONSerialization.jsonObject(with: Data(json))
            #expect(value is [String: Any])
        }
    }
}
