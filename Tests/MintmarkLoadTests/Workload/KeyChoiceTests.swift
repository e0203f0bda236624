import Glibc
import Testing

@testable import MintmarkLoad

@Suite("Which keys are chosen")
struct KeyChoiceTests {
    private func draws(_ choice: KeyChoice, _ count: Int, of keys: Int, seed: UInt64) -> [Int] {
        var chooser = KeyChooser(choice, count: keys)
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in chooser.draw(&random) }
    }

    @Test("Zipf's law is met", arguments: 1...3 as ClosedRange<UInt64>)
    func zipf(seed: UInt64) {
        let (keys, count) = (10_000, 1_000_000)
        var seen = [Int](repeating: 0, count: keys)
        for key in draws(.zipf(theta: 0.99), count, of: keys, seed: seed) { seen[key] += 1 }
        let sum = (1...keys).reduce(0.0) { $0 + pow(Double($1), -0.99) }
        let squares = (0..<100).map { rank in
            let expected = Double(count) * pow(Double(rank + 1), -0.99) / sum
            return (Double(seen[rank]) - expected) * (Double(seen[rank]) - expected) / expected
        }
        // χ² with 100 degrees of freedom is above 149 once in a thousand times.
        #expect(squares.reduce(0, +) < 149)
    }

    @Test("the same seed chooses the same keys", arguments: ["uniform", "zipf", "zipf:0.5", "latest:2"])
    func seeds(text: String) throws {
        let choice = try #require(KeyChoice(text))
        #expect(draws(choice, 1_000, of: 100, seed: 1) == draws(choice, 1_000, of: 100, seed: 1))
        #expect(draws(choice, 1_000, of: 100, seed: 1) != draws(choice, 1_000, of: 100, seed: 2))
    }

    @Test("the latest are the last, in sequence means one after the other")
    func orders() {
        let latest = draws(.latest(theta: 2), 1_000, of: 50, seed: 1)
        #expect(latest.count { $0 == 49 } > 400)
        #expect(draws(.sequential, 5, of: 3, seed: 1) == [0, 1, 2, 0, 1])
        var second = KeyChooser(.sequential, count: 5, first: 1, stride: 2)
        var random = SeededRandom(seed: 1)
        #expect((0..<5).map { _ in second.draw(&random) } == [1, 3, 0, 2, 4])
    }

    @Test(
        "choices are read",
        arguments: [
            Row("even", "uniform", "uniform"), Row("the usual exponent", "zipf", "zipf:0.99"),
            Row("another", "latest:1.5", "latest:1.5"), Row("in sequence", "sequential", "sequential"),
            Row("an exponent of nothing", "zipf:0", nil), Row("the greatest", "zipf:5", "zipf:5.0"),
            Row("above it", "zipf:5.1", nil), Row("no exponent for it", "uniform:1", nil), Row("nothing", "", nil),
        ] as [Row<String, String?>]
    )
    func texts(row: Row<String, String?>) {
        #expect(KeyChoice(row.given)?.description == row.expected)
    }

    @Test("skew is told")
    func skew() throws {
        var counts = [UInt32](repeating: 1, count: 200)
        counts[7] = 100
        counts[8] = 0
        let skew = try #require(KeySkew(counts))
        #expect(skew.distinct == 199)
        #expect(abs(skew.topShare - 101.0 / 298) < 1e-9)
        #expect(KeySkew([0, 0]) == nil)
    }
}
