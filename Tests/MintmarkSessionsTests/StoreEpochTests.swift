import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@Suite struct StoreEpochTests {
    private let random = SeededRandom(seed: 3)
    private static let origin: UInt64 = 1_577_836_800_000

    @Test func takesTheClockWhenItIsAhead() throws {
        let last = StoreEpoch(rawValue: 5 << 20)
        let next = StoreEpoch.next(after: last, wallMilliseconds: Self.origin + 9, random: random)
        #expect(try #require(next).instant == 9)
    }

    @Test(arguments: [6 as UInt64, 5, 0])
    func takesOneMoreThanTheLastWhenTheClockIsNot(clock: UInt64) throws {
        let last = StoreEpoch(rawValue: 6 << 20 | 0xF_FFFF)
        let next = try #require(StoreEpoch.next(after: last, wallMilliseconds: Self.origin + clock, random: random))
        #expect(next.instant == 7)
        #expect(next > last)
    }

    @Test func aClockBefore2020CountsAsZero() throws {
        #expect(try #require(StoreEpoch.next(after: nil, wallMilliseconds: 5, random: random)).instant == 0)
    }

    @Test func twoOfTheSameMillisecondDiffer() throws {
        let one = StoreEpoch.next(after: nil, wallMilliseconds: Self.origin, random: random)
        let other = StoreEpoch.next(after: nil, wallMilliseconds: Self.origin, random: random)
        #expect(one != other)
    }

    @Test(arguments: [1 << 44 - 3, 1 << 44 - 2] as [UInt64])
    func goesOnToItsLastBit(last: UInt64) {
        #expect(StoreEpoch.next(after: StoreEpoch(rawValue: last << 20), wallMilliseconds: 0, random: random) != nil)
    }

    @Test func endsWithItsBits() {
        let last = StoreEpoch(rawValue: (1 << 44 - 1) << 20)
        #expect(StoreEpoch.next(after: last, wallMilliseconds: 0, random: random) == nil)
    }
}
