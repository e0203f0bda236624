import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// What all connections of one event loop share: the executor, the clock reading of the burst, and the output buffer.
///
/// Confined to its event loop.
final class LoopWorker {
    struct Settings: Sendable {
        var frameLengthMax: Int
        var inFlightMax: Int
        /// What all connections of the server hold.
        var memory: ConnectionMemory
        /// Beyond it what waits for the server is refused, in overload.
        var queueTimeNanoseconds: UInt64
    }

    /// A buffer that grew past this for one large burst is given back.
    private static let outputCapacityKeptMax = 256 * 1024

    let eventLoop: any EventLoop
    /// The same, where it serves sockets.
    private let socketLoop: SocketLoop?
    /// Held by its address, like the writer: so not every one of the many accesses in a burst is checked at run time for
    /// whether it overlaps with another. Neither of them knows the worker, so nothing in an access comes back for more.
    let executor: UnsafeMutablePointer<RequestExecutor>
    let writerPlace: UnsafeMutablePointer<FrameWriter>
    let counters: CounterBlock
    let settings: Settings
    let scanner: FrameScanner
    /// Who may call, as of the last reload.
    var callers: CallerDirectory
    private(set) var instant: SessionInstant
    /// The clock's tick when `instant` was read.
    private var instantTick: UInt64?
    private(set) var durableLSN = LogSequenceNumber.zero
    private(set) var snapshotProgress = SnapshotProgress()

    private let clock: ServerClock
    private let journal: any SessionJournal
    private let snapshots: (any SnapshotRequests)?
    private var output = ByteBuffer()
    var connections: [ObjectIdentifier: Connection] = [:]
    var waiting: [ObjectIdentifier: Connection] = [:]
    var heldBack: [ObjectIdentifier: Connection] = [:]
    /// Whether those are about to be asked again.
    var isHoldBackPausing = false
    var drained: EventLoopPromise<CutConnections>?
    /// What the drain has cut; nil while it has cut nobody.
    var cutConnections: CutConnections?
    private let burstClock: @Sendable () -> UInt64
    /// On `burstClock`, in nanoseconds.
    private var burstBegin: UInt64 = 0
    /// How long the burst took that has just ended.
    private(set) var burstNanoseconds: UInt64 = 0
    private var burstEnd: UInt64 = 0
    /// When the bytes of the burst were read, on `burstClock`.
    private(set) var burstStart: UInt64 = 0
    private var waits = InputWaits()
    private var shedding: LoadShedding
    /// Since when the input of the burst may have waited, in the socket too; on `burstClock`.
    private(set) var burstArrival: UInt64 = 0
    let durations: BurstDurations
    let hasAudit: Bool

    init(
        eventLoop: any EventLoop,
        executor: consuming RequestExecutor,
        settings: Settings,
        callers: CallerDirectory,
        clock: ServerClock,
        journal: any SessionJournal,
        burstClock: @escaping @Sendable () -> UInt64 = { ServerClock.awakeNanoseconds }
    ) {
        self.eventLoop = eventLoop
        socketLoop = eventLoop as? SocketLoop
        shedding = LoadShedding(limitNanoseconds: settings.queueTimeNanoseconds)
        counters = executor.counters
        snapshots = executor.snapshots
        hasAudit = executor.hasAudit
        durations = BurstDurations(executor.durations)
        self.burstClock = burstClock
        self.executor = .allocate(capacity: 1)
        self.executor.initialize(to: executor)
        self.settings = settings
        self.callers = callers
        self.clock = clock
        self.journal = journal
        scanner = FrameScanner(lengthMax: settings.frameLengthMax)
        writerPlace = .allocate(capacity: 1)
        writerPlace.initialize(to: FrameWriter(lengthMax: settings.frameLengthMax))
        instantTick = clock.tick(burstClock())
        instant = clock.now()
    }

    deinit {
        executor.deinitialize(count: 1)
        executor.deallocate()
        writerPlace.deinitialize(count: 1)
        writerPlace.deallocate()
    }

    /// The answers of the burst so far.
    var writer: FrameWriter {
        @inline(__always) _read { yield writerPlace.pointee }
        @inline(__always) _modify { yield &writerPlace.pointee }
    }

    var memory: ConnectionMemory { settings.memory }

    /// Whether a request of the burst has waited for the audit log's disk, which can be slow.
    var hasWaitedForAudit: Bool { executor.pointee.hasWaitedForAudit }

    /// Whether a burst has lasted so long that it is the others' turn.
    ///
    /// - Parameter frameCount: how many frames it has taken.
    func isBurstOverdue(behind frameCount: Int) -> Bool {
        let isLong = frameCount < Connection.framesPerLongTurnMax
        return burstClock() >= (isLong ? burstEnd : min(burstEnd, burstBegin + Connection.promptBurstNanosecondsMax))
    }

