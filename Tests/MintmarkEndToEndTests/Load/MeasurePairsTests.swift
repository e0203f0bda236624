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

    /// How fast the processors of server and generator are before a pair of short turns, between them and behind; and whether
    /// the pair is kept.
    static let speeds = [
        ("(100, 100), (100, 100), (100, 100)", true), ("(90, 100), (100, 100), (95, 100)", true),
        ("(100, 90), (100, 100), (90, 200)", true), ("(100, 100), (100, 100), (89.9, 100)", false),
        ("(100, 100), (89.9, 100), (100, 100)", false), ("(89.9, 100), (100, 100), (100, 100)", false),
        ("(100, 89.9), (100, 100), (100, 100)", false), ("(100, 100), (100, 100), (100, 89.9)", false),
    ]

    @Test(arguments: speeds)
    func shortPairsInWhichAProcessorChangedItsSpeedAreTakenAgain(speeds: String, isKept: Bool) throws {
        let result = try measureScript(
            """
            judging.PLAN.short_pairs = 1
            speeds = iter([\(speeds)] + [(100, 100)] * 3)
            turns = iter([3, 5])
            result = judging.median_of_short_pairs("name", lambda: next(turns), lambda: 2, "theirs", lambda: next(speeds))
            print(result, result[0].details["discarded"])
            """
        )
        let discarded = "{'unsteady': \(isKept ? 0 : 1), 'unsaturated': 0}"
        #expect(result.output.hasSuffix("[('name', \(isKept ? 1.5 : 2.5))] \(discarded)\n"), "\(result)")
    }

    /// What keeps turns from standing, the words for it, and how many pairs may be discarded for each that is wanted.
    static let faults = [
        (#"judging.require_whole("libsodium", 0.9)"#, "libsodium used 90.0% of its processor", 6),
        (#"judging.require_saturated("the server", 0.9)"#, "the server used 90.0% of its processor", 1),
    ]

    @Test(arguments: faults, [1, 3])
    func manyShortPairsMayBeDiscardedAndNoMore(fault: (body: String, words: String, allowed: Int), pairs: Int) throws {
        for count in [fault.allowed * pairs, fault.allowed * pairs + 1] {
            let result = try measureScript(
                """
                judging.PLAN.short_pairs = \(pairs)
                taken = 0
                def ours():
                    global taken
                    taken += 1
                    if taken <= \(count):
                        \(fault.body)
                    return 3
                try:
                    print(judging.median_of_short_pairs("name", ours, lambda: 2, "theirs", lambda: (1, 1)))
                except judging.Invalid as reason:
                    print("invalid:", reason)
                """
            )
            let invalid = "invalid: \(count) pairs of turns were discarded; the last: \(fault.words)\n"
            let isMeasured = count == fault.allowed * pairs
            #expect(result.output.hasSuffix(isMeasured ? "[('name', 1.5)]\n" : invalid), "\(result)")
        }
    }

    /// What became of the processors in a short turn (used, idle, stolen; the generator's own share), and what came of it.
    static let turns = [
        ("0.98, 0.01, 0.00, 0.99", "{}", "kept"), ("0.965, 0.01, 0.025, 0.99", "{}", "kept"),
        ("0.96, 0.00, 0.04, 0.99", "{}", "Unsteady"), ("0.96, 0.03, 0.00, 0.96", "{}", "Unsteady"),
        ("0.94, 0.05, 0.00, 0.99", "{}", "Unsaturated"), ("0.98, 0.01, 0.00, 0.99", "{'reset': 1}", "Invalid"),
        ("0.96, 0.00, 0.04, 0.99", "{'reset': 1}", "Invalid"),
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
            except judging.Invalid as reason:
                print(type(reason).__name__)
            """
        )
        #expect(result.output == "\(outcome)\n", "\(result)")
    }

    /// A trial of the script asks for nothing that a busy machine could not give.
    @Test func theQuickPlanTakesWhatComes() throws {
        let result = try measureScript(
            """
            judging.PLAN.become_quick()
            server = {"cores_used": 0.3, "cores_idle": 0.1, "cores_stolen": 0.4}
            judging.require_undisturbed({"errors": {}, "server": server, "generator": {"core_share_max": 0.2}})
            judging.require_whole("libsodium", 0.1)
            speeds = iter([(100, 1), (1, 100), (50, 1)])
            print(judging.median_of_short_pairs("name", lambda: 3, lambda: 2, "theirs", lambda: next(speeds)))
            """
        )
        #expect(result.output.hasSuffix("[('name', 1.5)]\n"), "\(result)")
    }
}
