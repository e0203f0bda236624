import HeapModule

/// Who waits for a turn on a loop. Everybody gets an equal share of the time that turns take, and whoever asks for less than
/// that is hardly kept waiting by what the others have asked for.
///
/// The turns of each follow one another on a clock in nanoseconds that stands where the turn began that is being given; of
/// all that are asked for, the one that ends first there is next. How long a turn will take nobody knows: as long as those of
/// the same asker did lately. (Start-time fair queueing, Goyal, Vin and Cheng, SIGCOMM 1996, has the same clock, and goes
/// by where turns begin.) Confined to its loop.
struct TurnQueue {
    /// What somebody begins with. Whether that is dear is known beforehand.
    enum Beginning: Int, CaseIterable {
        case handshake
        case requests
    }

    /// What is known of one asker.
    struct Account {
        let beginning: Beginning
        /// Where its last turn ended on the queue's clock; nil: it has had none.
        fileprivate(set) var end: UInt64?
        /// How long its turns took lately.
        fileprivate var nanoseconds: UInt64 = 0
        /// What its turns have taken, and was not charged yet.
        fileprivate var debtNanoseconds: UInt64 = 0
        /// What it has waited for beforehand, for those who left.
        fileprivate var legacyNanoseconds: UInt64 = 0

        /// Whether it has had no turn, and has waited for what others left.
        var hasWaitedForOthers: Bool { end == nil && legacyNanoseconds > 0 }

        init(beginning: Beginning) {
            self.beginning = beginning
        }

        /// A turn that began at `start` took so long.
        ///
        /// One that took longer than the others has met with what the system does in between, or was for something else; of
        /// the first nobody knows what it was for. No more than a quarter of theirs is charged beyond them, and the rest by
        /// and by: all at once, its asker would have to wait for many turns of everybody else; and without the rest, whoever
        /// asks for cheap things in between would have the dear ones for nothing. Of so much no more than one turn is owed:
        /// that was no interruption.
        fileprivate mutating func note(_ taken: UInt64, from start: UInt64) {
            let isFirst = end == nil
            if isFirst { nanoseconds = newcomerNanoseconds }
            let usual = max(nanoseconds + nanoseconds / 4, Connection.longBurstNanosecondsMin)
            let payment = debtNanoseconds / Self.paymentsPerDebt
            let room = Self.debtNanosecondsMax - (debtNanoseconds - payment)
            let charge = min(taken, max(usual, taken - min(taken, room)))
            debtNanoseconds = debtNanoseconds - payment + (taken - charge)
            end = start + charge + payment
            nanoseconds = (3 * nanoseconds + (isFirst ? taken : charge)) / 4
        }

        /// With each turn one part of so many is paid of what is owed.
        private static let paymentsPerDebt: UInt64 = 16
        private static let debtNanosecondsMax = turnNanosecondsMax
    }

    private struct Entry: Comparable {
        let start: UInt64
        let end: UInt64
        /// Of two that end at the same time the first that asked goes first.
        let number: UInt64
        /// How long the clock goes on until it ends: what its asker has had beyond the others, and what it asks for.
        let delay: UInt64
        let target: any SocketLoop.Watched

        static func < (one: Entry, other: Entry) -> Bool {
            (one.end, one.number) < (other.end, other.number)
        }

        static func == (one: Entry, other: Entry) -> Bool { one.number == other.number }
    }

    /// No turn counts for more: what took longer was not the asker's doing.
    static let turnNanosecondsMax = 2 * Connection.turnBurstNanosecondsMax

    /// Whoever comes for the first time waits for a turn of that length beforehand.
    static let newcomerNanoseconds = Connection.longBurstNanosecondsMin
    /// What those have left who closed their connections before they had waited for the turns that they had. Newcomers wait
    /// for it instead, who begin with the same: else those who come, ask once and go, as abandoned handshakes do, would all be
    /// before everybody who stays, and so would be whoever does that on purpose. As long as nobody leaves any, newcomers
    /// hardly wait.
    private var legaciesNanoseconds = [UInt64](repeating: 0, count: Beginning.allCases.count)
    /// One newcomer takes one part of so many: those who come behind a few who have left much share it.
    private static let newcomersPerLegacy: UInt64 = 4
    /// As much as somebody leaves who owes a turn and has just had another.
    private static let legacyNanosecondsPerNewcomerMax = 2 * turnNanosecondsMax
    /// More is forgiven, so that newcomers are not kept waiting for long when those who left much come no more.
    private static let legacyNanosecondsMax = 64 * turnNanosecondsMax

