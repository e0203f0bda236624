/// The sessions of one thread, and which of them have no request underway. A session is strictly serial: it is taken
/// out for a request, and comes back with the answer, behind all others.
struct SessionPool: Sendable {
    var sessions: [RefreshSession]

    private var idle: [Int32]
    private var first = 0
    private(set) var idleCount: Int

    init(_ sessions: [RefreshSession]) {
        self.sessions = sessions
        idle = sessions.indices.map { Int32($0) }
        idleCount = sessions.count
    }

    /// Takes the session that has been idle for longest; nil if all have a request underway.
    mutating func take() -> Int? {
        guard idleCount > 0 else { return nil }
        let session = Int(idle[first])
        first = first + 1 == idle.count ? 0 : first + 1
        idleCount -= 1
        return session
    }

    /// Puts a session back.
    mutating func put(_ session: Int) {
        let place = first + idleCount
        idle[place < idle.count ? place : place - idle.count] = Int32(session)
        idleCount += 1
    }

    /// Gives up waiting for the sessions that have a request underway: what became of them is not known.
    mutating func abandonRest() {
        var isIdle = [Bool](repeating: false, count: sessions.count)
        for offset in 0..<idleCount {
            isIdle[Int(idle[(first + offset) % idle.count])] = true
        }
        for session in sessions.indices where !isIdle[session] {
            sessions[session].outcomeUnknown()
            put(session)
        }
    }
}
