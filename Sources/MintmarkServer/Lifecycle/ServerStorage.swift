import Logging
import MintmarkCrypto
import MintmarkSessions
import MintmarkStorage
import NIOCore
import NIOPosix

/// The session store with its files: recovered, in its new life, and not yet worked on by any thread. Immutable
/// references to parts that guard themselves.
struct ServerStorage: Sendable {
    let sessions: SessionStore
    let journal: FileJournal
    let storage: SessionStorage
    let clock: ServerClock

    /// Raised whenever the journal has something to write.
    let journalSignal: WakeSignal

    /// Recovers the store from its directory, or makes a new one, and begins its next life.
    ///
    /// - Parameters:
    ///   - callers: those that the store will serve; their policies bound it.
    ///   - settle: called when the store was recovered, or is found to be new, and its next life has not begun.
    init(
        _ configuration: Configuration,
        masterKey: SecretBytes,
        disk: any StorageDirectory,
        callers: [SessionCaller],
        manager: ServiceManager,
        logger: Logger,
        whenGood settle: () throws(DaemonFailure) -> Void = {}
    ) throws(DaemonFailure) {
        let random = SystemRandom()
        let journalSignal = WakeSignal()
        self.journalSignal = journalSignal
        let recovered: RecoveredStore
        do throws(RecoveryFailure) {
            let opening = try StoreOpening(disk, master: masterKey)
            journal = FileJournal(in: disk, settings: Self.settings(configuration), random: random) {
                Self.wake(journalSignal)
            }
            sessions = SessionStore(
                limits: Self.limits(configuration),
                codec: RefreshTokenCodec(keys: opening.tokenKeys),
                epoch: opening.epoch,
                journal: journal,
                random: random
            )
            let log = RecoveryLog(configuration.dataDirectory, logger, manager)
            recovered = try opening.recover(into: sessions) { log.note($0) }
            log.finish(recovered, isNew: opening.isNew)
        } catch {
            throw .store(
                Self.message(configuration, error),
                error.mayPass ? .failed : .store,
                isUnexplained: error.isUnexplained,
                configuration
            )
        }
        try settle()
        clock = Self.clock(recovered, journal, logger)
        do throws(StorageStartFailure) {
            storage = try SessionStorage(
                recovered,
                store: sessions,
                journal: journal,
                random: random,
                wallMilliseconds: ServerClock.wallMilliseconds,
                atMilliseconds: MonotonicClock.milliseconds
            ) { [clock] in
                clock.now()
            }
        } catch {
            throw DaemonFailure(Self.message(configuration, error), .failed)
        }
        let capped = callers.filter { $0.policy.sessionsPerSubject != nil }
        sessions.listSubjects(ofClients: Set(capped.map(\.clientID)), now: clock.now())
    }

    private static func clock(_ recovered: RecoveredStore, _ journal: FileJournal, _ logger: Logger) -> ServerClock {
        ServerClock(
            from: recovered.isNew ? nil : recovered.clocks,
            // Storage's threads go by the same clock.
            isServing: { journal.isServing(atMilliseconds: $0) },
            onRefusedJump: { seconds in
                logger.warning(
                    "the wall clock jumped ahead by more than a day; the deadlines of sessions do not follow it",
                    metadata: ["seconds": .stringConvertible(seconds)]
                )
            }
        )
    }

    private static func message(_ configuration: Configuration, _ reason: any Error) -> String {
        "the sessions in \(configuration.dataDirectory) cannot be used: \(reason)"
    }

    /// For so long a loop that is never idle lets events wait for more of them.
    private static let commitDelayMax = TimeAmount.milliseconds(10)

    /// Wakes the journal's thread when the calling event loop has done what there is to do, so that one commit takes all of
    /// that.
    ///
    /// Each loop of sockets in clear does so for itself: the one whose event came first may be busy for long.
    static func wake(_ journalSignal: WakeSignal) {
        guard let loop = SocketLoop.current else {
            // A loop of NIO's does not tell when it is idle, and would do what it is asked to behind all that is ready.
            return journalSignal.raise()
        }
        if !loop.hasIdleTasks {
            loop.executeWhenIdle(within: commitDelayMax) { journalSignal.raise() }
        }
    }

