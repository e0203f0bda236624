import NIOConcurrencyHelpers

/// Which session an OPEN with an attempt id has opened, for a short time.
///
/// Holds the attempts that are being carried out and those that opened a session; one that opened nothing leaves no
/// trace. Bounded; full means refuse. One lock, never held together with another. Not journaled: a start forgets it.
final class AttemptMemory: Sendable {
    enum Begin: Equatable {
        /// Not remembered. It is being carried out from now on, until ``end(client:attempt:opening:)``.
        case new

        /// Another call with it is being carried out.
        case pending

        /// It has opened this session, and has been repeated so often since.
        case opened(SessionID, repetitionsCount: Int)

        case full
    }

    private struct Key: Hashable {
        let client: [UInt8]
        let attempt: SessionID
    }

    private struct Entry {
        let beganAtMilliseconds: UInt64

        /// Nil while the attempt is being carried out.
        var session: SessionID?

        var repetitionsCount = 0
    }

    private struct Memory {
        var entries: [Key: Entry] = [:]

        /// The attempts that opened a session, about in the order in which they began.
        var queue: [(key: Key, beganAtMilliseconds: UInt64)] = []
        var head = 0
    }

    /// The most attempts forgotten by one ``begin(client:attempt:atMilliseconds:)``.
    private static let beginForgetCountMax = 32

    /// The most attempts forgotten by one ``sweep(atMilliseconds:)``.
    private static let sweepForgetCountMax = 4_096

    private let countMax: Int
    private let memoryMilliseconds: UInt64
    private let memory = NIOLockedValueBox(Memory())

    /// - Parameters:
    ///   - countMax: the most attempts, those that are being carried out included.
    ///   - memoryMilliseconds: how long an attempt is remembered from its beginning, on the service clock.
    init(countMax: Int, memoryMilliseconds: UInt64) {
        self.countMax = countMax
        self.memoryMilliseconds = memoryMilliseconds
    }

    /// Looks an attempt up, or begins it.
    ///
    /// - Parameter attempt: 16 bytes, in the shape of an id.
    func begin(client: [UInt8], attempt: SessionID, atMilliseconds now: UInt64) -> Begin {
        memory.withLockedValue { memory in
            forget(&memory, countMax: Self.beginForgetCountMax, atMilliseconds: now)
            let key = Key(client: client, attempt: attempt)
            if var entry = memory.entries[key] {
                guard let session = entry.session else { return .pending }
                // One that is over may not have been forgotten yet.
                guard isOver(entry.beganAtMilliseconds, atMilliseconds: now) else {
                    entry.repetitionsCount += 1
                    memory.entries[key] = entry
                    return .opened(session, repetitionsCount: entry.repetitionsCount)
                }
            } else if memory.entries.count >= countMax {
                return .full
            }
            memory.entries[key] = Entry(beganAtMilliseconds: now, session: nil)
            return .new
        }
    }

    /// Ends an attempt that was ``Begin/new``: with the session that it opened, or with nothing.
    func end(client: [UInt8], attempt: SessionID, opening session: SessionID?) {
        memory.withLockedValue { memory in
            let key = Key(client: client, attempt: attempt)
            guard let session, let entry = memory.entries[key] else {
                memory.entries[key] = nil
                return
            }
            memory.entries[key]?.session = session
            memory.queue.append((key, entry.beganAtMilliseconds))
        }
    }

    /// Forgets some of what is old enough.
    func sweep(atMilliseconds now: UInt64) {
        memory.withLockedValue { forget(&$0, countMax: Self.sweepForgetCountMax, atMilliseconds: now) }
    }

    private func isOver(_ beganAtMilliseconds: UInt64, atMilliseconds now: UInt64) -> Bool {
        beganAtMilliseconds + memoryMilliseconds <= now
    }

    private func forget(_ memory: inout Memory, countMax: Int, atMilliseconds now: UInt64) {
        for _ in 0..<countMax {
            guard memory.head < memory.queue.count else { break }
            let oldest = memory.queue[memory.head]
            guard isOver(oldest.beganAtMilliseconds, atMilliseconds: now) else { break }
            // The same attempt may have been begun anew since.
            if memory.entries[oldest.key]?.beganAtMilliseconds == oldest.beganAtMilliseconds {
                memory.entries[oldest.key] = nil
            }
            memory.head += 1
        }
        if memory.head * 2 >= memory.queue.count {
            memory.queue.removeFirst(memory.head)
            memory.head = 0
        }
    }
}
