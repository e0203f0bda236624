import Testing

/// How `Tools/measure` takes turns with what it compares, and which of them it keeps: without measuring anything.
@Suite("The script that measures, by turns")
struct MeasurePairsTests {
    @Test func theMedianOfNinePairsIsTaken() throws {
        let result = try measureScript(
            """
            turns = iter([3, 1, 9, 5, 2, 8, 4, 7, 6])
            print(judging.median_of_pairs("name", lambda: next(turns), lambda: 2, "theirs"))
            """
        )
        #expect(result.output.hasSuffix("[('name', 2.5)]\n"), "\(result)")
        #expect(result.output.split(separator: "\n").count == 9 + 2)
    }

    /// How fast the processor is before a pair of short turns, between them and behind; and whether the pair is kept.
    static let speeds = [
        ("[100, 100, 100]", true), ("[90, 100, 95]", true), ("[100, 100, 90]", true),
        ("[100, 100, 89.9]", false), ("[100, 89.9, 100]", false), ("[89.9, 100, 100]", false),
    ]

    @Test(arguments: speeds)
    func shortPairsInWhichTheProcessorChangedItsSpeedAreTakenAgain(speeds: String, isKept: Bool) throws {
        let result = try measureScript(
            """
            judging.PLAN.short_pairs = 1
            speeds = iter(\(speeds) + [100] * 3)
            turns = iter([3, 5])
            print(judging.median_of_short_pairs("name", lambda: next(turns), lambda: 2, "theirs", lambda: next(speeds)))
            """
        )
        #expect(result.output.contains("discarded: \(isKept ? 0 : 1) pairs"), "\(result)")
        #expect(result.output.hasSuffix("[('name', \(isKept ? 1.5 : 2.5))]\n"), "\(result)")
    }

    /// Of so many pairs that are wanted, how many may be discarded.
    @Test(arguments: [(pairs: 1, discarded: 5), (pairs: 3, discarded: 15)])
    func manyShortPairsMayBeDiscardedAndNoMore(pairs: Int, discarded: Int) throws {
        for (more, isMeasured) in [(0, true), (1, false)] {
            let result = try measureScript(
                """
                judging.PLAN.short_pairs = \(pairs)
                taken = 0
                def ours():
                    global taken
                    taken += 1
                    if taken <= \(discarded + more):
                        judging.require_saturated("the server", 0.9)
                    return 3
                try:
                    print(judging.median_of_short_pairs("name", ours, lambda: 2, "theirs", lambda: 1))
                except judging.Invalid as reason:
                    print("invalid:", reason)
                """
            )
            let last = "the last: the server used 90.0% of its processor"
            let invalid = "invalid: \(discarded + 1) pairs of turns were discarded; \(last)\n"
            #expect(result.output.hasSuffix(isMeasured ? "[('name', 1.5)]\n" : invalid), "\(result)")
        }
    }

    /// What became of the processors in a short turn (used, idle, stolen; the generator's own share), and what came of it.
    static let turns = [
        ("0.98, 0.01, 0.00, 0.99", "{}", "kept"), ("0.96, 0.00, 0.04, 0.99", "{}", "unsteady"),
        ("0.96, 0.03, 0.00, 0.96", "{}", "unsteady"), ("0.94, 0.05, 0.00, 0.99", "{}", "unsteady"),
        ("0.98, 0.01, 0.00, 0.99", "{'reset': 1}", "invalid"),
    ]

    @Test(arguments: turns)
    func shortTurnsStandOrAreTakenAgainOrEndTheMeasurement(shares: String, errors: String, outcome: String) throws {
        let result = try measureScript(
            """
            used, idle, stolen, generator = \(shares)
            server = {"cores_used": used, "cores_idle": idle, "cores_stolen": stolen}
            report = {"errors": \(errors), "server": server, "generator": {"core_share_max": generator}}
            try:
                judging.require_undisturbed(report)
                print("kept")
            except judging.Unsteady:
                print("unsteady")
            except judging.Invalid:
                print("invalid")
            """
        )
        #expect(result.output == "\(outcome)\n", "\(result)")
    }
}