    private static func settings(_ configuration: Configuration) -> FileJournal.Settings {
        var settings = FileJournal.Settings()
        settings.mode = configuration.storage.durability
        settings.segmentByteCount = configuration.storage.segmentSizeBytes
        settings.nanoseconds = { ServerClock.awakeNanoseconds }
        let windows = configuration.clients.values.map { $0.grace.window.wholeMilliseconds }
        settings.clockKeepMilliseconds = UInt64(windows.max() ?? 0) + 2 * settings.clockIntervalMilliseconds
        return settings
    }

    private static func limits(_ configuration: Configuration) -> SessionStoreLimits {
        var limits = SessionStoreLimits()
        limits.sessionCountMax = configuration.sessions.max
        limits.cutOffCountMax = configuration.sessions.cutOffsMax
        limits.forcedMarkCountMax = configuration.sessions.cutOffsMax
        for client in configuration.clients.values {
            limits.accessTokenTTLSecondsMax = max(
                limits.accessTokenTTLSecondsMax,
                UInt32(clamping: client.accessTokenTTL.wholeSeconds)
            )
            limits.absoluteSecondsMax = max(limits.absoluteSecondsMax, UInt32(clamping: client.absolute.wholeSeconds))
        }
        return limits
    }
}

/// Tells an operator how far recovery has come, and what it found.
private final class RecoveryLog {
    private let directory: String
    private let logger: Logger
    private let manager: ServiceManager
    private let beganMilliseconds = MonotonicClock.milliseconds
    private var toldMilliseconds = MonotonicClock.milliseconds

    private static let intervalMilliseconds: UInt64 = 1_000

    init(_ directory: String, _ logger: Logger, _ manager: ServiceManager) {
        self.directory = directory
        self.logger = logger
        self.manager = manager
    }

    func note(_ progress: RecoveryProgress) {
        let now = MonotonicClock.milliseconds
        guard now >= toldMilliseconds + Self.intervalMilliseconds else { return }
        toldMilliseconds = now
        let (part, fraction) =
            switch progress {
            case .snapshot(let fraction): ("snapshot", fraction)
            case .journal(let fraction): ("journal", fraction)
            }
        let percent = Int(fraction * 100)
        logger.info("recovering", metadata: ["part": .string(part), "percent": .stringConvertible(percent)])
        manager.starting("Recovering sessions: \(percent) % of the \(part)")
    }

    func finish(_ recovered: RecoveredStore, isNew: Bool) {
        guard !isNew else {
            // Whoever mistyped the directory should see it: everybody is logged out there.
            logger.notice("a new session store begins", metadata: ["data_directory": .string(directory)])
            return
        }
        let report = recovered.report
        logger.info(
            "sessions recovered",
            metadata: [
                "data_directory": .string(directory),
                "sessions": .stringConvertible(report.sessions),
                "from_snapshot": .stringConvertible(report.snapshotSessions),
                "events": .stringConvertible(report.events),
                "segments": .stringConvertible(report.segments),
                "milliseconds": .stringConvertible(MonotonicClock.milliseconds - beganMilliseconds),
            ]
        )
        if let cut = report.cut {
            logger.warning(
                """
                the journal ended in something that is no whole write, and it was cut off: a stop in the middle of a write \
                leaves that, and nothing of it was acknowledged; a last write that the disk has damaged since looks the same
                """,
                metadata: [
                    "file": .string(cut.file),
                    "offset": .stringConvertible(cut.offset),
                    "bytes": .stringConvertible(cut.byteCount),
                    "kept_in": .string(cut.keptIn),
                ]
            )
        }
    }
}

extension StorageThreads.Settings {
    init(_ storage: Configuration.Storage) {
        self.init()
        snapshotIntervalMilliseconds = UInt64(storage.snapshotInterval.wholeMilliseconds)
    }
}
