import NIOCore
import Synchronization

/// One `LoopWorker` for each event loop. Immutable; reachable from any thread, each worker only on its own loop.
final class WorkerPool: Sendable {
    private final class Member: Sendable {
        let eventLoop: any EventLoop
        let worker: NIOLoopBound<LoopWorker>
        let isReleaseScheduled = Atomic(false)

        init(eventLoop: any EventLoop, worker: NIOLoopBound<LoopWorker>) {
            self.eventLoop = eventLoop
            self.worker = worker
        }
    }

    private let members: [Member]

    /// Makes each worker on its own loop.
    init(
        loops: [any EventLoop],
        makeWorker: @escaping @Sendable (any EventLoop) -> LoopWorker
    ) async throws {
        var members: [Member] = []
        for loop in loops {
            let worker = try await loop.submit { NIOLoopBound(makeWorker(loop), eventLoop: loop) }.get()
            members.append(Member(eventLoop: loop, worker: worker))
        }
        self.members = members
    }

    /// The worker of the calling event loop.
    func worker(of eventLoop: any EventLoop) -> LoopWorker {
        guard let member = members.first(where: { $0.eventLoop === eventLoop }) else {
            preconditionFailure("a connection was accepted on a foreign event loop")
        }
        return member.worker.value
    }

    /// The journal made records durable or failed, or a snapshot is settled: wakes each event loop once, however many
    /// answers wait there. May be called on any thread.
    func durabilityAdvanced() {
        for member in members where !member.isReleaseScheduled.exchange(true, ordering: .acquiringAndReleasing) {
            member.eventLoop.execute {
                // Cleared first: an advance during the release below must wake the loop again. Exchanged, not stored: a
                // store could still be on its way when the release reads the journal, so that an advance in between
                // is neither read here nor wakes the loop. The exchange takes in what the advances before it wrote.
                _ = member.isReleaseScheduled.exchange(false, ordering: .acquiringAndReleasing)
                member.worker.value.releaseParked()
            }
        }
    }

    /// Other clients may call from now on. May be called on any thread.
    func callersChanged(to directory: CallerDirectory) {
        for member in members {
            member.eventLoop.execute {
                member.worker.value.callersChanged(to: directory)
            }
        }
    }

    /// Ends a drain: cuts every connection that is still there, with whatever waits on it.
    func cut() async {
        let cut = members.map { member in
            member.eventLoop.submit { member.worker.value.cut() }
        }
        for future in cut {
            try? await future.get()
        }
    }

    /// Finishes every connection; those that are not done when `timeout` is over are cut. Tells which those were.
    func drain(timeout: TimeAmount) async -> CutConnections {
        let drained = members.map { member in
            member.eventLoop.flatSubmit { member.worker.value.drain(timeout: timeout) }
        }
        var cut = CutConnections()
        for future in drained {
            // The futures never fail; the group may be gone already, and then so are the connections.
            cut = cut + ((try? await future.get()) ?? CutConnections())
        }
        return cut
    }
}
