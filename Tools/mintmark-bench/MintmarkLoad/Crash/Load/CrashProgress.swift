import Synchronization

/// What the threads of a round tell of it while it goes on, and the wish that they end. Safe to use from any thread.
final class CrashProgress: Sendable {
    private let acknowledgedCount = Atomic<Int>(0)
    private let checkedThreads = Atomic<Int>(0)
    private let stopFlag = Atomic<Bool>(false)

    /// Answers under load that are in the ledger, on the disk.
    var acknowledged: Int { acknowledgedCount.load(ordering: .relaxed) }
    /// Threads that have checked everything they know.
    var checked: Int { checkedThreads.load(ordering: .relaxed) }
    var isStopRequested: Bool { stopFlag.load(ordering: .relaxed) }

    func addAcknowledged(_ count: Int) { acknowledgedCount.wrappingAdd(count, ordering: .relaxed) }

    func addChecked() { checkedThreads.wrappingAdd(1, ordering: .relaxed) }

    func requestStop() { stopFlag.store(true, ordering: .relaxed) }
}

/// One life of the daemon, as its threads see it.
struct CrashRound: Sendable {
    /// From 0; one more than there are kills is about what the last one left.
    let number: Int
    let address: ServerAddress
    let plan: CrashPlan
    let clock: CrashClock
    let ledger: CrashLedger
    let minted: MintedTokens
    let progress = CrashProgress()
    /// Whether there is load behind the check.
    let isLoaded: Bool
    /// Whether every session that was ever revoked is checked.
    let isFinal: Bool
}

/// What one thread has done.
struct CrashTally: Hashable, Sendable {
    /// Answers under load.
    var acknowledged = 0
    /// Answers behind a start that were held against the ledger.
    var checked = 0
    var opened = 0
    var rotated = 0
    var revoked = 0
    /// Requests that were underway at a kill.
    var unanswered = 0
    /// Refreshes and revocations among them that turned out to have happened.
    var unansweredHappened = 0
    var unansweredNotHappened = 0

    static func += (left: inout CrashTally, right: CrashTally) {
        left.acknowledged += right.acknowledged
        left.checked += right.checked
        left.opened += right.opened
        left.rotated += right.rotated
        left.revoked += right.revoked
        left.unanswered += right.unanswered
        left.unansweredHappened += right.unansweredHappened
        left.unansweredNotHappened += right.unansweredNotHappened
    }
}

/// Why a round ends before its kill.
enum CrashFailure: Error, Sendable {
    /// Something acknowledged was lost, or something dead came back.
    case finding(CrashFinding)
    /// It cannot go on.
    case stopped(LoadFailure)
}
