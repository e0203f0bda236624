/// When to kill: at a moment drawn by lot, or when the directory says that a step of a snapshot begins.
struct KillMoment: Hashable, Sendable {
    /// Nil: at a moment drawn by lot.
    var step: SnapshotStep?
    /// How long after the step's beginning, or from now on.
    var delayNanoseconds: Int64
    /// A step that has not begun by then does not begin.
    var patienceNanoseconds: Int64

    /// Draws one: every second is by lot, the others aim at a step that was hit least.
    init(
        number: Int,
        hits: [SnapshotStep: Int],
        snapshotInterval: DurationText,
        random: inout SeededRandom
    ) {
        let interval = min(snapshotInterval.nanoseconds, 2_000_000_000)
        patienceNanoseconds = 10 * interval
        guard number % 2 == 1 else {
            delayNanoseconds = Int64(random.unit() * 1.5 * Double(interval))
            return
        }
        let fewest = SnapshotStep.allCases.map { hits[$0, default: 0] }.min() ?? 0
        let rare = SnapshotStep.allCases.filter { hits[$0, default: 0] == fewest }
        step = rare[random.below(rare.count)]
        // Writing a snapshot takes its time; the other steps are over in a moment.
        let delayMax = step == .snapshotBeingWritten ? 5_000_000.0 : 500_000.0
        delayNanoseconds = random.below(4) < 3 ? 0 : Int64(random.unit() * delayMax)
    }
}
