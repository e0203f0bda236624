import MintmarkEngine

/// Brings audit lines into their file, whole and in order, through whatever befalls it. Confined to the log's thread.
///
/// A line that was cut off by a full disk is completed when there is room; where the file was replaced meanwhile, it is
/// written again as a whole.
struct AuditWriter {
    private let open: () throws(AuditFault) -> any AuditSink
    /// Nil: it could not be opened again.
    private var sink: (any AuditSink)?
    /// Whole lines that are not written, but for `writtenCount` bytes at the beginning.
    private var pending: [UInt8] = []
    private var writtenCount = 0
    /// Whether the disk must keep what is written before power can fail.
    private var owesSynchronizing = false

    init(sink: any AuditSink, open: @escaping () throws(AuditFault) -> any AuditSink) {
        self.sink = sink
        self.open = open
    }

    var hasPending: Bool { writtenCount < pending.count }

    /// Adds a line; `synchronizes`: the next flush makes the disk keep it.
    mutating func add(_ event: AuditEvent, wallMilliseconds: UInt64, synchronizes: Bool) {
        owesSynchronizing = owesSynchronizing || synchronizes
        AuditLine.append(event, wallMilliseconds: wallMilliseconds, to: &pending)
    }

    /// Closes the file and opens whatever has its name now. When that fails there is none: what was renamed or removed
    /// is nowhere to write to.
    mutating func reopen() throws(AuditFault) {
        sink = nil
        beginLineAgain()
        sink = try open()
    }

    /// Writes everything that is pending.
    mutating func flush() throws(AuditFault) {
        let sink = try usableSink()
        while hasPending {
            let count = try sink.append(pending.span.bytes.extracting(writtenCount..<pending.count))
            writtenCount += count
        }
        pending.removeAll(keepingCapacity: pending.capacity <= Self.capacityKeptMax)
        writtenCount = 0
        if owesSynchronizing {
            try sink.synchronize()
            owesSynchronizing = false
        }
    }

    private static let capacityKeptMax = 64 * 1024

    /// The file, opened again when nobody could find any more what is written to it.
    private mutating func usableSink() throws(AuditFault) -> any AuditSink {
        if let sink, sink.isLinked {
            return sink
        }
        beginLineAgain()
        let sink = try open()
        self.sink = sink
        return sink
    }

    /// The rest of a line alone would be of no use in another file.
    private mutating func beginLineAgain() {
        let lastNewline = pending[..<writtenCount].lastIndex(of: UInt8(ascii: "\n"))
        pending.removeFirst(lastNewline.map { $0 + 1 } ?? 0)
        writtenCount = 0
    }
}
