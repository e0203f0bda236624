package import MintmarkCrypto
import Synchronization

/// The revocations of everything of a subject, of a client, and of all.
///
/// Sessions are compared with a cut-off by the journal's order: those opened before it are revoked. Access tokens are
/// compared by time: a cut-off has a T, tokens of its target with `iat` up to T are refused, and whatever is issued
/// afterwards carries more. For this every `iat` that is handed out comes from here.
///
/// T must reach every `iat` that its target was given, but no other's: an `iat` that had to be moved beyond the clock for
/// one subject must not move those of all. So readings of the clock, which anybody may have got, are kept apart from
/// moved ones; a subject's own are remembered with its entry.
///
/// Shared between threads. A stripe's lock is taken after a shard's lock, never before one; the journal's after it.
/// Without entries neither issuing nor checking takes a lock. Full means refuse: an entry goes by age alone.
package final class CutOffTable: Sendable {
    private let table: TargetTable<CutOff>
    /// The greatest clock reading that was handed out.
    private let clockMax: Atomic<UInt64>
    /// The greatest `iat` that was moved beyond the clock, for whatever reason.
    private let movedMax = Atomic<UInt64>(0)
    /// The greatest `iat` that was moved beyond the clock because of a client's cut-off or that of all.
    private let broadlyMovedMax = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - countMax: the most entries.
    ///   - issuedAtMax: the greatest `iat` that an earlier life of the store may have handed out.
    package init(countMax: Int, issuedAtMax: UInt64 = 0, random: some RandomSource) {
        table = TargetTable(countMax: countMax, random: random)
        clockMax = Atomic(issuedAtMax)
    }

    /// The greatest `iat` handed out, or granted for before a cut-off. To be persisted.
    package var greatestIssuedAt: UInt64 {
        max(clockMax.load(ordering: .sequentiallyConsistent), movedMax.load(ordering: .sequentiallyConsistent))
    }

    package var count: Int {
        table.entryCount
    }

    /// The `iat` for an access token of `subject` at `client` that is issued now: the clock, or one more than the
    /// greatest T that concerns it.
    package func issueTime(subject: RawSpan, client: RawSpan, wallSeconds: UInt64) -> UInt64 {
        switch admit(subject: subject, client: client, openLSN: .max, wallSeconds: wallSeconds) {
        case .issuedAt(let seconds): seconds
        case .cutOff: preconditionFailure("no cut-off comes after the greatest LSN")
        }
    }

    /// Revokes everything of `target`.
    ///
    /// T is the greater of the clock, read inside the critical section, and the greatest `iat` that the target may have
    /// been given. The bound never refuses the cut-off of all. When the journal cannot be written to, the cut-off holds in
    /// memory at once, and the answer is ``SessionRefusal/storage``.
    package func cutOff(
        _ target: SessionTarget,
        storeSeconds: UInt64,
        journal: any SessionJournal,
        readingWallSeconds wallSeconds: () -> UInt64
    ) -> SessionMutation {
        var result = SessionMutation.refused(.cutOffsFull)
        _ = table.update(target, isBounded: target != .all) { present in
            let given = greatestIssuedAt(to: target, present)
            let issuedAtMax = min(max(wallSeconds(), given), SessionInstant.secondsMax)
            let facts = CutOff.Facts(issuedAtMax: issuedAtMax, storeSeconds: storeSeconds)
            let lsn = journal.append(.cutOff(target, facts))
            result = lsn.map { .done($0) } ?? .refused(.storage)
            // Without a number of its own it stands behind all that were given: no session opened so far escapes it.
            var cutOff = CutOff(lsn: lsn ?? journal.lastLSN.next, facts: facts)
            cutOff.isHeld = lsn == nil
            return present.map { $0.merging(cutOff) } ?? cutOff
        }
        return result
    }

    /// Writes the cut-offs that were made while the journal could not be written to, and which its way back may have
    /// missed. They get new numbers, and reach every session that was opened before. False when it cannot be written to
    /// again; then they are kept for the next time.
    package func journalHeld(_ journal: any SessionJournal) -> Bool {
        entries.filter(\.cutOff.isHeld).allSatisfy { target, _ in
            var isWritten = true
            _ = table.update(target, isBounded: false) { present in
                guard var cutOff = present, cutOff.isHeld else { return nil }
                guard let lsn = journal.append(.cutOff(target, cutOff.facts)) else {
                    isWritten = false
                    return nil
                }
                cutOff.lsn = lsn
                cutOff.isHeld = false
                return cutOff
            }
            return isWritten
        }
    }

    /// Takes note of an `iat` that an earlier life of the store has handed out.
    func raiseIssuedAt(to seconds: UInt64) {
        Self.raise(clockMax, to: seconds)
    }

    /// Puts back a cut-off from a journal or snapshot. The bound does not apply.
    package func restore(_ target: SessionTarget, _ cutOff: CutOff) {
        var cutOff = cutOff
        // An earlier life may have issued right behind it.
        cutOff.hasIssuedBehind = true
        _ = table.update(target, isBounded: false) { $0.map { $0.merging(cutOff) } ?? cutOff }
        Self.raise(movedMax, to: cutOff.leastIssuedAt)
        if case .subject = target {
            return
        }
        Self.raise(broadlyMovedMax, to: cutOff.leastIssuedAt)
    }

    /// Removes what no session and no access token can fall under any more, in one step of ``sweepStepCount``.
    ///
    /// - Parameter retentionSeconds: the longest absolute expiry ever configured, plus the longest life of an access
    ///   token, plus leeway.
    package func sweep(step: Int, storeSeconds: UInt64, retentionSeconds: UInt64) {
        table.sweep(stripe: step) { $0.facts.storeSeconds + retentionSeconds <= storeSeconds }
    }

    package var sweepStepCount: Int {
        table.sweepCount
    }

    /// A copy of the entries, for a snapshot.
    package var entries: [(target: SessionTarget, cutOff: CutOff)] {
        copyEntries()
    }

    /// A copy of the entries; `betweenStripes` is called behind each part of the table, without a lock.
    package func copyEntries(betweenStripes: () -> Void = {}) -> [(target: SessionTarget, cutOff: CutOff)] {
        table.copyEntries(betweenStripes: betweenStripes).map { ($0.target, $0.value) }
    }

    /// Whether an access token must be refused: it was issued before a cut-off of its subject, its client or all.
    package func rejects(subject: RawSpan, client: RawSpan, issuedAt: UInt64) -> Bool {
        var isRejected = false
        table.forEach(subject: subject, client: client) { cutOff in
            isRejected = isRejected || issuedAt <= cutOff.facts.issuedAtMax
        }
        return isRejected
    }
}

