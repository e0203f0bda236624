import Testing

@testable import MintmarkLoad

@Suite("Shapes of a load")
struct WorkloadShapeTests {
    @Test(
        "sizes of claims are read",
        arguments: [
            Row("one", "64", true), Row("a range", "64-512", true), Row("weights", "64=9,1024=1", true),
            Row("the least", "10", true), Row("below the least", "9", false), Row("the greatest", "16384", true),
            Row("beyond the greatest", "16385", false), Row("a range backwards", "512-64", false),
            Row("a range of one", "64-64", true), Row("no weight", "64=0", false),
            Row("the greatest weight", "64=1000", true),
            Row("beyond it", "64=1001", false), Row("nothing", "", false), Row("a word", "many", false),
            Row("three bounds", "10-20-30", false), Row("64 sizes", list(64), true), Row("65 sizes", list(65), false),
        ] as [Row<String, Bool>]
    )
    func claimSizes(row: Row<String, Bool>) {
        #expect((ClaimSizes(row.given) != nil) == row.expected)
    }

    private static func list(_ count: Int) -> String { Array(repeating: "64", count: count).joined(separator: ",") }

    @Test("claims are JSON of exactly so many bytes, as often as weights say, and the same each time")
    func claims() throws {
        for (text, allowed) in [("10", 10...10), ("64", 64...64), ("100-300", 100...300)] {
            let sizes = try #require(ClaimSizes(text))
            for number in 0..<200 {
                let claims = sizes.claims(number)
                #expect(allowed.contains(claims.count))
                #expect(try JSONParser.parse(claims)["pad"].string != nil)
                #expect(claims == sizes.claims(number))
            }
        }
        let weighted = try #require(ClaimSizes("64=9,1024=1"))
        let great = (0..<5_000).count { weighted.claims($0).count == 1_024 }
        #expect(abs(great - 500) < 80, "\(great)")
    }

    @Test(
        "lists of processors are read",
        arguments: [
            Row("one", "0", [0]), Row("some", "0,2", [0, 2]), Row("ranges", "0-2,5", [0, 1, 2, 5]),
            Row("none", "", nil),
            Row("the last", "1023", [1_023]), Row("beyond the last", "1024", nil), Row("backwards", "3-1", nil),
            Row("below the first", "-1", nil), Row("a word", "all", nil),
        ] as [Row<String, Set<Int>?>]
    )
    func processors(row: Row<String, Set<Int>?>) {
        #expect(ProcessorList(row.given)?.processors == row.expected)
    }

    @Test("a choice's skew is what its counts say")
    func skew() throws {
        #expect(KeySkew([]) == nil)
        #expect(KeySkew([0, 0]) == nil)
        let counts: [UInt32] = Array(repeating: 1, count: 150) + [25, 25] + Array(repeating: 0, count: 48)
        let skew = try #require(KeySkew(counts))
        #expect(skew.keys == 200 && skew.distinct == 152 && skew.draws == 200)
        // Of two hundred keys two are the most frequent hundredth.
        #expect(skew.topShare == 0.25)
        #expect(TokenSizes([]) == nil)
        #expect(try #require(TokenSizes([200, 300, 400])).text == "3 of 200 to 400 bytes, 300 on average")
    }

    @Test(
        "in a spike the rate is another one, before and behind it the same",
        arguments: ArrivalSchedule.Arrival.allCases
    )
    func spike(arrival: ArrivalSchedule.Arrival) {
        let spike = ArrivalSchedule.Spike(
            perSecond: 50_000,
            startNanoseconds: 2_000_000_000,
            nanoseconds: 1_000_000_000
        )
        var schedule = ArrivalSchedule(arrival, ratePerSecond: 1_000, spike: spike, seed: 3)
        var counts = [Int](repeating: 0, count: 5)
        var last: Int64 = 0
        while true {
            let next = schedule.next()
            #expect(next >= last)
            last = next
            guard next < 5_000_000_000 else { break }
            counts[Int(next / 1_000_000_000)] += 1
        }
        for (count, expected) in zip(counts, [1_000, 1_000, 50_000, 1_000, 1_000]) {
            // Four standard deviations of a Poisson process.
            let allowed = arrival == .uniform ? 1 : 4 * Int(Double(expected).squareRoot())
            #expect(abs(count - expected) <= allowed, "\(counts)")
        }
    }

    @Test("a run with a spike says so, and its seconds show it")
    func spikeRun() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 500, arrival: .uniform, seconds: 6)
        plan.spike = .init(perSecond: 5_000, startNanoseconds: 2_000_000_000, nanoseconds: 1_000_000_000)
        let report = try VirtualRun.report(plan, .parallel(nanoseconds: 1_000))
        #expect(report.json["mode"].string == "spike")
        #expect(report.json["settings"]["spike_per_second"].number == 5_000)
        #expect(report.intervals.map { $0.offered / 400 }.prefix(6) == [1, 1, 12, 1, 1, 1])
    }

    @Test("a core makes signatures, and checks fewer")
    func ceiling() {
        let ceiling = SignatureCeiling.ofThisMachine
        #expect(ceiling.signsPerSecond > ceiling.verifiesPerSecond)
        #expect(ceiling.verifiesPerSecond > 100)
    }
}