    private var heap = Heap<Entry>()
    private var number: UInt64 = 0
    private var clock: UInt64 = 0
    /// The mean of the delays of the last turns, of about as many as `turnsPerMean`. Not of those who wait now: whoever comes
    /// last, when the others have had their turns, has waited for its own sake, too.
    private var delayMean: UInt64 = 0
    private static let turnsPerMean: UInt64 = 32
    /// Whose turn it is.
    private var current: Entry?
    /// Whether a turn is being given to somebody whose delay is greater by a quarter than those of the last turns were in
    /// the mean: it waited for its own sake. So there is always somebody who did not.
    private(set) var isCurrentBeyondShare = false
    private var currentAsksAgain = false
    private var currentHasLeft = false
    /// Where the last of all turns ended on the clock.
    private var endMax: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }

    mutating func append(_ target: any SocketLoop.Watched) {
        if let current, current.target === target {
            // How long its turn takes is not known yet.
            currentAsksAgain = true
            return
        }
        let start = target.turnAccount.end.map { max(clock, $0) } ?? clock + charge(newcomer: target)
        let expected = target.turnAccount.end == nil ? Self.newcomerNanoseconds : target.turnAccount.nanoseconds
        let end = start + expected
        heap.insert(Entry(start: start, end: end, number: number, delay: end - clock, target: target))
        number &+= 1
    }

    /// For how long somebody waits who has had no turn.
    private mutating func charge(newcomer: any SocketLoop.Watched) -> UInt64 {
        let beginning = newcomer.turnAccount.beginning.rawValue
        let left = legaciesNanoseconds[beginning]
        let legacy = min(left / Self.newcomersPerLegacy, Self.legacyNanosecondsPerNewcomerMax)
        legaciesNanoseconds[beginning] = left - legacy
        newcomer.turnAccount.legacyNanoseconds += legacy
        return Self.newcomerNanoseconds + newcomer.turnAccount.legacyNanoseconds
    }

    /// Somebody's peer has ended its side, and may be somebody new by now: newcomers wait at once for what is not paid. Else it
    /// would be paid while the end waits for its turn to be read. A turn that it had asked for before that waits, too: both
    /// are bounded, and nobody can tell who the newcomers are.
    mutating func peerEnded(of target: any SocketLoop.Watched) {
        guard let end = target.turnAccount.end else { return }
        bequeath(target.turnAccount)
        target.turnAccount.end = min(end, clock)
        target.turnAccount.debtNanoseconds = 0
    }

    /// Somebody asks for no more turns. Whether one that was asked for is given does not matter.
    mutating func leave(_ target: any SocketLoop.Watched) {
        if let current, current.target === target {
            currentHasLeft = true
        } else if current != nil || !heap.isEmpty {
            bequeath(target.turnAccount)
        }
    }

    private mutating func bequeath(_ account: Account) {
        // Who had no turn leaves what others left it.
        let left = account.end.map { $0 - min($0, clock) + account.debtNanoseconds } ?? account.legacyNanoseconds
        let legacy = legaciesNanoseconds[account.beginning.rawValue] + left
        legaciesNanoseconds[account.beginning.rawValue] = min(legacy, Self.legacyNanosecondsMax)
    }

    /// What newcomers wait for who begin like that, all together.
    func legacyNanoseconds(of beginning: Beginning) -> UInt64 { legaciesNanoseconds[beginning.rawValue] }

    /// Begins the next turn; returns whose it is.
    mutating func begin() -> (any SocketLoop.Watched)? {
        guard let entry = heap.popMin() else { return nil }
        clock = max(clock, entry.start)
        current = entry
        noteDelay(entry.delay)
        return entry.target
    }

    private mutating func noteDelay(_ delay: UInt64) {
        if delayMean == 0 { delayMean = delay }
        isCurrentBeyondShare = delay > delayMean + delayMean / 4
        delayMean = delayMean - delayMean / Self.turnsPerMean + delay / Self.turnsPerMean
    }

    /// The turn has ended, and took so long of a processor.
    mutating func end(nanoseconds: UInt64) {
        guard let entry = current else { return }
        (current, isCurrentBeyondShare) = (nil, false)
        let taken = min(nanoseconds, Self.turnNanosecondsMax)
        entry.target.turnAccount.note(taken, from: entry.start)
        endMax = max(endMax, entry.target.turnAccount.end ?? 0)
        if currentHasLeft {
            bequeath(entry.target.turnAccount)
        } else if currentAsksAgain {
            append(entry.target)
        }
        (currentAsksAgain, currentHasLeft) = (false, false)
        if heap.isEmpty {
            // Nobody has waited for what others had.
            clock = max(clock, endMax)
            for beginning in Beginning.allCases { legaciesNanoseconds[beginning.rawValue] = 0 }
        }
    }
}