extension CutOffTable {
    /// What ``admit(subject:client:openLSN:wallSeconds:)`` says.
    enum Admission: Equatable {
        /// The session was opened before the cut-off with this number.
        case cutOff(LogSequenceNumber)

        case issuedAt(UInt64)

        var cutOffLSN: LogSequenceNumber? {
            switch self {
            case .cutOff(let lsn): lsn
            case .issuedAt: nil
            }
        }
    }

    /// Judges a session by the cut-offs, and gives the `iat` for an access token of it if it is not cut off.
    ///
    /// Every `iat` is published before the cut-offs that it must be judged by are read. So a cut-off that is made
    /// concurrently either is read here, or reads what was published and refuses the token.
    func admit(
        subject: RawSpan,
        client: RawSpan,
        openLSN: LogSequenceNumber,
        wallSeconds: UInt64
    ) -> Admission {
        Self.raise(clockMax, to: wallSeconds)
        guard !table.isEmpty else { return .issuedAt(wallSeconds) }
        var issuedAt = wallSeconds
        while true {
            let published = issuedAt
            let broad = broadCutOff(client: client)
            if broad.leastIssuedAt > issuedAt {
                issuedAt = broad.leastIssuedAt
                Self.raise(broadlyMovedMax, to: issuedAt)
            }
            let own = subjectCutOff(subject, issuingAt: issuedAt)
            issuedAt = max(issuedAt, own.leastIssuedAt)
            let lsn = max(broad.lsn, own.lsn)
            if openLSN < lsn {
                return .cutOff(lsn)
            }
            guard issuedAt > published else { return .issuedAt(issuedAt) }
            Self.raise(movedMax, to: issuedAt)
        }
    }

    /// What the cut-offs of a client and of all say.
    private func broadCutOff(client: RawSpan) -> (lsn: LogSequenceNumber, leastIssuedAt: UInt64) {
        var lsn = LogSequenceNumber.zero
        var leastIssuedAt: UInt64 = 0
        table.forEach(subject: nil, client: client) { cutOff in
            lsn = max(lsn, cutOff.lsn)
            leastIssuedAt = max(leastIssuedAt, cutOff.leastIssuedAt)
        }
        return (lsn, leastIssuedAt)
    }

    /// What the cut-off of a subject says; remembers with it when a token is issued right behind it.
    private func subjectCutOff(
        _ subject: RawSpan,
        issuingAt issuedAt: UInt64
    ) -> (lsn: LogSequenceNumber, leastIssuedAt: UInt64) {
        let own = table.withEntry(.subject, subject) { cutOff in
            if cutOff.leastIssuedAt >= issuedAt {
                cutOff.hasIssuedBehind = true
            }
            return (lsn: cutOff.lsn, leastIssuedAt: cutOff.leastIssuedAt)
        }
        return own ?? (.zero, 0)
    }

    /// The greatest `iat` that a target may have been given; for the critical section of its entry.
    private func greatestIssuedAt(to target: SessionTarget, _ present: CutOff?) -> UInt64 {
        let clock = clockMax.load(ordering: .sequentiallyConsistent)
        switch target {
        case .subject:
            let moved = broadlyMovedMax.load(ordering: .sequentiallyConsistent)
            let own = present.map { $0.hasIssuedBehind ? $0.leastIssuedAt : $0.facts.issuedAtMax } ?? 0
            return max(clock, moved, own)
        case .client, .all:
            return max(clock, movedMax.load(ordering: .sequentiallyConsistent))
        }
    }

    /// Whether a session was opened before a cut-off; its number then. Hands out no `iat`.
    func cutOffLSN(subject: RawSpan, client: RawSpan, openLSN: LogSequenceNumber) -> LogSequenceNumber? {
        var lsn = LogSequenceNumber.zero
        table.forEach(subject: subject, client: client) { lsn = max(lsn, $0.lsn) }
        return openLSN < lsn ? lsn : nil
    }

    private static func raise(_ maximum: borrowing Atomic<UInt64>, to issuedAt: UInt64) {
        // A load is enough while the second lasts: it is ordered before the read of the cut-offs just as the store is.
        if maximum.load(ordering: .sequentiallyConsistent) < issuedAt {
            maximum.max(issuedAt, ordering: .sequentiallyConsistent)
        }
    }
}
