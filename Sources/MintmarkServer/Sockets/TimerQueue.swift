import HeapModule
import NIOConcurrencyHelpers
import NIOCore

/// What is to be done at later times, the next first. Confined to its loop, but for `Timer.cancel`.
struct TimerQueue {
    /// Something that is to be done once.
    final class Timer: Sendable {
        typealias Action = @Sendable ((any Error)?) -> Void

        let deadline: NIODeadline
        /// Nil once it is done, or cancelled: a timer that waits in the queue for its removal keeps nothing else.
        private let action: NIOLockedValueBox<Action?>

        /// - Parameter action: What is done; it is given an error in place of its time when the loop ends before.
        init(deadline: NIODeadline, action: @escaping Action) {
            self.deadline = deadline
            self.action = NIOLockedValueBox(action)
        }

        /// Does nothing any more, unless it is being done already. Thread-safe.
        func cancel() {
            // Whatever it kept is let go of behind the lock.
            _ = takeAction()
        }

        fileprivate var isCalledOff: Bool { action.withLockedValue { $0 == nil } }

        fileprivate func fire(_ reason: (any Error)?) {
            takeAction()?(reason)
        }

        private func takeAction() -> Action? {
            action.withLockedValue { action in
                defer { action = nil }
                return action
            }
        }
    }

    /// A timer in the queue: of two for the same moment the first that came goes first.
    private struct Entry: Comparable {
        let timer: Timer
        let number: UInt64

        static func < (one: Entry, other: Entry) -> Bool {
            (one.timer.deadline, one.number) < (other.timer.deadline, other.number)
        }

        static func == (one: Entry, other: Entry) -> Bool { one.number == other.number }
    }

    private var heap = Heap<Entry>()
    private var number: UInt64 = 0
    /// With so many, those that were cancelled are looked for.
    private var purgeCount = TimerQueue.purgeCountMin
    static let purgeCountMin = 1024

    /// Those that were cancelled are among them, for a while.
    var count: Int { heap.count }

    var nextDeadline: NIODeadline? { heap.min?.timer.deadline }

    /// A cancelled timer stays where it is: others are no farther from their places. But when the queue has grown to
    /// twice what lived at the last purge, and to `purgeCountMin`, they are taken out: closed connections leave timers behind, at whatever rate peers open others.
    mutating func insert(_ timer: Timer) {
        if heap.count >= purgeCount {
            heap = Heap(heap.unordered.filter { !$0.timer.isCalledOff })
            purgeCount = max(Self.purgeCountMin, 2 * heap.count)
        }
        number += 1
        heap.insert(Entry(timer: timer, number: number))
    }

    /// Takes the next timer that is due.
    mutating func popDue(at now: NIODeadline) -> Timer? {
        guard let next = heap.min, next.timer.deadline <= now else {
            return nil
        }
        return heap.removeMin().timer
    }

    /// Takes all timers, in no order.
    mutating func removeAll() -> [Timer] {
        defer { heap = Heap() }
        return heap.unordered.map(\.timer)
    }
}

extension TimerQueue.Timer {
    /// Its time has come.
    func fire() { fire(nil) }

    /// Its time never comes.
    func fail(_ error: any Error) { fire(error) }
}
