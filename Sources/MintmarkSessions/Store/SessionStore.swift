package import MintmarkCrypto
import NIOConcurrencyHelpers
import Synchronization

/// The sessions of one server, in memory, by id in at least 256 shards.
///
/// Shared between threads. Each operation on a session is one critical section of its shard: look, decide (by
/// ``RefreshDecision``, which is pure), append to the journal, change. Lock order: list of a capped subject → shard;
/// shard → stripe of ``cutOffs`` or ``forcedMarks`` (a leaf); shard → journal; stripe → journal; nothing else nests. No
/// operation waits for anything: what must be durable before an answer leaves is part of the result.
///
/// Reads no clock and draws no randomness but from what it is given.
package final class SessionStore: Sendable {
    package let limits: SessionStoreLimits
    package let cutOffs: CutOffTable
    package let forcedMarks: ForcedRotationMarks
    package let journal: any SessionJournal

    let codec: RefreshTokenCodec
    let random: any RandomSource
    let shards: [SessionShardBox]
    let epochs: EpochKeeper
    let attempts: AttemptMemory
    let subjects: SubjectSessions
    let recordCount = Atomic<Int>(0)

    /// The longest lifetime of a session that recovery has put in, or that policies have allowed since.
    let recoveredLifetimeSeconds = Atomic<UInt64>(0)
    /// The longest access-token TTL that policies have allowed since the start.
    private let raisedAccessTokenSeconds = Atomic<UInt32>(0)
    let sweepCursor = NIOLockedValueBox(SweepCursor())

    /// - Parameters:
    ///   - epoch: of this life of the store; already durable.
    ///   - issuedAtMax: the greatest `iat` that an earlier life may have handed out.
    package init(
        limits: SessionStoreLimits,
        codec: RefreshTokenCodec,
        epoch: StoreEpoch,
        issuedAtMax: UInt64 = 0,
        journal: any SessionJournal,
        random: any RandomSource
    ) {
        let isPowerOfTwo = limits.shardCount > 0 && limits.shardCount & (limits.shardCount - 1) == 0
        precondition(isPowerOfTwo && (256...65_536).contains(limits.shardCount), "\(limits.shardCount) shards")
        precondition(codec.canEncode(epoch: epoch), "no key for the store's epoch")
        self.limits = limits
        self.codec = codec
        self.journal = journal
        self.random = random
        cutOffs = CutOffTable(countMax: limits.cutOffCountMax, issuedAtMax: issuedAtMax, random: random)
        forcedMarks = ForcedRotationMarks(countMax: limits.forcedMarkCountMax, random: random)
        shards = (0..<limits.shardCount).map { _ in SessionShardBox() }
        epochs = EpochKeeper(epoch)
        attempts = AttemptMemory(
            countMax: limits.sessionCountMax,
            memoryMilliseconds: limits.attemptMemoryMilliseconds
        )
        subjects = SubjectSessions()
    }

    /// The records held: sessions, and revoked ones that are still remembered.
    package var count: Int {
        recordCount.load(ordering: .relaxed)
    }

    /// Those of ``count`` that are revoked themselves; sessions under a cut-off are not among them.
    package var revokedCount: Int {
        shards.reduce(0) { $0 + $1.revokedCount }
    }

    /// The keys of refresh tokens, old ones included.
    package var tokenKeys: [RefreshTokenKey] {
        codec.keys
    }

    /// The epoch that new refresh tokens carry.
    package var epoch: StoreEpoch {
        epochs.current
    }

    func shard(of id: SessionID) -> SessionShardBox {
        shards[Int(truncatingIfNeeded: id.low) & (shards.count - 1)]
    }

    /// The longest time that anything can be asked about a session after it was opened. Policies may have been more
    /// generous in an earlier life than they are now.
    var retentionSeconds: UInt64 {
        max(UInt64(limits.absoluteSecondsMax), recoveredLifetimeSeconds.load(ordering: .relaxed))
            + UInt64(max(limits.accessTokenTTLSecondsMax, ClientPolicy.accessTokenTTLSecondsMax))
            + UInt64(limits.leewaySeconds)
    }

    /// When the last access token that may be out for a session expires.
    func accessTokenExpiryBound(of state: SessionState, now: SessionInstant) -> UInt64 {
        let issuedAt = max(now.wallSeconds, cutOffs.greatestIssuedAt)
        return max(state.accessTokenExpirySeconds, SessionInstant.adding(accessTokenSecondsMax, to: issuedAt))
    }

    /// The longest life of an access token, in this life of the store.
    package var accessTokenSecondsMax: UInt64 {
        UInt64(max(limits.accessTokenTTLSecondsMax, raisedAccessTokenSeconds.load(ordering: .relaxed)))
    }

    /// Policies will allow such lifetimes from now on: revocations are remembered for as long. To be called before the
    /// first request under such a policy.
    package func raiseLifetimes(accessTokenSeconds: UInt32, absoluteSeconds: UInt32) {
        raisedAccessTokenSeconds.max(accessTokenSeconds, ordering: .relaxed)
        recoveredLifetimeSeconds.max(UInt64(absoluteSeconds), ordering: .relaxed)
    }

    /// How long the next access token lives, whether it belongs to a session or not: what is asked for or the policy's,
    /// whichever is less, shortened by the policy's jitter.
    package func accessTokenTTLSeconds(asked: UInt32?, policy: ClientPolicy) -> UInt64 {
        let seconds = UInt64(max(1, min(asked ?? .max, policy.accessTokenTTLSeconds)))
        guard policy.accessTokenTTLJitterPercent > 0 else { return seconds }
        let jitterMax = seconds * UInt64(policy.accessTokenTTLJitterPercent) / 100
        return max(1, seconds - random.nextUInt64() % (jitterMax + 1))
    }
}

// MARK: Announcements

extension SessionStore {
    /// Asks the processor for the memory that tells where a session is that will be asked about soon. Changes nothing.
    package func announce(_ id: SessionID) {
        shard(of: id).withLock { $0.prefetchPlace(of: id) }
    }

    /// Asks for the session itself, once what tells where it is has come.
    package func prefetch(_ id: SessionID) {
        shard(of: id).withLock { $0.prefetch(id) }
    }
}

// MARK: Durability

extension SessionStore {
    /// Tells the store that everything up to `lsn` is durable: the answers that waited for it leave now, and the grace
    /// windows of the rotations among it start now.
    ///
    /// To be called with every advance of the journal, before the answers leave.
    package func durabilityAdvanced(to lsn: LogSequenceNumber, atMilliseconds serviceMilliseconds: UInt64) {
        for shard in shards where shard.hasUnsettled {
            shard.withLock { $0.settle(upTo: lsn, atMilliseconds: serviceMilliseconds) }
        }
    }
}
