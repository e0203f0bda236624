import NIOConcurrencyHelpers

/// Which session an OPEN with an attempt id has opened, for a short time.
///
/// Bounded; full means refuse. One lock, never held together with another. Not journaled: a start forgets it.
final class AttemptMemory: Sendable {
    enum Begin: Equatable {
        /// Not seen before; remembered now with the session id proposed.
        case new

        /// This session was proposed before.
        case known(SessionID)

        case full
    }

    private struct Key: Hashable {
        let client: [UInt8]
        let attempt: SessionID
    }

    private struct Memory {
        var sessions: [Key: SessionID] = [:]

        /// Oldest first. All are remembered equally long, so the head expires first.
        var queue: [(key: Key, session: SessionID, beganAtMilliseconds: UInt64)] = []
        var head = 0
    }

    /// The most attempts forgotten by one call.
    private static let forgetCountMax = 32

    private let countMax: Int
    private let memoryMilliseconds: UInt64
    private let memory = NIOLockedValueBox(Memory())

    init(countMax: Int, memoryMilliseconds: UInt64) {
        self.countMax = countMax
        self.memoryMilliseconds = memoryMilliseconds
    }

    /// Looks an attempt up, or remembers it with the session that it is about to open.
    ///
    /// - Parameter attempt: 16 bytes, in the shape of an id.
    func begin(
        client: [UInt8],
        attempt: SessionID,
        proposing session: SessionID,
        atMilliseconds now: UInt64
    ) -> Begin {
        memory.withLockedValue { memory in
            forget(&memory, atMilliseconds: now)
            let key = Key(client: client, attempt: attempt)
            if let known = memory.sessions[key] {
                return .known(known)
            }
            guard memory.sessions.count < countMax else { return .full }
            memory.sessions[key] = session
            memory.queue.append((key, session, now))
            return .new
        }
    }

    /// Forgets an attempt that opened nothing.
    func cancel(client: [UInt8], attempt: SessionID) {
        memory.withLockedValue { $0.sessions[Key(client: client, attempt: attempt)] = nil }
    }

    /// Forgets some of what is old enough.
    func sweep(atMilliseconds now: UInt64) {
        memory.withLockedValue { forget(&$0, atMilliseconds: now) }
    }

    private func forget(_ memory: inout Memory, atMilliseconds now: UInt64) {
        for _ in 0..<Self.forgetCountMax {
            guard memory.head < memory.queue.count else { break }
            let oldest = memory.queue[memory.head]
            guard oldest.beganAtMilliseconds + memoryMilliseconds <= now else { break }
            // A cancelled attempt may have been begun anew since.
            if memory.sessions[oldest.key] == oldest.session {
                memory.sessions[oldest.key] = nil
            }
            memory.head += 1
        }
        if memory.head * 2 >= memory.queue.count {
            memory.queue.removeFirst(memory.head)
            memory.head = 0
        }
    }
}
