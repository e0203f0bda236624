import MintmarkSessions
import MintmarkSessionsTestSupport

/// One session as its rules say it, in the plainest terms: tokens are numbered in the order they were minted, and nothing
/// is shared with the code under test.
struct SessionModel {
    enum Answer: Equatable {
        case rotated(Int)
        case sameSuccessor(Int)
        case unchanged(Int)
        case refused(SessionRefusal)
    }

    /// Milliseconds of the service clock, seconds of store time.
    struct Time {
        var milliseconds: UInt64
        var seconds: UInt64
    }

    let caller: SessionCaller
    private(set) var newest = 0
    private(set) var isDead = false
    private var minted = 0
    private var previous: Int?
    private var beganAt: UInt64
    private var isReleased = true
    private var graceCount = 0
    private var wasFollowed = false
    private var streak = 0
    private var idleEnd: UInt64
    private let end: UInt64

    /// Rotations that a forced rotation still asks for at least: 2, 1 once a generation was begun under it, 0.
    private var forcedRotations = 0

    init(caller: SessionCaller, at time: Time) {
        self.caller = caller
        beganAt = time.milliseconds
        idleEnd = time.seconds + UInt64(caller.policy.idleSeconds)
        end = time.seconds + UInt64(caller.policy.absoluteSeconds)
    }

    mutating func revoke() {
        isDead = true
    }

    mutating func force() {
        guard !isDead else { return }
        forcedRotations = 2
    }

    mutating func becameDurable(at time: Time) {
        guard !isReleased else { return }
        isReleased = true
        beganAt = time.milliseconds
    }

    mutating func refresh(_ token: Int, as caller: SessionCaller, at time: Time, isDurableAtOnce: Bool) -> Answer {
        let policy = self.caller.policy
        if isDead { return .refused(.revoked) }
        if caller.clientID != self.caller.clientID { return .refused(.clientMismatch) }
        if time.seconds >= idleEnd || time.seconds >= end { return .refused(.expired) }
        if token == newest {
            guard isRotationDue(at: time) else {
                let later = min(time.seconds + UInt64(policy.idleSeconds), end)
                if later >= idleEnd + UInt64(policy.idleSeconds) / 16, later > idleEnd {
                    idleEnd = later
                }
                return .unchanged(newest)
            }
            rotate(at: time, isDurableAtOnce: isDurableAtOnce)
            return .rotated(newest)
        }
        if token == previous {
            guard isReleased else {
                wasFollowed = true
                return .sameSuccessor(newest)
            }
            let isOpen = time.milliseconds < beganAt + UInt64(policy.grace.windowMilliseconds)
            let isTired = policy.grace.streak.map { streak >= Int($0) } ?? false
            if isOpen, !isTired {
                if graceCount == Int(policy.grace.uses) { return .refused(.graceExhausted) }
                graceCount += 1
                wasFollowed = true
                return .sameSuccessor(newest)
            }
        }
        isDead = true
        return .refused(.reused)
    }

    private func isRotationDue(at time: Time) -> Bool {
        if forcedRotations > 0 { return true }
        switch caller.policy.rotation {
        case .always: return true
        case .never: return false
        case .after(let seconds): return time.milliseconds >= beganAt + UInt64(seconds) * 1_000
        case .afterFraction(let part):
            return Double(time.milliseconds - beganAt) >= part * Double(caller.policy.idleSeconds) * 1_000
        }
    }

    private mutating func rotate(at time: Time, isDurableAtOnce: Bool) {
        switch forcedRotations {
        case 2: forcedRotations = 1
        case 1: forcedRotations = wasFollowed ? 1 : 0
        default: break
        }
        streak = graceCount > 0 ? streak + 1 : 0
        graceCount = 0
        wasFollowed = false
        previous = newest
        minted += 1
        newest = minted
        beganAt = time.milliseconds
        isReleased = isDurableAtOnce
        idleEnd = min(time.seconds + UInt64(caller.policy.idleSeconds), end)
    }
}
