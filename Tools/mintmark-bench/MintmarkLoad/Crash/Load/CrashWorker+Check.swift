import MintmarkWire

/// What a thread asks when the daemon lives again: of each session something that tells whether everything that was
/// acknowledged is there.
extension CrashWorker {
    /// A question about a session.
    private enum Probe {
        /// Use the newest token: also the retry of a refresh that was not answered.
        case newest
        /// Use it three times at once.
        case parallel
        /// Ask about it.
        case introspect
        /// Use the token one generation back.
        case previous
        /// Use a token two generations back.
        case older
        /// Ask about one.
        case introspectOlder
        case accessTokens
    }

    private struct Task {
        var place: SessionPlace
        var probes: ArraySlice<Probe>
    }

    /// Checks every session that lives or has died since the last check, and of the others some, or in the end all.
    mutating func check(_ round: CrashRound, _ lane: CrashLane) throws(CrashFailure) {
        var tasks: [Task] = []
        for subject in subjects.indices {
            for session in subjects[subject].sessions.indices where subjects[subject].sessions[session].isLive {
                let place = SessionPlace(subject: subject, session: session)
                tasks.append(Task(place: place, probes: probes(ofLive: self[place])))
            }
        }
        // Retries come first: their windows do not stay open for ever.
        tasks = tasks.filter { self[$0.place].isUncertain } + tasks.filter { !self[$0.place].isUncertain }
        for place in deadToCheck(isFinal: round.isFinal) {
            tasks.append(Task(place: place, probes: probes(ofDead: self[place])))
        }
        while !tasks.isEmpty, !lane.isLost {
            try checkOnce(&tasks, round, lane)
        }
        try checkSigned(round, lane)
    }

    /// Asks the next question of every task.
    private mutating func checkOnce(
        _ tasks: inout [Task],
        _ round: CrashRound,
        _ lane: CrashLane
    ) throws(CrashFailure) {
        var start = 0
        while start < tasks.count, !lane.isLost {
            var operations: [CrashOperation] = []
            while start < tasks.count, operations.count < CrashPlan.burstMax {
                if let probe = tasks[start].probes.popFirst() {
                    operations += requests(probe, tasks[start].place, round)
                }
                start += 1
            }
            try perform(operations, round, lane, isLoad: false)
        }
        tasks.removeAll(where: \.probes.isEmpty)
    }

    private mutating func probes(ofLive session: CrashSession) -> ArraySlice<Probe> {
        if session.isUncertain {
            return random.below(4) == 0 ? [.introspect, .newest, .accessTokens] : [.newest, .accessTokens]
        }
        return switch random.below(100) {
        case ..<35: session.isSleeping ? [.introspect] : [.newest, .accessTokens]
        case ..<40: session.isSleeping ? [.introspect, .introspectOlder] : [.parallel, .accessTokens]
        case ..<45: [.newest, .older, .newest, .accessTokens]
        case ..<50: [.older, .newest, .introspect, .accessTokens]
        case ..<58: [.previous, .newest]
        case ..<70: [.introspect, .introspectOlder, .accessTokens]
        default: [.introspect]
        }
    }

    private mutating func probes(ofDead session: CrashSession) -> ArraySlice<Probe> {
        random.below(8) == 0
            ? [.introspect, .previous, .older, .newest, .accessTokens] : [.newest, .accessTokens]
    }

    /// The sessions that died since the last check, and of those that died before a sample, or all.
    private mutating func deadToCheck(isFinal: Bool) -> [SessionPlace] {
        defer {
            longDead += newlyDead
            newlyDead = []
        }
        guard !isFinal, longDead.count > CrashPlan.deadSampleMax else { return newlyDead + longDead }
        return newlyDead + (0..<CrashPlan.deadSampleMax).map { _ in longDead[random.below(longDead.count)] }
    }

    private func requests(_ probe: Probe, _ place: SessionPlace, _ round: CrashRound) -> [CrashOperation] {
        let session = self[place]
        guard !session.isGone else { return [] }
        // What an old state makes of an old token is not promised.
        let mayUseOld = session.revocation == .certain || !session.isLoose
        switch probe {
        case .newest: return [operation(place, .refresh(session.newestToken))]
        case .parallel: return Array(repeating: operation(place, .refresh(session.newestToken)), count: 3)
        case .introspect: return [operation(place, .introspect(session.newestToken))]
        case .previous:
            guard mayUseOld, let token = session.previousToken else { return [] }
            return [operation(place, .refresh(token))]
        case .older:
            guard mayUseOld, let token = session.olderToken else { return [] }
            return [operation(place, .refresh(token))]
        case .introspectOlder:
            guard mayUseOld, let token = session.olderToken else { return [] }
            return [operation(place, .introspect(token))]
        case .accessTokens: return session.accessTokens.map { operation(place, .verify($0)) }
        }
    }

    private mutating func checkSigned(_ round: CrashRound, _ lane: CrashLane) throws(CrashFailure) {
        var operations: [CrashOperation] = []
        for subject in subjects.indices {
            for (index, signed) in subjects[subject].signedTokens.enumerated() {
                guard round.isFinal || signed.revocation == .possible || random.below(4) == 0 else { continue }
                operations.append(
                    CrashOperation(subject: subject, target: .signedToken(index), request: .verify(signed.token))
                )
            }
        }
        for start in stride(from: 0, to: operations.count, by: CrashPlan.burstMax) where !lane.isLost {
            let end = min(operations.count, start + CrashPlan.burstMax)
            try perform(Array(operations[start..<end]), round, lane, isLoad: false)
        }
    }
}