    /// Reads the clocks for all frames of the burst and empties the writer.
    ///
    /// - Parameter start: when the bytes were read that the burst is about, if that was before now.
    func beginBurst(for connection: Connection, since start: UInt64? = nil) {
        eventLoop.assertInEventLoop()
        executor.pointee.beginBurst()
        let now = burstClock()
        waits.note(now, in: socketLoop?.round)
        burstStart = start ?? now
        burstArrival = now
        burstBegin = now
        burstEnd = now + connection.burstNanosecondsMax
        executor.pointee.isMemoryExhausted = connection.isOverdrawn
        executor.pointee.mustShed = false
        if hasAudit {
            executor.pointee.peer = connection.peer
        }
        // Under load there are many bursts in a millisecond, and clocks are not told apart any finer.
        let tick = clock.tick(now)
        if tick == nil || tick != instantTick {
            instantTick = tick
            instant = clock.now()
        }
        writer.bytes.removeAll(keepingCapacity: true)
    }

    /// The same for frames that the peer has sent; what costs much is refused where they have waited too long.
    ///
    /// - Parameter arrival: since when they may have waited; nil: the loop was told of them in this round.
    func beginBurst(for connection: Connection, since start: UInt64? = nil, arrival: UInt64?) {
        beginBurst(for: connection, since: start)
        let now = waits.lastReading
        burstArrival = arrival ?? waits.arrival
        let burst = LoadShedding.Burst(
            now: now,
            arrival: burstArrival,
            lastBurst: connection.lastBurst,
            isBeyondShare: socketLoop?.isTurnBeyondShare ?? false
        )
        executor.pointee.mustShed = shedding.mustShed(burst, own: &connection.lateness)
        connection.lastBurst = now
    }

    /// Since when what the loop is being told of may have waited.
    var arrival: UInt64 {
        if socketLoop == nil || waits.round != socketLoop?.round {
            waits.note(burstClock(), in: socketLoop?.round)
        }
        return waits.arrival
    }

    /// The last reading of the clock, which may be as old as the last burst.
    var lastReading: UInt64 { waits.lastReading }

    /// The answers of the burst, if it has any, are about to be handed to the transport.
    func endBurst() {
        let now = burstClock()
        waits.noteEnd(now)
        burstNanoseconds = now - burstBegin
        durations.record(since: burstStart, now: now)
    }

    /// Takes what was written from `start` on out of the writer again, and lends it.
    func takeBack(from start: Int, _ body: (RawSpan) -> Void) {
        let end = writer.bytes.count
        body(writerPlace.pointee.bytes.span.bytes.extracting(start..<end))
        writerPlace.pointee.bytes.removeLast(end - start)
    }

    /// Calls `body` with the written frames; the writer is empty afterwards.
    func withOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        writerPlace.pointee.bytes.withUnsafeBytes(body)
        if writer.bytes.capacity <= Self.outputCapacityKeptMax {
            writer.bytes.removeAll(keepingCapacity: true)
        } else {
            writer = FrameWriter(lengthMax: settings.frameLengthMax)
        }
    }

    /// The written frames as one buffer for a channel; the writer is empty afterwards.
    func takeOutput() -> ByteBuffer {
        if output.capacity > Self.outputCapacityKeptMax {
            output = ByteBuffer()
        }
        output.clear()
        withOutput { output.writeBytes($0) }
        return output
    }

    // MARK: Durability

    /// Whether it makes sense to wait for the journal; not where it has failed or the disk does not answer. When it fails
    /// later, `releaseParked` gives up what waits.
    var isJournalWritable: Bool { journal.isWritable }

    /// Whether everything up to `lsn` is durable. Asks the journal only when what it said last does not suffice.
    func isDurable(_ lsn: LogSequenceNumber) -> Bool {
        // Compared as numbers: nearly every answer of a burst comes here, and what `Comparable` gives is far from it.
        if lsn.rawValue > durableLSN.rawValue {
            durableLSN = journal.durableLSN
        }
        return lsn.rawValue <= durableLSN.rawValue
    }

    /// What became of a snapshot, nil while it is being written. Asks only when what was said last does not suffice.
    func outcome(of number: SnapshotNumber) -> SnapshotProgress.Outcome? {
        if number > snapshotProgress.settled, let snapshots {
            snapshotProgress = snapshots.progress
        }
        return snapshotProgress.outcome(of: number)
    }

    /// Writes every parked answer whose records are durable now, or gives them up when the journal failed; and the
    /// same, whatever the journal does, with answers that wait for a snapshot.
    func releaseParked() {
        // A disk that only does not answer leaves them where they are: it may still, and then they are true.
        let mayAdvance = journal.mayAdvance
        durableLSN = journal.durableLSN
        if let snapshots {
            snapshotProgress = snapshots.progress
        }
        for (id, connection) in waiting {
            connection.releaseParked(through: durableLSN)
            if !mayAdvance {
                connection.abandonParked()
            }
            connection.releaseParked(snapshotProgress)
            connection.releaseParkedKeys()
            let isCounted = connection.hasParked == (connection.machine.parkedCount > 0)
            assert(!connection.isOpen || isCounted, "what waits is counted wrongly")
            if !connection.hasParked {
                waiting[id] = nil
            }
        }
    }
}
