import HeapModule

/// Who waits for a turn on a loop. Everybody gets an equal share of the time that turns take, and whoever asks for less than
/// that is hardly kept waiting by what the others have asked for.
///
/// As if everybody had a loop to itself, as many times slower as there are who wait, the turns of each follow one another
/// there, and the one that would end first is given first (fair queueing; Demers, Keshav and Shenker, SIGCOMM 1989). How
/// long a turn will take nobody knows: as long as the last one of the same asker. So nobody waits for ever either: a turn
/// that was asked for long ago ends before one that is asked for now. Nanoseconds on one clock; confined to its loop.
struct TurnQueue {
    /// What is known of one asker.
    struct Account {
        /// When its last turn would have ended on a loop of its own; zero at first.
        fileprivate(set) var end: UInt64 = 0
        /// How long its last turn took.
        fileprivate var nanoseconds: UInt64 = 0
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

    private var heap = Heap<Entry>()
    private var number: UInt64 = 0
    /// Whose turn it is.
    private var current: Entry?
    private var currentAsksAgain = false

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }

    mutating func append(_ target: any SocketLoop.Watched, now: UInt64) {
        if let current, current.target === target {
            // How long its turn takes is not known yet.
            currentAsksAgain = true
            return
        }
        let account = target.turnAccount
        let start = max(now, account.end)
        let entry = Entry(start: start, end: start + slowed(account.nanoseconds), number: number, target: target)
        heap.insert(entry)
        number &+= 1
    }

    /// Begins the next turn; returns whose it is.
    mutating func begin() -> (any SocketLoop.Watched)? {
        current = heap.popMin()
        return current?.target
    }

    /// The turn has ended, and took so long.
    mutating func end(nanoseconds: UInt64, now: UInt64) {
        guard let entry = current else { return }
        current = nil
        entry.target.turnAccount = Account(end: entry.start + slowed(nanoseconds), nanoseconds: nanoseconds)
        if currentAsksAgain {
            currentAsksAgain = false
            append(entry.target, now: now)
        }
    }

    /// How long a turn takes where one of those who wait has a loop of its own.
    private func slowed(_ nanoseconds: UInt64) -> UInt64 { nanoseconds * UInt64(heap.count + 1) }
}
