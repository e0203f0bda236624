import NIOConcurrencyHelpers
import Synchronization

/// How far the sweep has come.
struct SweepCursor: Sendable {
    var shard = 0
    var place = 0
    var tableStep = 0
    var wall = SettledWallClock()
}

extension SessionStore {
    /// The most places looked at under one shard lock.
    private static var sweepBatchCount: Int { 64 }

    /// Forgets what can never matter again, in small steps: looks at up to `steps` places for sessions and at one part
    /// of each table. Repeated calls go round; the first one is made when the store begins to serve.
    ///
    /// - Returns: the number of sessions forgotten.
    @discardableResult
    package func sweep(steps: Int, now: SessionInstant) -> Int {
        let settledSeconds = settledWallSeconds(now)
        var removedCount = 0
        var stepsLeft = steps
        while stepsLeft > 0 {
            let cursor = sweepCursor.withLockedValue { $0 }
            let shard = shards[cursor.shard]
            let (removed, next) = sweepBatch(from: cursor.place, of: shard, settledSeconds, now: now)
            for session in removed {
                subjects.remove(session.id, subject: session.subject, client: session.client)
            }
            recordCount.subtract(removed.count, ordering: .relaxed)
            removedCount += removed.count
            stepsLeft -= Self.sweepBatchCount
            sweepCursor.withLockedValue { cursor in
                cursor.place = next ?? 0
                if next == nil {
                    cursor.shard = (cursor.shard + 1) & (shards.count - 1)
                }
            }
        }
        sweepTables(storeSeconds: min(now.storeSeconds, settledSeconds))
        attempts.sweep(atMilliseconds: now.serviceMilliseconds)
        return removedCount
    }

    private struct Removed {
        let id: SessionID
        let subject: [UInt8]
        let client: [UInt8]
    }

    /// Sweeps some places under the lock; the place to go on from, or nil at the shard's end.
    private func sweepBatch(
        from start: Int,
        of box: SessionShardBox,
        _ settledSeconds: UInt64,
        now: SessionInstant
    ) -> (removed: [Removed], next: Int?) {
        box.withLock { shard in
            var removed: [Removed] = []
            var place = start
            for _ in 0..<Self.sweepBatchCount {
                guard place < shard.placeCount else { return (removed, nil) }
                guard let session = shard.load(at: place), isOver(session.state, settledSeconds, now: now) else {
                    place += 1
                    continue
                }
                let client = shard.withSharedTerms(of: session) { $0.client }
                let subject = shard.withTexts(of: session, at: place) { subject, _ in Array(subject) }
                removed.append(Removed(id: session.state.id, subject: subject, client: client))
                // Another session may move up to this place, so it is looked at again.
                shard.remove(session, at: place)
            }
            return (removed, place < shard.placeCount ? place : nil)
        }
    }

    /// Whether nothing about a session can matter any more: it has expired or was revoked, and no access token of it can
    /// be valid. Each is judged by the clock that it was written by; the two may stand far apart.
    private func isOver(_ state: SessionState, _ settledSeconds: UInt64, now: SessionInstant) -> Bool {
        let lastTokenSeconds = state.accessTokenExpirySeconds + UInt64(limits.leewaySeconds)
        let hasEnded = state.revocation != nil || now.storeSeconds >= state.expirySeconds
        // Where nothing was revoked there is nothing to bring back.
        let wallSeconds = state.revocation == nil ? now.wallSeconds : settledSeconds
        return hasEnded && wallSeconds >= lastTokenSeconds
    }

    /// The wall clock as far as it can be believed. At a start that is the newest `iat`; a store without one is new.
    private func settledWallSeconds(_ now: SessionInstant) -> UInt64 {
        let patienceSeconds = accessTokenSecondsMax + UInt64(limits.leewaySeconds)
        return sweepCursor.withLockedValue { cursor in
            cursor.wall.seconds(at: now, start: cutOffs.greatestIssuedAt, patienceSeconds: patienceSeconds)
        }
    }

    private func sweepTables(storeSeconds: UInt64) {
        let step = sweepCursor.withLockedValue { cursor in
            cursor.tableStep = (cursor.tableStep + 1) % cutOffs.sweepStepCount
            return cursor.tableStep
        }
        cutOffs.sweep(step: step, storeSeconds: storeSeconds, retentionSeconds: retentionSeconds)
        forcedMarks.sweep(step: step, storeSeconds: storeSeconds, retentionSeconds: retentionSeconds)
    }
}
