import HeapModule

/// Who waits for a turn on a loop. Everybody gets an equal share of the time that turns take, and whoever asks for less than
/// that is hardly kept waiting by what the others have asked for.
///
/// The turns of each follow one another on a clock in nanoseconds that stands where the turn began that is being given; of
/// all that are asked for, the one that ends first there is next. How long a turn will take nobody knows: as long as those of
/// the same asker did lately. (Start-time fair queueing, Goyal, Vin and Cheng, SIGCOMM 1996, has the same clock, and goes
/// by where turns begin.) Confined to its loop.
struct TurnQueue {
    /// What is known of one asker.
    struct Account {
        /// Where its last turn ended on the queue's clock; nil: it has had none.
        fileprivate(set) var end: UInt64?
        /// How long its turns took lately.
        fileprivate var nanoseconds: UInt64 = 0
        /// What its turns have taken, and was not charged yet.
        fileprivate var debtNanoseconds: UInt64 = 0

        /// A turn that began at `start` took so long.
        ///
        /// One that took longer than the others has met with what the system does in between, or was for something else. No
        /// more than a quarter of theirs is charged beyond them, and the rest by and by: all at once, its asker would have
        /// to wait for many turns of everybody else; and without the rest, whoever asks for cheap things in between would
        /// have the dear ones for nothing.
        fileprivate mutating func note(_ taken: UInt64, from start: UInt64) {
            guard end != nil else {
                (end, nanoseconds) = (start + taken, taken)
                return
            }
            let charge = min(taken, max(nanoseconds + nanoseconds / 4, Connection.longBurstNanosecondsMin))
            let payment = debtNanoseconds / Self.paymentsPerDebt
            debtNanoseconds = debtNanoseconds - payment + (taken - charge)
            end = start + charge + payment
            nanoseconds = (3 * nanoseconds + charge) / 4
        }

        /// With each turn one part of so many is paid of what is owed.
        private static let paymentsPerDebt: UInt64 = 16
    }

    private struct Entry: Comparable {
        let start: UInt64
        let end: UInt64
        /// Of two that end at the same time the first that asked goes first.
        let number: UInt64
        let target: any SocketLoop.Watched

        static func < (one: Entry, other: Entry) -> Bool {
            (one.end, one.number) < (other.end, other.number)
        }

        static func == (one: Entry, other: Entry) -> Bool { one.number == other.number }
    }

    /// No turn counts for more: what took longer was not the asker's doing.
    static let turnNanosecondsMax = 2 * Connection.turnBurstNanosecondsMax

    /// How long first turns take, of those that take long. Whoever comes for the first time is taken to have had such a one:
    /// else those who come, ask once and go, as abandoned handshakes do, would all be before everybody who stays, and the
    /// clock would stand still. Many who come with next to nothing do not make it less.
    private(set) var newcomerNanoseconds = Connection.longBurstNanosecondsMin

    private var heap = Heap<Entry>()
    private var number: UInt64 = 0
    private var clock: UInt64 = 0
    /// Whose turn it is.
    private var current: Entry?
    private var currentAsksAgain = false

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }

    mutating func append(_ target: any SocketLoop.Watched) {
        if let current, current.target === target {
            // How long its turn takes is not known yet.
            currentAsksAgain = true
            return
        }
        let account = target.turnAccount
        let start = account.end.map { max(clock, $0) } ?? clock + newcomerNanoseconds
        let expected = account.end == nil ? newcomerNanoseconds : account.nanoseconds
        heap.insert(Entry(start: start, end: start + expected, number: number, target: target))
        number &+= 1
    }

    /// Begins the next turn; returns whose it is.
    mutating func begin() -> (any SocketLoop.Watched)? {
        guard let entry = heap.popMin() else { return nil }
        clock = max(clock, entry.start)
        current = entry
        return entry.target
    }

    /// The turn has ended, and took so long of a processor.
    mutating func end(nanoseconds: UInt64) {
        guard let entry = current else { return }
        current = nil
        let taken = min(nanoseconds, Self.turnNanosecondsMax)
        if entry.target.turnAccount.end == nil {
            let remembered = newcomerNanoseconds - newcomerNanoseconds / 64
            newcomerNanoseconds = max(taken, remembered, Connection.longBurstNanosecondsMin)
        }
        entry.target.turnAccount.note(taken, from: entry.start)
        if currentAsksAgain {
            currentAsksAgain = false
            append(entry.target)
        }
    }
}
