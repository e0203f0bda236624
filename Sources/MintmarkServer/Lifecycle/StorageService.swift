import Logging
import MintmarkEngine
import MintmarkStorage
import ServiceLifecycle

/// Keeps the files of the session store up to date while the server serves, and ends with a last snapshot.
struct StorageService: Service {
    let threads: StorageThreads
    let observer: StorageThreads.Observer
    let logger: Logger

    func run() async throws {
        threads.start(observer)
        try? await gracefulShutdown()
        if let failure = await threads.stop() {
            logger.error(
                "no snapshot was taken at the end; the next start goes on from the one before and what the journal holds",
                metadata: ["reason": .string("\(failure)")]
            )
        }
    }

    /// To be called when everything has ended.
    ///
    /// - Throws: when sessions may have changed in memory only. A stop that loses something does not end as asked.
    func checkEnd() throws(DaemonFailure) {
        guard threads.endsShort else { return }
        throw DaemonFailure(
            "no snapshot was taken at the end: changes since the one before that the journal does not hold are lost"
        )
    }
}

/// Takes snapshots for requests.
struct StorageSnapshots: SnapshotRequests {
    let threads: StorageThreads

    func request() -> SnapshotNumber {
        SnapshotNumber(threads.requestSnapshot())
    }

    var progress: SnapshotProgress {
        let record = threads.snapshots
        return SnapshotProgress(
            published: SnapshotNumber(record.published),
            settled: SnapshotNumber(record.settled)
        )
    }
}

extension StorageThreads.Observer {
    /// Tells operators in the log, readiness, and the answers that wait.
    init(_ readiness: Readiness, logger: Logger, wake: @escaping @Sendable () -> Void) {
        self.init(
            stateChanged: { state in
                readiness.note(state)
                logger.note(state)
            },
            heldUp: { isHeldUp in
                if isHeldUp {
                    readiness.add(.storageSlow)
                    logger.error("the disk does not answer; sessions do not change until it does")
                } else {
                    readiness.remove(.storageSlow)
                    logger.info("the disk answers again")
                }
            },
            snapshotTaken: { record in
                logger.debug(
                    "snapshot taken",
                    metadata: [
                        "sessions": .stringConvertible(record.sessionCount),
                        "bytes": .stringConvertible(record.byteCount),
                    ]
                )
                wake()
            },
            snapshotFailed: { failure in
                logger.error("a snapshot failed; the one before counts", metadata: ["reason": .string("\(failure)")])
                wake()
            }
        )
    }
}

extension Readiness {
    /// Takes note of what became of the journal.
    fileprivate func note(_ state: FileJournal.State) {
        let reason: Reason? =
            switch state {
            case .open, .closed: nil
            case .stalled(let fault), .failed(let fault): fault.isDiskFull ? .storageFull : .storage
            }
        for other in [Reason.storage, .storageFull] where other != reason {
            remove(other)
        }
        if let reason {
            add(reason)
        }
    }
}

extension Logger {
    /// Tells what became of the journal.
    fileprivate func note(_ state: FileJournal.State) {
        switch state {
        case .open:
            info("the journal can be written again; sessions change again")
        case .closed:
            break
        case .stalled(let fault):
            error(
                "the journal cannot go on; sessions do not change until it can, nothing was lost",
                metadata: ["reason": .string("\(fault)")]
            )
        case .failed(let fault):
            error(
                "writing the journal failed; sessions do not change until a snapshot and a new segment are written",
                metadata: ["reason": .string("\(fault)")]
            )
        }
    }
}
