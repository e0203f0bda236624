import MintmarkWire

/// One thread of a crash test: sessions of its own, which it uses while the daemon lives and checks when it lives again.
///
/// A value, so that it goes from one round's thread to the next one's.
struct CrashWorker: Sendable {
    let number: Int
    let plan: CrashPlan
    var random: SeededRandom
    var tally = CrashTally()
    private(set) var subjects: [CrashSubject] = []
    /// The places of subjects with a session that lives. May hold some whose last one is gone.
    var liveSubjects: [Int] = []
    /// Sessions that live, at most.
    private(set) var liveSessions = 0
    /// Sessions that died since the last check, and those that died before.
    var newlyDead: [SessionPlace] = []
    var longDead: [SessionPlace] = []

    private var sessionCount = 0
    private var requestCount = 0
    /// Answers that are not on the disk yet.
    private var unsynced = 0

    struct SessionPlace: Hashable, Sendable {
        var subject: Int
        var session: Int
    }

    init(_ plan: CrashPlan, number: Int) {
        self.plan = plan
        self.number = number
        random = SeededRandom(seed: plan.seed, purpose: UInt64(number))
    }

    subscript(place: SessionPlace) -> CrashSession { subjects[place.subject].sessions[place.session] }

    /// Lives through one life of the daemon: checks, then loads until the connections break or a stop is wanted.
    mutating func run(_ round: CrashRound) throws(CrashFailure) {
        let lane = try stopping { () throws(LoadFailure) in
            try CrashLane(to: round.address, connections: plan.connections)
        }
        if round.number > 0 {
            try check(round, lane)
            guard !lane.isLost else { throw .stopped(.aborted("the daemon went away while it was checked")) }
        }
        round.progress.addChecked()
        while round.isLoaded, !lane.isLost, !round.progress.isStopRequested {
            try perform(nextBurst(), round, lane, isLoad: true)
        }
        try stopping { () throws(LoadFailure) in try sync(round) }
    }

    /// The daemon comes back, and may have forgotten what its mode does not promise.
    mutating func loosen() {
        for index in subjects.indices { subjects[index].loosen() }
    }

    /// A new subject; returns its place.
    mutating func addSubject() -> Int {
        subjects.append(CrashSubject(name: "crash-\(number)-\(subjects.count)"))
        return subjects.count - 1
    }

    /// A number for a session that is to be opened: no other thread gives the same.
    mutating func nextSessionNumber() -> Int {
        sessionCount += 1
        return sessionCount * plan.threads + number
    }
}

extension CrashWorker {
    /// Asks, with every request in the ledger before and every answer behind it, and judges.
    ///
    /// - Parameter operations: Those of one subject are underway together.
    mutating func perform(
        _ operations: [CrashOperation],
        _ round: CrashRound,
        _ lane: CrashLane,
        isLoad: Bool
    ) throws(CrashFailure) {
        let replies = try stopping { () throws(LoadFailure) in try ask(operations, round, lane) }
        let answered = replies.count { $0.outcome != nil }
        tally.unanswered += replies.count - answered
        if isLoad {
            tally.acknowledged += answered
            unsynced += answered
        } else {
            tally.checked += answered
        }
        let exchanges = zip(operations, replies).map { operation, reply in
            CrashExchange(
                request: operation.request,
                outcome: reply.outcome,
                sentAt: round.clock.instant(reply.sentAt),
                answeredAt: round.clock.instant(reply.answeredAt)
            )
        }
        let bySubject = Dictionary(grouping: operations.indices) { operations[$0].subject }
        for subject in Set(operations.map(\.subject)).sorted() {
            let indices = bySubject[subject] ?? []
            try take(indices.map { operations[$0] }, indices.map { exchanges[$0] }, of: subject, round)
        }
    }

    private mutating func ask(
        _ operations: [CrashOperation],
        _ round: CrashRound,
        _ lane: CrashLane
    ) throws(LoadFailure) -> [CrashReply] {
        let firstID = requestCount
        requestCount += operations.count
        let id = { [number, plan] (index: Int) in (firstID + index) * plan.threads + number }
        try round.ledger.append(
            operations.enumerated().map { index, operation in
                CrashLedgerLine.sent(
                    operation,
                    of: subjects[operation.subject].name,
                    round: round.number,
                    id: id(index)
                )
            }
        )
        try sync(round)
        let replies = try lane.exchange(operations.map(\.request))
        try round.ledger.append(
            zip(operations, replies).enumerated().map { index, pair in
                CrashLedgerLine.answered(
                    pair.1.outcome,
                    pair.0,
                    of: subjects[pair.0.subject].name,
                    round: round.number,
                    id: id(index)
                )
            }
        )
        return replies
    }

    /// Makes the ledger durable: only now the answers in it count.
    private mutating func sync(_ round: CrashRound) throws(LoadFailure) {
        try round.ledger.sync()
        round.progress.addAcknowledged(unsynced)
        unsynced = 0
    }

    private mutating func take(
        _ operations: [CrashOperation],
        _ exchanges: [CrashExchange],
        of subject: Int,
        _ round: CrashRound
    ) throws(CrashFailure) {
        let before = subjects[subject].sessions
        if let finding = subjects[subject].take(operations, exchanges, grace: plan.grace, minted: round.minted) {
            throw .finding(finding)
        }
        for (session, after) in subjects[subject].sessions.enumerated() {
            count(
                session < before.count ? before[session] : nil,
                after,
                SessionPlace(subject: subject, session: session)
            )
        }
    }

    /// Counts what has become of a session.
    private mutating func count(_ before: CrashSession?, _ after: CrashSession, _ place: SessionPlace) {
        guard before != after else { return }
        guard let before else {
            tally.opened += 1
            liveSessions += 1
            if !liveSubjects.contains(place.subject) { liveSubjects.append(place.subject) }
            return
        }
        let isRotated = after.generation > before.generation
        if isRotated { tally.rotated += 1 }
        if before.successor == .possible, isRotated || after.successor != .possible {
            let isHappened = after.rotation?.from == before.unansweredSince || after.successor == .certain
            tally.unansweredHappened += isHappened ? 1 : 0
            tally.unansweredNotHappened += isHappened ? 0 : 1
        }
        if before.revocation == .possible, after.revocation != .possible {
            tally.unansweredHappened += after.revocation == .certain ? 1 : 0
            tally.unansweredNotHappened += after.revocation == .certain ? 0 : 1
        }
        guard before.isLive, !after.isLive else { return }
        liveSessions -= 1
        if after.revocation == .certain {
            tally.revoked += 1
            newlyDead.append(place)
        }
    }
}

/// Turns a failure of a connection or of the ledger into one of the round.
func stopping<Value>(_ body: () throws(LoadFailure) -> Value) throws(CrashFailure) -> Value {
    do throws(LoadFailure) {
        return try body()
    } catch {
        // What no server may ever answer is a finding of its own kind.
        guard error.exitStatus == .wrongAnswer else { throw .stopped(error) }
        throw .finding(CrashFinding(.unexpectedAnswer, expected: "an answer by the protocol", answered: error.message))
    }
}
