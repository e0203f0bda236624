import MintmarkWire

/// What a thread does while the daemon lives.
extension CrashWorker {
    /// Requests to have underway together: of each subject one operation, or several that meet.
    mutating func nextBurst() -> [CrashOperation] {
        var operations: [CrashOperation] = []
        var used: Set<Int> = []
        liveSubjects.removeAll { !subjects[$0].isLive }
        while operations.count < CrashPlan.burstMax {
            guard liveSubjects.count > used.count, liveSessions > random.below(CrashPlan.liveSessionsMax) else {
                operations.append(open())
                used.insert(operations[operations.count - 1].subject)
                continue
            }
            let subject = liveSubjects[random.below(liveSubjects.count)]
            guard used.insert(subject).inserted else { continue }
            operations += requests(of: subject)
        }
        return operations
    }

    /// Opens a session, mostly of a new subject; sometimes of one that lost its sessions to a revocation.
    private mutating func open() -> CrashOperation {
        let dead = newlyDead.isEmpty || random.below(4) > 0 ? nil : newlyDead[random.below(newlyDead.count)]
        let subject = dead.flatMap { subjects[$0.subject].isLive ? nil : $0.subject } ?? addSubject()
        return CrashOperation(
            subject: subject,
            target: .subject,
            number: nextSessionNumber(),
            request: .open(subject: subjects[subject].name)
        )
    }

    private mutating func requests(of subject: Int) -> [CrashOperation] {
        let live = subjects[subject].sessions.indices.filter { subjects[subject].sessions[$0].isLive }
        let place = SessionPlace(subject: subject, session: live[random.below(live.count)])
        let session = self[place]
        // Some sessions sleep, so that they are only in a snapshot when the daemon comes back.
        let draw = session.isSleeping ? 80 + random.below(20) : random.below(100)
        return switch draw {
        case ..<42: [operation(place, .refresh(session.newestToken))]
        case ..<50: Array(repeating: operation(place, .refresh(session.newestToken)), count: 2 + random.below(3))
        case ..<58: retry(place)
        case ..<63: [revocation(place)]
        case ..<66: [revocation(place), operation(place, .refresh(session.newestToken))].shuffled(using: &random)
        case ..<69: reuse(place)
        case ..<74: [operation(place, .introspect(session.newestToken))]
        case ..<78: sessionOfSameSubject(subject)
        case ..<84: [CrashOperation(subject: subject, target: .subject, request: .sign(subject: session.subject))]
        default: verify(place)
        }
    }

    func operation(_ place: SessionPlace, _ request: RaceRequest) -> CrashOperation {
        CrashOperation(
            subject: place.subject,
            target: .session(place.session),
            number: self[place].number,
            request: request
        )
    }

    /// A second session beside the first.
    private mutating func sessionOfSameSubject(_ subject: Int) -> [CrashOperation] {
        let request = RaceRequest.open(subject: subjects[subject].name)
        return [CrashOperation(subject: subject, target: .subject, number: nextSessionNumber(), request: request)]
    }

    /// Asks again with the token that was rotated away, as a client does whose answer was lost.
    private func retry(_ place: SessionPlace) -> [CrashOperation] {
        let session = self[place]
        guard let token = session.previousToken, !session.isLoose else {
            return [operation(place, .refresh(session.newestToken))]
        }
        return [operation(place, .refresh(token))]
    }

    private func reuse(_ place: SessionPlace) -> [CrashOperation] {
        let session = self[place]
        guard let token = session.olderToken, !session.isLoose else {
            return [operation(place, .refresh(session.newestToken))]
        }
        return [operation(place, .refresh(token))]
    }

    private mutating func revocation(_ place: SessionPlace) -> CrashOperation {
        let session = self[place]
        switch random.below(3) {
        case 0: return operation(place, .revoke(.refreshToken(session.previousToken ?? session.newestToken)))
        case 1: return operation(place, .revoke(.sessionID(session.id)))
        default:
            return CrashOperation(
                subject: place.subject,
                target: .subject,
                request: .revoke(.subject(session.subject))
            )
        }
    }

    private mutating func verify(_ place: SessionPlace) -> [CrashOperation] {
        let signed = subjects[place.subject].signedTokens
        if !signed.isEmpty, random.below(2) == 0 {
            let index = random.below(signed.count)
            let request = RaceRequest.verify(signed[index].token)
            return [CrashOperation(subject: place.subject, target: .signedToken(index), request: request)]
        }
        let tokens = self[place].accessTokens
        return [operation(place, .verify(tokens[random.below(tokens.count)]))]
    }
}

extension CrashSession {
    /// Whether load leaves the session alone once it has tokens two generations back.
    var isSleeping: Bool { number % 8 < 2 && generation >= 2 }
}
