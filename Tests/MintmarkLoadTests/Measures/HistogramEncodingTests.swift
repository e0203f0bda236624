import Histogram
import Testing

@testable import MintmarkLoad

@Suite("Encoded histograms")
struct HistogramEncodingTests {
    private func sample(_ seed: UInt64, count: Int) -> HistogramSnapshot {
        var random = SeededRandom(seed: seed)
        var histogram = LatencyHistogram()
        for _ in 0..<count {
            histogram.record(nanoseconds: Int64(random.next() >> UInt64(28 + random.below(30))))
        }
        return histogram.snapshot
    }

    @Test("what is written is read, bit by bit", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        let histogram = sample(seed, count: Int(seed) * 300)
        #expect(try HistogramEncoding.decode(HistogramEncoding.encode(histogram)) == histogram)
    }

    @Test("two added up are their sum", arguments: 0..<5 as Range<UInt64>)
    func sums(seed: UInt64) throws {
        let (left, right) = (sample(seed, count: 1_000), sample(seed + 100, count: 500))
        var sum = left
        sum.add(try HistogramEncoding.decode(HistogramEncoding.encode(right)))
        #expect(sum.count == 1_500)
        for percentile in [1.0, 50, 90, 99.9] {
            let expected = try #require(sum.value(atPercentile: percentile))
            let share = left.share(atMost: expected) * 1_000 + right.share(atMost: expected) * 500
            #expect(share >= percentile * 15 - 1e-6)
        }
    }

    @Test("percentiles are those of the library", arguments: 1..<6 as Range<UInt64>)
    func percentiles(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var histogram = LatencyHistogram()
        var library = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
        for _ in 0..<5_000 {
            let value = random.next() >> UInt64(30 + random.below(20))
            histogram.record(nanoseconds: Int64(value))
            library.record(value)
        }
        for percentile in [0.1, 10, 50, 90, 99, 99.9] {
            #expect(histogram.snapshot.value(atPercentile: percentile) == library.valueAtPercentile(percentile))
        }
    }

    @Test("damaged ones are refused, wherever the damage is")
    func damage() throws {
        let text = Array(HistogramEncoding.encode(sample(1, count: 50)).utf8)
        for place in text.indices {
            var damaged = text
            damaged[place] = damaged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let decoded = try? HistogramEncoding.decode(String(decoding: damaged, as: UTF8.self))
            // The last characters hold bits that belong to no byte.
            if place < text.count - 3 { #expect(decoded == nil, "\(place)") }
            #expect((try? HistogramEncoding.decode(String(decoding: text[..<place], as: UTF8.self))) == nil)
        }
    }

    @Test("every counter stands for the values that belong to it", arguments: [2, 3])
    func layout(digits: Int) throws {
        let layout = try #require(HistogramLayout(lowestValue: 1, highestValue: 60_000_000_000, digits: digits))
        for counter in 0..<layout.counterCount {
            let values = layout.values(ofCounter: counter)
            #expect(layout.counter(of: values.lowerBound) == counter)
            #expect(layout.counter(of: values.upperBound) == counter)
        }
    }

    @Test("streams of zlib's other methods are read")
    func deflated() {
        // What zlib 1.3 makes of 40 times "abc" at level 9: a block with the fixed code.
        let fixed: [UInt8] = [0x78, 0xDA, 0x4B, 0x4C, 0x4A, 0x4E, 0x1C, 0x08, 0x04, 0x00, 0xDB, 0xF6, 0x2D, 0xF1]
        #expect(Zlib.inflate(fixed[...]) == Array(String(repeating: "abc", count: 40).utf8))
        // And of 2 951 bytes of words drawn by lot: a block with a code of its own.
        let words = Base64.decode(Array(Self.words.utf8)).flatMap { Zlib.inflate($0[...]) }
        #expect(words?.count == 2_951)
        #expect(words.map(Zlib.adler32) == 3_041_028_773)
        #expect(Zlib.inflate(Zlib.stored([])[...]) == [])
        let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 * $0) }
        #expect(Zlib.inflate(Zlib.stored(long)[...]) == long)
    }

    private static let words = """
        eNqtVkkOgzAM/Apf6yG0qIJDqCr19xwaqiyzGKmnQLAd2zOekNOc0/6Ycln35b5N67K91lt+Tu+Ul/nz3ayfT+ve8Pc+ePQGZ4R+X/mU99qk\
        toNL7upTtkNystbugMYWbkKLITprDOyQTrTF0nwGnZTA0QJ4I+BZBCDZSeKDwsK2xbPR7ccN1tyKTIOMS2eOI32tKnpAKMs/UF/BG+chM7g8\
        eSEJodFiLW2sCXPguTC8k20lugE6gSS1EGmNiDPFaqPRasp7qqk4Y4Y5jc8TpC6WplpwLauBgCEsoVssuJEPL0rDDe94oRViUG5JbDIMkQdG\
        D0EvB5tlPIcXoep6oLBgv3Zm9gI/euxuHlPXyoULC2ku4aiYDH072Bu3LAe1Qmql
        """
}
