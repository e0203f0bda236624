import MintmarkSessions
import MintmarkWire

/// What a connection holds back until records are durable: encoded answers, and requests that are to be executed again.
///
/// In the order of their log sequence numbers; equal numbers in the order of parking. Confined to the connection's event
/// loop.
struct ParkedAnswers {
    enum Content: Equatable {
        /// A whole frame.
        case answer([UInt8])
        /// The body of a request.
        case request(FrameHeader, body: [UInt8])
    }

    private struct Entry {
        var lsn: LogSequenceNumber
        var requestID: UInt32
        var content: Content
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func park(_ content: Content, requestID: UInt32, until lsn: LogSequenceNumber) {
        let entry = Entry(lsn: lsn, requestID: requestID, content: content)
        // Numbers nearly always ascend, so the search ends at once.
        let place = entries.lastIndex { $0.lsn <= lsn }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// Takes everything out that waits for `lsn` or less.
    mutating func release(through lsn: LogSequenceNumber) -> [Content] {
        let count = entries.firstIndex { $0.lsn > lsn } ?? entries.count
        let released = entries[..<count].map(\.content)
        entries.removeFirst(count)
        return released
    }

    /// Forgets everything; returns the ids of the requests that waited: their outcome is unknown.
    mutating func abandon() -> [UInt32] {
        defer { entries.removeAll() }
        return entries.map(\.requestID)
    }
}
